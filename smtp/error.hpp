// Why a step of a session did not go as it should.
#pragma once

#include <system_error>

namespace smtp
{

enum class errc
{
    timed_out = 1,            // the step's limit, or the whole target's, ran out
    connection_lost,          // closed or reset by the peer
    no_route,                 // this machine has no route, no source address, or no right to send there
    no_descriptor,            // this process, or this machine, has too many files open; it may go by
    unexpected_reply,         // well-formed, but not the code that the step needs; Step::reply has it
    malformed_reply,          // not an SMTP reply (RFC 5321 §4.2); Step::detail has the line
    line_too_long,            // above max_line octets
    reply_too_long,           // above max_reply octets
    plaintext_after_starttls, // octets in clear behind the 220 (RFC 3207 §6); Step::detail has them
    not_tls,                  // the peer answered the ClientHello in plaintext
    handshake_failed // any other end of the handshake; Step::detail has the alert or OpenSSL's reason
};

const std::error_category& category() noexcept;
std::error_code make_error_code(errc) noexcept;

} // namespace smtp

template <>
struct std::is_error_code_enum<smtp::errc> : std::true_type
{};
