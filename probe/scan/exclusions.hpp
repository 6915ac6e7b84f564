// Whom a scan leaves alone: addresses, networks and names that are never contacted. Pure but for reading a
// file.
#pragma once

#include <asio/ip/address.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace scan
{

inline constexpr std::size_t max_exclusions_file = 64 * 1024 * 1024; // octets

/// Rules, of which an address or a name is asked in next to no time also where there are many hundred
/// thousands. A rule is
/// - an address, 192.0.2.1 or 2001:db8::1, or a network in the form of RFC 4632 §3.1 and RFC 4291 §2.3,
///   192.0.2.0/24 or 2001:db8::/32, whose other bits do not matter; an address also as reports and targets
///   have it, [192.0.2.1] or [IPv6:2001:db8::1]; IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) is
///   IPv4, in a rule and where it is asked for;
/// - a name, which covers itself and all below it: example.com, .example.com and *.example.com are one;
///   internationalized ones are converted as those of targets are.
class Exclusions
{
public:
    /// Throws std::invalid_argument, "'VALUE' WHY", where the text is no rule. Of two that say the same, the
    /// first stays.
    void add(std::string_view text);

    /// Adds those of a file: one a line, the blanks around it, blank lines and what stands behind a # left
    /// out. Throws std::invalid_argument, one line that names the file, where it cannot be read or is above
    /// max_exclusions_file, and also the line, where that is no rule.
    void read(const std::string& file);

    /// The rule, as it was written, that covers the name best (A-labels; case and a trailing dot do not
    /// matter), or the address.
    std::optional<std::string> rule_for(std::string_view name) const;
    std::optional<std::string> rule_for(const asio::ip::address& address) const;

    /// How many rules there are.
    std::size_t size() const noexcept;

private:
    using Octets = asio::ip::address_v6::bytes_type; // of IPv4, the first four
    struct Hash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept;
        std::size_t operator()(const Octets& octets) const noexcept;
    };
    using Networks = std::unordered_map<Octets, std::string, Hash>; // of one length, to the rule as written

    bool add_network(std::string_view network, std::string_view rule);

    std::array<Networks, 33> ipv4_; // by prefix length
    std::array<Networks, 129> ipv6_;
    std::unordered_map<std::string, std::string, Hash, std::equal_to<>> names_;
};

} // namespace scan
