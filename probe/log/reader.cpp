#include "probe/log/reader.hpp"

#include "probe/log/moment.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace maillog
{
namespace
{

constexpr std::uint64_t lines_to_begin = 100; // among which a time stamp is looked for

std::optional<std::chrono::sys_seconds> beginning_of(const std::string& path)
{
    struct stat status = {};
    if (path == "-" || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
        return std::nullopt;
    const std::chrono::sys_seconds written{std::chrono::seconds(status.st_mtim.tv_sec)};
    std::optional<std::chrono::sys_seconds> beginning;
    Lines lines;
    try {
        read_lines(path, lines, [&](std::string_view line) {
            beginning = moment_of(parse(line).stamp, written);
            return !beginning && lines.read < lines_to_begin;
        });
    } catch (const std::runtime_error&) {
        return std::nullopt; // it is told where it is read
    }
    return beginning;
}

} // namespace

std::vector<std::string> in_order_of_time(std::span<const std::string> paths)
{
    std::vector<std::string> ordered(paths.begin(), paths.end());
    std::vector<std::pair<std::chrono::sys_seconds, std::string>> begun;
    for (const auto& path : paths) {
        const auto beginning = paths.size() > 1 ? beginning_of(path) : std::nullopt;
        if (!beginning)
            return ordered;
        begun.emplace_back(*beginning, path);
    }
    std::ranges::stable_sort(begun, {}, &std::pair<std::chrono::sys_seconds, std::string>::first);
    std::ranges::transform(begun, ordered.begin(), [](const auto& each) { return each.second; });
    return ordered;
}

Summary read_logs(std::span<const std::string> paths, const Reading& reading)
{
    Summary summary(reading.by);
    Ledger ledger(summary.tally, reading.told);
    bool goes_on = true;
    const auto take = [&](std::string_view line) {
        const auto event = parse(line);
        if (event.kind == Kind::unrecognised)
            summary.unrecognised += line.empty() ? 0 : 1;
        if (summary.first_stamp.empty())
            summary.first_stamp = event.stamp;
        if (event.kind <= Kind::other)
            return true;
        if (!event.stamp.empty())
            summary.last_stamp.assign(event.stamp);
        ledger.enter(event);
        goes_on = !reading.goes_on || reading.goes_on();
        return goes_on;
    };
    for (const auto& path : paths) {
        try {
            if (goes_on)
                read_lines(path, summary.lines, take);
        } catch (const std::runtime_error& fault) {
            summary.refused.emplace_back(fault.what());
        }
    }
    ledger.finish();
    summary.remarks = ledger.remarks();
    return summary;
}

} // namespace maillog
