#include "observation_builder.hpp"
#include "probe/judge.hpp"

#include <gmock/gmock.h>

namespace
{

using namespace std::chrono_literals;
using probe::Criteria;
using probe::Outcome;
using probe::Policy;
using probe::Reason;
using probe::Route;
using probe::Verdict;
using seen::answered;
using seen::Code;
using seen::codes;
using seen::criteria;
using seen::domain;
using seen::domain_with;
using seen::ended;
using seen::errc;
using seen::host;
using seen::judged;
using seen::mx1;
using seen::Severity;
using seen::Stage;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string mx2 = "mx2.example.com";

smtp::Session good(const std::string& name = mx1)
{
    return seen::whole(seen::chain_for(name));
}

smtp::Session refused()
{
    return ended(Stage::connect, std::make_error_code(std::errc::connection_refused));
}

smtp::Session local()
{
    return ended(Stage::connect, errc::no_route);
}

Criteria under(Policy policy)
{
    auto with = criteria();
    with.policy = policy;
    return with;
}

Outcome of(const Verdict& verdict, Policy policy)
{
    return verdict.outcomes[static_cast<std::size_t>(policy)];
}

TEST(Judge, KeepsWhatTheStatusWasHeldAgainst)
{
    auto with = criteria();
    with.warn_below = 95;
    with.fail_below = 60;
    with.expiry_days = 30;
    const auto verdict = judged(domain(Route::null_mx), with);
    EXPECT_EQ(verdict.thresholds.warn_below, 95);
    EXPECT_EQ(verdict.thresholds.fail_below, 60);
    EXPECT_EQ(verdict.thresholds.expiry_days, 30);
}

TEST(Judge, TheVerdictTellsWhatWasSeen)
{
    auto observation = domain_with(good());
    observation.elapsed = 412'700us;
    observation.started = seen::noon;
    observation.mx->security = dns::Security::secure;
    observation.hosts[0].ipv4->security = dns::Security::secure;
    observation.hosts[0].port = 2525;
    auto with = under(Policy::required);
    with.rcpt = true;

    const auto verdict = judged(observation, with);

    EXPECT_EQ(verdict.target, "user@example.com");
    EXPECT_EQ(verdict.domain, "example.com");
    EXPECT_EQ(verdict.started, seen::noon);
    EXPECT_EQ(verdict.elapsed, 412'700us);
    EXPECT_TRUE(verdict.finished);
    EXPECT_EQ(verdict.route, Route::mx);
    EXPECT_EQ(verdict.dnssec, dns::Security::secure);
    EXPECT_EQ(verdict.policy, Policy::required);
    EXPECT_TRUE(verdict.rcpt);
    ASSERT_EQ(verdict.hosts.size(), 1u);
    EXPECT_EQ(verdict.hosts[0].name, mx1);
    EXPECT_EQ(verdict.hosts[0].preference, 10);
    EXPECT_EQ(verdict.hosts[0].port, 2525);
    EXPECT_EQ(verdict.hosts[0].dnssec, dns::Security::secure);
    EXPECT_EQ(verdict.hosts[0].factor, 100);
    ASSERT_EQ(verdict.hosts[0].endpoints.size(), 1u);
    EXPECT_EQ(verdict.hosts[0].endpoints[0].session.steps.size(), 8u) << "for the transcript";
    EXPECT_EQ(verdict.confidence.factor, 100);
    EXPECT_THAT(verdict.confidence.reasons, IsEmpty());
}

TEST(Judge, FindingsStandAtTheLevelThatTheyAreAbout)
{
    auto observation = domain_with(seen::in_clear());
    observation.null_mx_beside_others = true;
    observation.hosts[0].ipv4->aliases = {"a.example.net"};
    const auto verdict = judged(observation);
    EXPECT_THAT(codes(verdict.findings), ElementsAre(Code::mx_null_not_alone));
    EXPECT_THAT(codes(verdict.hosts[0].findings), ElementsAre(Code::mx_is_alias));
    EXPECT_THAT(codes(verdict.hosts[0].endpoints[0].findings), ElementsAre(Code::starttls_not_supported));
}

TEST(Judge, TrustIsAskedForOnlyWhereThereIsAChain)
{
    EXPECT_NO_THROW(judge(domain_with(answered(Stage::greeting, 421)), criteria(), seen::nobody));
    EXPECT_NO_THROW(judge(domain_with(seen::whole({})), criteria(), seen::nobody));
    EXPECT_THROW(judge(domain_with(good()), criteria(), seen::nobody), std::logic_error);
}

// The name that a certificate must carry.

TEST(Judge, ACertificateIsHeldAgainstTheHostName)
{
    const auto verdict = judged(domain_with(good("mail.example.net")));
    EXPECT_EQ(verdict.hosts[0].endpoints[0].identity.reference, mx1);
    EXPECT_THAT(verdict.confidence.reasons, ElementsAre(Reason{-10, Code::certificate_host_mismatch, mx1}));
}

TEST(Judge, OrAgainstTheReferenceThatWasGiven)
{
    auto with = criteria();
    with.reference = "mail.example.net";
    const auto verdict = judged(domain_with(good("mail.example.net")), with);
    EXPECT_EQ(verdict.hosts[0].endpoints[0].identity.reference, "mail.example.net");
    EXPECT_EQ(verdict.confidence.factor, 100);
}

TEST(Judge, ALiteralHasNoNameWithoutAReference)
{
    auto observation = domain(Route::given, {host("192.0.2.1", std::nullopt, {good()})});
    observation.hosts[0].literal = asio::ip::make_address("192.0.2.1");
    const auto nameless = judged(observation);
    EXPECT_EQ(nameless.hosts[0].endpoints[0].identity.reference, std::nullopt);
    EXPECT_EQ(nameless.confidence.factor, 90) << "its Cert fails";

    auto with = criteria();
    with.reference = mx1;
    EXPECT_EQ(judged(observation, with).confidence.factor, 100);
}

// Outcomes of the domain: contract, section 7.

TEST(Judge, TheFirstEndpointThatWouldTakeTheMessageDecides)
{
    const auto verdict =
        judged(domain(Route::mx, {host(mx1, 10, {refused(), seen::in_clear()}), host(mx2, 20, {good(mx2)})}));
    EXPECT_EQ(of(verdict, Policy::none), Outcome::plaintext);
    EXPECT_EQ(of(verdict, Policy::preferred), Outcome::plaintext) << "the first host takes it";
    EXPECT_EQ(of(verdict, Policy::preferred_verify), Outcome::plaintext);
    EXPECT_EQ(of(verdict, Policy::required), Outcome::encrypted) << "only the second host will do";
    EXPECT_EQ(of(verdict, Policy::required_verify), Outcome::encrypted_verified);
}

TEST(Judge, WhereNoneWouldTheFirstDecides)
{
    const auto deferred_first =
        judged(domain(Route::mx, {host(mx1, 10, {refused()}), host(mx2, 20, {seen::in_clear()})}));
    EXPECT_EQ(of(deferred_first, Policy::required), Outcome::deferred);
    EXPECT_EQ(of(deferred_first, Policy::preferred), Outcome::plaintext);

    const auto not_sent_first =
        judged(domain(Route::mx, {host(mx1, 10, {seen::in_clear()}), host(mx2, 20, {refused()})}));
    EXPECT_EQ(of(not_sent_first, Policy::required), Outcome::not_sent);
}

TEST(Judge, WithoutAnyEndpointMailWaitsOrHasNowhereToGo)
{
    auto no_answer = domain(Route::unknown);
    no_answer.mx = seen::failure("example.com", dns::Type::mx, dns::errc::timed_out);
    const std::vector<std::pair<probe::Observation, Outcome>> cases{
        {no_answer, Outcome::deferred},
        {domain(Route::mx, {seen::host_without_answer(mx1)}), Outcome::deferred},
        {domain(Route::mx, {seen::host_without_address(mx1)}), Outcome::deferred},
        {domain(Route::null_mx), Outcome::not_applicable},
        {domain(Route::none), Outcome::not_applicable},
        {domain(Route::no_domain), Outcome::not_applicable},
    };
    for (const auto& [observation, outcome] : cases)
        EXPECT_THAT(judged(observation).outcomes, Each(outcome)) << name(observation.route);
}

TEST(Judge, AHostThatIsOnlyIgnoredInTheFactorStillTakesPart)
{
    auto with = criteria();
    with.ignore_unreachable = true;
    const auto verdict =
        judged(domain(Route::mx, {host(mx1, 10, {refused()}), host(mx2, 20, {seen::in_clear()})}), with);
    EXPECT_EQ(verdict.confidence.factor, 0);
    EXPECT_EQ(of(verdict, Policy::required), Outcome::deferred);
}

TEST(Judge, ARefusedMailFromDoesNotChangeAnOutcome)
{
    auto observation = domain_with(answered(Stage::mail_from, 550));
    observation.hosts[0].endpoints[0].session.tls->chain = seen::chain_for(mx1);
    EXPECT_EQ(of(judged(observation), Policy::required_verify), Outcome::encrypted_verified);
}

// --policy

Severity severity_of(const std::vector<probe::Finding>& findings, Code code)
{
    const auto found = std::ranges::find(findings, code, &probe::Finding::code);
    EXPECT_NE(found, findings.end()) << name(code);
    return found == findings.end() ? Severity::notice : found->severity;
}

TEST(Judge, WhatKeepsThePolicyFromBeingMetIsCritical)
{
    const auto observation = domain_with(good("mail.example.net"));
    const auto broken = judged(observation, under(Policy::required_verify));
    EXPECT_EQ(
        severity_of(broken.hosts[0].endpoints[0].findings, Code::certificate_host_mismatch),
        Severity::critical
    );
    const auto kept = judged(observation, under(Policy::required));
    EXPECT_EQ(
        severity_of(kept.hosts[0].endpoints[0].findings, Code::certificate_host_mismatch), Severity::warning
    );
}

TEST(Judge, WhatDoesNotKeepItIsNot)
{
    auto session = good("mail.example.net");
    session.tls->forward_secrecy = false;
    session.offered_inside_tls->starttls = true;
    const auto verdict = judged(domain_with(session), under(Policy::required_verify));
    const auto& findings = verdict.hosts[0].endpoints[0].findings;
    EXPECT_EQ(severity_of(findings, Code::starttls_repeated), Severity::warning);
    EXPECT_EQ(severity_of(findings, Code::cipher_no_forward_secrecy), Severity::notice);
}

TEST(Judge, OnlyTheEndpointThatDecidesIsBlamed)
{
    const auto verdict = judged(
        domain(
            Route::mx,
            {host(mx1, 10, {answered(Stage::greeting, 421)}), host(mx2, 20, {answered(Stage::greeting, 554)})}
        ),
        under(Policy::required)
    );
    EXPECT_EQ(
        severity_of(verdict.hosts[0].endpoints[0].findings, Code::greeting_deferred), Severity::critical
    );
    EXPECT_EQ(severity_of(verdict.hosts[1].endpoints[0].findings, Code::greeting_refused), Severity::warning);
}

TEST(Judge, WhatIsExcludedDecidesNothing)
{
    auto first = seen::host(mx1, 10, {});
    first.endpoints.push_back(seen::excluded_endpoint());
    const auto verdict = judged(
        domain(Route::mx, {first, host(mx2, 20, {answered(Stage::greeting, 554)})}), under(Policy::required)
    );
    EXPECT_EQ(verdict.outcomes[static_cast<std::size_t>(Policy::required)], probe::Outcome::deferred);
    EXPECT_EQ(severity_of(verdict.hosts[0].endpoints[0].findings, Code::excluded), Severity::notice);
    EXPECT_EQ(
        severity_of(verdict.hosts[1].endpoints[0].findings, Code::greeting_refused), Severity::critical
    );
}

TEST(Judge, WithoutAnEndpointTheReasonForThatIsBlamed)
{
    auto lost = seen::host_without_answer(mx1);
    lost.ipv4->aliases = {"a.example.net"};
    const auto verdict = judged(domain(Route::mx, {lost}), under(Policy::required));
    EXPECT_EQ(severity_of(verdict.hosts[0].findings, Code::dns_no_answer), Severity::critical);
    EXPECT_EQ(severity_of(verdict.hosts[0].findings, Code::mx_is_alias), Severity::warning);

    const auto missing = judged(domain(Route::no_domain), under(Policy::required));
    EXPECT_EQ(severity_of(missing.findings, Code::dns_nxdomain), Severity::critical);
}

// Where there is no factor: contract, section 6.

TEST(Judge, NoFactorWithoutAnythingToJudge)
{
    auto no_answer = domain(Route::unknown);
    no_answer.mx = seen::failure("example.com", dns::Type::mx, dns::errc::timed_out);
    for (const auto& observation :
         {no_answer, domain(Route::null_mx), domain(Route::none), domain(Route::no_domain)}) {
        const auto verdict = judged(observation);
        EXPECT_EQ(verdict.confidence.factor, std::nullopt) << name(observation.route);
        EXPECT_THAT(verdict.confidence.reasons, IsEmpty());
    }
}

TEST(Judge, NoFactorWhereThisMachineIsAtFault)
{
    const auto cannot_send =
        judged(domain(Route::mx, {host(mx1, 10, {local()}), seen::host_without_address(mx2, 20)}));
    EXPECT_EQ(cannot_send.confidence.factor, std::nullopt);
    EXPECT_THAT(cannot_send.confidence.reasons, IsEmpty());
    EXPECT_EQ(cannot_send.hosts[1].factor, std::nullopt);
    EXPECT_THAT(codes(cannot_send.findings), IsEmpty()) << "connect-local stands at the endpoint";
    EXPECT_THAT(codes(cannot_send.hosts[0].endpoints[0].findings), ElementsAre(Code::connect_local));
}

TEST(Judge, ConnectLocalStandsAtTheDomainWhereTheKnownGoodHostFoundIt)
{
    auto observation = domain_with(refused());
    observation.known_good_answered = false;
    const auto verdict = judged(observation);
    ASSERT_THAT(codes(verdict.findings), ElementsAre(Code::connect_local));
    EXPECT_EQ(
        verdict.findings[0].message,
        "this machine reaches neither the target nor the host given by --known-good"
    );
    EXPECT_EQ(verdict.confidence.factor, std::nullopt);
    EXPECT_FALSE(verdict.hosts[0].endpoints[0].counted);
}

TEST(Judge, TheKnownGoodHostSaysNothingWhereOneWasReached)
{
    auto observation = domain_with(answered(Stage::greeting, 421));
    observation.known_good_answered = false;
    EXPECT_THAT(judged(observation).findings, IsEmpty());
}

TEST(Judge, ANullMxBesideOthersDoesNotCount)
{
    auto observation = domain_with(good());
    observation.null_mx_beside_others = true;
    EXPECT_EQ(judged(observation).confidence.factor, 100);
}

} // namespace
