// Lines from a server → a reply (RFC 5321 §4.2). Pure: no I/O.
#pragma once

#include "smtp/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace smtp
{

inline constexpr std::size_t max_line = 8192; // octets, line end included; RFC 5321 §4.5.3.1.5 asks for 512
inline constexpr std::size_t max_reply = 65536; // octets of one whole reply

struct Reply
{
    int code = 0;                   // 200 to 599
    std::vector<std::string> lines; // the text behind code and separator of each line; printable() already

    /// As it was sent, on one line: "250-first\n250 last" is "250 first last".
    std::string text() const;

    /// Whether it is the command that it refuses, as unknown or badly put, and not whoever gave it: then its
    /// second digit is 0 (RFC 5321 §4.2.1).
    bool refuses_command() const noexcept;

    bool operator==(const Reply&) const = default;
};

/// Gathers a reply line by line. Each line comes without its line end.
class ReplyReader
{
public:
    enum class Progress
    {
        more,
        complete
    };

    /// Takes one more line. Where `fault` is set (malformed_reply, line_too_long, reply_too_long) the reply
    /// is lost and the reader must not be used again. All lines of a reply bear the same code (RFC 5321
    /// §4.2.1), unless a 4xx or 5xx takes the place of a 2xx or 3xx: then the reply is of that code.
    Progress take(std::string_view line, std::error_code& fault);

    /// The reply so far; whole after Progress::complete.
    const Reply& reply() const noexcept { return reply_; }

private:
    Reply reply_;
    std::size_t octets_ = 0;
};

} // namespace smtp
