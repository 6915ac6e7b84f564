#include "probe/dane_judge.hpp"

#include "observation_builder.hpp"
#include "probe/dane.hpp"
#include "probe/dane_lookup.hpp"

#include <gmock/gmock.h>

namespace
{

using dns::Security;
using probe::DaneState;
using probe::Demand;
using probe::Observation;
using probe::Offer;
using probe::Outcome;
using probe::Policy;
using probe::Route;
using probe::TlsaState;
using probe::Verdict;
using seen::Code;
using seen::codes;
using seen::criteria;
using seen::domain;
using seen::errc;
using seen::host;
using seen::judged;
using seen::mx1;
using seen::Severity;
using seen::Stage;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Chain = std::vector<smtp::Certificate>;
using Records = std::vector<dns::Tlsa>;

const std::string mx2 = "mx2.example.com";
const std::string owner = "_25._tcp.mx1.example.com";

const Chain& good_chain()
{
    static const auto chain = seen::chain_for(mx1);
    return chain;
}

/// 3 1 1 of the server's own certificate.
dns::Tlsa own(const Chain& chain)
{
    return probe::tlsa_records_for({.chain = chain}).front();
}

/// 2 1 1 of an authority.
dns::Tlsa anchor(const smtp::Certificate& authority)
{
    auto record = own({authority});
    record.usage = 2;
    return record;
}

dns::Tlsa other()
{
    return {3, 1, 1, std::vector<std::uint8_t>(32, 0x5a)};
}

dns::Tlsa unusable()
{
    return {1, 1, 1, std::vector<std::uint8_t>(32, 0x5a)};
}

dns::Answer tlsa(const Records& records, Security security = Security::secure)
{
    auto answer = seen::answer(owner, dns::Type::tlsa, {records.begin(), records.end()});
    answer.security = security;
    return answer;
}

/// A host whose addresses are secure, with what was said of its records.
probe::Host with_tlsa(dns::Answer answer, std::vector<smtp::Session> sessions, const std::string& name = mx1)
{
    auto seen = host(name, 10, std::move(sessions));
    seen.ipv4->security = seen.ipv6->security = Security::secure;
    seen.tlsa = {{name, std::move(answer)}};
    return seen;
}

Observation signed_domain(std::vector<probe::Host> hosts)
{
    auto observation = domain(Route::mx, std::move(hosts));
    observation.mx->security = Security::secure;
    observation.dane_asked = true;
    return observation;
}

Observation with_records(const Records& records, smtp::Session session = seen::whole(good_chain()))
{
    return signed_domain({with_tlsa(tlsa(records), {std::move(session)})});
}

Outcome outcome(const Verdict& verdict)
{
    return verdict.outcomes[static_cast<std::size_t>(Policy::dane)];
}

Outcome outcome(const probe::EndpointVerdict& endpoint)
{
    return endpoint.outcomes[static_cast<std::size_t>(Policy::dane)];
}

const probe::EndpointVerdict& endpoint(const Verdict& verdict, std::size_t at = 0)
{
    return verdict.hosts.at(0).endpoints.at(at);
}

const probe::Finding* find(const std::vector<probe::Finding>& findings, Code code)
{
    const auto found = std::ranges::find(findings, code, &probe::Finding::code);
    return found == findings.end() ? nullptr : &*found;
}

probe::Criteria under_dane()
{
    auto with = criteria();
    with.policy = Policy::dane;
    return with;
}

// What was said of the records, crossed with a chain that WebPKI verifies.

struct WordCase
{
    const char* shows;
    Observation observation;
    std::optional<DaneState> state;
    Outcome outcome;
    std::vector<Code> of_host;
    std::vector<Code> of_endpoint;
};

Observation without_word(Security addresses)
{
    auto observation = signed_domain({host(mx1, 10, {seen::whole(good_chain())})});
    observation.hosts[0].ipv4->security = observation.hosts[0].ipv6->security = addresses;
    return observation;
}

Observation with_answer(dns::Answer answer)
{
    return signed_domain({with_tlsa(std::move(answer), {seen::whole(good_chain())})});
}

Observation with_failed_alias(dns::errc fault)
{
    auto observation = without_word(Security::insecure);
    observation.hosts[0].ipv4->aliases = {"end.test"};
    observation.hosts[0].first_alias = seen::failure(mx1, dns::Type::cname, fault);
    return observation;
}

Observation not_asked()
{
    auto observation = without_word(Security::secure);
    observation.dane_asked = false;
    return observation;
}

std::vector<WordCase> word_cases()
{
    const auto na = Outcome::not_applicable;
    const auto matching = own(good_chain());
    const auto failed = [](dns::errc fault) { return seen::failure(owner, dns::Type::tlsa, fault); };
    auto missing = seen::no_such_name(owner, dns::Type::tlsa);
    missing.security = Security::insecure;
    return {
        {"no records, signed", with_answer(tlsa({})), DaneState::none, na, {}, {}},
        {"no records, unsigned", with_answer(tlsa({}, Security::insecure)), DaneState::none, na, {}, {}},
        {"no such name", with_answer(missing), DaneState::none, na, {}, {}},
        {"no such name, from a resolver that does not validate",
         with_answer(seen::no_such_name(owner, dns::Type::tlsa)),
         DaneState::error,
         Outcome::deferred,
         {Code::dns_no_answer},
         {}},
        {"records, from a resolver that does not validate",
         with_answer(tlsa({matching}, Security::unknown)),
         DaneState::error,
         Outcome::deferred,
         {Code::dns_no_answer},
         {}},
        {"too long a name", with_answer(failed(dns::errc::bad_name)), DaneState::none, na, {}, {}},
        {"records that nobody signs",
         with_answer(tlsa({matching}, Security::insecure)),
         DaneState::none,
         na,
         {Code::tlsa_insecure},
         {}},
        {"one that matches", with_records({matching}), DaneState::valid, Outcome::encrypted_verified, {}, {}},
        {"one of two that matches",
         with_records({other(), matching}),
         DaneState::valid,
         Outcome::encrypted_verified,
         {},
         {}},
        {"one that does not",
         with_records({other()}),
         DaneState::invalid,
         Outcome::deferred,
         {},
         {Code::tlsa_invalid}},
        {"an unusable one", // encrypted, and nobody authenticated
         with_records({unusable()}),
         DaneState::unusable,
         Outcome::encrypted,
         {Code::tlsa_unusable},
         {}},
        {"an unusable one beside one that matches",
         with_records({unusable(), matching}),
         DaneState::valid,
         Outcome::encrypted_verified,
         {},
         {}},
        {"an unusable one beside one that does not",
         with_records({unusable(), other()}),
         DaneState::invalid,
         Outcome::deferred,
         {},
         {Code::tlsa_invalid}},
        {"SERVFAIL",
         with_answer(failed(dns::errc::server_failure)),
         DaneState::error,
         Outcome::deferred,
         {Code::dns_no_answer},
         {}},
        {"no answer",
         with_answer(failed(dns::errc::timed_out)),
         DaneState::error,
         Outcome::deferred,
         {Code::dns_no_answer},
         {}},
        {"bogus",
         with_answer(failed(dns::errc::bogus)),
         DaneState::error,
         Outcome::deferred,
         {Code::dnssec_invalid},
         {}},
        {"a first alias that is bogus",
         with_failed_alias(dns::errc::bogus),
         DaneState::error,
         Outcome::deferred,
         {Code::dnssec_invalid, Code::mx_is_alias},
         {}},
        {"a first alias that nobody knows",
         with_failed_alias(dns::errc::timed_out),
         DaneState::error,
         Outcome::deferred,
         {Code::dns_no_answer, Code::mx_is_alias},
         {}},
        {"addresses that nobody signs", without_word(Security::insecure), DaneState::none, na, {}, {}},
        {"addresses of which nobody knows", without_word(Security::unknown), std::nullopt, na, {}, {}},
        {"--no-dane", not_asked(), std::nullopt, na, {}, {}},
    };
}

TEST(DaneJudge, WhatIsSaidOfTheRecordsDecides)
{
    for (const auto& row : word_cases()) {
        SCOPED_TRACE(row.shows);
        const auto verdict = judged(row.observation);
        const auto& dane = endpoint(verdict).dane;
        EXPECT_EQ(dane ? std::optional(dane->state) : std::nullopt, row.state);
        EXPECT_EQ(outcome(endpoint(verdict)), row.outcome);
        EXPECT_EQ(outcome(verdict), row.outcome) << "the only endpoint decides";
        EXPECT_THAT(codes(verdict.hosts[0].findings), testing::ElementsAreArray(row.of_host));
        EXPECT_THAT(codes(endpoint(verdict).findings), testing::ElementsAreArray(row.of_endpoint));
        EXPECT_EQ(verdict.confidence.reasons.size(), 0u) << "DANE never costs a point";
    }
}

TEST(DaneJudge, AHostTellsWhatItPublishes)
{
    const auto usable = judged(with_records({unusable(), other()})).hosts[0].tlsa;
    ASSERT_TRUE(usable);
    EXPECT_EQ(usable->base_domain, mx1);
    EXPECT_THAT(usable->records, ElementsAre(unusable(), other()));
    EXPECT_TRUE(usable->usable);

    EXPECT_FALSE(judged(with_records({unusable()})).hosts[0].tlsa->usable);
    const auto insecure = judged(with_answer(tlsa({other()}, Security::insecure))).hosts[0].tlsa;
    EXPECT_FALSE(insecure->usable) << "whatever the records are";
    EXPECT_THAT(insecure->records, ElementsAre(other()));
    EXPECT_THAT(judged(with_answer(tlsa({}))).hosts[0].tlsa->records, IsEmpty());
    EXPECT_FALSE(judged(with_answer(seen::failure(owner, dns::Type::tlsa, dns::errc::bogus))).hosts[0].tlsa);
    EXPECT_FALSE(judged(without_word(Security::unknown)).hosts[0].tlsa);
    EXPECT_FALSE(judged(not_asked()).hosts[0].tlsa);
}

TEST(DaneJudge, FindingsNameTheRecordsAndSayWhy)
{
    const auto message = [](const Observation& observation, Code code) {
        const auto verdict = judged(observation);
        const auto* found = find(verdict.hosts[0].findings, code);
        found = found ? found : find(endpoint(verdict).findings, code);
        return found ? found->message : "not found";
    };
    EXPECT_EQ(
        message(with_records({other()}), Code::tlsa_invalid),
        "the TLSA record at _25._tcp.mx1.example.com does not match: no record matches the certificates that "
        "the server sent"
    );
    EXPECT_THAT(
        message(with_records({other(), anchor(seen::root().certificate)}), Code::tlsa_invalid),
        HasSubstr("the 2 TLSA records at _25._tcp.mx1.example.com do not match: ")
    );
    EXPECT_EQ(
        message(with_records({unusable()}), Code::tlsa_unusable),
        "SMTP cannot use the TLSA record at _25._tcp.mx1.example.com: usage 1 (PKIX-EE) is not for SMTP"
    );
    EXPECT_EQ(
        message(with_answer(tlsa({other()}, Security::insecure)), Code::tlsa_insecure),
        "DNSSEC does not protect the TLSA record at _25._tcp.mx1.example.com, so that senders take it for "
        "absent"
    );
    EXPECT_EQ(
        message(with_answer(tlsa({other(), unusable()}, Security::insecure)), Code::tlsa_insecure),
        "DNSSEC does not protect the 2 TLSA records at _25._tcp.mx1.example.com, so that senders take them "
        "for absent"
    );
    EXPECT_EQ(
        message(with_answer(seen::failure(owner, dns::Type::tlsa, dns::errc::bogus)), Code::dnssec_invalid),
        "the TLSA answer for _25._tcp.mx1.example.com is bogus: DNSSEC validation of it fails"
    );
}

TEST(DaneJudge, TheBaseDomainAndThePortNameTheRecords)
{
    auto observation = with_records({other()});
    observation.hosts[0].port = 2525;
    observation.hosts[0].tlsa[0].base_domain = "end.test";
    const auto verdict = judged(observation);
    EXPECT_EQ(verdict.hosts[0].tlsa->base_domain, "end.test");
    EXPECT_THAT(
        find(endpoint(verdict).findings, Code::tlsa_invalid)->message, HasSubstr("_2525._tcp.end.test")
    );
}

TEST(DaneJudge, WebPkiAndDaneStandSideBySide)
{
    const Chain stranger{pki::issue({.common_name = "stranger"}, nullptr, seen::noon).certificate};
    const auto verdict = judged(with_records({own(stranger)}, seen::whole(stranger)));
    EXPECT_EQ(endpoint(verdict).dane->state, DaneState::valid);
    EXPECT_EQ(endpoint(verdict).offer, Offer::unverified);
    EXPECT_EQ(outcome(verdict), Outcome::encrypted_verified);
    EXPECT_EQ(verdict.outcomes[static_cast<std::size_t>(Policy::required_verify)], Outcome::not_sent);
}

TEST(DaneJudge, JudgesAsOfTheMomentGiven)
{
    const Chain chain{good_chain().front(), seen::root().certificate};
    auto later = criteria();
    later.moment += std::chrono::days(120); // the server's own certificate is over
    const auto by_key = judged(with_records({own(chain)}, seen::whole(chain)), later);
    EXPECT_EQ(endpoint(by_key).dane->state, DaneState::valid);
    EXPECT_THAT(codes(endpoint(by_key).findings), Contains(Code::certificate_expired)) << "told beside it";

    const auto by_anchor =
        judged(with_records({anchor(seen::root().certificate)}, seen::whole(chain)), later);
    EXPECT_EQ(endpoint(by_anchor).dane->state, DaneState::invalid);

    later.moment_is_now = true;
    auto earlier = seen::whole(chain);
    earlier.started = seen::noon;
    const auto of_then = judged(with_records({anchor(seen::root().certificate)}, earlier), later);
    EXPECT_EQ(endpoint(of_then).dane->state, DaneState::valid) << "it may have been renewed since";
}

// The names that a trust anchor's certificates may bear.

TEST(DaneJudge, AnAnchorVouchesForTheDomainOnlyWhereTheMxAnswerIsSecure)
{
    auto chain = seen::chain_for("example.com");
    chain.push_back(seen::root().certificate);
    auto observation = with_records({anchor(chain.back())}, seen::whole(chain));
    EXPECT_EQ(endpoint(judged(observation)).dane->state, DaneState::valid);
    observation.mx->security = Security::insecure;
    EXPECT_EQ(endpoint(judged(observation)).dane->state, DaneState::invalid);
}

// Where no handshake finished.

TEST(DaneJudge, OnlyAHandshakeCouldMatchUsableRecords)
{
    const std::vector<smtp::Session> without_tls{
        seen::ended(Stage::connect, errc::timed_out), seen::answered(Stage::greeting, 421), seen::in_clear(),
        seen::ended(Stage::handshake, errc::handshake_failed)};
    for (const auto& session : without_tls) {
        const auto verdict = judged(with_records({own(good_chain())}, session));
        EXPECT_FALSE(endpoint(verdict).dane);
        EXPECT_EQ(outcome(verdict), Outcome::deferred) << "TLS is demanded";
        EXPECT_THAT(codes(endpoint(verdict).findings), Not(Contains(Code::tlsa_invalid)));
    }
}

TEST(DaneJudge, UnusableRecordsAndNoneNeedNoHandshake)
{
    const auto unusable_only = judged(with_records({unusable()}, seen::in_clear()));
    EXPECT_EQ(endpoint(unusable_only).dane->state, DaneState::unusable);
    EXPECT_EQ(outcome(unusable_only), Outcome::deferred) << "they demand TLS all the same";

    const auto none = judged(signed_domain({with_tlsa(tlsa({}), {seen::in_clear()})}));
    EXPECT_EQ(endpoint(none).dane->state, DaneState::none);
    EXPECT_EQ(outcome(none), Outcome::not_applicable);

    const auto failed = judged(signed_domain(
        {with_tlsa(seen::failure(owner, dns::Type::tlsa, dns::errc::timed_out), {seen::in_clear()})}
    ));
    EXPECT_EQ(endpoint(failed).dane->state, DaneState::error);
    EXPECT_EQ(outcome(failed), Outcome::deferred);
}

TEST(DaneJudge, AHandshakeIsJudgedAlsoWhereWhatFollowedFailed)
{
    auto session = seen::before(Stage::ehlo_tls, good_chain());
    seen::end(session, seen::step(Stage::ehlo_tls, seen::good_steps[5].second, errc::connection_lost));
    const auto verdict = judged(with_records({own(good_chain())}, session));
    EXPECT_EQ(endpoint(verdict).dane->state, DaneState::valid);
    EXPECT_EQ(outcome(verdict), Outcome::deferred);
}

TEST(DaneJudge, WithoutACertificateNothingMatches)
{
    const auto verdict = judged(with_records({own(good_chain())}, seen::whole({})));
    EXPECT_EQ(endpoint(verdict).dane->state, DaneState::invalid);
    EXPECT_THAT(
        find(endpoint(verdict).findings, Code::tlsa_invalid)->message,
        HasSubstr("the server sent no certificate")
    );
}

// Each address by itself.

smtp::Session at(const std::string& address, smtp::Session session)
{
    session.peer = {asio::ip::make_address(address), 25};
    return session;
}

TEST(DaneJudge, AddressesMayPresentDifferentCertificates)
{
    const auto stranger = seen::chain_for(mx1);
    const auto verdict = judged(signed_domain({with_tlsa(
        tlsa({own(good_chain())}),
        {at("192.0.2.1", seen::whole(stranger)), at("192.0.2.2", seen::whole(good_chain()))}
    )}));
    EXPECT_EQ(outcome(endpoint(verdict, 0)), Outcome::deferred);
    EXPECT_EQ(outcome(endpoint(verdict, 1)), Outcome::encrypted_verified);
    EXPECT_THAT(codes(endpoint(verdict, 0).findings), ElementsAre(Code::tlsa_invalid));
    EXPECT_THAT(codes(endpoint(verdict, 1).findings), IsEmpty());
    EXPECT_EQ(outcome(verdict), Outcome::encrypted_verified) << "the second takes it";
    EXPECT_EQ(verdict.status, probe::Status::critical);
}

TEST(DaneJudge, AnAddressThatNobodySignsIsApartFromOneThatIs)
{
    for (const auto weak : {Security::insecure, Security::unknown}) {
        auto observation = signed_domain({with_tlsa(
            tlsa({own(good_chain())}),
            {at("192.0.2.1", seen::whole(good_chain())), at("2001:db8::1", seen::whole(good_chain()))}
        )});
        auto& ipv6 = observation.hosts[0].ipv6;
        ipv6 = seen::answer(mx1, dns::Type::aaaa, {seen::address("2001:db8::1")});
        ipv6->security = weak;
        const auto verdict = judged(observation);
        EXPECT_EQ(endpoint(verdict, 0).dane->state, DaneState::valid);
        EXPECT_EQ(outcome(endpoint(verdict, 0)), Outcome::encrypted_verified);
        EXPECT_EQ(endpoint(verdict, 1).dane.has_value(), weak == Security::insecure) << dns::name(weak);
        EXPECT_EQ(outcome(endpoint(verdict, 1)), Outcome::not_applicable) << dns::name(weak);
        EXPECT_EQ(verdict.confidence.factor, 100) << "DANE does not hold at every address";
        EXPECT_EQ(verdict.confidence.max, 110);
    }
}

// The way to the host.

TEST(DaneJudge, AnUnsignedMxAnswerMakesItWeaker)
{
    for (const auto weak : {Security::insecure, Security::unknown}) {
        auto observation = with_records({own(good_chain())});
        observation.mx->security = weak;
        const auto verdict = judged(observation);
        EXPECT_EQ(endpoint(verdict).dane->state, DaneState::valid);
        EXPECT_EQ(outcome(verdict), Outcome::encrypted);
        EXPECT_THAT(codes(verdict.hosts[0].findings), ElementsAre(Code::tlsa_insecure));
        EXPECT_EQ(
            verdict.hosts[0].findings[0].message,
            "DNSSEC protects the TLSA record at _25._tcp.mx1.example.com, but not the MX answer that leads "
            "there: who is named by it is not authenticated"
        );
        EXPECT_EQ(verdict.confidence.max, 100) << "the domain does not have DANE";
        EXPECT_EQ(verdict.status, probe::Status::warning);
    }
}

TEST(DaneJudge, AMismatchIsOneWhereverTheMxAnswerComesFrom)
{
    auto observation = with_records({other()});
    observation.mx->security = Security::insecure;
    const auto verdict = judged(observation);
    EXPECT_EQ(outcome(verdict), Outcome::deferred) << "as Postfix does it";
    EXPECT_THAT(codes(endpoint(verdict).findings), ElementsAre(Code::tlsa_invalid));
}

TEST(DaneJudge, WithoutRecordsAnUnsignedMxAnswerIsNothingToTell)
{
    auto observation = signed_domain({with_tlsa(tlsa({}), {seen::whole(good_chain())})});
    observation.mx->security = Security::insecure;
    EXPECT_THAT(judged(observation).hosts[0].findings, IsEmpty());
}

TEST(DaneJudge, AHostThatTheUserNamedNeedsNoMx)
{
    auto observation = with_records({own(good_chain())});
    observation.route = Route::given;
    observation.mx.reset();
    const auto verdict = judged(observation);
    EXPECT_EQ(outcome(verdict), Outcome::encrypted_verified);
    EXPECT_THAT(verdict.hosts[0].findings, IsEmpty());
    EXPECT_EQ(verdict.confidence.factor, 110);
    EXPECT_EQ(verdict.confidence.max, 110);
}

TEST(DaneJudge, WithoutMxTheAnswerThatThereIsNoneHasToBeSecure)
{
    auto observation = with_records({own(good_chain())});
    observation.route = Route::implicit;
    EXPECT_EQ(outcome(judged(observation)), Outcome::encrypted_verified);
    observation.mx->security = Security::insecure;
    EXPECT_EQ(outcome(judged(observation)), Outcome::encrypted);
}

TEST(DaneJudge, AnAddressLiteralHasNoRecords)
{
    auto literal = host("192.0.2.1", std::nullopt, {seen::whole(good_chain())});
    literal.literal = asio::ip::make_address("192.0.2.1");
    literal.ipv4.reset();
    literal.ipv6.reset();
    auto observation = domain(Route::given, {literal});
    observation.dane_asked = true;
    auto verdict = judged(observation);
    EXPECT_FALSE(endpoint(verdict).dane);
    EXPECT_FALSE(verdict.hosts[0].tlsa);
    EXPECT_EQ(outcome(verdict), Outcome::not_applicable);

    verdict = judged(observation, under_dane());
    ASSERT_THAT(codes(verdict.hosts[0].findings), ElementsAre(Code::dane_required));
    EXPECT_EQ(
        verdict.hosts[0].findings[0].message,
        "192.0.2.1 is an address, and TLSA records are looked up by name: give --mx the host's name"
    );
}

// --key-types: the second certificate too.

probe::KeyTypeSession with_rsa(smtp::Session session)
{
    return {smtp::KeyType::rsa, std::move(session)};
}

Chain rsa_chain()
{
    const pki::Recipe recipe{
        .common_name = mx1, .names = {"DNS:" + mx1}, .algorithm = pki::Algorithm::rsa_2048};
    return {pki::issue(recipe, &seen::root(), seen::noon).certificate};
}

TEST(DaneJudge, BothCertificatesAreJudged)
{
    const auto rsa = rsa_chain();
    auto observation = with_records({own(good_chain()), own(rsa)});
    observation.hosts[0].endpoints[0].other_keys = {with_rsa(seen::whole(rsa))};
    const auto both = judged(observation);
    EXPECT_EQ(endpoint(both).dane->state, DaneState::valid);
    EXPECT_EQ(endpoint(both).other_keys[0].dane->state, DaneState::valid);
    EXPECT_THAT(endpoint(both).findings, IsEmpty());

    observation.hosts[0].tlsa[0].answer = tlsa({own(good_chain())});
    const auto one = judged(observation);
    EXPECT_EQ(endpoint(one).dane->state, DaneState::valid);
    EXPECT_EQ(endpoint(one).other_keys[0].dane->state, DaneState::invalid);
    ASSERT_THAT(codes(endpoint(one).findings), ElementsAre(Code::tlsa_invalid));
    EXPECT_THAT(endpoint(one).findings[0].message, testing::StartsWith("with its RSA certificate: the TLSA"));
    EXPECT_EQ(endpoint(one).findings[0].severity, Severity::critical);
    EXPECT_EQ(outcome(one), Outcome::encrypted_verified) << "as the first session went";
}

TEST(DaneJudge, AnAlgorithmThatTheServerDoesNotHaveMatchesNothingAndFailsNothing)
{
    auto observation = with_records({own(good_chain())});
    observation.hosts[0].endpoints[0].other_keys = {
        with_rsa(seen::ended(Stage::handshake, errc::handshake_failed))};
    const auto verdict = judged(observation);
    EXPECT_FALSE(endpoint(verdict).other_keys[0].dane);
    EXPECT_THAT(endpoint(verdict).findings, IsEmpty());
}

// A root that a DANE-TA record names has to be sent (RFC 7672 §3.1.2).

Chain with_root()
{
    auto chain = good_chain();
    chain.push_back(seen::root().certificate);
    return chain;
}

TEST(DaneJudge, ARootThatARecordNamesIsNotNeedless)
{
    const auto root = anchor(seen::root().certificate);
    const auto chain = with_root();
    const auto told = [&](const Records& records) {
        return codes(endpoint(judged(with_records(records, seen::whole(chain)))).findings);
    };
    EXPECT_THAT(told({root}), IsEmpty());
    EXPECT_THAT(told({other(), root}), IsEmpty());
    EXPECT_THAT(told({own(chain), root}), IsEmpty()) << "who goes by the one may go by the other";
    EXPECT_THAT(told({own(chain)}), ElementsAre(Code::chain_root_included));
    EXPECT_THAT(told({unusable()}), ElementsAre(Code::chain_root_included));

    auto pkix = root;
    pkix.usage = 0;
    EXPECT_THAT(told({own(chain), pkix}), ElementsAre(Code::chain_root_included)) << "SMTP cannot use it";
}

TEST(DaneJudge, ARootThatNobodyVouchesForIsNeedless)
{
    auto observation =
        with_answer(tlsa({anchor(seen::root().certificate)}, Security::insecure)); // no sender uses it
    observation.hosts[0].endpoints[0].session = seen::whole(with_root());
    EXPECT_THAT(codes(endpoint(judged(observation)).findings), ElementsAre(Code::chain_root_included));

    auto no_dane = with_records({anchor(seen::root().certificate)}, seen::whole(with_root()));
    no_dane.dane_asked = false;
    EXPECT_THAT(codes(endpoint(judged(no_dane)).findings), ElementsAre(Code::chain_root_included));
}

TEST(DaneJudge, AnIntermediateThatARecordNamesDoesNotNeedItsRoot)
{
    const auto intermediate =
        pki::issue({.common_name = "Intermediate", .authority = true}, &seen::root(), seen::noon);
    const Chain chain{
        pki::issue({.common_name = mx1, .names = {"DNS:" + mx1}}, &intermediate, seen::noon).certificate,
        intermediate.certificate, seen::root().certificate};
    const auto verdict = judged(with_records({anchor(intermediate.certificate)}, seen::whole(chain)));
    EXPECT_EQ(endpoint(verdict).dane->state, DaneState::valid);
    EXPECT_THAT(codes(endpoint(verdict).findings), ElementsAre(Code::chain_root_included));
}

TEST(DaneJudge, ARootThatNobodyElseKnowsIsSpokenOfAsUntrustedOnly)
{
    const auto own_root = pki::issue({.common_name = "Own Root", .authority = true}, nullptr, seen::noon);
    const Chain chain{
        pki::issue({.common_name = mx1, .names = {"DNS:" + mx1}}, &own_root, seen::noon).certificate,
        own_root.certificate};
    const auto verdict = judged(with_records({anchor(own_root.certificate)}, seen::whole(chain)));
    EXPECT_EQ(endpoint(verdict).dane->state, DaneState::valid);
    EXPECT_THAT(codes(endpoint(verdict).findings), ElementsAre(Code::certificate_not_trusted));
}

TEST(DaneJudge, TheRootOfEachCertificateStandsForItself)
{
    const auto own_root = pki::issue({.common_name = "Own Root", .authority = true}, nullptr, seen::noon);
    const pki::Recipe recipe{
        .common_name = mx1, .names = {"DNS:" + mx1}, .algorithm = pki::Algorithm::rsa_2048};
    const Chain rsa{pki::issue(recipe, &own_root, seen::noon).certificate, own_root.certificate};
    const auto told = [&](const Records& records) {
        auto observation = with_records(records, seen::whole(with_root()));
        observation.hosts[0].endpoints[0].other_keys = {with_rsa(seen::whole(rsa))};
        std::vector<std::string> roots;
        const auto verdict = judged(observation);
        for (const auto& finding : endpoint(verdict).findings) {
            if (finding.code == Code::chain_root_included)
                roots.push_back(finding.message);
        }
        return roots;
    };
    EXPECT_THAT(told({other()}), SizeIs(2));
    EXPECT_THAT(told({anchor(seen::root().certificate)}), ElementsAre(HasSubstr("with its RSA certificate")));
    EXPECT_THAT(told({anchor(own_root.certificate)}), ElementsAre(Not(HasSubstr("with its"))));
    EXPECT_THAT(told({anchor(seen::root().certificate), anchor(own_root.certificate)}), IsEmpty());
}

// --policy dane

TEST(DaneJudge, WhatIsMissingForThePolicyIsTold)
{
    struct Case
    {
        Observation observation;
        std::string message;
    };
    const std::vector<Case> cases{
        {with_answer(tlsa({})), "mx1.example.com has no TLSA record that DNSSEC protects"},
        {without_word(Security::insecure), "mx1.example.com has no TLSA record that DNSSEC protects"},
        {without_word(Security::unknown),
         "whether mx1.example.com has TLSA records to go by is not known: no resolver that is believed and "
         "validates was asked"},
    };
    for (const auto& [observation, message] : cases) {
        const auto verdict = judged(observation, under_dane());
        const auto* found = find(verdict.hosts[0].findings, Code::dane_required);
        ASSERT_TRUE(found) << message;
        EXPECT_EQ(found->message, message);
        EXPECT_EQ(found->severity, Severity::critical);
        EXPECT_EQ(verdict.status, probe::Status::critical);
    }
}

TEST(DaneJudge, WhatKeepsThePolicyFromBeingMetIsCritical)
{
    const auto failed = [](dns::errc fault) {
        return with_answer(seen::failure(owner, dns::Type::tlsa, fault));
    };
    auto half = with_records({own(good_chain())});
    half.mx->security = Security::insecure;
    const std::vector<std::pair<Observation, Code>> of_host{
        {with_records({unusable()}), Code::tlsa_unusable},
        {half, Code::tlsa_insecure},
        {with_answer(tlsa({other()}, Security::insecure)), Code::tlsa_insecure},
        {failed(dns::errc::timed_out), Code::dns_no_answer},
        {failed(dns::errc::bogus), Code::dnssec_invalid},
    };
    for (const auto& [observation, code] : of_host) {
        const auto verdict = judged(observation, under_dane());
        const auto* found = find(verdict.hosts[0].findings, code);
        ASSERT_TRUE(found) << name(code);
        EXPECT_EQ(found->severity, Severity::critical) << name(code);
        EXPECT_EQ(verdict.status, probe::Status::critical);
    }
    const auto dead =
        judged(with_records({other()}, seen::ended(Stage::connect, errc::timed_out)), under_dane());
    EXPECT_EQ(find(endpoint(dead).findings, Code::connect_timeout)->severity, Severity::critical);
    EXPECT_THAT(codes(dead.hosts[0].findings), IsEmpty()) << "there are records";
}

TEST(DaneJudge, AnotherLookUpThatFailedIsNotToBlame)
{
    auto observation = with_records({other()});
    observation.hosts[0].ipv6 = seen::failure(mx1, dns::Type::aaaa, dns::errc::timed_out);
    observation.sts_record = seen::failure("_mta-sts.example.com", dns::Type::txt, dns::errc::timed_out);
    const auto verdict = judged(observation, under_dane());
    EXPECT_EQ(find(verdict.hosts[0].findings, Code::dns_no_answer)->severity, Severity::warning);
    EXPECT_EQ(find(verdict.findings, Code::dns_no_answer)->severity, Severity::warning);
    EXPECT_EQ(find(endpoint(verdict).findings, Code::tlsa_invalid)->severity, Severity::critical);
}

TEST(DaneJudge, MetItBlamesNobody)
{
    const auto verdict = judged(with_records({own(good_chain())}), under_dane());
    EXPECT_THAT(verdict.hosts[0].findings, IsEmpty());
    EXPECT_EQ(verdict.status, probe::Status::ok);
}

// The domain: what decides.

probe::Host without_records(smtp::Session session)
{
    return with_tlsa(tlsa({}), {std::move(session)});
}

probe::Host second_with_dane()
{
    const auto chain = seen::chain_for(mx2);
    auto second = with_tlsa(tlsa({own(chain)}), {seen::whole(chain)}, mx2);
    second.preference = 20;
    return second;
}

TEST(DaneJudge, AHostWithoutRecordsThatTakesMailDecides)
{
    const auto verdict =
        judged(signed_domain({without_records(seen::whole(good_chain())), second_with_dane()}), under_dane());
    EXPECT_EQ(outcome(verdict), Outcome::not_applicable);
    EXPECT_THAT(codes(verdict.hosts[0].findings), ElementsAre(Code::dane_required));
    EXPECT_THAT(verdict.hosts[1].findings, IsEmpty());
    EXPECT_EQ(verdict.status, probe::Status::critical);
}

TEST(DaneJudge, OneThatCannotBeReachedDoesNot)
{
    const auto verdict = judged(
        signed_domain({without_records(seen::ended(Stage::connect, errc::timed_out)), second_with_dane()}),
        under_dane()
    );
    EXPECT_EQ(outcome(verdict.hosts[0].endpoints[0]), Outcome::not_applicable);
    EXPECT_EQ(outcome(verdict), Outcome::encrypted_verified);
    EXPECT_THAT(codes(verdict.hosts[0].findings), Not(Contains(Code::dane_required)));
}

TEST(DaneJudge, MailGoesPastAHostWhoseRecordsDoNotMatch)
{
    const auto verdict =
        judged(signed_domain({with_tlsa(tlsa({other()}), {seen::whole(good_chain())}), second_with_dane()}));
    EXPECT_EQ(outcome(verdict), Outcome::encrypted_verified);
    const auto none = judged(signed_domain({with_tlsa(tlsa({other()}), {seen::whole(good_chain())})}));
    EXPECT_EQ(outcome(none), Outcome::deferred);
}

// Interrupted.

TEST(DaneJudge, WhatWasNotLookedUpInTimeIsNoLack)
{
    auto observation = without_word(Security::secure); // the look-up had not ended
    observation.finished = false;
    const auto verdict = judged(observation, under_dane());
    EXPECT_FALSE(endpoint(verdict).dane);
    EXPECT_EQ(outcome(verdict), Outcome::not_applicable);
    EXPECT_THAT(verdict.hosts[0].findings, IsEmpty());
    EXPECT_EQ(verdict.status, probe::Status::unknown);
}

TEST(DaneJudge, HalfOfTheLookUpsAreNoWord)
{
    auto observation = without_word(Security::secure);
    auto& ipv4 = observation.hosts[0].ipv4;
    ipv4->aliases = {"end.test"};
    observation.hosts[0].tlsa = {{"end.test", tlsa({})}};
    observation.finished = false;
    EXPECT_FALSE(endpoint(judged(observation)).dane) << "the host's own name was to be asked yet";
    EXPECT_FALSE(judged(observation).hosts[0].tlsa);

    observation.hosts[0].tlsa.push_back({mx1, tlsa({})});
    EXPECT_EQ(endpoint(judged(observation)).dane->state, DaneState::none);
}

TEST(DaneJudge, ASessionThatWasAbandonedSaysNothingOfItsRecords)
{
    auto observation = with_records({own(good_chain())}, seen::before(Stage::handshake));
    observation.finished = false;
    const auto verdict = judged(observation, under_dane());
    EXPECT_FALSE(endpoint(verdict).dane);
    EXPECT_THAT(endpoint(verdict).findings, IsEmpty());
    EXPECT_THAT(verdict.hosts[0].findings, IsEmpty());
    EXPECT_EQ(verdict.status, probe::Status::unknown);
}

} // namespace
