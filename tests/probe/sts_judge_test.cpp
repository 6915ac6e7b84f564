#include "probe/sts_judge.hpp"

#include "observation_builder.hpp"
#include "probe/dane.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>

namespace
{

using probe::Fetched;
using probe::FetchFault;
using probe::Observation;
using probe::Outcome;
using probe::Policy;
using probe::Route;
using probe::StsMode;
using probe::StsVerdict;
using probe::TlsRptVerdict;
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
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Chain = std::vector<smtp::Certificate>;

const std::string mx2 = "mx2.example.com";
const std::string policy_host = "mta-sts.example.com";

const Chain& chain_of(const std::string& name)
{
    static std::map<std::string, Chain> chains;
    const auto [place, is_new] = chains.try_emplace(name);
    if (is_new)
        place->second = seen::chain_for(name);
    return place->second;
}

dns::Answer texts(const std::string& name, const std::vector<std::string>& records)
{
    std::vector<dns::Record> all;
    for (const auto& record : records)
        all.emplace_back(dns::Text{record});
    return seen::answer(name, dns::Type::txt, std::move(all));
}

dns::Answer sts_texts(const std::vector<std::string>& records)
{
    return texts("_mta-sts.example.com", records);
}

std::string policy(const std::string& mode, const std::vector<std::string>& patterns)
{
    auto body = fmt::format("version: STSv1\nmode: {}\nmax_age: 604800\n", mode);
    for (const auto& pattern : patterns)
        body += fmt::format("mx: {}\n", pattern);
    return body;
}

Fetched fetched(std::string body)
{
    return {
        .chain = chain_of(policy_host), .status = 200, .media_type = "text/plain", .body = std::move(body)};
}

Fetched failed(FetchFault fault, Chain chain = {}, std::string detail = "so it is")
{
    return {.fault = fault, .detail = std::move(detail), .chain = std::move(chain)};
}

/// A domain with these hosts as its MX.
Observation routed(std::vector<probe::Host> hosts)
{
    auto observation = domain(Route::mx, std::move(hosts));
    for (const auto& each : observation.hosts)
        observation.mx->records.emplace_back(dns::Mx{each.preference.value_or(0), each.name});
    observation.mx->state = dns::State::found;
    return observation;
}

Observation with_policy(std::vector<probe::Host> hosts, std::string body)
{
    auto observation = routed(std::move(hosts));
    observation.sts_record = sts_texts({"v=STSv1; id=20261101T000000;"});
    observation.sts_policy = fetched(std::move(body));
    return observation;
}

probe::Host good_host(const std::string& name = mx1, std::uint16_t preference = 10)
{
    return host(name, preference, {seen::whole(chain_of(name))});
}

Observation with_policy(std::string body)
{
    return with_policy({good_host()}, std::move(body));
}

Outcome outcome(const probe::Outcomes& outcomes)
{
    return outcomes[static_cast<std::size_t>(Policy::mta_sts)];
}

const probe::EndpointVerdict& endpoint(const Verdict& verdict)
{
    return verdict.hosts.at(0).endpoints.at(0);
}

probe::Criteria under_mta_sts()
{
    auto with = criteria();
    with.policy = Policy::mta_sts;
    return with;
}

std::vector<Severity> severities(const std::vector<probe::Finding>& findings, Code code)
{
    std::vector<Severity> found;
    for (const auto& finding : findings) {
        if (finding.code == code)
            found.push_back(finding.severity);
    }
    return found;
}

// What DNS says.

struct RecordCase
{
    const char* shows;
    dns::Answer answer;
    StsVerdict::State state;
    std::vector<Code> findings;
    std::string message;
};

TEST(StsJudge, WithoutAUsableRecordThereIsNoPolicy)
{
    const auto look_up_failed = [](dns::errc fault) {
        return seen::failure("_mta-sts.example.com", dns::Type::txt, fault);
    };
    using State = StsVerdict::State;
    const std::vector<RecordCase> cases{
        {"no record", sts_texts({}), State::none, {}, ""},
        {"no such name", seen::no_such_name("_mta-sts.example.com", dns::Type::txt), State::none, {}, ""},
        {"another record", sts_texts({"v=spf1 -all"}), State::none, {}, ""},
        {"too long a name", look_up_failed(dns::errc::bad_name), State::none, {}, ""},
        {"no id",
         sts_texts({"v=STSv1;"}),
         State::error,
         {Code::sts_record_invalid},
         "the TXT record at _mta-sts.example.com is not usable: it has no id"},
        {"two records",
         sts_texts({"v=STSv1; id=1;", "v=STSv1; id=2;"}),
         State::error,
         {Code::sts_record_invalid},
         ""},
        {"SERVFAIL", look_up_failed(dns::errc::server_failure), State::error, {Code::dns_no_answer}, ""},
        {"no answer", look_up_failed(dns::errc::timed_out), State::error, {Code::dns_no_answer}, ""},
        {"bogus",
         look_up_failed(dns::errc::bogus),
         State::error,
         {Code::dnssec_invalid},
         "the TXT answer for _mta-sts.example.com is bogus: DNSSEC validation of it fails"},
    };
    for (const auto& row : cases) {
        SCOPED_TRACE(row.shows);
        auto observation = routed({good_host()});
        observation.sts_record = row.answer;
        const auto verdict = judged(observation);
        ASSERT_TRUE(verdict.mta_sts);
        EXPECT_EQ(verdict.mta_sts->state, row.state);
        EXPECT_EQ(verdict.mta_sts->id, "");
        EXPECT_FALSE(verdict.mta_sts->policy);
        EXPECT_THAT(codes(verdict.findings), testing::ElementsAreArray(row.findings));
        if (!row.message.empty()) {
            EXPECT_EQ(verdict.findings.at(0).message, row.message);
        }
        EXPECT_EQ(outcome(verdict.outcomes), Outcome::not_applicable);
        EXPECT_EQ(verdict.confidence.max, 100) << "no well-formed record";
        EXPECT_EQ(verdict.hosts[0].sts_covered, std::nullopt);
        EXPECT_EQ(endpoint(verdict).sts_verified, std::nullopt);
    }
}

TEST(StsJudge, WhereNobodyLookedNothingIsSaid)
{
    const auto verdict = judged(routed({good_host()}));
    EXPECT_FALSE(verdict.mta_sts);
    EXPECT_FALSE(verdict.tls_rpt);
    EXPECT_EQ(outcome(verdict.outcomes), Outcome::not_applicable);
    EXPECT_EQ(verdict.confidence.max, 100);
}

// What the policy host gives.

struct FetchCase
{
    Fetched fetched;
    Code code;
    std::string message;
};

std::vector<FetchCase> fetch_cases()
{
    const auto unreachable = [](FetchFault fault) {
        return FetchCase{
            failed(fault), Code::sts_policy_fetch_error,
            "the policy cannot be had from mta-sts.example.com: so it is"};
    };
    const auto answered = [](FetchFault fault, Code code) {
        return FetchCase{
            failed(fault, chain_of(policy_host)), code,
            "the policy cannot be had from mta-sts.example.com: so it is"};
    };
    auto broken = fetched("version: STSv1\n");
    auto wrong = fetched(policy("enforce", {mx1}));
    wrong.chain = chain_of("www.example.com");
    auto cn_only = fetched(policy("enforce", {mx1}));
    cn_only.chain = {pki::issue({.common_name = policy_host}, &seen::root(), seen::noon).certificate};
    auto over = fetched(policy("enforce", {mx1}));
    over.chain = {pki::issue(
                      {.common_name = policy_host,
                       .names = {"DNS:" + policy_host},
                       .from = -std::chrono::hours(48),
                       .until = -std::chrono::hours(24)},
                      &seen::root(), seen::noon
    )
                      .certificate};
    const std::string invalid = "the certificate of the policy host mta-sts.example.com is not valid: ";
    return {
        unreachable(FetchFault::no_address),
        unreachable(FetchFault::connect),
        unreachable(FetchFault::timeout),
        unreachable(FetchFault::tls),
        answered(FetchFault::timeout, Code::sts_policy_fetch_error),
        answered(FetchFault::protocol, Code::sts_policy_fetch_error),
        answered(FetchFault::redirect, Code::sts_policy_fetch_error),
        answered(FetchFault::status, Code::sts_policy_fetch_error),
        answered(FetchFault::media_type, Code::sts_policy_invalid),
        answered(FetchFault::too_large, Code::sts_policy_invalid),
        {broken, Code::sts_policy_invalid, "senders cannot use the policy: "},
        {wrong, Code::sts_webpki_invalid, invalid},
        {cn_only, Code::sts_webpki_invalid, invalid},
        {over, Code::sts_webpki_invalid, invalid},
        // The certificate comes before all that was said under it.
        {failed(FetchFault::status, wrong.chain), Code::sts_webpki_invalid, invalid},
        {failed(FetchFault::redirect, over.chain), Code::sts_webpki_invalid, invalid},
        {failed(FetchFault::media_type, cn_only.chain), Code::sts_webpki_invalid, invalid},
    };
}

TEST(StsJudge, APolicyThatCannotBeHadIsOneFindingOfTheDomain)
{
    for (const auto& row : fetch_cases()) {
        SCOPED_TRACE(fmt::format("{} {}", name(row.fetched.fault), row.message));
        auto observation = with_policy("");
        observation.sts_policy = row.fetched;
        const auto verdict = judged(observation);
        EXPECT_EQ(verdict.mta_sts->state, StsVerdict::State::error);
        EXPECT_EQ(verdict.mta_sts->id, "20261101T000000");
        EXPECT_FALSE(verdict.mta_sts->policy);
        ASSERT_THAT(codes(verdict.findings), ElementsAre(row.code));
        EXPECT_THAT(verdict.findings[0].message, testing::StartsWith(row.message));
        EXPECT_EQ(verdict.findings[0].severity, Severity::warning);
        EXPECT_EQ(outcome(verdict.outcomes), Outcome::not_applicable) << "there is no policy to go by";
        EXPECT_EQ(verdict.confidence.max, 110) << "the record is well-formed";
        EXPECT_EQ(verdict.confidence.factor, 100);
        EXPECT_EQ(verdict.status, probe::Status::warning);
    }
}

TEST(StsJudge, ThePolicyHostIsJudgedAsOfTheMomentGiven)
{
    auto later = criteria();
    later.moment += std::chrono::days(120);
    const auto verdict = judged(with_policy(policy("enforce", {mx1})), later);
    EXPECT_THAT(codes(verdict.findings), ElementsAre(Code::sts_webpki_invalid));
}

// Modes, crossed with what a host presents.

Chain untrusted()
{
    return {pki::issue({.common_name = mx1, .names = {"DNS:" + mx1}}, nullptr, seen::noon).certificate};
}

Chain cn_only()
{
    return {pki::issue({.common_name = mx1}, &seen::root(), seen::noon).certificate};
}

struct CrossCase
{
    const char* shows;
    smtp::Session session;
    std::optional<bool> verified;
    std::string fault; // in the message
};

std::vector<CrossCase> cross_cases()
{
    return {
        {"as it should be", seen::whole(chain_of(mx1)), true, ""},
        {"untrusted", seen::whole(untrusted()), false, "is not satisfied: "},
        {"CN only", seen::whole(cn_only()), false, "names mx1.example.com in its common name only"},
        {"another name", seen::whole(chain_of(mx2)), false, "the certificate does not name mx1.example.com"},
        {"no certificate", seen::whole({}), false, "is not satisfied: "},
        {"no STARTTLS", seen::in_clear(), std::nullopt, ""},
        {"no handshake", seen::ended(Stage::handshake, errc::handshake_failed), std::nullopt, ""},
        {"unreachable", seen::ended(Stage::connect, errc::timed_out), std::nullopt, ""},
    };
}

TEST(StsJudge, InModeEnforceMailWaitsWhereTheCertificateIsNotAsThePolicyWants)
{
    for (const auto& row : cross_cases()) {
        SCOPED_TRACE(row.shows);
        const auto verdict = judged(with_policy({host(mx1, 10, {row.session})}, policy("enforce", {mx1})));
        EXPECT_EQ(verdict.mta_sts->state, StsVerdict::State::ok);
        EXPECT_EQ(verdict.hosts[0].sts_covered, true);
        EXPECT_EQ(endpoint(verdict).sts_verified, row.verified);
        EXPECT_EQ(
            outcome(verdict.outcomes), row.verified == true ? Outcome::encrypted_verified : Outcome::deferred
        );
        EXPECT_EQ(
            severities(endpoint(verdict).findings, Code::sts_webpki_invalid),
            std::vector(row.verified == false ? 1 : 0, Severity::critical)
        );
        for (const auto& finding : endpoint(verdict).findings) {
            if (finding.code == Code::sts_webpki_invalid) {
                EXPECT_THAT(finding.message, HasSubstr("in mode enforce, is not satisfied"));
                EXPECT_THAT(finding.message, HasSubstr(row.fault));
            }
        }
        EXPECT_THAT(verdict.findings, IsEmpty());
        EXPECT_EQ(verdict.confidence.max, 110);
        EXPECT_EQ(verdict.confidence.bonus(), row.verified == true ? 10 : 0);
    }
}

TEST(StsJudge, InModeTestingItWarns)
{
    for (const auto& row : cross_cases()) {
        SCOPED_TRACE(row.shows);
        const auto verdict = judged(with_policy({host(mx1, 10, {row.session})}, policy("testing", {mx1})));
        EXPECT_EQ(verdict.mta_sts->state, StsVerdict::State::testing);
        EXPECT_EQ(endpoint(verdict).sts_verified, row.verified);
        EXPECT_EQ(outcome(verdict.outcomes), Outcome::not_applicable);
        EXPECT_EQ(
            severities(endpoint(verdict).findings, Code::sts_webpki_invalid),
            std::vector(row.verified == false ? 1 : 0, Severity::warning)
        );
        EXPECT_EQ(verdict.confidence.bonus(), 0);
        EXPECT_EQ(verdict.confidence.max, 110);
    }
}

TEST(StsJudge, ModeNoneIsOff)
{
    for (const auto& row : cross_cases()) {
        SCOPED_TRACE(row.shows);
        const auto verdict = judged(with_policy({host(mx1, 10, {row.session})}, policy("none", {mx2})));
        EXPECT_EQ(verdict.mta_sts->state, StsVerdict::State::ok);
        EXPECT_EQ(verdict.mta_sts->policy->mode, StsMode::none);
        EXPECT_EQ(verdict.hosts[0].sts_covered, std::nullopt);
        EXPECT_EQ(endpoint(verdict).sts_verified, std::nullopt);
        EXPECT_EQ(outcome(verdict.outcomes), Outcome::not_applicable);
        EXPECT_THAT(verdict.hosts[0].findings, IsEmpty());
        EXPECT_THAT(codes(endpoint(verdict).findings), Not(Contains(Code::sts_webpki_invalid)));
        EXPECT_THAT(verdict.mta_sts->stale, IsEmpty());
        EXPECT_EQ(verdict.confidence.bonus(), 0);
    }
}

struct CoverCase
{
    std::string mode;
    Severity severity;
    Outcome outcome;
};

TEST(StsJudge, AHostThatThePolicyDoesNotCoverIsNamed)
{
    const std::vector<CoverCase> cases{
        {"enforce", Severity::critical, Outcome::deferred},
        {"testing", Severity::warning, Outcome::not_applicable}};
    for (const auto& row : cases) {
        const auto verdict = judged(with_policy(policy(row.mode, {mx2, "*.example.net"})));
        EXPECT_EQ(verdict.hosts[0].sts_covered, false);
        EXPECT_EQ(endpoint(verdict).sts_verified, std::nullopt);
        ASSERT_THAT(codes(verdict.hosts[0].findings), ElementsAre(Code::sts_mx_mismatch));
        EXPECT_EQ(verdict.hosts[0].findings[0].severity, row.severity);
        EXPECT_EQ(
            verdict.hosts[0].findings[0].message,
            fmt::format(
                "mx1.example.com is not in the MTA-STS policy of example.com, in mode {}, which covers "
                "mx2.example.com, *.example.net",
                row.mode
            )
        );
        EXPECT_EQ(outcome(verdict.outcomes), row.outcome);
        EXPECT_THAT(endpoint(verdict).findings, IsEmpty()) << "its certificate does not matter";
    }
}

TEST(StsJudge, OfManyPatternsAFewAreTold)
{
    std::vector<std::string> patterns;
    for (int i = 0; i < 40; ++i)
        patterns.push_back(fmt::format("mail{}.example.net", i));
    const auto verdict = judged(with_policy(policy("enforce", patterns)));
    EXPECT_THAT(
        verdict.hosts[0].findings.at(0).message,
        testing::EndsWith("mail3.example.net, mail4.example.net and 35 more")
    );
    EXPECT_EQ(verdict.mta_sts->stale.size(), 40u);
}

TEST(StsJudge, TheHostIsHeldAgainstItsOwnNameWhateverReferenceWasGiven)
{
    auto with = criteria();
    with.reference = mx2;
    const auto given =
        judged(with_policy({host(mx1, 10, {seen::whole(chain_of(mx2))})}, policy("enforce", {mx1})), with);
    EXPECT_EQ(endpoint(given).offer, probe::Offer::verified);
    EXPECT_EQ(endpoint(given).sts_verified, false) << "no sender knows of --reference";

    const auto own = judged(with_policy(policy("enforce", {mx1})), with);
    EXPECT_EQ(endpoint(own).offer, probe::Offer::unverified);
    EXPECT_EQ(endpoint(own).sts_verified, true);
    EXPECT_EQ(outcome(own.outcomes), Outcome::encrypted_verified);
}

TEST(StsJudge, AWildcardCoversOneLabel)
{
    const auto covered = [](const std::string& pattern, const std::string& name) {
        return judged(with_policy({host(name, 10, {seen::in_clear()})}, policy("enforce", {pattern})))
            .hosts[0]
            .sts_covered;
    };
    EXPECT_EQ(covered("*.example.com", mx1), true);
    EXPECT_EQ(covered("*.example.com", "a.mx1.example.com"), false);
    EXPECT_EQ(covered("*.example.com", "example.com"), false);
}

TEST(StsJudge, NoPolicyCoversAnAddress)
{
    auto literal = host("192.0.2.1", 10, {seen::whole(chain_of(mx1))});
    literal.literal = asio::ip::make_address("192.0.2.1");
    const auto verdict = judged(with_policy({literal}, policy("enforce", {mx1})));
    EXPECT_EQ(verdict.hosts[0].sts_covered, false);
    EXPECT_THAT(codes(verdict.hosts[0].findings), ElementsAre(Code::mx_is_address, Code::sts_mx_mismatch));
    EXPECT_EQ(outcome(verdict.outcomes), Outcome::deferred);
}

// Patterns that no host is covered by.

TEST(StsJudge, PatternsThatCoverNoMxAreStale)
{
    const auto verdict = judged(with_policy(
        {good_host(), good_host(mx2, 20)}, policy("enforce", {mx1, "old.example.com", "*.example.net", mx2})
    ));
    EXPECT_THAT(verdict.mta_sts->stale, ElementsAre("old.example.com", "*.example.net"));
    EXPECT_THAT(verdict.findings, IsEmpty()) << "old, not wrong";
    EXPECT_EQ(verdict.confidence.factor, 110);
}

TEST(StsJudge, HostsThatQuickLeftOutStillCount)
{
    auto observation = with_policy({good_host(), good_host(mx2, 20)}, policy("enforce", {mx1, mx2}));
    observation.hosts.resize(1);
    EXPECT_THAT(judged(observation).mta_sts->stale, IsEmpty());
}

TEST(StsJudge, AHostThatQuickLeftOutIsNamedWhereThePolicyDoesNotCoverIt)
{
    auto observation = with_policy({good_host(), good_host(mx2, 20)}, policy("enforce", {mx1}));
    observation.hosts.pop_back();
    const auto verdict = judged(observation);
    EXPECT_THAT(verdict.hosts_left_out, ElementsAre(mx2));
    ASSERT_THAT(codes(verdict.findings), ElementsAre(Code::sts_mx_mismatch));
    EXPECT_THAT(verdict.findings[0].message, HasSubstr(mx2 + " is not in the MTA-STS policy"));
    EXPECT_EQ(verdict.status, probe::Status::critical);
    EXPECT_THAT(verdict.confidence.extras, ElementsAre(probe::Extra{Policy::mta_sts, 0}));
}

TEST(StsJudge, WhatNobodyLookedAtEarnsNoPoints)
{
    auto observation = with_policy({good_host(), good_host(mx2, 20)}, policy("enforce", {mx1, mx2}));
    EXPECT_EQ(judged(observation).confidence.factor, 110);
    observation.hosts.pop_back();
    EXPECT_EQ(judged(observation).confidence.factor, 100);
}

TEST(StsJudge, APolicyThatDemandsNothingDoesNotMeetTheOneAskedFor)
{
    struct Lack
    {
        Observation observation;
        std::string says;
    };
    auto none = routed({good_host()});
    none.sts_record = sts_texts({});
    const Lack lacks[] = {
        {none, "example.com announces no MTA-STS policy"},
        {routed({good_host()}), "no MTA-STS policy was looked for, since none covers an address"},
        {with_policy(policy("testing", {mx1})), "is in mode testing, and demands nothing of senders"},
        {with_policy(policy("none", {})), "is in mode none, and demands nothing of senders"},
    };
    for (const auto& [observation, says] : lacks) {
        EXPECT_THAT(judged(observation).findings, IsEmpty()) << says;
        const auto verdict = judged(observation, under_mta_sts());
        EXPECT_EQ(verdict.status, probe::Status::critical);
        ASSERT_THAT(codes(verdict.findings), ElementsAre(Code::sts_required)) << says;
        EXPECT_THAT(verdict.findings[0].message, HasSubstr(says));
        EXPECT_EQ(verdict.findings[0].severity, Severity::critical);
    }
}

TEST(StsJudge, TheSecondCertificateIsHeldAgainstThePolicyToo)
{
    auto observation = with_policy(policy("enforce", {mx1}));
    auto& endpoint = observation.hosts[0].endpoints[0];
    endpoint.other_keys = {{smtp::KeyType::rsa, seen::whole(chain_of(mx2))}};
    const auto verdict = judged(observation);
    EXPECT_EQ(::endpoint(verdict).sts_verified, true) << "the session that all is judged by";
    EXPECT_EQ(::endpoint(verdict).other_keys.at(0).sts_verified, false);
    EXPECT_THAT(
        severities(::endpoint(verdict).findings, Code::sts_webpki_invalid), ElementsAre(Severity::critical)
    );
    EXPECT_EQ(outcome(verdict.outcomes), Outcome::encrypted_verified);
    EXPECT_EQ(verdict.confidence.factor, 100) << "and no extra points";
}

TEST(StsJudge, WithoutMxTheDomainIsTheHost)
{
    auto observation = with_policy({good_host("example.com", 0)}, policy("enforce", {"example.com", mx1}));
    observation.route = Route::implicit;
    observation.mx = seen::answer("example.com", dns::Type::mx, {});
    const auto verdict = judged(observation);
    EXPECT_EQ(verdict.hosts[0].sts_covered, true);
    EXPECT_THAT(verdict.mta_sts->stale, ElementsAre(mx1));
    EXPECT_EQ(outcome(verdict.outcomes), Outcome::encrypted_verified);
}

TEST(StsJudge, HostsThatTheUserNamedMakeNoPatternStale)
{
    auto observation = with_policy(policy("enforce", {mx2}));
    observation.route = Route::given;
    observation.mx.reset();
    const auto verdict = judged(observation);
    EXPECT_THAT(verdict.mta_sts->stale, IsEmpty());
    EXPECT_THAT(codes(verdict.hosts[0].findings), ElementsAre(Code::sts_mx_mismatch))
        << "a new host that is to go into the policy first";
}

// Several endpoints, and the domain.

TEST(StsJudge, TheFirstThatWouldTakeTheMessageDecides)
{
    const auto verdict = judged(with_policy(
        {host(mx1, 10, {seen::whole(untrusted()), seen::in_clear()}), good_host(mx2, 20)},
        policy("enforce", {mx1, mx2})
    ));
    EXPECT_EQ(outcome(verdict.hosts[0].endpoints[0].outcomes), Outcome::deferred);
    EXPECT_EQ(outcome(verdict.hosts[0].endpoints[1].outcomes), Outcome::deferred);
    EXPECT_EQ(outcome(verdict.hosts[1].endpoints[0].outcomes), Outcome::encrypted_verified);
    EXPECT_EQ(outcome(verdict.outcomes), Outcome::encrypted_verified);
    EXPECT_EQ(verdict.confidence.bonus(), 0) << "not every host verifies";
    EXPECT_EQ(verdict.status, probe::Status::critical);
}

TEST(StsJudge, ThePolicyKeepsItsNumbers)
{
    const auto verdict = judged(with_policy(policy("enforce", {mx1})));
    EXPECT_EQ(verdict.mta_sts->policy, (probe::StsPolicy{StsMode::enforce, 604'800, {mx1}}));
    EXPECT_TRUE(verdict.mta_sts->in_force());
    EXPECT_EQ(verdict.status, probe::Status::ok);
}

TEST(StsJudge, RemarksOnThePolicyAreKeptAlsoWhereItCannotBeUsed)
{
    const auto usable = judged(with_policy(policy("enforce", {mx1}) + "\nmx: a.example.com\n"));
    EXPECT_THAT(usable.mta_sts->remarks, Not(IsEmpty()));
    EXPECT_TRUE(usable.mta_sts->policy);
    const auto unusable = judged(with_policy("version: STSv1\n\nmode: enforce\n"));
    EXPECT_THAT(unusable.mta_sts->remarks, Not(IsEmpty()));
    EXPECT_FALSE(unusable.mta_sts->policy);
}

// --policy mta-sts

TEST(StsJudge, WhatKeepsThePolicyFromBeingMetIsCritical)
{
    auto no_record = routed({good_host()});
    no_record.sts_record = seen::failure("_mta-sts.example.com", dns::Type::txt, dns::errc::timed_out);
    auto bad_record = routed({good_host()});
    bad_record.sts_record = sts_texts({"v=STSv1;"});
    auto no_policy = with_policy("");
    no_policy.sts_policy = failed(FetchFault::status, chain_of(policy_host));
    const std::vector<std::pair<Observation, Code>> of_domain{
        {no_record, Code::dns_no_answer},
        {bad_record, Code::sts_record_invalid},
        {no_policy, Code::sts_policy_fetch_error},
        {with_policy("what?"), Code::sts_policy_invalid},
    };
    for (const auto& [observation, code] : of_domain) {
        const auto verdict = judged(observation, under_mta_sts());
        EXPECT_THAT(severities(verdict.findings, code), ElementsAre(Severity::critical)) << name(code);
        EXPECT_EQ(verdict.status, probe::Status::critical);
    }

    const auto dead = judged(
        with_policy({host(mx1, 10, {seen::answered(Stage::greeting, 421)})}, policy("enforce", {mx1})),
        under_mta_sts()
    );
    EXPECT_THAT(
        severities(endpoint(dead).findings, Code::greeting_deferred), ElementsAre(Severity::critical)
    );
}

TEST(StsJudge, WhatDoesNotKeepItIsNot)
{
    auto observation = with_policy({host(mx1, 10, {seen::whole(untrusted())})}, policy("enforce", {mx1}));
    observation.hosts[0].ipv6 = seen::failure(mx1, dns::Type::aaaa, dns::errc::timed_out);
    observation.tls_rpt_record =
        seen::failure("_smtp._tls.example.com", dns::Type::txt, dns::errc::timed_out);
    const auto verdict = judged(observation, under_mta_sts());
    EXPECT_THAT(severities(verdict.findings, Code::dns_no_answer), ElementsAre(Severity::warning));
    EXPECT_THAT(severities(verdict.hosts[0].findings, Code::dns_no_answer), ElementsAre(Severity::warning));
    EXPECT_THAT(
        severities(endpoint(verdict).findings, Code::sts_webpki_invalid), ElementsAre(Severity::critical)
    );
}

TEST(StsJudge, MetAndNotMet)
{
    EXPECT_EQ(judged(with_policy(policy("enforce", {mx1})), under_mta_sts()).status, probe::Status::ok);
    EXPECT_EQ(judged(with_policy(policy("testing", {mx1})), under_mta_sts()).status, probe::Status::critical);
    EXPECT_EQ(judged(with_policy(policy("none", {})), under_mta_sts()).status, probe::Status::critical);
    EXPECT_EQ(judged(routed({good_host()}), under_mta_sts()).status, probe::Status::critical);
    EXPECT_EQ(judged(domain(Route::null_mx), under_mta_sts()).status, probe::Status::ok);
}

// DANE beside it.

Observation with_dane(Observation observation, const Chain& of)
{
    observation.dane_asked = true;
    observation.mx->security = dns::Security::secure;
    auto& only = observation.hosts[0];
    only.ipv4->security = dns::Security::secure;
    auto answer = seen::answer(
        "_25._tcp." + only.name, dns::Type::tlsa, {probe::tlsa_records_for({.chain = of}).front()}
    );
    answer.security = dns::Security::secure;
    only.tlsa = {{only.name, answer}};
    return observation;
}

TEST(StsJudge, DaneAndMtaStsAreJudgedByThemselves)
{
    const auto dane = [](const Verdict& verdict) {
        return verdict.outcomes[static_cast<std::size_t>(Policy::dane)];
    };
    const auto enforce = policy("enforce", {mx1});
    const auto both = judged(with_dane(with_policy(enforce), chain_of(mx1)));
    EXPECT_EQ(dane(both), Outcome::encrypted_verified);
    EXPECT_EQ(outcome(both.outcomes), Outcome::encrypted_verified);
    EXPECT_EQ(both.confidence.factor, 120);
    EXPECT_EQ(both.status, probe::Status::ok);

    const auto sts_only = judged(with_dane(with_policy(enforce), chain_of(mx2)));
    EXPECT_EQ(dane(sts_only), Outcome::deferred) << "a valid policy hides no failing DANE";
    EXPECT_EQ(outcome(sts_only.outcomes), Outcome::encrypted_verified);
    EXPECT_EQ(sts_only.confidence.factor, 110);
    EXPECT_EQ(sts_only.status, probe::Status::critical);

    const auto own = untrusted();
    const auto dane_only = judged(with_dane(with_policy({host(mx1, 10, {seen::whole(own)})}, enforce), own));
    EXPECT_EQ(dane(dane_only), Outcome::encrypted_verified);
    EXPECT_EQ(outcome(dane_only.outcomes), Outcome::deferred) << "for senders without DANE";
    EXPECT_EQ(dane_only.confidence.factor, 100);
    EXPECT_EQ(dane_only.confidence.max, 120);
    EXPECT_EQ(dane_only.status, probe::Status::critical);
}

// Interrupted.

TEST(StsJudge, InterruptedBeforeThePolicyCameItIsNotKnownAndNobodysFault)
{
    auto observation = with_policy("");
    observation.sts_policy.reset();
    observation.finished = false;
    const auto verdict = judged(observation, under_mta_sts());
    EXPECT_FALSE(verdict.mta_sts);
    EXPECT_THAT(verdict.findings, IsEmpty());
    EXPECT_EQ(outcome(verdict.outcomes), Outcome::not_applicable);
    EXPECT_EQ(verdict.status, probe::Status::unknown);
}

TEST(StsJudge, ASessionThatWasAbandonedIsNotVerifiedAndNotBlamed)
{
    auto observation =
        with_policy({host(mx1, 10, {seen::before(Stage::handshake)})}, policy("enforce", {mx1}));
    observation.finished = false;
    const auto verdict = judged(observation, under_mta_sts());
    EXPECT_EQ(endpoint(verdict).sts_verified, std::nullopt);
    EXPECT_THAT(endpoint(verdict).findings, IsEmpty());
    EXPECT_EQ(verdict.status, probe::Status::unknown);
}

// TLS-RPT

struct RptCase
{
    const char* shows;
    dns::Answer answer;
    TlsRptVerdict::State state;
    std::vector<std::string> rua;
    std::vector<Code> findings;
};

TEST(TlsRptJudge, TheRecordSaysWhereReportsGo)
{
    const auto rpt = [](const std::vector<std::string>& records) {
        return texts("_smtp._tls.example.com", records);
    };
    const auto look_up_failed = [](dns::errc fault) {
        return seen::failure("_smtp._tls.example.com", dns::Type::txt, fault);
    };
    using State = TlsRptVerdict::State;
    const std::vector<RptCase> cases{
        {"no record", rpt({}), State::none, {}, {}},
        {"too long a name", look_up_failed(dns::errc::bad_name), State::none, {}, {}},
        {"one", rpt({"v=TLSRPTv1; rua=mailto:a@example.com"}), State::ok, {"mailto:a@example.com"}, {}},
        {"two of them",
         rpt({"v=TLSRPTv1; rua=mailto:a@example.com", "v=TLSRPTv1; rua=mailto:b@example.com"}),
         State::error,
         {},
         {Code::tls_rpt_invalid}},
        {"no rua", rpt({"v=TLSRPTv1;"}), State::error, {}, {Code::tls_rpt_invalid}},
        {"no answer", look_up_failed(dns::errc::timed_out), State::error, {}, {Code::dns_no_answer}},
        {"bogus", look_up_failed(dns::errc::bogus), State::error, {}, {Code::dnssec_invalid}},
    };
    for (const auto& row : cases) {
        SCOPED_TRACE(row.shows);
        auto observation = routed({good_host()});
        observation.tls_rpt_record = row.answer;
        const auto verdict = judged(observation);
        ASSERT_TRUE(verdict.tls_rpt);
        EXPECT_EQ(verdict.tls_rpt->state, row.state);
        EXPECT_EQ(verdict.tls_rpt->rua, row.rua);
        EXPECT_THAT(codes(verdict.findings), testing::ElementsAreArray(row.findings));
        EXPECT_EQ(verdict.confidence.max, 100) << "TLS-RPT is worth no points";
    }
}

} // namespace
