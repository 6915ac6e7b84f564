#include "probe/endpoint_judge.hpp"

#include "probe/aside_judge.hpp"
#include "probe/step_judge.hpp"
#include "probe/strength.hpp"
#include "probe/untried.hpp"
#include "probe/x509.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace probe
{

namespace
{

using smtp::Session;
using smtp::Stage;
using smtp::Step;

/// EHLO, or the HELO that took its place.
const Step* hello(const Session& session) noexcept
{
    const auto* helo = session.at(Stage::helo);
    return helo ? helo : session.at(Stage::ehlo);
}

bool offers_starttls(const Session& session) noexcept
{
    return session.offered && session.offered->starttls;
}

/// An EHLO that HELO followed because the server does not know it: SMTP of 1982. One that refuses EHLO to us
/// and then takes HELO has not said what it would offer to others.
bool knows_helo_only(const Step& step, const Session& session) noexcept
{
    return step.stage == Stage::ehlo && session.at(Stage::helo) && step.reply &&
           step.reply->refuses_command();
}

/// The step at which the way to TLS ended. Nothing behind the EHLO inside TLS is one.
const Step* stopping_step(const Session& session) noexcept
{
    const auto stops = [&](const Step& step) {
        return step.fault && step.stage <= Stage::ehlo_tls && !knows_helo_only(step, session);
    };
    const auto found = std::ranges::find_if(session.steps, stops);
    return found == session.steps.end() ? nullptr : &*found;
}

/// The server took our EHLO or HELO, and there was no STARTTLS to go on with.
bool lacks_starttls(const Session& session) noexcept
{
    const auto* step = hello(session);
    return step && !step->fault && !offers_starttls(session) && !stopping_step(session);
}

bool masked(const Session& session) noexcept
{
    return session.offered && session.offered->masked;
}

struct Course
{
    Offer offer = Offer::unknown;
    std::optional<Code> stopped_by;
};

Course stopped_course(const Step& step) noexcept
{
    const auto code = code_of(step);
    const bool behind_220 = step.stage == Stage::handshake || step.stage == Stage::ehlo_tls;
    if (behind_220 || code == Code::starttls_injection)
        return {Offer::broken, code};
    return {code == Code::starttls_refused ? Offer::plain : Offer::unknown, code};
}

/// Contract, sections 6 and 7: what came of the session on its way to TLS.
Course course_of(const Session& session, bool verified) noexcept
{
    if (const auto* step = stopping_step(session))
        return stopped_course(*step);
    if (lacks_starttls(session) && masked(session))
        return {Offer::unknown, Code::starttls_masked};
    if (lacks_starttls(session))
        return {Offer::plain, Code::starttls_not_supported};
    if (!session.at(Stage::ehlo_tls))
        return {}; // abandoned
    return {verified ? Offer::verified : Offer::unverified, std::nullopt};
}

StageVerdict verdict_of(const Step* step) noexcept
{
    if (!step)
        return {};
    return {step->fault ? Result::fail : Result::ok, step->took};
}

StageVerdict tls_stage(const Session& session) noexcept
{
    if (lacks_starttls(session))
        return {Result::fail, std::nullopt};
    const auto* step = session.at(Stage::starttls);
    if (step && step->fault == smtp::errc::plaintext_after_starttls)
        return {Result::ok, step->took}; // the 220 did come
    return verdict_of(step);
}

StageVerdict secure_stage(const Session& session) noexcept
{
    const auto* starttls = session.at(Stage::starttls);
    if (starttls && starttls->fault == smtp::errc::plaintext_after_starttls)
        return {Result::fail, std::nullopt};

    const auto* handshake = session.at(Stage::handshake);
    if (!handshake || handshake->fault)
        return verdict_of(handshake);
    auto verdict = verdict_of(session.at(Stage::ehlo_tls));
    if (verdict.took)
        *verdict.took += handshake->took;
    return verdict;
}

void judge_stages(EndpointVerdict& verdict)
{
    const auto& session = verdict.session;
    const auto set = [&](Column column, StageVerdict stage) {
        verdict.stages[static_cast<std::size_t>(column)] = stage;
    };
    set(Column::answer, verdict_of(session.at(Stage::connect)));
    set(Column::connect, verdict_of(session.at(Stage::greeting)));
    set(Column::helo, verdict_of(hello(session)));
    set(Column::tls, tls_stage(session));
    set(Column::secure, secure_stage(session));
    set(Column::from, verdict_of(session.at(Stage::mail_from)));
    set(Column::to, verdict_of(session.at(Stage::rcpt_to)));
}

void judge_certificates(EndpointVerdict& verdict, const Criteria& criteria, const Trust& trust)
{
    verdict.chain = judge_presented(verdict.session, verdict.identity.reference, criteria, trust);
    verdict.stages[static_cast<std::size_t>(Column::cert)] = {
        verdict.chain->cert_ok ? Result::ok : Result::fail, verdict.chain->took};
    verdict.identity = verdict.chain->identity;
}

Finding starttls_finding(Code code, const std::string& host)
{
    std::string message;
    if (code == Code::starttls_masked)
        message = fmt::format("something on the way to {} wrote X's over STARTTLS in its EHLO reply", host);
    else if (code == Code::starttls_not_supported)
        message = fmt::format("{} does not offer STARTTLS", host);
    else
        message = fmt::format("{} offers STARTTLS again inside TLS", host);
    return usual_finding(code, std::move(message));
}

void judge_findings(EndpointVerdict& verdict, const std::string& host)
{
    const auto& session = verdict.session;
    auto& findings = verdict.findings;
    for (const auto& step : session.steps) {
        if (auto finding = judge_step(step, session, host))
            findings.push_back(std::move(*finding));
    }
    if (lacks_starttls(session))
        findings.push_back(
            starttls_finding(masked(session) ? Code::starttls_masked : Code::starttls_not_supported, host)
        );
    if (session.offered_inside_tls && session.offered_inside_tls->starttls)
        findings.push_back(starttls_finding(Code::starttls_repeated, host));
    if (session.tls)
        std::ranges::move(judge_strength(*session.tls, host), std::back_inserter(findings));
    if (verdict.chain)
        std::ranges::copy(verdict.chain->findings, std::back_inserter(findings));
}

void judge_names(
    EndpointVerdict& verdict, const std::string& host, const std::optional<std::string>& reference
)
{
    verdict.own_names = own_names(verdict.session);
    const auto mx_name = mx_name_of(host, reference);
    if (auto finding = judge_own_names(verdict.own_names, mx_name, host))
        verdict.findings.push_back(std::move(*finding));
}

EndpointVerdict judge_excluded(Endpoint endpoint, const std::optional<std::string>& reference)
{
    EndpointVerdict verdict;
    verdict.findings.push_back(exclusion_of(endpoint.session.peer.address().to_string(), *endpoint.excluded));
    verdict.session = std::move(endpoint.session);
    verdict.identity.reference = reference;
    verdict.stopped_by = Code::excluded;
    verdict.outcomes.fill(Outcome::not_applicable);
    return verdict;
}

} // namespace

std::chrono::sys_seconds moment_for(const smtp::Session& session, const Criteria& criteria)
{
    const auto held = std::chrono::floor<std::chrono::seconds>(session.started);
    if (!criteria.moment_is_now || !session.tls || held >= criteria.moment)
        return criteria.moment;
    const bool any_expired = std::ranges::any_of(session.tls->chain, [&](const smtp::Certificate& sent) {
        const auto end = moment_of(X509_get0_notAfter(sent.get()));
        return end >= held && end < criteria.moment;
    });
    return any_expired ? held : criteria.moment;
}

ChainVerdict judge_presented(
    const smtp::Session& session, const std::optional<std::string>& reference, const Criteria& criteria,
    const Trust& trust
)
{
    const auto& tls = *session.tls;
    if (tls.chain.empty())
        return judge_no_chain(reference);
    const ChainQuestion question{
        .chain = tls.chain,
        .ocsp_staple = tls.ocsp_staple,
        .reference = reference,
        .received = std::chrono::floor<std::chrono::seconds>(session.started),
        .moment = moment_for(session, criteria),
        .expiry_days = criteria.expiry_days,
        .evidence = &criteria.evidence};
    auto* judged = trust.judged();
    return judged ? judged->judge(question, trust.roots()) : judge_chain(question, trust.roots());
}

EndpointVerdict judge_endpoint(
    Endpoint endpoint, const std::string& host, const std::optional<std::string>& reference,
    const Criteria& criteria, const Trust& trust
)
{
    if (endpoint.excluded)
        return judge_excluded(std::move(endpoint), reference);
    EndpointVerdict verdict;
    verdict.session = std::move(endpoint.session);
    verdict.shared = endpoint.shared;
    verdict.reverse = std::move(endpoint.reverse);
    verdict.survey = std::move(endpoint.survey);
    verdict.identity.reference = reference;
    judge_stages(verdict);
    if (verdict.session.tls)
        judge_certificates(verdict, criteria, trust);
    judge_findings(verdict, host);
    judge_names(verdict, host, reference);
    judge_key_types(verdict, std::move(endpoint.other_keys), criteria, trust);
    judge_plaintext(verdict, std::move(endpoint.in_clear), host);
    std::ranges::stable_sort(verdict.findings, {}, &Finding::code);

    const auto [offer, stopped_by] = course_of(verdict.session, verdict.chain && verdict.chain->cert_ok);
    verdict.offer = offer;
    verdict.stopped_by = stopped_by;
    verdict.judged = offer != Offer::unknown;
    for (const auto policy : all_policies)
        verdict.outcomes[static_cast<std::size_t>(policy)] = outcome(policy, offer, {});
    return verdict;
}

bool answered(const EndpointVerdict& endpoint) noexcept
{
    return endpoint.at(Column::answer).result == Result::ok;
}

} // namespace probe
