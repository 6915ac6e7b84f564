#include "probe/judge.hpp"

#include "probe/confidence.hpp"
#include "probe/dane_judge.hpp"
#include "probe/endpoint_judge.hpp"
#include "probe/publish.hpp"
#include "probe/route_judge.hpp"
#include "probe/routing.hpp"
#include "probe/status.hpp"
#include "probe/sts_judge.hpp"

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
    verdict.is_literal = host.literal.has_value();
    verdict.dnssec = dnssec_of_host(host);
    verdict.findings = judge_host(host, observation);
    const auto reference = reference_for(host, criteria);
    for (auto& endpoint : host.endpoints)
        verdict.endpoints.push_back(judge_endpoint(std::move(endpoint), host.name, reference, criteria, trust)
        );
    judge_host_dane(verdict, host, observation, criteria);
    if (criteria.advise_tlsa)
        verdict.tlsa_advice = advise_tlsa(verdict, host, observation, criteria);
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

/// An endpoint, and the host that it is of; null where there is none.
struct Place
{
    HostVerdict* host = nullptr;
    EndpointVerdict* endpoint = nullptr;
};

/// What decides a domain's outcome under a policy: the first endpoint that would take the message, else the
/// first that was tried.
Place deciding_place(std::vector<HostVerdict>& hosts, Policy policy)
{
    const auto takes = [&](const EndpointVerdict& endpoint) {
        const auto outcome = endpoint.outcomes[static_cast<std::size_t>(policy)];
        if (outcome == Outcome::not_applicable) // the sender goes on as others do
            return endpoint.offer != Offer::unknown;
        return outcome == Outcome::encrypted_verified || outcome == Outcome::encrypted ||
               outcome == Outcome::plaintext;
    };
    Place first;
    for (auto& host : hosts) {
        for (auto& endpoint : host.endpoints) {
            if (takes(endpoint))
                return {&host, &endpoint};
            if (!first.endpoint && endpoint.stopped_by != Code::excluded)
                first = {&host, &endpoint};
        }
    }
    return first;
}

/// Without any endpoint: mail waits where DNS failed or hosts are named, and has nowhere to go else.
Outcome outcome_without_endpoint(Route route, const std::vector<HostVerdict>& hosts)
{
    return route == Route::unknown || !hosts.empty() ? Outcome::deferred : Outcome::not_applicable;
}

/// What DANE and MTA-STS make of each endpoint; what the settings of senders do, it has already.
void set_published_outcomes(Verdict& verdict, bool mx_is_secure)
{
    for (auto& host : verdict.hosts) {
        for (auto& endpoint : host.endpoints) {
            if (endpoint.stopped_by == Code::excluded)
                continue;
            Demands demands{.dane = dane_demand(host, endpoint, mx_is_secure)};
            if (verdict.mta_sts)
                demands.mta_sts = sts_demand(*verdict.mta_sts, host, endpoint);
            for (const auto policy : {Policy::dane, Policy::mta_sts})
                endpoint.outcomes[static_cast<std::size_t>(policy)] =
                    outcome(policy, endpoint.offer, demands);
        }
    }
}

Outcomes outcomes_of(Verdict& verdict)
{
    Outcomes outcomes{};
    outcomes.fill(Outcome::not_applicable);
    if (kept_away(verdict))
        return outcomes;
    for (const auto policy : all_policies) {
        const auto index = static_cast<std::size_t>(policy);
        const auto* decides = deciding_place(verdict.hosts, policy).endpoint;
        outcomes[index] =
            decides ? decides->outcomes[index] : outcome_without_endpoint(verdict.route, verdict.hosts);
    }
    return outcomes;
}

void sort_findings(Verdict& verdict)
{
    const auto sort = [](std::vector<Finding>& findings) {
        std::ranges::stable_sort(findings, {}, &Finding::code);
    };
    sort(verdict.findings);
    for (auto& host : verdict.hosts) {
        sort(host.findings);
        for (auto& endpoint : host.endpoints)
            sort(endpoint.findings);
    }
}

