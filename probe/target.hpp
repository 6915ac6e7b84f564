// What the user wants probed: a domain, an address, an address literal. Pure.
#pragma once

#include <asio/ip/address.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace probe
{

/// A name or literal with an optional port: "mx.example.com", "mx.example.com:2525", "[2001:db8::1]:25".
struct HostPort
{
    std::string host; // A-labels, lower case, no trailing dot; a literal without brackets
    std::optional<asio::ip::address> literal; // where host is one
    std::optional<std::uint16_t> port;
};

struct Target
{
    std::string given;  // as the user wrote it
    std::string domain; // A-labels, lower case, no trailing dot; "[192.0.2.1]" for a literal
    std::optional<std::string> local_part;    // where the target is an address
    std::optional<asio::ip::address> literal; // where the domain is an address literal (RFC 5321 §4.1.3)
    std::optional<HostPort> host;             // a mail host itself, whose domain is its name: no MX is asked

    /// The mailbox in A-labels, for RCPT TO; none where the target is no address, or one that only SMTPUTF8
    /// can say (RFC 6531).
    std::optional<std::string> mailbox() const;
};

/// Each throws std::invalid_argument, one line that names the value and what is expected. Names go through
/// IDNA2008.
Target parse_target(std::string_view text);
Target parse_target_host(std::string_view text); // of a HostPort
HostPort parse_host_port(std::string_view text);
std::string parse_host_name(std::string_view text); // → A-labels, lower case, no trailing dot

} // namespace probe
