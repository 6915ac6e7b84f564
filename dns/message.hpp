// Questions → octets, octets → what a resolver said (RFC 1035 §4). Pure: no I/O, no clock, no chance.
#pragma once

#include "dns/records.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dns
{

inline constexpr std::size_t max_message = 65535;       // octets (RFC 1035 §4.2.2)
inline constexpr std::size_t max_records = 1000;        // records kept; a message of more is malformed
inline constexpr std::uint16_t edns_udp_payload = 1232; // octets: fits any path without fragments

struct Question
{
    std::string name; // canonical_name()
    Type type = Type::a;
};

/// What may differ between two ways to ask one question.
struct Manner
{
    bool checking_disabled = false; // CD (RFC 4035 §3.2.2): answer also where validation fails
    bool edns = true;               // with an OPT record (RFC 6891)

    /// Ask for the verdict by DO (RFC 3225), which brings the signatures along, in place of AD, which does
    /// not (RFC 6840 §5.7): a server that only copies the bit of the query then has none to copy. Takes EDNS.
    bool by_do = false;
};

/// A query with RD, and AD or DO set. The name is one that wire_name() takes.
std::vector<std::uint8_t> encode(const Question& question, std::uint16_t id, const Manner& manner);

enum class Rcode : std::uint16_t
{
    no_error = 0,
    format_error = 1,
    server_failure = 2,
    name_error = 3,
    refused = 5
};

struct Cname
{
    std::string owner;
    std::string target;
    std::uint32_t ttl = 0;
    bool operator==(const Cname&) const = default;
};

struct ResourceRecord
{
    std::string owner;
    std::uint32_t ttl = 0;
    Record data;
    bool operator==(const ResourceRecord&) const = default;
};

/// The answer to one question, as it came. Names are as in Answer.
struct Message
{
    Rcode rcode = Rcode::no_error; // with the upper bits of the OPT record: any value of 12 bits
    bool truncated = false;        // TC: nothing but the header was read, ask over TCP
    bool authenticated = false;    // AD
    bool start_of_authority =
        false; // there is an SOA: the lack of records is the zone's word (RFC 2308 §2.2)
    std::uint32_t negative_ttl =
        0; // seconds: how long that lack lasts, by that SOA (RFC 2308 §5); 0 where it does not say
    bool referral = false;      // only name servers: asked of one who does not recurse (RFC 2308 §2.1.1)
    std::vector<Cname> aliases; // every CNAME of the answer section
    std::vector<ResourceRecord> records; // of the type asked for, of the answer section
};

/// None for what is no DNS message, no answer to this question, has two CNAMEs at one name, or more than
/// max_records. Compression pointers may only point backward, so that every name ends.
std::optional<Message> decode(std::span<const std::uint8_t> octets, const Question& question);

} // namespace dns
