#include "probe/status.hpp"

#include "probe/endpoint_judge.hpp"

#include <algorithm>

namespace probe
{

namespace
{

template <class Predicate>
bool any_endpoint(const Verdict& verdict, Predicate predicate)
{
    return std::ranges::any_of(verdict.hosts, [&](const HostVerdict& host) {
        return std::ranges::any_of(host.endpoints, predicate);
    });
}

bool tried(const Verdict& verdict)
{
    return std::ranges::any_of(verdict.hosts, [](const HostVerdict& host) {
        return !host.endpoints.empty();
    });
}

/// In the domain, any of its hosts, or any of their endpoints.
template <class Predicate>
bool any_finding(const Verdict& verdict, Predicate predicate)
{
    const auto found = [&](const auto& level) { return std::ranges::any_of(level.findings, predicate); };
    return found(verdict) || std::ranges::any_of(verdict.hosts, found) || any_endpoint(verdict, found);
}

bool any_of_severity(const Verdict& verdict, Severity severity)
{
    return any_finding(verdict, [&](const Finding& finding) { return finding.severity == severity; });
}

bool any_host_with(const Verdict& verdict, Code code)
{
    return std::ranges::any_of(verdict.hosts, [&](const HostVerdict& host) {
        return std::ranges::find(host.findings, code, &Finding::code) != host.findings.end();
    });
}

/// No host has an address. Where nobody could say what addresses one has, or nobody asked, nobody knows that.
bool no_address_anywhere(const Verdict& verdict)
{
    return !verdict.one_family && any_host_with(verdict, Code::mx_no_address) &&
           !any_host_with(verdict, Code::dns_no_answer) && !any_host_with(verdict, Code::dnssec_invalid);
}

bool no_host_reached(const Verdict& verdict)
{
    if (!verdict.finished || this_machine_at_fault(verdict) || kept_away(verdict))
        return false;
    return tried(verdict) ? !any_endpoint(verdict, answered) : no_address_anywhere(verdict);
}

/// A factor that is made of fifties alone says nothing, and no extra makes up for what is missing.
bool factor_below(const Verdict& verdict, int limit)
{
    const auto& factor = verdict.confidence.factor;
    return factor && *factor - verdict.confidence.bonus() < limit &&
           any_endpoint(verdict, &EndpointVerdict::judged);
}

bool critical(const Verdict& verdict, const Criteria& criteria)
{
    return verdict.route == Route::none || any_of_severity(verdict, Severity::critical) ||
           policy_broken(verdict) || no_host_reached(verdict) || factor_below(verdict, criteria.fail_below);
}

bool unknown(const Verdict& verdict)
{
    if (!verdict.finished)
        return true;
    return verdict.route != Route::null_mx && !any_endpoint(verdict, &EndpointVerdict::judged);
}

} // namespace

Status status_of(const Verdict& verdict, const Criteria& criteria)
{
    if (critical(verdict, criteria))
        return Status::critical;
    if (unknown(verdict))
        return Status::unknown;
    const bool warns =
        any_of_severity(verdict, Severity::warning) || factor_below(verdict, criteria.warn_below);
    return warns ? Status::warning : Status::ok;
}

bool policy_broken(const Verdict& verdict)
{
    if (!verdict.policy || !verdict.finished)
        return false;
    if (verdict.route == Route::null_mx || this_machine_at_fault(verdict) || kept_away(verdict))
        return false;
    return !met(*verdict.policy, verdict.outcomes[static_cast<std::size_t>(*verdict.policy)]);
}

bool this_machine_at_fault(const Verdict& verdict)
{
    const auto local = [](const Finding& finding) { return finding.code == Code::connect_local; };
    if (std::ranges::any_of(verdict.findings, local))
        return true; // --known-good found it
    return tried(verdict) && !any_endpoint(verdict, [](const EndpointVerdict& endpoint) {
               return endpoint.stopped_by != Code::connect_local;
           });
}

bool kept_away(const Verdict& verdict)
{
    const auto excludes = [](const Finding& finding) { return finding.code == Code::excluded; };
    return any_finding(verdict, excludes) && !any_endpoint(verdict, answered);
}

} // namespace probe
