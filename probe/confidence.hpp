// Judged endpoints → the confidence factor, with its reasons. Pure.
#pragma once

#include "probe/verdict.hpp"

#include <string>
#include <vector>

namespace probe
{

/// What counts against one endpoint: 100 and these points are its factor. None against one of which nothing
/// is known.
std::vector<Reason> reasons_of(const EndpointVerdict& endpoint, const std::string& host);

/// Whether there is an endpoint of which more is known than that it could not be spoken with.
bool any_judged(const std::vector<HostVerdict>& hosts);

/// Sets the factor of every endpoint and host, and whether it counts, and gives the domain's. `hosts` are in
/// order of preference. Endpoints that could not be judged count with 50, unless `ignore_unreachable` and
/// another could be; those that this machine cannot or must not connect to never count. None where nothing
/// counts.
Confidence rate(std::vector<HostVerdict>& hosts, bool ignore_unreachable);

/// Adds what DANE and MTA-STS are worth, to `max` where the domain has them, and to a factor that is there
/// where they hold at every host. The verdict has everything else but its status.
void add_extras(Confidence& confidence, const Verdict& verdict, bool mx_is_secure);

} // namespace probe
