#include "probe/history/sighting.hpp"

#include "report/verdicts.hpp"

#include <gmock/gmock.h>

namespace
{

using namespace std::chrono_literals;
using history::Aspect;
using history::Fact;
using history::name_of;
using history::Place;
using history::sighting_of;
using testing::Contains;
using testing::Field;
using testing::IsEmpty;
using testing::Not;
using testing::Optional;
using testing::SizeIs;

const Place at_mx1{"mx1.example.com", "192.0.2.1", 25};

auto of(Aspect aspect)
{
    return Contains(Field(&Fact::aspect, aspect));
}

TEST(Sighting, OfAnAddressIsItsCertificateAndItsProtocol)
{
    const auto seen = sighting_of(verdicts::well());
    const std::string sha256 = verdicts::well().hosts[0].endpoints[0].chain->certificates[0].facts.sha256;
    EXPECT_THAT(seen.facts, Contains(Fact{Aspect::certificate, at_mx1, sha256}));
    EXPECT_THAT(seen.facts, Contains(Fact{Aspect::protocol, at_mx1, "TLSv1.3"}));
    ASSERT_THAT(seen.certificates, SizeIs(1)) << "both addresses present the same";
    EXPECT_EQ(seen.certificates[0].sha256, sha256);
    EXPECT_EQ(seen.certificates[0].serial, "04c3f1");
    EXPECT_EQ(seen.certificates[0].key, "RSA 2048");
}

TEST(Sighting, OfATargetIsHowItWent)
{
    const auto seen = sighting_of(verdicts::well());
    EXPECT_EQ(seen.target, "example.com");
    EXPECT_EQ(seen.run.began, std::chrono::floor<std::chrono::milliseconds>(verdicts::well().started));
    EXPECT_EQ(seen.run.elapsed, 1205ms);
    EXPECT_EQ(seen.run.factor, 100);
    EXPECT_EQ(seen.run.days_left, 61);
    EXPECT_THAT(seen.facts, Contains(Fact{Aspect::status, {}, "OK"}));
    EXPECT_THAT(seen.facts, Contains(Fact{Aspect::factor, {}, "100"}));
    EXPECT_THAT(seen.facts, Contains(Fact{Aspect::mx, {}, "10 mx1.example.com"}));
}

TEST(Sighting, DaysLeftAreThoseOfTheCertificateThatEndsFirst)
{
    EXPECT_EQ(sighting_of(verdicts::failures()).run.days_left, -3);
    EXPECT_EQ(sighting_of(verdicts::null_mx()).run.days_left, std::nullopt);
}

TEST(Sighting, FindingsAreOfTheirHost)
{
    const auto facts = sighting_of(verdicts::failures()).facts;
    EXPECT_THAT(facts, Contains(Fact{Aspect::finding, {}, "mx-null-not-alone"}));
    EXPECT_THAT(facts, Contains(Fact{Aspect::finding, {"mx8.example.com"}, "mx-no-address"}));
    EXPECT_THAT(facts, Contains(Fact{Aspect::finding, {"mx7.example.com"}, "certificate-expired"}));
}

TEST(Sighting, WhereThereIsNoTlsItSaysSo)
{
    const auto facts = sighting_of(verdicts::failures()).facts;
    EXPECT_THAT(facts, Contains(Fact{Aspect::protocol, {"mx3.example.com", "192.0.2.13", 25}, ""}));
    EXPECT_THAT(facts, Contains(Fact{Aspect::protocol, {"mx4.example.com", "192.0.2.14", 25}, ""}));
}

TEST(Sighting, OfAHostThatTurnedTheProbeAwayNothingIsKnown)
{
    const auto seen = sighting_of(verdicts::failures());
    const Place turned_away{"mx2.example.com"};
    EXPECT_THAT(seen.looked_at, Not(Contains(turned_away)));
    EXPECT_THAT(seen.looked_at, Contains(Place{"mx7.example.com"}));
    EXPECT_THAT(seen.looked_at, Contains(Place{}));
    for (const auto& [aspect, place, value] : seen.facts)
        EXPECT_TRUE(place.host != turned_away.host || value == "greeting-deferred") << value;
    EXPECT_THAT(seen.hosts, Optional(SizeIs(9)));
}

TEST(Sighting, WhatStandsForAnMxSet)
{
    EXPECT_THAT(sighting_of(verdicts::null_mx()).facts, Contains(Fact{Aspect::mx, {}, "null"}));
    EXPECT_THAT(sighting_of(verdicts::no_domain()).facts, Contains(Fact{Aspect::mx, {}, "nxdomain"}));
    EXPECT_THAT(
        sighting_of(verdicts::published()).facts,
        Contains(Fact{Aspect::mx, {}, "10 mx1.example.com, 20 mx2.example.com"})
    );
    EXPECT_THAT(sighting_of(verdicts::given_address()).facts, Not(of(Aspect::mx))) << "nobody asked";
    EXPECT_THAT(sighting_of(verdicts::dns_failed()).facts, Not(of(Aspect::mx))) << "nobody answered";
}

TEST(Sighting, OfQuickIsNoMxSetAndNoHostIsGone)
{
    auto verdict = verdicts::well();
    verdict.hosts_left_out = {"mx2.example.com"};
    EXPECT_THAT(sighting_of(verdict).facts, Not(of(Aspect::mx)));
    EXPECT_EQ(sighting_of(verdict).hosts, std::nullopt);
}

TEST(Sighting, WhereDnsFailedNothingIsGone)
{
    const auto seen = sighting_of(verdicts::dns_failed());
    EXPECT_THAT(seen.looked_at, IsEmpty());
    EXPECT_EQ(seen.hosts, std::nullopt);
    EXPECT_THAT(seen.facts, Contains(Fact{Aspect::factor, {}, ""}));
}

TEST(Sighting, OfAPolicyIsItsId)
{
    auto verdict = verdicts::published();
    EXPECT_THAT(sighting_of(verdict).facts, Contains(Fact{Aspect::policy, {}, "20261101T000000"}));
    verdict.mta_sts = probe::StsVerdict();
    EXPECT_THAT(sighting_of(verdict).facts, Contains(Fact{Aspect::policy, {}, ""}));
    verdict.mta_sts->state = probe::StsVerdict::State::error;
    EXPECT_THAT(sighting_of(verdict).facts, Not(of(Aspect::policy)));
    verdict.mta_sts = std::nullopt;
    EXPECT_THAT(sighting_of(verdict).facts, Not(of(Aspect::policy)));
}

TEST(Sighting, TextFromElsewhereIsPrintable)
{
    auto verdict = verdicts::well();
    verdict.hosts[0].name = "mx\x1b[31m";
    verdict.hosts[0].endpoints[0].session.tls->version = "TLS\n";
    const auto seen = sighting_of(verdict);
    EXPECT_THAT(seen.facts, Contains(Fact{Aspect::mx, {}, "10 mx\\x1b[31m"}));
    EXPECT_THAT(seen.facts, Contains(Field(&Fact::value, "TLS\\x0a")));
}

TEST(Sighting, TargetsAreCalledByTheirDomain)
{
    EXPECT_EQ(name_of("Example.COM.", "example.com"), "example.com");
    EXPECT_EQ(name_of("User@Example.com", "example.com"), "User@example.com");
    EXPECT_EQ(name_of("\"a@b\"@bücher.example", "xn--bcher-kva.example"), "\"a@b\"@xn--bcher-kva.example");
    EXPECT_EQ(name_of("user@[192.0.2.1]", "[192.0.2.1]"), "user@[192.0.2.1]");
    EXPECT_EQ(name_of("User@Example.com."), "User@example.com");
    EXPECT_EQ(name_of("Partner, strictly"), "Partner, strictly");
}

TEST(Sighting, IsOfTheTargetsLabelWhereItHasOne)
{
    auto verdict = verdicts::well();
    EXPECT_EQ(sighting_of(verdict).target, "example.com");
    verdict.label = "Partner";
    EXPECT_EQ(sighting_of(verdict).target, "Partner");
}

TEST(Sighting, EveryAspectHasItsName)
{
    for (const auto aspect : history::all_aspects)
        EXPECT_EQ(history::aspect_named(name(aspect)), aspect);
    EXPECT_EQ(history::aspect_named("nonsense"), std::nullopt);
}

} // namespace
