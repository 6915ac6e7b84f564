#include "observation_builder.hpp"
#include "probe/confidence.hpp"

#include <gmock/gmock.h>

namespace
{

using probe::Confidence;
using probe::EndpointVerdict;
using probe::HostVerdict;
using probe::Offer;
using probe::rate;
using probe::Reason;
using probe::reasons_of;
using seen::Code;
using seen::mx1;
using testing::ElementsAre;
using testing::IsEmpty;

/// An endpoint with TLS up, whose Cert failed for these causes.
EndpointVerdict up(const std::string& version = "TLSv1.3", std::vector<Code> causes = {})
{
    EndpointVerdict endpoint;
    endpoint.session.tls = seen::tls_with({});
    endpoint.session.tls->version = version;
    endpoint.chain.emplace().cert_ok = causes.empty();
    for (const auto code : causes)
        endpoint.chain->findings.push_back({code, usual_severity(code), "", ""});
    endpoint.offer = causes.empty() ? Offer::verified : Offer::unverified;
    endpoint.judged = true;
    return endpoint;
}

EndpointVerdict stopped(Offer offer, Code code)
{
    EndpointVerdict endpoint;
    endpoint.offer = offer;
    endpoint.stopped_by = code;
    endpoint.judged = offer != Offer::unknown;
    return endpoint;
}

EndpointVerdict plain()
{
    return stopped(Offer::plain, Code::starttls_not_supported);
}

EndpointVerdict dead(Code code = Code::connect_timeout)
{
    return stopped(Offer::unknown, code);
}

EndpointVerdict abandoned()
{
    return {};
}

HostVerdict host(std::optional<std::uint16_t> preference, std::vector<EndpointVerdict> endpoints)
{
    HostVerdict host;
    host.name = mx1;
    host.preference = preference;
    host.endpoints = std::move(endpoints);
    return host;
}

HostVerdict host_without_endpoint(std::optional<std::uint16_t> preference, std::optional<Code> why)
{
    auto bare = host(preference, {});
    if (why)
        bare.findings.push_back({*why, usual_severity(*why), "", ""});
    return bare;
}

Confidence rated(std::vector<HostVerdict> hosts, bool ignore_unreachable = false)
{
    return rate(hosts, ignore_unreachable);
}

int factor_of(EndpointVerdict endpoint)
{
    std::vector hosts{host(10, {std::move(endpoint)})};
    const auto confidence = rate(hosts, false);
    EXPECT_EQ(hosts[0].endpoints[0].factor, confidence.factor) << "one endpoint is the whole domain";
    EXPECT_EQ(hosts[0].factor, confidence.factor);

    int points = 0;
    for (const auto& reason : confidence.reasons)
        points += reason.points;
    EXPECT_EQ(points, *confidence.factor - 100) << "the reasons are the whole truth";
    return *confidence.factor;
}

// Contract, section 6: the points of one endpoint.

TEST(Confidence, TlsByVersion)
{
    EXPECT_EQ(factor_of(up("TLSv1.3")), 100);
    EXPECT_EQ(factor_of(up("TLSv1.2")), 100);
    EXPECT_EQ(factor_of(up("TLSv1.1")), 80);
    EXPECT_EQ(factor_of(up("TLSv1.0")), 70);
    EXPECT_EQ(factor_of(up("SSLv3")), 55);
}

TEST(Confidence, NoTlsIsNothing)
{
    EXPECT_EQ(factor_of(plain()), 0);
    EXPECT_EQ(factor_of(stopped(Offer::plain, Code::starttls_refused)), 0);
    EXPECT_EQ(factor_of(stopped(Offer::broken, Code::starttls_injection)), 0);
    EXPECT_EQ(factor_of(stopped(Offer::broken, Code::tls_handshake_failed)), 0);
    EXPECT_EQ(factor_of(stopped(Offer::broken, Code::ehlo_refused)), 0);
}

TEST(Confidence, NotJudgedIsHalf)
{
    EXPECT_EQ(factor_of(dead()), 50);
    EXPECT_EQ(factor_of(dead(Code::greeting_deferred)), 50);
    EXPECT_EQ(factor_of(dead(Code::starttls_masked)), 50);
}

TEST(Confidence, AFailedCertCostsTenForWhateverReasons)
{
    const auto twice = up("TLSv1.3", {Code::certificate_not_trusted, Code::certificate_host_mismatch});
    EXPECT_EQ(factor_of(twice), 90);
    EXPECT_THAT(reasons_of(twice, mx1), ElementsAre(Reason{-10, Code::certificate_not_trusted, mx1}));
}

TEST(Confidence, Ciphers)
{
    auto weak = up();
    weak.session.tls->cipher = "ECDHE-RSA-DES-CBC3-SHA";
    EXPECT_EQ(factor_of(weak), 80);

    auto without_forward_secrecy = up();
    without_forward_secrecy.session.tls->forward_secrecy = false;
    EXPECT_EQ(factor_of(without_forward_secrecy), 95);

    weak.session.tls->forward_secrecy = false;
    EXPECT_EQ(factor_of(weak), 75);
}

TEST(Confidence, WeakKeysAndSignaturesCostFiveTogether)
{
    auto weak = up();
    weak.chain->weak = true;
    weak.chain->findings = {
        {Code::certificate_key_weak, seen::Severity::warning, "", ""},
        {Code::certificate_signature_weak, seen::Severity::warning, "", ""}};
    EXPECT_EQ(factor_of(weak), 95);
    EXPECT_THAT(reasons_of(weak, mx1), ElementsAre(Reason{-5, Code::certificate_key_weak, mx1}));

    weak.chain->findings.erase(weak.chain->findings.begin());
    EXPECT_THAT(reasons_of(weak, mx1), ElementsAre(Reason{-5, Code::certificate_signature_weak, mx1}));
}

TEST(Confidence, TlsThatIsUpIsWorthMoreThanNone)
{
    auto worst = up("SSLv3", {Code::certificate_expired});
    worst.session.tls->cipher = "RC4-MD5";
    worst.session.tls->forward_secrecy = false;
    EXPECT_EQ(factor_of(worst), 51);
    EXPECT_THAT(
        reasons_of(worst, mx1),
        ElementsAre(Reason{-45, Code::tls_version_weak, mx1}, Reason{-4, Code::certificate_expired, mx1})
    ) << "the last give way";
}

// Hosts and the domain.

TEST(Confidence, AHostIsTheMeanOfItsEndpoints)
{
    std::vector hosts{host(10, {up(), up("TLSv1.1"), plain()})};
    EXPECT_EQ(rate(hosts, false).factor, 60);
    EXPECT_EQ(hosts[0].factor, 60);
}

TEST(Confidence, EachFurtherPreferenceWeighsHalfAsMuch)
{
    EXPECT_EQ(rated({host(10, {up()}), host(20, {plain()})}).factor, 66) << "(100 + 0/2) / 1.5";
    EXPECT_EQ(rated({host(10, {plain()}), host(20, {up()})}).factor, 33) << "(0 + 100/2) / 1.5";
    EXPECT_EQ(rated({host(1, {up()}), host(2, {up()}), host(3, {plain()})}).factor, 85) << "150 / 1.75";
}

TEST(Confidence, HostsOfOnePreferenceWeighTheSame)
{
    EXPECT_EQ(rated({host(10, {up()}), host(10, {plain()})}).factor, 50);
    EXPECT_EQ(rated({host(10, {up()}), host(10, {plain()}), host(20, {plain()})}).factor, 40) << "100 / 2.5";
    EXPECT_EQ(rated({host(std::nullopt, {up()}), host(std::nullopt, {plain()})}).factor, 50) << "--mx";
}

TEST(Confidence, TheFactorIsRoundedDown)
{
    EXPECT_EQ(rated({host(10, {up(), up(), plain()})}).factor, 66);
    EXPECT_EQ(rated({host(10, {up("TLSv1.3", {Code::certificate_expired})}), host(20, {up()})}).factor, 93);
}

TEST(Confidence, AMeanThatIsWholeStaysWhole)
{
    // Each mean is 290/3 or 280/3, which no double holds: 95 exactly all the same.
    const auto less = up("TLSv1.3", {Code::certificate_expired});
    const auto one_of_three = host(10, {up(), up(), less});
    const auto two_of_three = host(10, {up(), less, less});
    EXPECT_EQ(rated({one_of_three, two_of_three}).factor, 95);
    EXPECT_EQ(rated({one_of_three, one_of_three, two_of_three, two_of_three}).factor, 95);
    for (int hosts = 1; hosts < 50; ++hosts) {
        std::vector<HostVerdict> ladder;
        for (int i = 0; i < hosts; ++i)
            ladder.push_back(host(static_cast<std::uint16_t>(i), {less, less, less}));
        EXPECT_EQ(rated(ladder).factor, 90) << hosts;
    }
}

TEST(Confidence, AnyNumberOfPreferencesCanBeWeighed)
{
    std::vector<HostVerdict> hosts;
    for (int i = 0; i < 3000; ++i)
        hosts.push_back(host(static_cast<std::uint16_t>(i), {i < 2000 ? dead(Code::connect_local) : up()}));
    EXPECT_EQ(rated(hosts).factor, 100);
}

TEST(Confidence, HostsThatAreNotJudgedCountHalf)
{
    EXPECT_EQ(rated({host(10, {up()}), host(10, {dead()})}).factor, 75);
    EXPECT_EQ(rated({host(10, {up()}), host_without_endpoint(10, Code::mx_no_address)}).factor, 75);
    EXPECT_EQ(rated({host(10, {up()}), host_without_endpoint(10, Code::dns_no_answer)}).factor, 75);
    EXPECT_EQ(rated({host(10, {up(), dead()})}).factor, 75) << "a dead address of a host that has a live one";
}

TEST(Confidence, UnlessTheUnreachableAreIgnored)
{
    std::vector hosts{
        host(10, {up(), dead()}), host(10, {dead()}), host_without_endpoint(10, Code::mx_no_address)};
    const auto confidence = rate(hosts, true);
    EXPECT_EQ(confidence.factor, 100);
    EXPECT_THAT(confidence.reasons, IsEmpty());
    EXPECT_EQ(hosts[0].factor, 100);
    EXPECT_TRUE(hosts[0].endpoints[0].counted);
    EXPECT_FALSE(hosts[0].endpoints[1].counted);
    EXPECT_EQ(hosts[1].factor, std::nullopt);
    EXPECT_EQ(hosts[2].factor, std::nullopt);
}

TEST(Confidence, AHostLeftOutStillHasItsPreference)
{
    EXPECT_EQ(rated({host(10, {up()}), host(20, {dead()}), host(30, {plain()})}, true).factor, 80)
        << "100 / 1.25";
}

TEST(Confidence, WhereNoneCouldBeJudgedTheFactorIsHalf)
{
    for (const bool ignore : {false, true}) {
        const auto confidence =
            rated({host(10, {dead()}), host_without_endpoint(20, Code::mx_no_address)}, ignore);
        EXPECT_EQ(confidence.factor, 50);
        EXPECT_THAT(
            confidence.reasons,
            ElementsAre(Reason{-50, Code::connect_timeout, mx1}, Reason{-50, Code::mx_no_address, mx1})
        );
    }
}

TEST(Confidence, WhatThisMachineCannotReachIsLeftOut)
{
    std::vector hosts{host(10, {up(), dead(Code::connect_local)}), host(10, {dead(Code::connect_local)})};
    const auto confidence = rate(hosts, false);
    EXPECT_EQ(confidence.factor, 100);
    EXPECT_THAT(confidence.reasons, IsEmpty());
    EXPECT_FALSE(hosts[0].endpoints[1].counted);
    EXPECT_EQ(hosts[1].factor, std::nullopt);
}

TEST(Confidence, WhatIsExcludedIsLeftOut)
{
    std::vector hosts{host(10, {up(), dead(Code::excluded)}), host_without_endpoint(20, Code::excluded)};
    const auto confidence = rate(hosts, false);
    EXPECT_EQ(confidence.factor, 100);
    EXPECT_THAT(confidence.reasons, IsEmpty());
    EXPECT_FALSE(hosts[0].endpoints[1].counted);
    EXPECT_EQ(hosts[1].factor, std::nullopt);
    EXPECT_EQ(rated({host(10, {dead(Code::excluded)})}).factor, std::nullopt);
}

TEST(Confidence, WhereNothingCountsThereIsNoFactor)
{
    EXPECT_EQ(rated({}).factor, std::nullopt);
    EXPECT_EQ(rated({host(10, {dead(Code::connect_local)})}).factor, std::nullopt);
}

TEST(Confidence, AnAbandonedSessionSaysNothing)
{
    EXPECT_EQ(rated({host(10, {up(), abandoned()})}).factor, 100);
    EXPECT_EQ(rated({host(10, {abandoned()}), host_without_endpoint(20, std::nullopt)}).factor, std::nullopt);
}

TEST(Confidence, EachReasonIsToldOnceAHost)
{
    auto other = host(20, {plain()});
    other.name = "mx2.example.com";
    const auto confidence = rated({host(10, {plain(), plain(), dead()}), other});
    EXPECT_THAT(
        confidence.reasons,
        ElementsAre(
            Reason{-100, Code::starttls_not_supported, mx1}, Reason{-50, Code::connect_timeout, mx1},
            Reason{-100, Code::starttls_not_supported, "mx2.example.com"}
        )
    );
}

TEST(Confidence, TheScale)
{
    const auto confidence = rated({host(10, {up()})});
    EXPECT_EQ(confidence.max, 100);
    EXPECT_EQ(confidence.best, 120);
}

// The extra points: contract, section 6.

using probe::DaneState;
using probe::Extra;
using probe::Policy;
using probe::StsMode;

EndpointVerdict protected_by(std::optional<DaneState> dane, std::optional<bool> sts_verified)
{
    auto endpoint = up();
    if (dane)
        endpoint.dane.emplace().state = *dane;
    endpoint.sts_verified = sts_verified;
    return endpoint;
}

HostVerdict published(
    std::vector<EndpointVerdict> endpoints, std::optional<bool> usable_records, std::optional<bool> covered
)
{
    auto published = host(10, std::move(endpoints));
    if (usable_records)
        published.tlsa.emplace().usable = *usable_records;
    published.sts_covered = covered;
    return published;
}

probe::StsVerdict mta_sts(std::optional<StsMode> mode)
{
    probe::StsVerdict verdict;
    verdict.id = "1";
    if (mode)
        verdict.policy = probe::StsPolicy{*mode, 86'400, {mx1}};
    return verdict;
}

struct Settings
{
    std::optional<probe::StsVerdict> mta_sts = std::nullopt;
    bool mx_is_secure = true;
    bool ignore_unreachable = false;
};

Confidence with_extras(std::vector<HostVerdict> hosts, const Settings& settings)
{
    probe::Verdict verdict;
    verdict.hosts = std::move(hosts);
    verdict.mta_sts = settings.mta_sts;
    verdict.confidence = rate(verdict.hosts, settings.ignore_unreachable);
    add_extras(verdict.confidence, verdict, settings.mx_is_secure);
    EXPECT_EQ(verdict.confidence.best, 120);
    return verdict.confidence;
}

struct ExtraCase
{
    const char* shows;
    std::vector<HostVerdict> hosts;
    Settings settings;
    int max;
    std::optional<int> factor;
};

std::vector<ExtraCase> extra_cases()
{
    const auto valid = protected_by(DaneState::valid, std::nullopt);
    const auto invalid = protected_by(DaneState::invalid, std::nullopt);
    const auto none = protected_by(DaneState::none, std::nullopt);
    const auto verified = protected_by(std::nullopt, true);
    const auto both = protected_by(DaneState::valid, true);
    const auto enforce = mta_sts(StsMode::enforce);
    const auto dane = [](std::vector<EndpointVerdict> endpoints) {
        return published(std::move(endpoints), true, std::nullopt);
    };
    const auto covered = [](std::vector<EndpointVerdict> endpoints) {
        return published(std::move(endpoints), std::nullopt, true);
    };
    return {
        {"nothing published", {host(10, {up()})}, {}, 100, 100},
        {"DANE", {dane({valid})}, {}, 110, 110},
        {"MTA-STS", {covered({verified})}, {.mta_sts = enforce}, 110, 110},
        {"both", {published({both}, true, true)}, {.mta_sts = enforce}, 120, 120},
        {"DANE of both that holds",
         {published({protected_by(DaneState::valid, false)}, true, true)},
         {.mta_sts = enforce},
         120,
         110},
        {"MTA-STS of both that holds",
         {published({protected_by(DaneState::invalid, true)}, true, true)},
         {.mta_sts = enforce},
         120,
         110},
        {"DANE at one of two addresses", {dane({valid, invalid})}, {}, 110, 100},
        {"DANE at one of two hosts", {dane({valid}), published({none}, false, std::nullopt)}, {}, 110, 100},
        {"unusable records alone",
         {published({protected_by(DaneState::unusable, std::nullopt)}, false, std::nullopt)},
         {},
         100,
         100},
        {"a look-up that failed",
         {published({protected_by(DaneState::error, std::nullopt)}, std::nullopt, std::nullopt)},
         {},
         100,
         100},
        {"DANE behind an unsigned MX", {dane({valid})}, {.mx_is_secure = false}, 100, 100},
        {"an address that cannot be reached", {dane({valid, dead()})}, {}, 110, 75},
        {"the same, ignored", {dane({valid, dead()})}, {.ignore_unreachable = true}, 110, 110},
        {"the same, from a machine without a route",
         {dane({valid, dead(Code::connect_local)})},
         {},
         110,
         110},
        {"a host without address",
         {dane({valid}), host_without_endpoint(10, Code::mx_no_address)},
         {},
         110,
         75},
        {"the same, ignored",
         {dane({valid}), host_without_endpoint(10, Code::mx_no_address)},
         {.ignore_unreachable = true},
         110,
         110},
        {"a host that is down and not covered",
         {covered({verified}), published({dead()}, std::nullopt, false)},
         {.mta_sts = enforce, .ignore_unreachable = true},
         110,
         100},
        {"a host that is down, and covered",
         {covered({verified}), covered({dead()})},
         {.mta_sts = enforce, .ignore_unreachable = true},
         110,
         110},
        {"a host that is not covered",
         {covered({verified}), published({up()}, std::nullopt, false)},
         {.mta_sts = enforce},
         110,
         100},
        {"a certificate that the policy does not take",
         {covered({protected_by(std::nullopt, false)})},
         {.mta_sts = enforce},
         110,
         100},
        {"no TLS", {covered({plain()})}, {.mta_sts = enforce}, 110, 0},
        {"mode testing", {covered({verified})}, {.mta_sts = mta_sts(StsMode::testing)}, 110, 100},
        {"mode none", {host(10, {up()})}, {.mta_sts = mta_sts(StsMode::none)}, 110, 100},
        {"a policy that cannot be had", {host(10, {up()})}, {.mta_sts = mta_sts({})}, 110, 100},
        {"no record, or a broken one", {host(10, {up()})}, {.mta_sts = probe::StsVerdict{}}, 100, 100},
        {"a factor below 100",
         {dane({protected_by(DaneState::valid, std::nullopt), valid, plain()})},
         {},
         110,
         66},
        {"nothing that counts", {dane({dead(Code::connect_local)})}, {}, 110, std::nullopt},
    };
}

TEST(Confidence, WhatIsPublishedIsWorthTenPointsEachWhereItHolds)
{
    for (const auto& row : extra_cases()) {
        SCOPED_TRACE(row.shows);
        const auto confidence = with_extras(row.hosts, row.settings);
        EXPECT_EQ(confidence.max, row.max);
        EXPECT_EQ(confidence.factor, row.factor);
        EXPECT_EQ(confidence.extras.size(), static_cast<std::size_t>(row.max - 100) / 10);
    }
}

TEST(Confidence, EachExtraIsToldWithItsPoints)
{
    const auto endpoint = protected_by(DaneState::valid, false);
    const auto confidence =
        with_extras({published({endpoint}, true, true)}, {.mta_sts = mta_sts(StsMode::enforce)});
    EXPECT_THAT(confidence.extras, ElementsAre(Extra{Policy::dane, 10}, Extra{Policy::mta_sts, 0}));
    EXPECT_EQ(confidence.bonus(), 10);
}

TEST(Confidence, AnExtraDoesNotMakeUpForAnything)
{
    auto failed = up("TLSv1.3", {Code::certificate_not_trusted});
    failed.dane.emplace().state = DaneState::valid;
    const auto confidence = with_extras({published({failed}, true, std::nullopt)}, {});
    EXPECT_EQ(confidence.factor, 100);
    EXPECT_EQ(confidence.max, 110);
    EXPECT_EQ(*confidence.factor - confidence.bonus(), 90) << "what limits are held against";
    EXPECT_THAT(confidence.reasons, ElementsAre(Reason{-10, Code::certificate_not_trusted, mx1}));
}

} // namespace
