// The TLSA look-ups of a host, crossed with the chains that its addresses presented → verdict and findings
// (RFC 7672). Pure.
#pragma once

#include "probe/judge.hpp"

namespace probe
{

/// Fills tlsa of the host, dane of its endpoints, and their findings. The verdict has the chains already;
/// `host` is one of the observation's. Where nobody looked, it changes nothing.
void judge_host_dane(
    HostVerdict& verdict, const Host& host, const Observation& observation, const Criteria& criteria
);

/// What the records make of an endpoint, for outcome(). Those of a host that an unsigned MX answer led to
/// are held to all the same (RFC 7672 §2.2.1), yet what they authenticate is a name that anybody may have put
/// there: where they match, the mail is encrypted, and no more.
Demand dane_demand(const HostVerdict& host, const EndpointVerdict& endpoint, bool mx_is_secure) noexcept;

/// Whether DNSSEC vouches for the way to the hosts, or the user named them.
bool is_mx_secure(const Observation& observation) noexcept;

/// Why --policy dane is not met at a host without records to go by (RFC 8460 §4.3.2.1).
Finding lack_of_dane(const HostVerdict& host);

} // namespace probe
