#include "probe/command/values.hpp"

#include "probe/refuse.hpp"
#include "probe/target.hpp"
#include "smtp/printable.hpp"
#include "smtp/session.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>

namespace command
{
namespace
{

using probe::refuse;

constexpr double longest_wait = 86'400; // seconds

template <class Number>
std::optional<Number> number(std::string_view text)
{
    Number value{};
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// Reads digits off the front: `count` of them, within bounds.
std::optional<int> take_digits(std::string_view& text, std::size_t count, int least, int most)
{
    const auto value = text.size() < count ? std::nullopt : number<int>(text.substr(0, count));
    if (!value || text.front() == '-' || *value < least || *value > most)
        return std::nullopt;
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, std::string_view any_of)
{
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos)
        return false;
    text.remove_prefix(1);
    return true;
}

void skip_fraction(std::string_view& text)
{
    if (text.size() < 2 || text.front() != '.')
        return;
    const auto end = text.find_first_not_of("0123456789", 1);
    if (end != 1)
        text.remove_prefix(std::min(end, text.size()));
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text)
{
    const auto year = take_digits(text, 4, 1, 9999);
    if (!year || !take(text, "-"))
        return std::nullopt;
    const auto month = take_digits(text, 2, 1, 12);
    if (!month || !take(text, "-"))
        return std::nullopt;
    const auto day = take_digits(text, 2, 1, 31);
    if (!day)
        return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
        std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok())
        return std::nullopt;
    return std::chrono::sys_days{date};
}

std::optional<std::chrono::seconds> take_clock(std::string_view& text, bool with_seconds)
{
    const auto hours = take_digits(text, 2, 0, 23);
    if (!hours || !take(text, ":"))
        return std::nullopt;
    const auto minutes = take_digits(text, 2, 0, 59);
    if (!minutes)
        return std::nullopt;
    const auto clock = std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
    if (!with_seconds)
        return clock;
    const auto seconds = take(text, ":") ? take_digits(text, 2, 0, 60) : std::nullopt;
    if (!seconds)
        return std::nullopt;
    return clock + std::chrono::seconds{*seconds};
}

std::optional<std::chrono::seconds> take_zone(std::string_view& text)
{
    if (take(text, "Zz"))
        return std::chrono::seconds{0};
    const bool west = !text.empty() && text.front() == '-';
    if (!take(text, "+-"))
        return std::nullopt;
    const auto offset = take_clock(text, false);
    if (!offset)
        return std::nullopt;
    return west ? -*offset : *offset;
}

std::optional<std::chrono::sys_seconds> date_time(std::string_view text)
{
    const auto date = take_date(text);
    if (!date || !take(text, "Tt "))
        return std::nullopt;
    const auto clock = take_clock(text, true);
    if (!clock)
        return std::nullopt;
    skip_fraction(text);
    const auto zone = take_zone(text);
    if (!zone || !text.empty())
        return std::nullopt;
    return *date + *clock - *zone;
}

std::optional<std::chrono::seconds> distance(std::string_view text)
{
    constexpr int most = 36'500; // a hundred years of days
    if (text.size() < 3)
        return std::nullopt;
    const auto count = number<int>(text.substr(1, text.size() - 2));
    if (!count || *count < 0 || *count > most)
        return std::nullopt;
    const int signed_count = text.front() == '-' ? -*count : *count;
    switch (text.back()) {
    case 'd':
        return std::chrono::days{signed_count};
    case 'h':
        return std::chrono::hours{signed_count};
    case 'm':
        return std::chrono::minutes{signed_count};
    case 's':
        return std::chrono::seconds{signed_count};
    default:
        return std::nullopt;
    }
}

std::string mailbox_in(std::string_view text, std::string_view expected)
{
    if (text.starts_with('<') && text.ends_with('>'))
        text = text.substr(1, text.size() - 2);
    const auto mailbox = probe::parse_target(text).mailbox();
    if (!mailbox)
        refuse(text, fmt::format("is not a mail address in ASCII: expected {}", expected));
    return *mailbox;
}

} // namespace

