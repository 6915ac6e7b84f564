// What DNS and the policy host said of MTA-STS, crossed with the hosts → verdict and findings (RFC 8461).
// Pure.
#pragma once

#include "probe/judge.hpp"

namespace probe
{

/// Fills mta_sts and its findings, those of the domain and those of each host and endpoint, whose chains are
/// judged already. `trust` is asked for the policy host's certificate. Where nobody looked, it changes
/// nothing.
void judge_mta_sts(
    Verdict& verdict, const Observation& observation, const Criteria& criteria, const Trust& trust
);

/// What the policy makes of an endpoint, for outcome().
Demand
sts_demand(const StsVerdict& mta_sts, const HostVerdict& host, const EndpointVerdict& endpoint) noexcept;

/// Why --policy mta-sts is not met by a domain of which nothing else is wrong: it has no policy in mode
/// enforce.
Finding lack_of_mta_sts(const Verdict& verdict);

/// Fills tls_rpt and its finding (RFC 8460 §3). Where nobody looked, it changes nothing.
void judge_tls_rpt(Verdict& verdict, const Observation& observation);

} // namespace probe
