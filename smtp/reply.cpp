#include "smtp/reply.hpp"

#include "smtp/printable.hpp"

#include <algorithm>

namespace smtp
{
namespace
{

constexpr std::size_t code_length = 3;
constexpr std::size_t text_begins = 4; // behind the code and its separator

bool is_digit(char octet) noexcept
{
    return octet >= '0' && octet <= '9';
}

/// The code that a line bears, or 0 where it is no reply line (RFC 5321 §4.2): three digits, and then "-",
/// a space, or nothing at all.
int code_of(std::string_view line) noexcept
{
    if (line.size() < code_length || !std::ranges::all_of(line.substr(0, code_length), is_digit))
        return 0;
    if (line.size() > code_length && line[code_length] != ' ' && line[code_length] != '-')
        return 0;
    const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    return code >= 200 && code <= 599 ? code : 0;
}

/// All lines of a reply should bear one code (RFC 5321 §4.2.1). But a server that changes its mind says so
/// where it is: postscreen behind its teaser 220-, one that shuts down behind any line (§3.8). That is a
/// refusal with a code of its own, not a reply that makes no sense.
bool may_follow(int code, int before) noexcept
{
    return before == 0 || code == before || (before < 400 && code >= 400);
}

} // namespace

std::string Reply::text() const
{
    if (code == 0)
        return {};
    std::string text = std::to_string(code);
    for (const auto& line : lines) {
        if (!line.empty())
            text.append(1, ' ').append(line);
    }
    return text;
}

bool Reply::refuses_command() const noexcept
{
    constexpr int syntax = 50;
    return code / 10 == syntax;
}

ReplyReader::Progress ReplyReader::take(std::string_view line, std::error_code& fault)
{
    constexpr std::size_t shortest_line_end = 1;
    constexpr std::size_t usual_line_end = 2;

    fault.clear();
    octets_ += line.size() + usual_line_end;
    const int code = code_of(line);
    if (line.size() + shortest_line_end > max_line)
        fault = errc::line_too_long;
    else if (octets_ > max_reply)
        fault = errc::reply_too_long;
    else if (code == 0 || !may_follow(code, reply_.code))
        fault = errc::malformed_reply;
    if (fault)
        return Progress::more;

    reply_.code = code;
    reply_.lines.push_back(printable(line.substr(std::min(text_begins, line.size()))));
    const bool goes_on = line.size() > code_length && line[code_length] == '-';
    return goes_on ? Progress::more : Progress::complete;
}

} // namespace smtp
