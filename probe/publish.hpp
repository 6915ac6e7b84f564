// What the administrator of a mail host, or of a domain, may publish so that it holds for what was seen.
// Pure.
#pragma once

#include "probe/judge.hpp"

#include <cstdint>
#include <optional>

namespace probe
{

/// The TLSA records of a host for all chains that it presented, with those of --key-types. The verdict has
/// its endpoints already; `host` is one of the observation's, and `criteria.reference` the name of an
/// address.
TlsaAdvice advise_tlsa(
    const HostVerdict& verdict, const Host& host, const Observation& observation, const Criteria& criteria
);

/// OK where each host presented a certificate at each of its addresses, WARNING where one did so at some of
/// them only, and UNKNOWN where one did nowhere. What this machine has no route to is nobody's fault.
Status advice_status(const Verdict& verdict) noexcept;

/// The policy that covers the hosts of a domain; an address cannot be covered (RFC 8461 §4.1).
StsPolicy policy_for(const Observation& observation, StsMode mode, std::uint32_t max_age);

/// What a domain publishes already of MTA-STS and TLS-RPT, well-formed or not.
struct PublishedSts
{
    bool has_record = false;       // at _mta-sts
    std::optional<StsMode> mode{}; // of the policy; none where none can be had
    bool has_tls_rpt = false;      // at _smtp._tls
};

PublishedSts published_sts(const Observation& observation);

/// Makes of an observation what it would be with this policy published and fetched.
void suppose_published(Observation& observation, const StsPolicy& policy);

/// OK where all endpoints comply, WARNING where one does not; CRITICAL if that loses mail, in mode enforce.
/// UNKNOWN where nothing was seen of a host. OK in mode none.
Status compliance_status(const Verdict& verdict, StsMode mode) noexcept;

} // namespace probe
