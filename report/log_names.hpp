// The words that every form of the report on a log has in common.
#pragma once

#include "probe/log/reader.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace report
{

inline constexpr std::array<maillog::Direction, 2> log_directions{
    maillog::Direction::receiving, maillog::Direction::delivery};

/// The newest first; those that nobody can name last.
inline constexpr std::array<maillog::Version, maillog::versions> log_versions{
    maillog::Version::tlsv1_3, maillog::Version::tlsv1_2, maillog::Version::tlsv1_1,
    maillog::Version::tlsv1_0, maillog::Version::sslv3,   maillog::Version::unknown};

std::string_view name(maillog::Direction direction);
std::string_view name(maillog::Version version);       // "TLSv1.3"; "unknown"
std::string_view name(maillog::Server server);         // "appliance", "postfix", "exim"
std::string_view name(maillog::Protection protection); // "plaintext", "tls", "failed"

/// "domain", "address"
std::string_view name(maillog::By by);

/// Printable; "unknown" for none.
std::string log_reason(std::string_view reason);

/// "ICID 5", "DCID 5", "process 5"; empty where the server numbers no connections.
std::string log_id(const maillog::Connection& connection);

/// What the reader of the report should know of how it came about, a sentence each.
std::vector<std::string> log_remarks(const maillog::Summary& summary);

/// Of messages, or of connections where the log tells of no message: parts of a thousand, rounded down.
std::optional<unsigned> log_share(const maillog::Counts& counts);

} // namespace report
