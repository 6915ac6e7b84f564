#include "report/scan_words.hpp"

#include "report/text.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>

namespace report
{
namespace
{

using probe::Status;
using probe::Tally;

double seconds_of(const Tally& tally)
{
    return std::chrono::duration<double>(tally.elapsed).count();
}

/// "0.4" where a whole number would say little.
std::string number(double value)
{
    constexpr double few = 10;
    return value < few ? fmt::format("{:.1f}", value)
                       : grouped(static_cast<std::uint64_t>(std::llround(value)));
}

/// Targets a second; none where no time has passed.
std::optional<double> rate_of(const Tally& tally)
{
    const auto seconds = seconds_of(tally);
    if (seconds <= 0)
        return std::nullopt;
    return static_cast<double>(tally.targets_done()) / seconds;
}

/// In the two units that matter: "35 s", "4 min", "2 h 10 min", "3 d 4 h".
std::string duration_of(double seconds)
{
    constexpr std::uint64_t minute = 60;
    constexpr std::uint64_t hour = 60 * minute;
    constexpr std::uint64_t day = 24 * hour;
    const auto whole = static_cast<std::uint64_t>(std::ceil(seconds));
    if (whole < 2 * minute)
        return fmt::format("{} s", whole);
    if (whole < 2 * hour)
        return fmt::format("{} min", whole / minute);
    if (whole < 2 * day)
        return fmt::format("{} h {} min", whole / hour, whole % hour / minute);
    return fmt::format("{} d {} h", whole / day, whole % day / hour);
}

/// None where nobody can know. What was read and is not done yet is no progress.
std::optional<double> seconds_left(const Tally& tally, std::optional<double> share_read)
{
    const auto done = static_cast<double>(tally.targets_done());
    if (!share_read || done <= 0)
        return std::nullopt;
    const auto share = *share_read * done / (done + static_cast<double>(tally.targets_under_way));
    if (share <= 0)
        return std::nullopt;
    return seconds_of(tally) * (1 - share) / share;
}

std::string counted(std::uint64_t count, std::string_view what)
{
    return fmt::format("{} {}{}", grouped(count), what, count == 1 ? "" : "s");
}

} // namespace

std::string scan_progress(const Tally& tally, std::optional<double> share_read, std::size_t width)
{
    const auto done = grouped(tally.targets_done()) + " done";
    const auto failed =
        fmt::format("{}, {} failed", done, grouped(tally.at(Status::critical) + tally.at(Status::unknown)));
    const auto rate = rate_of(tally);
    const auto left = seconds_left(tally, share_read);
    const auto speed = rate ? fmt::format(", {}/s", number(*rate)) : "";
    const auto end = left ? fmt::format(", {} left", duration_of(*left)) : "";

    for (const auto& line :
         {failed + " (CRITICAL or UNKNOWN)" + speed + end, failed + speed + end, failed + speed, failed,
          done}) {
        if (line.size() <= width)
            return line;
    }
    return {};
}

std::string scan_summary(const Tally& tally)
{
    auto line = fmt::format(
        "{}, {}:", counted(tally.targets_done(), "target"), counted(tally.sessions_held, "connection")
    );
    std::string_view between = " ";
    for (const auto status : {Status::ok, Status::warning, Status::critical, Status::unknown}) {
        line += fmt::format("{}{} {}", between, grouped(tally.at(status)), name(status));
        between = ", ";
    }
    if (tally.targets_skipped > 0)
        line += fmt::format(", {} done before", grouped(tally.targets_skipped));
    line += fmt::format(" in {} s", number(seconds_of(tally)));
    const auto rate = rate_of(tally);
    return rate ? fmt::format("{}, {} targets a second", line, number(*rate)) : line;
}

} // namespace report
