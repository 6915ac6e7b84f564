// Whether a sender would believe the host that an MTA-STS policy came from (RFC 8461 §3.3). Pure.
#pragma once

#include "probe/chain.hpp"

#include <chrono>
#include <span>
#include <string>

namespace probe
{

/// Why not: a clause, printable; empty where it would. As for any web server: a path to a trusted root, every
/// certificate in its dates and strong enough, and a DNS name of subjectAltName that matches; a common name
/// never counts. `chain` is as sent.
std::string distrust_of(
    std::span<const smtp::Certificate> chain, const std::string& host, std::chrono::sys_seconds moment,
    const TrustStore& trust
);

} // namespace probe