int parse_whole_number(std::string_view text, int least, int most)
{
    const auto value = number<int>(text);
    const bool is_number = !text.empty() && text.find_first_not_of("+-0123456789") == text.npos;
    if (!value || *value < least || *value > most)
        refuse(
            text, fmt::format(
                      "is {}: give a whole number from {} to {}", is_number ? "out of range" : "no number",
                      least, most
                  )
        );
    return *value;
}

double parse_rate(std::string_view text)
{
    const auto value = number<double>(text);
    if (!value || !std::isfinite(*value) || *value < 0.001 || *value > 1e6)
        refuse(text, "is no rate: give connections a second, above 0");
    return *value;
}

std::chrono::milliseconds parse_seconds(std::string_view text)
{
    const auto value = number<double>(text);
    if (!value || !std::isfinite(*value) || *value < 0.001 || *value > longest_wait)
        refuse(text, "is no time limit: give seconds, above 0 and at most 86400");
    return std::chrono::milliseconds{std::llround(*value * 1000)};
}

dns::Server parse_server(std::string_view text)
{
    const auto host = [&] {
        try {
            return probe::parse_host_port(text);
        } catch (const std::invalid_argument&) {
            return probe::HostPort{};
        }
    }();
    if (!host.literal)
        refuse(text, "is not the address of a resolver: expected ADDRESS, ADDRESS:PORT or [IPV6]:PORT");
    return {*host.literal, host.port.value_or(53)};
}

probe::StsMode parse_sts_mode(std::string_view text)
{
    for (const auto mode : {probe::StsMode::enforce, probe::StsMode::testing, probe::StsMode::none}) {
        if (name(mode) == text)
            return mode;
    }
    refuse(text, "is no mode: give testing, enforce or none");
}

std::chrono::sys_seconds parse_moment(std::string_view text, std::chrono::sys_seconds now)
{
    if (text.starts_with('+') || text.starts_with('-')) {
        if (const auto from_now = distance(text))
            return now + *from_now;
    } else if (const auto moment = date_time(text)) {
        return *moment;
    }
    refuse(text, "is no moment: expected 2027-01-31T12:00:00Z, or a distance from now such as +30d");
}

std::chrono::days parse_age(std::string_view text)
{
    constexpr int most = 36'500;
    const auto unit = text.empty() ? '\0' : text.back();
    const int days = unit == 'd' ? 1 : unit == 'w' ? 7 : unit == 'y' ? 365 : 0;
    const auto count = days > 0 ? number<int>(text.substr(0, text.size() - 1)) : std::nullopt;
    if (!count || *count < 1 || *count > most / days)
        refuse(text, "is no age: give days, weeks or years, as in 90d, 26w or 2y");
    return std::chrono::days(*count * days);
}

std::string parse_mail_from(std::string_view text)
{
    return text.empty() || text == "<>" ? "" : mailbox_in(text, "user@example.com, or <>");
}

std::string parse_mail_address(std::string_view text)
{
    constexpr std::string_view expected = "user@example.com";
    if (text.empty() || text == "<>" || text.starts_with('-') || text.starts_with("<-"))
        refuse(text, fmt::format("is nobody's mail address: expected {}", expected));
    return mailbox_in(text, expected);
}

std::string parse_ehlo_name(std::string_view text)
{
    return text.starts_with('[') ? probe::parse_target(text).domain : probe::parse_host_name(text);
}

std::string parse_contact(std::string_view text)
{
    if (text.find_first_not_of(' ') == text.npos)
        refuse(text, "says nothing: give a mail address or a URL");
    if (text.size() > smtp::max_contact)
        refuse(
            text.substr(0, smtp::max_contact),
            fmt::format("is too long a contact: give at most {} characters", smtp::max_contact)
        );
    if (smtp::printable(text) != text)
        refuse(text, "is not printable ASCII: give a mail address or a URL");
    return std::string(text);
}

std::string_view trimmed(std::string_view text, std::string_view blanks) noexcept
{
    const auto begin = text.find_first_not_of(blanks);
    if (begin == text.npos)
        return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

} // namespace command
