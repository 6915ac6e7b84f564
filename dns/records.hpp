// What a DNS answer holds, as values. No I/O; nothing here knows of mail.
#pragma once

#include <asio/ip/address.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

namespace dns
{

enum class Type : std::uint16_t
{
    a = 1,
    ns = 2,
    cname = 5,
    ptr = 12,
    mx = 15,
    txt = 16,
    aaaa = 28,
    tlsa = 52
};

/// RFC 1035 §3.3.9. `exchange` is lower case, without the trailing dot; "." is the root (RFC 7505).
struct Mx
{
    std::uint16_t preference = 0;
    std::string exchange;
    bool operator==(const Mx&) const = default;
};

/// RFC 1035 §3.3.14: the character strings of one record, joined as they stand. Raw octets, not escaped.
struct Text
{
    std::string octets;
    bool operator==(const Text&) const = default;
};

/// RFC 6698 §2.1. `data` may be of any length, also none: whether it is usable is for others to say.
struct Tlsa
{
    std::uint8_t usage = 0;
    std::uint8_t selector = 0;
    std::uint8_t matching = 0;
    std::vector<std::uint8_t> data;
    std::uint8_t missing =
        0; // of the three numbers: those that RDATA of less than three octets lacks, and are 0 here
    bool operator==(const Tlsa&) const = default;
};

/// RFC 1035 §3.3.12. `name` is lower case, without the trailing dot; "." is the root.
struct Ptr
{
    std::string name;
    bool operator==(const Ptr&) const = default;
};

/// RFC 1035 §3.3.11. `name` is lower case, without the trailing dot; "." is the root.
struct Ns
{
    std::string name;
    bool operator==(const Ns&) const = default;
};

using Record = std::variant<asio::ip::address, Mx, Text, Tlsa, Ptr, Ns>;

enum class State
{
    found,        // NOERROR, with at least one record of the type asked for
    no_data,      // NOERROR, the name exists, no such record (RFC 2308 §2.2)
    no_such_name, // NXDOMAIN, of the name asked or of an alias' target (RFC 2308 §2.1)
    failed        // nobody knows: `fault` says why
};

/// What DNSSEC says of an answer (RFC 4035 §4.3); the weakest first, so that a chain is as good as its least.
enum class Security : std::uint8_t
{
    bogus,    // signatures are due, and do not hold
    unknown,  // no resolver that was proved to validate said anything
    insecure, // nobody signs it
    secure
};

/// "bogus", "unknown", "insecure", "secure".
std::string_view name(Security security) noexcept;

// However long a zone says, this is how long it is believed, in seconds.
inline constexpr std::uint32_t longest_ttl = 7 * 24 * 3600;     // RFC 8767 §4
inline constexpr std::uint32_t longest_negative_ttl = 3 * 3600; // RFC 2308 §5

/// What came of one question. Names are lower case, without trailing dot, every octet outside printable ASCII
/// and every dot inside a label as \DDD (RFC 1035 §5.1), so that they are safe to print.
struct Answer
{
    std::string name; // as asked
    Type type = Type::a;
    State state = State::failed;
    std::error_code fault;                 // dns::errc; set where state is failed, and only there
    Security security = Security::unknown; // of the whole, aliases and the lack of records included
    /// Seconds for which this holds: the least of the records and aliases used, at most longest_ttl. Where
    /// nothing was found, also no longer than the zone says of that (RFC 2308 §5), at most
    /// longest_negative_ttl. 0, for this once only, where it failed or the zone does not say.
    std::uint32_t ttl = 0;
    std::vector<std::string> aliases; // the targets of the CNAMEs followed, in order
    std::vector<Record> records;      // all of the type asked for, in the order of the answer

    /// The records as what they are: `answer.all<dns::Mx>()`.
    template <class T>
    std::vector<T> all() const
    {
        std::vector<T> found;
        for (const auto& record : records) {
            if (const auto* value = std::get_if<T>(&record))
                found.push_back(*value);
        }
        return found;
    }
};

} // namespace dns
