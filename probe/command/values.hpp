// The values of options, each read with its bounds. Pure.
#pragma once

#include "dns/resolver.hpp"
#include "probe/sts_policy.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace command
{

// Each throws std::invalid_argument, one line that names the value and what is expected.

int parse_whole_number(std::string_view text, int least, int most);
double parse_rate(std::string_view text);                       // above 0
std::chrono::milliseconds parse_seconds(std::string_view text); // 0.001 to 86400 s, decimals allowed
dns::Server parse_server(std::string_view text);                // ADDR, ADDR:PORT, [V6]:PORT

probe::StsMode parse_sts_mode(std::string_view text); // enforce, testing, none

/// A date-time of RFC 3339 §5.6, or a distance from now: +30d, -12h (d, h, m, s).
std::chrono::sys_seconds parse_moment(std::string_view text, std::chrono::sys_seconds now);

/// 90d, 26w, 2y: a day to a hundred years.
std::chrono::days parse_age(std::string_view text);

/// A reverse-path without its brackets, in A-labels; empty for "" and "<>".
std::string parse_mail_from(std::string_view text);

/// Whoever is to get mail: in ASCII, the domain in A-labels.
std::string parse_mail_address(std::string_view text);

/// A host name, or an address literal in brackets, as EHLO takes it (RFC 5321 §4.1.1.1).
std::string parse_ehlo_name(std::string_view text);

/// smtp::Settings::contact: a mail address, a URL or a few words, of at most smtp::max_contact octets.
std::string parse_contact(std::string_view text);

/// Without those of the characters `blanks` that stand at either end.
std::string_view trimmed(std::string_view text, std::string_view blanks) noexcept;

} // namespace command
