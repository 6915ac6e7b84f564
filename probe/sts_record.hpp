// The TXT records at _mta-sts.DOMAIN, which announce an MTA-STS policy (RFC 8461 §3.1). Pure.
#pragma once

#include "dns/records.hpp"

#include <span>
#include <string>

namespace probe
{

/// "mta-sts.example.com": where the policy of a domain is (RFC 8461 §3.3).
inline std::string sts_host(const std::string& domain)
{
    return "mta-sts." + domain;
}

inline constexpr auto sts_path = "/.well-known/mta-sts.txt";

struct StsRecord
{
    enum class State
    {
        none,   // no record that is about MTA-STS
        valid,  // exactly one that senders use
        invalid // records that are meant for MTA-STS, yet senders take the domain for one without a policy
    };

    State state = State::none;
    std::string id;    // 1 to 32 letters and digits; only of a valid record
    std::string fault; // of an invalid one: a clause, printable, as in `it has no id`
};

/// All the TXT records of that name, in any order; the strings of each are joined already. What does not
/// begin with "v=STSv1;" is passed over, and counts as invalid only where it was clearly meant to, and none
/// does. Of fields of the same name the first counts.
StsRecord read_sts_record(std::span<const dns::Text> records);

} // namespace probe
