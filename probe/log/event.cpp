#include "probe/log/event.hpp"

#include "probe/log/words.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace maillog
{
namespace
{

/// What stands at a place in a time stamp: a letter of its own, or any digit for 0.
struct Mark
{
    std::size_t place;
    char octet;
};

/// A few places tell the shapes apart; every line is asked, so that it is not asked for more.
template <std::size_t Count>
bool has_shape(std::string_view text, const std::array<Mark, Count>& marks) noexcept
{
    if (text.size() <= marks.back().place)
        return false;
    for (const auto& [place, octet] : marks) {
        if (octet == '0' ? !is_digit(text[place]) : text[place] != octet)
            return false;
    }
    return true;
}

constexpr std::array<Mark, 9> appliance_stamp{
    // "Tue Apr 17 00:57:53 2018 "
    {{3, ' '}, {7, ' '}, {9, '0'}, {10, ' '}, {13, ':'}, {16, ':'}, {19, ' '}, {23, '0'}, {24, ' '}}};
constexpr std::array<Mark, 6> syslog_stamp{// "Apr 17 00:57:53 "
                                           {{3, ' '}, {5, '0'}, {6, ' '}, {9, ':'}, {12, ':'}, {15, ' '}}};
constexpr std::array<Mark, 7> rfc3339_stamp{
    // "2018-04-17T00:57:53"
    {{0, '0'}, {4, '-'}, {7, '-'}, {10, 'T'}, {13, ':'}, {16, ':'}, {18, '0'}}};
constexpr std::array<Mark, 7> exim_stamp{
    // "2018-04-17 00:57:53"
    {{0, '0'}, {4, '-'}, {7, '-'}, {10, ' '}, {13, ':'}, {16, ':'}, {18, '0'}}};
constexpr std::array<Mark, 5> zone{{{0, ' '}, {2, '0'}, {4, '0'}, {5, '0'}, {6, ' '}}}; // " +0100 "
constexpr std::size_t zone_size = 6;

std::string_view take_stamp(std::string_view& text, std::size_t length) noexcept
{
    const auto stamp = text.substr(0, length);
    text.remove_prefix(length);
    return stamp;
}

/// "Info: ", "Warning: ": how the appliance rates a line.
bool take_level(std::string_view& text) noexcept
{
    constexpr std::array<std::string_view, 6> levels{
        "Info: ", "Warning: ", "Critical: ", "Debug: ", "Anomaly: ", "Trace: "};
    for (const auto level : levels) {
        if (take(text, level))
            return true;
    }
    return false;
}

/// Behind its own stamp: "[pid] ", which may be there.
void exim_line(std::string_view text, Event& event) noexcept
{
    auto rest = text;
    if (take(rest, "[") && take_number(rest, "] "))
        text = rest;
    parse_exim(text, event);
}

/// Of Exim's own log: "2026-02-14 19:20:28.123 +0100 [pid] …"; the last three may be there.
bool exim_file_line(std::string_view text, Event& event) noexcept
{
    if (!has_shape(text, exim_stamp))
        return false;
    auto length = exim_stamp.back().place;
    while (length < text.size() && text[length] != ' ')
        ++length;
    if (has_shape(text.substr(length), zone) && text[length + 1] != ' ')
        length += zone_size;
    if (length >= text.size())
        return false;
    event.stamp = take_stamp(text, length);
    text.remove_prefix(1);
    exim_line(text, event);
    return true;
}

/// "host program[pid]: text", as every syslog has it.
void syslog_line(std::string_view text, Event& event) noexcept
{
    event.kind = Kind::other;
    event.origin = take_word(text);
    auto program = before(text, ": ");
    if (program.size() == text.size() || program.find(' ') != std::string_view::npos)
        return;
    text.remove_prefix(program.size() + 2);
    auto process = behind(program, "[");
    program = before(program, "[");

    const auto slash = program.rfind('/');
    if (slash != std::string_view::npos)
        return parse_postfix(program.substr(slash + 1), take_number(process).value_or(0), text, event);
    if (program.starts_with("exim")) {
        const auto stamp = event.stamp;
        if (!exim_file_line(text, event))
            exim_line(text, event);
        event.stamp = stamp;
        return;
    }
    if (take_level(text))
        parse_appliance(text, event);
}

/// "<22>": the priority, where a syslog server keeps it.
void skip_priority(std::string_view& line) noexcept
{
    auto rest = line;
    if (take(rest, "<") && take_number(rest, ">"))
        line = rest;
}

bool is_continued(std::string_view line) noexcept
{
    return line.starts_with('(') && line.find(") address ") != std::string_view::npos;
}

/// The part of an OpenSSL error that says what is wrong: the last of lib:func:reason. None where there is
/// none.
std::string_view openssl_reason(std::string_view text) noexcept
{
    auto rest = behind(text, " routines:");
    if (rest.empty() || !take_until(rest, ":"))
        return {};
    return before(rest, ":");
}

} // namespace

Event parse(std::string_view line) noexcept
{
    Event event;
    skip_priority(line);
    if (has_shape(line, appliance_stamp)) {
        event.kind = Kind::other;
        event.stamp = take_stamp(line, appliance_stamp.back().place);
        line.remove_prefix(1);
        if (take_level(line))
            parse_appliance(line, event);
        return event;
    }
    if (has_shape(line, syslog_stamp)) {
        event.stamp = take_stamp(line, syslog_stamp.back().place);
        line.remove_prefix(1);
        syslog_line(line, event);
        return event;
    }
    if (has_shape(line, rfc3339_stamp)) {
        event.stamp = take_word(line);
        syslog_line(line, event);
        return event;
    }
    if (!exim_file_line(line, event) && is_continued(line)) {
        event.kind = Kind::continued;
        auto rest = behind(line, ") address ");
        event.address = take_word(rest);
    }
    return event;
}

Version version_of(std::string_view text) noexcept
{
    if (text == "SSLv3" || text == "SSL3.0")
        return Version::sslv3;
    if (!take(text, "TLS"))
        return Version::unknown;
    take(text, "v");
    constexpr std::array<std::pair<std::string_view, Version>, 5> names{
        {{"1.3", Version::tlsv1_3},
         {"1.2", Version::tlsv1_2},
         {"1.1", Version::tlsv1_1},
         {"1.0", Version::tlsv1_0},
         {"1", Version::tlsv1_0}}};
    for (const auto& [name, version] : names) {
        if (text == name)
            return version;
    }
    return Version::unknown;
}

std::string_view reason_of(std::string_view text) noexcept
{
    constexpr std::string_view around = " '\"()";
    auto inner = text;
    if (inner.starts_with('('))
        inner = inner.substr(1, inner.find_last_not_of(") "));
    auto rest = inner;
    if (take_number(rest, ", "))
        inner = rest;
    if (const auto words = openssl_reason(inner); !words.empty())
        inner = words;
    if (inner.starts_with('\'') || inner.ends_with('\'') || inner.ends_with(')') != text.ends_with(')')) {
        inner.remove_prefix(std::min(inner.find_first_not_of(around), inner.size()));
        inner = inner.substr(0, inner.find_last_not_of(around) + 1);
    }
    return inner;
}

} // namespace maillog
