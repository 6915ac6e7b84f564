#include "observation_builder.hpp"
#include "probe/dane.hpp"
#include "probe/status.hpp"

#include <gmock/gmock.h>

namespace
{

using probe::Criteria;
using probe::Policy;
using probe::Route;
using probe::Status;
using seen::answered;
using seen::criteria;
using seen::domain;
using seen::domain_with;
using seen::ended;
using seen::errc;
using seen::host;
using seen::mx1;
using seen::Stage;

const std::string mx2 = "mx2.example.com";

smtp::Session good()
{
    static const auto chain = seen::chain_for(mx1);
    return seen::whole(chain);
}

smtp::Session refused()
{
    return ended(Stage::connect, std::make_error_code(std::errc::connection_refused));
}

smtp::Session local()
{
    return ended(Stage::connect, errc::no_route);
}

smtp::Session turned_away()
{
    return answered(Stage::greeting, 421);
}

Status status(probe::Observation observation, const Criteria& with = criteria())
{
    return seen::judged(std::move(observation), with).status;
}

Criteria under(Policy policy)
{
    auto with = criteria();
    with.policy = policy;
    return with;
}

// Contract, section 2, from its best to its worst.

TEST(Status, OkWhereNothingIsWrong)
{
    EXPECT_EQ(status(domain_with(good())), Status::ok);
}

TEST(Status, OkForANullMxWhateverThePolicy)
{
    EXPECT_EQ(status(domain(Route::null_mx)), Status::ok);
    EXPECT_EQ(status(domain(Route::null_mx), under(Policy::required_verify)), Status::ok);
}

TEST(Status, OkWithNotices)
{
    auto with = criteria();
    with.warn_below = 95;
    auto session = good();
    session.tls->forward_secrecy = false;
    EXPECT_EQ(status(domain_with(session), with), Status::ok);
}

TEST(Status, WarningBelowTheUpperLimit)
{
    auto session = good();
    session.tls->forward_secrecy = false; // a notice, and 95
    EXPECT_EQ(status(domain_with(session)), Status::warning);
}

TEST(Status, WarningForAFindingThatWarns)
{
    auto observation = domain_with(answered(Stage::mail_from, 550));
    observation.hosts[0].endpoints[0].session.tls->chain = seen::chain_for(mx1);
    const auto verdict = seen::judged(observation);
    EXPECT_EQ(verdict.confidence.factor, 100);
    EXPECT_EQ(verdict.status, Status::warning);
}

TEST(Status, WarningForAFindingAboutTheDomainOrAHost)
{
    auto beside = domain_with(good());
    beside.null_mx_beside_others = true;
    EXPECT_EQ(status(beside), Status::warning);

    auto alias = domain_with(good());
    alias.hosts[0].ipv4->aliases = {"a.example.net"};
    EXPECT_EQ(status(alias), Status::warning);
}

TEST(Status, CriticalBelowTheLowerLimit)
{
    const auto mismatch = seen::whole(seen::chain_for("mail.example.net")); // 90
    EXPECT_EQ(status(domain_with(mismatch)), Status::warning);
    auto with = criteria();
    with.fail_below = 91;
    EXPECT_EQ(status(domain_with(mismatch), with), Status::critical);
}

TEST(Status, CriticalForACriticalFinding)
{
    auto with = criteria();
    with.warn_below = 0;
    with.fail_below = 0;
    EXPECT_EQ(status(domain_with(seen::in_clear()), with), Status::critical);
}

TEST(Status, CriticalWhereNoHostCouldBeReached)
{
    EXPECT_EQ(status(domain_with(refused())), Status::critical);
    EXPECT_EQ(status(domain_with(ended(Stage::connect, errc::timed_out))), Status::critical);
    auto with = criteria();
    with.ignore_unreachable = true;
    EXPECT_EQ(status(domain_with(refused()), with), Status::critical);
}

TEST(Status, CriticalWhereNoHostHasAnAddress)
{
    EXPECT_EQ(status(domain(Route::mx, {seen::host_without_address(mx1)})), Status::critical);
    EXPECT_EQ(
        status(domain(Route::mx, {seen::host_without_address(mx1), seen::host_without_address(mx2)})),
        Status::critical
    );
}

TEST(Status, CriticalForADomainWithNeitherMxNorAddress)
{
    EXPECT_EQ(status(domain(Route::none)), Status::critical);
}

TEST(Status, CriticalForABogusAnswer)
{
    auto observation = domain(Route::unknown);
    observation.mx = seen::failure("example.com", dns::Type::mx, dns::errc::bogus);
    EXPECT_EQ(status(observation), Status::critical);
}

TEST(Status, OneHostWithoutAddressIsAWarningBesideAGoodOne)
{
    auto with = criteria();
    with.ignore_unreachable = true;
    const auto observation =
        domain(Route::mx, {host(mx1, 10, {good()}), seen::host_without_address(mx2, 20)});
    EXPECT_EQ(status(observation, with), Status::warning);
}

TEST(Status, CriticalWhereThePolicyIsNotMet)
{
    const auto mismatch = domain_with(seen::whole(seen::chain_for("mail.example.net")));
    EXPECT_EQ(status(mismatch, under(Policy::required)), Status::warning);
    EXPECT_EQ(status(mismatch, under(Policy::required_verify)), Status::critical);
    EXPECT_EQ(status(domain_with(good()), under(Policy::required_verify)), Status::ok);
    EXPECT_EQ(status(domain_with(turned_away()), under(Policy::required)), Status::critical);
    EXPECT_EQ(status(domain_with(turned_away()), under(Policy::preferred)), Status::unknown);
}

TEST(Status, UnknownWhereEveryEndpointReachedTurnedTheProbeAway)
{
    EXPECT_EQ(status(domain_with(turned_away())), Status::unknown);
    EXPECT_EQ(status(domain_with(answered(Stage::greeting, 554))), Status::unknown);
    EXPECT_EQ(status(domain_with(answered(Stage::ehlo, 451))), Status::unknown);
    EXPECT_EQ(status(domain_with(ended(Stage::greeting, errc::connection_lost))), Status::unknown);
    EXPECT_EQ(status(domain_with(seen::masked())), Status::unknown);
    EXPECT_EQ(status(domain(Route::mx, {host(mx1, 10, {turned_away(), refused()})})), Status::unknown)
        << "one was reached";
}

TEST(Status, TheFactorOfAMixedDomainIsHeldAgainstItsLimits)
{
    EXPECT_EQ(
        status(domain(Route::mx, {host(mx1, 10, {good()}), host(mx2, 10, {turned_away()})})), Status::critical
    ) << "75";
    EXPECT_EQ(
        status(domain(Route::mx, {host(mx1, 10, {good(), good(), good(), good(), turned_away()})})),
        Status::warning
    ) << "90";
}

TEST(Status, UnknownForNoSuchDomain)
{
    EXPECT_EQ(status(domain(Route::no_domain)), Status::unknown);
}

TEST(Status, UnknownWhereDnsDidNotAnswer)
{
    auto observation = domain(Route::unknown);
    observation.mx = seen::failure("example.com", dns::Type::mx, dns::errc::timed_out);
    EXPECT_EQ(status(observation), Status::unknown);
    EXPECT_EQ(status(domain(Route::mx, {seen::host_without_answer(mx1)})), Status::unknown);
    EXPECT_EQ(
        status(domain(Route::mx, {seen::host_without_answer(mx1), seen::host_without_address(mx2)})),
        Status::unknown
    );
}

TEST(Status, UnknownWhereThisMachineCannotSend)
{
    EXPECT_EQ(status(domain(Route::mx, {host(mx1, 10, {local(), local()})})), Status::unknown);
    EXPECT_EQ(status(domain_with(local()), under(Policy::required)), Status::unknown);
    EXPECT_EQ(status(domain(Route::mx, {host(mx1, 10, {local(), refused()})})), Status::critical);
}

/// A host at an address that --exclude has, and at others.
probe::Host partly_excluded(std::vector<smtp::Session> others, const std::string& name = mx1)
{
    auto seen = host(name, 10, std::move(others));
    seen.endpoints.insert(seen.endpoints.begin(), seen::excluded_endpoint());
    return seen;
}

TEST(Status, UnknownWhereNothingButWhatIsExcludedCouldHaveBeenReached)
{
    for (const auto& seen :
         {domain(Route::mx, {partly_excluded({})}), domain(Route::mx, {seen::excluded_host(mx1)}),
          domain(Route::mx, {partly_excluded({refused()})}), domain(Route::mx, {partly_excluded({local()})}),
          domain(Route::mx, {seen::excluded_host(mx1), host(mx2, 20, {refused()})}),
          domain(Route::mx, {seen::excluded_host(mx1), seen::host_without_address(mx2)})}) {
        EXPECT_EQ(status(seen), Status::unknown);
        EXPECT_EQ(status(seen, under(Policy::required)), Status::unknown);
        for (const auto outcome : seen::judged(seen).outcomes)
            EXPECT_EQ(outcome, probe::Outcome::not_applicable);
    }
}

TEST(Status, WhatIsExcludedTakesNothingFromWhatWasReached)
{
    const auto verdict = seen::judged(domain(Route::mx, {partly_excluded({good()})}));
    EXPECT_EQ(verdict.status, Status::ok);
    EXPECT_EQ(verdict.confidence.factor, 100);
    EXPECT_FALSE(verdict.hosts[0].endpoints[0].counted);
    EXPECT_EQ(status(domain(Route::mx, {seen::excluded_host(mx2), host(mx1, 20, {good()})})), Status::ok);
    EXPECT_EQ(status(domain(Route::mx, {partly_excluded({turned_away()})})), Status::unknown);
    EXPECT_EQ(status(domain(Route::mx, {partly_excluded({seen::in_clear()})})), Status::critical);
}

TEST(Status, UnknownWhereTheKnownGoodHostCannotBeReachedEither)
{
    auto observation = domain_with(refused());
    observation.known_good_answered = false;
    EXPECT_EQ(status(observation), Status::unknown);
    observation.known_good_answered = true;
    EXPECT_EQ(status(observation), Status::critical);
}

TEST(Status, InterruptedIsUnknownAtBest)
{
    auto observation = domain(Route::mx, {host(mx1, 10, {good(), seen::before(Stage::greeting)})});
    observation.finished = false;
    EXPECT_EQ(status(observation), Status::unknown);
    EXPECT_EQ(status(observation, under(Policy::required)), Status::unknown);

    observation.hosts[0].endpoints[0].session = seen::in_clear();
    EXPECT_EQ(status(observation), Status::critical) << "what is known is known";
}

TEST(Status, InterruptedBeforeAnythingWasSeen)
{
    auto observation = domain(Route::unknown);
    observation.mx.reset();
    observation.finished = false;
    EXPECT_EQ(status(observation), Status::unknown);

    observation = domain(Route::mx, {host(mx1, 10, {seen::before(Stage::connect)})});
    observation.finished = false;
    EXPECT_EQ(status(observation), Status::unknown);
}

// Limits are held against the factor without the extras.

/// TLS without forward secrecy (95), and DANE that holds (10 more).
probe::Observation with_dane()
{
    auto session = good();
    session.tls->forward_secrecy = false;
    auto observation = domain_with(session);
    observation.dane_asked = true;
    observation.mx->security = dns::Security::secure;
    auto& only = observation.hosts[0];
    only.ipv4->security = dns::Security::secure;
    const auto records = probe::tlsa_records_for({.chain = session.tls->chain});
    auto answer = seen::answer("_25._tcp.mx1.example.com", dns::Type::tlsa, {records.front()});
    answer.security = dns::Security::secure;
    only.tlsa = {{mx1, answer}};
    return observation;
}

TEST(Status, NoExtraLiftsAFactorOverALimit)
{
    const auto verdict = seen::judged(with_dane());
    EXPECT_EQ(verdict.confidence.factor, 105);
    EXPECT_EQ(verdict.confidence.bonus(), 10);
    EXPECT_EQ(verdict.status, Status::warning) << "95 is below 100";

    auto with = criteria();
    with.warn_below = 96;
    EXPECT_EQ(status(with_dane(), with), Status::warning);
    with.warn_below = 95;
    EXPECT_EQ(status(with_dane(), with), Status::ok);
    with.fail_below = 96;
    EXPECT_EQ(status(with_dane(), with), Status::critical);
}

TEST(Status, AnExtraThatFailsCostsNothingItself)
{
    auto observation = with_dane();
    observation.hosts[0].endpoints[0].session.tls->forward_secrecy = true;
    observation.hosts[0].tlsa[0].answer.security = dns::Security::insecure;
    const auto verdict = seen::judged(observation);
    EXPECT_EQ(verdict.confidence.factor, 100);
    EXPECT_EQ(verdict.status, Status::warning) << "tlsa-insecure, not the factor";
}

TEST(Status, WithoutAFactorThereIsNoLimitToHold)
{
    auto observation = with_dane();
    observation.hosts[0].endpoints[0].session = local();
    const auto verdict = seen::judged(observation, under(Policy::dane));
    EXPECT_EQ(verdict.confidence.factor, std::nullopt);
    EXPECT_EQ(verdict.confidence.max, 110);
    EXPECT_EQ(verdict.confidence.bonus(), 0);
    EXPECT_EQ(verdict.status, Status::unknown);
}

} // namespace
