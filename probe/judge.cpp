#include "probe/judge.hpp"

#include "probe/confidence.hpp"
#include "probe/endpoint_judge.hpp"
#include "probe/route_judge.hpp"
#include "probe/status.hpp"

#include <algorithm>

namespace probe
{

namespace
{

/// The name that a host's certificate must carry; a literal has none of its own.
std::optional<std::string> reference_for(const Host& host, const Criteria& criteria)
{
    if (criteria.reference || host.literal)
        return criteria.reference;
    return host.name;
}

HostVerdict
judge_one_host(Host& host, const Observation& observation, const Criteria& criteria, const Trust& trust)
{
    HostVerdict verdict;
    verdict.name = host.name;
    verdict.preference = host.preference;
    verdict.port = host.port;
    verdict.dnssec = dnssec_of_host(host);
    verdict.findings = judge_host(host, observation);
    const auto reference = reference_for(host, criteria);
    for (auto& endpoint : host.endpoints)
        verdict.endpoints.push_back(judge_endpoint(std::move(endpoint), host.name, reference, criteria, trust)
        );
    return verdict;
}

bool any_answered(const Verdict& verdict)
{
    return std::ranges::any_of(verdict.hosts, [](const HostVerdict& host) {
        return std::ranges::any_of(host.endpoints, answered);
    });
}

std::optional<Finding> judge_known_good(const Verdict& verdict, const Observation& observation)
{
    if (observation.known_good_answered != false || any_answered(verdict))
        return std::nullopt;
    return usual_finding(
        Code::connect_local, "this machine reaches neither the target nor the host given by --known-good"
    );
}

/// What this machine could not reach is nobody else's fault: nothing counts.
Confidence no_confidence(std::vector<HostVerdict>& hosts)
{
    rate(hosts, false);
    for (auto& host : hosts) {
        host.factor.reset();
        for (auto& endpoint : host.endpoints)
            endpoint.counted = false;
    }
    return {};
}

/// The endpoint that decides a domain's outcome under a policy: the first that would take the message, else
/// the first. Null where there is none.
EndpointVerdict* deciding_endpoint(std::vector<HostVerdict>& hosts, Policy policy)
{
    const auto takes = [&](const EndpointVerdict& endpoint) {
        const auto outcome = endpoint.outcomes[static_cast<std::size_t>(policy)];
        if (outcome == Outcome::not_applicable) // the sender goes on as others do
            return endpoint.offer != Offer::unknown;
        return outcome == Outcome::encrypted_verified || outcome == Outcome::encrypted ||
               outcome == Outcome::plaintext;
    };
    EndpointVerdict* first = nullptr;
    for (auto& host : hosts) {
        for (auto& endpoint : host.endpoints) {
            if (takes(endpoint))
                return &endpoint;
            first = first ? first : &endpoint;
        }
    }
    return first;
}

/// Without any endpoint: mail waits where DNS failed or hosts are named, and has nowhere to go else.
Outcome outcome_without_endpoint(Route route, const std::vector<HostVerdict>& hosts)
{
    return route == Route::unknown || !hosts.empty() ? Outcome::deferred : Outcome::not_applicable;
}

Outcomes outcomes_of(Verdict& verdict)
{
    Outcomes outcomes{};
    for (const auto policy : all_policies) {
        const auto index = static_cast<std::size_t>(policy);
        const auto* decides = deciding_endpoint(verdict.hosts, policy);
        outcomes[index] =
            decides ? decides->outcomes[index] : outcome_without_endpoint(verdict.route, verdict.hosts);
    }
    return outcomes;
}

template <class Predicate>
void make_critical(std::vector<Finding>& findings, Predicate predicate)
{
    for (auto& finding : findings) {
        if (predicate(finding.code))
            finding.severity = Severity::critical;
    }
}

/// The findings that keep the policy from being met: those that stopped the deciding endpoint on its way to
/// TLS or left it unverified, or, where there is no endpoint, those that say why.
void blame_for_policy(Verdict& verdict)
{
    if (auto* decides = deciding_endpoint(verdict.hosts, *verdict.policy)) {
        make_critical(decides->findings, [&](Code code) {
            return code == decides->stopped_by || (decides->offer == Offer::unverified && fails_cert(code));
        });
        return;
    }
    make_critical(verdict.findings, leaves_nothing_to_try);
    for (auto& host : verdict.hosts)
        make_critical(host.findings, leaves_nothing_to_try);
}

} // namespace

Verdict judge(Observation observation, const Criteria& criteria, const Trust& trust)
{
    Verdict verdict;
    verdict.target = observation.target.given;
    verdict.domain = observation.target.domain;
    verdict.started = observation.started;
    verdict.elapsed = observation.elapsed;
    verdict.finished = observation.finished;
    verdict.route = observation.route;
    verdict.dnssec = dnssec_of_domain(observation);
    verdict.one_family = std::ranges::any_of(observation.hosts, one_family_asked);
    verdict.policy = criteria.policy;
    verdict.rcpt = criteria.rcpt;

    for (auto& host : observation.hosts)
        verdict.hosts.push_back(judge_one_host(host, observation, criteria, trust));
    verdict.findings = judge_domain(observation);
    if (auto found = judge_known_good(verdict, observation))
        verdict.findings.push_back(std::move(*found));

    verdict.confidence = this_machine_at_fault(verdict) ? no_confidence(verdict.hosts)
                                                        : rate(verdict.hosts, criteria.ignore_unreachable);
    verdict.outcomes = outcomes_of(verdict);
    if (policy_broken(verdict))
        blame_for_policy(verdict);
    verdict.status = status_of(verdict, criteria);
    return verdict;
}

} // namespace probe
