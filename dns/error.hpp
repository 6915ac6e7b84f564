// Why a question has no answer.
#pragma once

#include <system_error>

namespace dns
{

enum class errc
{
    timed_out = 1,  // no resolver answered in time
    unreachable,    // no resolver could be sent to, or each refused the connection
    server_failure, // SERVFAIL (RFC 1035 §4.1.1), also with checking disabled
    bogus,   // SERVFAIL, yet an answer with checking disabled (RFC 4035 §3.2.2): DNSSEC validation fails
    refused, // REFUSED
    not_implemented,  // NOTIMP, FORMERR or any other response code
    malformed,        // octets that are no DNS message, or that answer another question
    too_many_aliases, // more CNAMEs than alias_limit, or a loop of them
    bad_name // cannot be written as a DNS name: a label above 63 octets, a name above 255, an empty label
};

const std::error_category& category() noexcept;
std::error_code make_error_code(errc) noexcept;

} // namespace dns

template <>
struct std::is_error_code_enum<dns::errc> : std::true_type
{};
