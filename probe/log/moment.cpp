#include "probe/log/moment.hpp"

#include "probe/log/words.hpp"

#include <algorithm>
#include <array>

namespace maillog
{
namespace
{

using std::chrono::sys_seconds;

std::optional<int> number_in(std::string_view text) noexcept
{
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const auto number = take_number(text);
    if (!number || !text.empty() || *number > 9999)
        return std::nullopt;
    return static_cast<int>(*number);
}

std::optional<unsigned> month_in(std::string_view name) noexcept
{
    constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto found = std::ranges::find(names, name);
    if (found == names.end())
        return std::nullopt;
    return static_cast<unsigned>(found - names.begin()) + 1;
}

/// "00:57:53" at the front.
std::optional<std::chrono::seconds> time_in(std::string_view text) noexcept
{
    if (text.size() < 8)
        return std::nullopt;
    const auto hours = number_in(text.substr(0, 2));
    const auto minutes = number_in(text.substr(3, 2));
    const auto seconds = number_in(text.substr(6, 2));
    if (!hours || !minutes || !seconds)
        return std::nullopt;
    return std::chrono::hours(*hours) + std::chrono::minutes(*minutes) + std::chrono::seconds(*seconds);
}

std::optional<sys_seconds>
moment(int year, std::optional<unsigned> month, std::optional<int> day, std::string_view time) noexcept
{
    const auto since_midnight = time_in(time);
    if (!month || !day || !since_midnight)
        return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year(year), std::chrono::month(*month), std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok())
        return std::nullopt;
    return std::chrono::sys_days(date) + *since_midnight;
}

std::optional<sys_seconds> without_year(std::string_view stamp, sys_seconds latest) noexcept
{
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(latest));
    const auto this_year = static_cast<int>(date.year());
    for (int year = this_year; year > this_year - 8; --year) { // 29 February is not in every one
        const auto found =
            moment(year, month_in(stamp.substr(0, 3)), number_in(stamp.substr(4, 2)), stamp.substr(7));
        if (found && *found <= latest + std::chrono::days(1)) // it is of some zone
            return found;
    }
    return std::nullopt;
}

} // namespace

std::optional<sys_seconds> moment_of(std::string_view stamp, sys_seconds latest) noexcept
{
    if (stamp.size() < 15)
        return std::nullopt;
    if (stamp[4] == '-') {
        const auto year = number_in(stamp.substr(0, 4));
        const auto month = number_in(stamp.substr(5, 2));
        if (!year || !month)
            return std::nullopt;
        return moment(*year, static_cast<unsigned>(*month), number_in(stamp.substr(8, 2)), stamp.substr(11));
    }
    if (stamp.size() < 24)
        return without_year(stamp, latest);
    const auto year = number_in(stamp.substr(20, 4));
    if (!year)
        return std::nullopt;
    return moment(*year, month_in(stamp.substr(4, 3)), number_in(stamp.substr(8, 2)), stamp.substr(11));
}

} // namespace maillog