template <class Predicate>
void make_critical(std::vector<Finding>& findings, Predicate predicate)
{
    for (auto& finding : findings) {
        if (predicate(finding.code))
            finding.severity = Severity::critical;
    }
}

bool is_failed_look_up(Code code) noexcept
{
    return code == Code::dns_no_answer || code == Code::dnssec_invalid;
}

/// Whether a finding of this code says what is wrong with what the policy goes by.
bool concerns(Policy policy, Code code) noexcept
{
    if (policy == Policy::dane)
        return code == Code::tlsa_invalid || code == Code::tlsa_unusable || code == Code::tlsa_insecure;
    return code >= Code::sts_policy_fetch_error && code <= Code::sts_record_invalid;
}

/// The findings that keep a published policy from being met, or one that says what is missing.
void blame_what_is_published(Verdict& verdict, Place decides)
{
    const auto policy = *verdict.policy;
    const auto& dane = decides.endpoint->dane;
    const auto& mta_sts = verdict.mta_sts;
    const bool no_tlsa = policy == Policy::dane && dane && dane->state == DaneState::error;
    const bool no_record = policy == Policy::mta_sts && mta_sts &&
                           mta_sts->state == StsVerdict::State::error && mta_sts->id.empty();
    make_critical(decides.endpoint->findings, [&](Code code) {
        return concerns(policy, code) || code == decides.endpoint->stopped_by;
    });
    make_critical(decides.host->findings, [&](Code code) {
        return concerns(policy, code) || (no_tlsa && is_failed_look_up(code));
    });
    make_critical(verdict.findings, [&](Code code) {
        return concerns(policy, code) || (no_record && is_failed_look_up(code));
    });
    const auto outcome = decides.endpoint->outcomes[static_cast<std::size_t>(policy)];
    if (policy == Policy::dane && outcome == Outcome::not_applicable)
        decides.host->findings.push_back(lack_of_dane(*decides.host));
    const bool in_error = mta_sts && mta_sts->state == StsVerdict::State::error;
    if (policy == Policy::mta_sts && outcome == Outcome::not_applicable && !in_error)
        verdict.findings.push_back(lack_of_mta_sts(verdict));
}

/// The findings that keep the policy from being met: those that stopped the deciding endpoint on its way to
/// TLS or left it unverified, or, where there is no endpoint, those that say why.
void blame_for_policy(Verdict& verdict)
{
    const auto decides = deciding_place(verdict.hosts, *verdict.policy);
    if (decides.endpoint && (verdict.policy == Policy::dane || verdict.policy == Policy::mta_sts))
        return blame_what_is_published(verdict, decides);
    if (decides.endpoint) {
        const auto& endpoint = *decides.endpoint;
        make_critical(decides.endpoint->findings, [&](Code code) {
            return code == endpoint.stopped_by || (endpoint.offer == Offer::unverified && fails_cert(code));
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
    verdict.hosts_left_out = hosts_left_out(observation);
    verdict.one_family = std::ranges::any_of(observation.hosts, one_family_asked);
    verdict.policy = criteria.policy;
    verdict.thresholds = {criteria.warn_below, criteria.fail_below, criteria.expiry_days};
    verdict.rcpt = criteria.rcpt;

    for (auto& host : observation.hosts)
        verdict.hosts.push_back(judge_one_host(host, observation, criteria, trust));
    verdict.findings = judge_domain(observation);
    if (auto found = judge_known_good(verdict, observation))
        verdict.findings.push_back(std::move(*found));
    judge_mta_sts(verdict, observation, criteria, trust);
    judge_tls_rpt(verdict, observation);

    verdict.confidence = this_machine_at_fault(verdict) ? no_confidence(verdict.hosts)
                                                        : rate(verdict.hosts, criteria.ignore_unreachable);
    add_extras(verdict.confidence, verdict, is_mx_secure(observation));
    set_published_outcomes(verdict, is_mx_secure(observation));
    verdict.outcomes = outcomes_of(verdict);
    if (policy_broken(verdict))
        blame_for_policy(verdict);
    sort_findings(verdict);
    verdict.status = status_of(verdict, criteria);
    return verdict;
}

} // namespace probe
