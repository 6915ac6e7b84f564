// A letter → a mail message (RFC 5322, RFC 2045, RFC 2047), as a program makes it that wants no answer
// (RFC 3834 §5). Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace report
{

/// All text is UTF-8 without control characters; those that are there nevertheless are told as \xNN, so that
/// no field ends before its time.
struct Letter
{
    std::string from{};            // an address, ASCII
    std::vector<std::string> to{}; // likewise
    std::string subject{};
    std::string id{}; // what is between the brackets of Message-ID
    std::chrono::sys_seconds date{};
    std::string text{}; // whole lines, each ending in LF
};

/// All ASCII, in lines that end in LF, as sendmail(1) takes them, none above 998 octets.
std::string message(const Letter& letter);

/// A field of a header, folded: encoded words where it is not ASCII.
std::string field(std::string_view name, std::string_view value);

} // namespace report
