// What DNS said → findings about a domain and its hosts. Pure.
#pragma once

#include "probe/finding.hpp"
#include "probe/observation.hpp"

#include <string_view>
#include <vector>

namespace probe
{

std::vector<Finding> judge_domain(const Observation& observation);

/// `host` is one of the observation's.
std::vector<Finding> judge_host(const Host& host, const Observation& observation);

/// Why there is no answer, where its state is failed: time-out, SERVFAIL and REFUSED are told apart by the
/// words of dns::errc.
Finding judge_failure(const dns::Answer& answer);

/// Whether a finding of this code leaves a domain or a host with nothing to connect to.
bool leaves_nothing_to_try(Code code) noexcept;

/// Of the MX answer; of the answers about a host's addresses the least of those that hold any.
dns::Security dnssec_of_domain(const Observation& observation) noexcept;
dns::Security dnssec_of_host(const Host& host) noexcept;

/// Whether -4 or -6 left one kind of address out.
bool one_family_asked(const Host& host) noexcept;

} // namespace probe
