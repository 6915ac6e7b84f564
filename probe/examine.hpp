// One target: look its hosts up, speak with every address of each, and keep all that was seen.
#pragma once

#include "probe/means.hpp"
#include "probe/observation.hpp"
#include "smtp/session.hpp"

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace probe
{

/// A domain whose DNS names more addresses than this is a bad joke, or an attack: the rest is not connected
/// to.
inline constexpr std::size_t max_endpoints = 256;

/// What is the same for every target of a run.
struct Plan
{
    std::vector<HostPort> hosts; // --mx: in place of the domain's MX
    std::optional<std::string>
        reference; // --reference: the name to ask an address for, which has none of its own
    std::uint16_t port = 25;
    bool ipv4 = true;
    bool ipv6 = true;
    bool quick = false; // only the host that mail would reach first
    bool sni = true;
    bool rcpt = false;
    bool assure = false;    // where STARTTLS works, say MAIL FROM without it on a second connection
    bool protocols = false; // where STARTTLS works, find out all that is offered, whatever we are to offer
    bool dane = true;       // look for TLSA records
    bool mta_sts = true;    // look for the record of MTA-STS, and for the policy that it announces
    std::uint16_t sts_port = 443;               // of the policy host
    std::chrono::milliseconds timeout{180'000}; // of a whole target; waiting for the rate left out
    std::optional<HostPort> known_good;
    bool local_resolver = false;
    smtp::Settings smtp;
};

/// Whether DNS is asked at all for this target.
bool needs_dns(const Plan& plan, const Target& target);

/// Fills `observation`, whose target is set, as it goes: what is there at any moment is what is known.
/// Abandoned, it leaves `finished` false. All arguments outlive it. Never throws for what the network does.
asio::awaitable<void> examine(Observation& observation, const Plan& plan, Means& means);

} // namespace probe
