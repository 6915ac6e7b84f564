#include "report/tls_report.hpp"

#include "golden.hpp"
#include "verdicts.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <set>

namespace report
{
namespace
{

using namespace std::chrono_literals;
using golden::same;
using probe::Code;
using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::set<std::string> result_types{"starttls-not-supported", "certificate-host-mismatch",
                                         "certificate-expired",    "certificate-not-trusted",
                                         "validation-failure",     "tlsa-invalid",
                                         "dnssec-invalid",         "dane-required",
                                         "sts-policy-fetch-error", "sts-policy-invalid",
                                         "sts-webpki-invalid"}; // RFC 8460 §6.6

Json parsed(const std::vector<probe::Verdict>& verdicts, std::string_view contact = "")
{
    return Json::parse(tls_report(verdicts, contact));
}

Json policies(const probe::Verdict& verdict)
{
    return parsed({verdict}).at("policies");
}

std::pair<int, int> sums(const Json& policy)
{
    const auto& summary = policy.at("summary");
    return {summary.at("total-successful-session-count"), summary.at("total-failure-session-count")};
}

std::vector<std::string> keys(const Json& object)
{
    std::vector<std::string> all;
    for (const auto& [key, value] : object.items())
        all.push_back(key);
    return all;
}

/// As "tlsa mx1.example.com 2/0" and, for each failure, " 1 tlsa-invalid".
std::string outline(const Json& policy)
{
    const auto& [successes, failures] = sums(policy);
    auto text = policy.at("policy").at("policy-type").get<std::string>() + ' ' +
                policy.at("policy").at("policy-domain").get<std::string>() + ' ' + std::to_string(successes) +
                '/' + std::to_string(failures);
    for (const auto& detail : policy.at("failure-details"))
        text += ' ' + std::to_string(detail.at("failed-session-count").get<int>()) + ' ' +
                detail.at("result-type").get<std::string>();
    return text;
}

std::vector<std::string> outlines(const std::vector<probe::Verdict>& verdicts)
{
    std::vector<std::string> all;
    const auto report = parsed(verdicts);
    for (const auto& policy : report.at("policies"))
        all.push_back(outline(policy));
    return all;
}

std::vector<probe::Verdict> everything()
{
    return {verdicts::well(),          verdicts::mismatch(),          verdicts::failures(),
            verdicts::interrupted(),   verdicts::interrupted_early(), verdicts::null_mx(),
            verdicts::no_domain(),     verdicts::dns_failed(),        verdicts::no_hosts(),
            verdicts::given_address(), verdicts::international(),     verdicts::twelve(),
            verdicts::published()};
}

probe::Finding finding(Code code)
{
    return probe::usual_finding(code, "it is so");
}

/// TLS with the certificate's fault, under an MTA-STS policy.
probe::Verdict at_odds_with_policy(Code code)
{
    auto verdict = verdicts::published();
    auto& endpoint = verdict.hosts[1].endpoints[0];
    endpoint.offer = probe::Offer::unverified;
    endpoint.sts_verified = false;
    endpoint.chain->findings = {finding(code)};
    endpoint.findings = {finding(code), finding(Code::sts_webpki_invalid)};
    verdict.hosts.erase(verdict.hosts.begin());
    return verdict;
}

/// One host whose only address is at odds with its TLSA records, or whose records are not to be had.
probe::Verdict with_dane(probe::DaneState state)
{
    auto verdict = verdicts::published();
    verdict.mta_sts.reset();
    verdict.hosts.pop_back();
    auto& host = verdict.hosts[0];
    host.findings.clear();
    host.endpoints.pop_back();
    host.endpoints[0].dane->state = state;
    if (state == probe::DaneState::error)
        host.tlsa.reset();
    return verdict;
}

TEST(TlsReport, IsWrittenAsRfc8460HasIt)
{
    EXPECT_TRUE(same(tls_report(std::vector{verdicts::published()}, ""), "published.tlsrpt.json"));
    EXPECT_TRUE(same(tls_report(std::vector{verdicts::failures()}, "tls@example.org"), "failures.tlsrpt.json")
    );
    EXPECT_TRUE(same(tls_report(everything(), ""), "everything.tlsrpt.json"));
}

TEST(TlsReport, HasTheKeysOfTheRfcInItsOrder)
{
    const auto report = parsed(everything(), "post@example.org");
    EXPECT_THAT(
        keys(report), ElementsAre("organization-name", "date-range", "contact-info", "report-id", "policies")
    );
    EXPECT_THAT(keys(report["date-range"]), ElementsAre("start-datetime", "end-datetime"));
    EXPECT_EQ(report["contact-info"], "post@example.org");
    for (const auto& policy : report["policies"]) {
        EXPECT_THAT(keys(policy), ElementsAre("policy", "summary", "failure-details"));
        for (const auto& detail : policy["failure-details"])
            EXPECT_TRUE(result_types.contains(detail["result-type"])) << detail;
    }
}

TEST(TlsReport, LastsFromTheFirstStartToTheLastEnd)
{
    auto later = verdicts::well();
    later.started += 90s;
    auto longer = verdicts::mismatch();
    longer.elapsed = 10min;
    const auto range = parsed({later, longer}).at("date-range");
    EXPECT_EQ(range["start-datetime"], "2026-11-20T12:00:00.123Z");
    EXPECT_EQ(range["end-datetime"], "2026-11-20T12:10:00.123Z");
}

TEST(TlsReport, HasAnIdOfItsOwn)
{
    const auto id = [](const std::vector<probe::Verdict>& all) { return parsed(all).at("report-id"); };
    EXPECT_EQ(id({verdicts::well()}), "2026-11-20T12:00:00.123Z_2026-11-20T12:00:01.327Z_example.com");
    EXPECT_EQ(id({verdicts::well()}), id({verdicts::mismatch()})); // the same domain at the same moment
    EXPECT_NE(id({verdicts::well()}), id({verdicts::well(), verdicts::no_domain()}));
    EXPECT_NE(id({verdicts::well()}), id({verdicts::international()}));
}

TEST(TlsReport, IsEmptyWhereNothingWasProbed)
{
    EXPECT_EQ(tls_report({}, ""), "");
    for (const auto& verdict :
         {verdicts::null_mx(), verdicts::no_domain(), verdicts::dns_failed(), verdicts::interrupted_early()})
        EXPECT_THAT(policies(verdict), IsEmpty());
}

TEST(TlsReport, CountsOnlySessionsOfWhichTlsCouldBeJudged)
{
    // Four that refuse, turn away, mask or break off stand beside: neither is TLS there nor is it missing.
    EXPECT_THAT(
        outlines({verdicts::failures()}),
        ElementsAre("no-policy-found example.com 2/3 1 starttls-not-supported 1 validation-failure 1 "
                    "validation-failure")
    );
    EXPECT_THAT(outlines({verdicts::interrupted()}), ElementsAre("no-policy-found example.com 1/0"));
}

TEST(TlsReport, AsksForNoCertificateWhereNoPolicyIs)
{
    EXPECT_THAT(outlines({verdicts::mismatch()}), ElementsAre("no-policy-found example.com 1/0"));
}

TEST(TlsReport, CountsEachPolicyOnceWhateverTheTarget)
{
    EXPECT_THAT(
        outlines({verdicts::well(), verdicts::international(), verdicts::mismatch()}),
        ElementsAre("no-policy-found example.com 3/0", "no-policy-found xn--bcher-kva.example 2/0")
    );
    const auto twice = parsed({verdicts::failures(), verdicts::failures()}).at("policies");
    ASSERT_THAT(twice, SizeIs(1));
    EXPECT_EQ(
        outline(twice[0]), "no-policy-found example.com 4/6 2 starttls-not-supported 2 validation-failure 2 "
                           "validation-failure"
    );
}

TEST(TlsReport, CountsASessionUnderDaneWhereBothArePublished)
{
    EXPECT_THAT(
        outlines({verdicts::published()}), ElementsAre("sts example.com 1/0", "tlsa mx1.example.com 2/0")
    );
    const auto all = policies(verdicts::published());
    EXPECT_THAT(
        all[0]["policy"]["policy-string"],
        ElementsAre(
            "version: STSv1", "mode: enforce", "mx: mx2.example.com", "mx: old.example.com", "max_age: 604800"
        )
    );
    EXPECT_THAT(all[0]["policy"]["mx-host"], ElementsAre("mx2.example.com", "old.example.com"));
    EXPECT_THAT(keys(all[1]["policy"]), ElementsAre("policy-type", "policy-string", "policy-domain"));
    EXPECT_THAT(all[1]["policy"]["policy-string"], SizeIs(2));
}

TEST(TlsReport, GoesByThePolicyOfTheDomainWhereRecordsAreUnusable)
{
    auto verdict = verdicts::published();
    verdict.hosts.erase(verdict.hosts.begin() + 1);
    verdict.hosts[0].tlsa->usable = false;
    for (auto& endpoint : verdict.hosts[0].endpoints)
        endpoint.dane->state = probe::DaneState::unusable;
    EXPECT_THAT(
        outlines({verdict}), ElementsAre("sts example.com 0/2 1 validation-failure 1 validation-failure")
    );
    verdict.mta_sts.reset();
    EXPECT_THAT(
        outlines({verdict}),
        ElementsAre("no-policy-found example.com 0/2 1 validation-failure 1 validation-failure")
    );
}

TEST(TlsReport, NamesTheCauseWhereACertificateDoesNotSatisfyThePolicy)
{
    const std::vector<std::pair<Code, std::string>> causes{
        {Code::certificate_expired, "certificate-expired"},
        {Code::certificate_not_trusted, "certificate-not-trusted"},
        {Code::certificate_self_signed, "certificate-not-trusted"},
        {Code::chain_incomplete, "certificate-not-trusted"},
        {Code::certificate_purpose, "certificate-not-trusted"},
        {Code::certificate_revoked, "certificate-not-trusted"},
        {Code::certificate_host_mismatch, "certificate-host-mismatch"},
        {Code::certificate_name_in_cn_only, "certificate-host-mismatch"}};
    for (const auto& [code, type] : causes)
        EXPECT_THAT(outlines({at_odds_with_policy(code)}), ElementsAre("sts example.com 0/1 1 " + type));
}

TEST(TlsReport, TellsWhyAPolicyCannotBeHadBesideTheSessions)
{
    for (const auto code :
         {Code::sts_policy_fetch_error, Code::sts_policy_invalid, Code::sts_webpki_invalid}) {
        auto verdict = verdicts::well();
        verdict.mta_sts.emplace().state = probe::StsVerdict::State::error;
        verdict.findings = {finding(code)};
        EXPECT_THAT(
            outlines({verdict}), ElementsAre("sts example.com 2/0 2 " + std::string(probe::name(code)))
        );
        verdict.hosts.clear();
        EXPECT_THAT(
            outlines({verdict}), ElementsAre("sts example.com 0/0 1 " + std::string(probe::name(code)))
        );
    }
}

TEST(TlsReport, TakesADomainThatIsNotInForceForOneWithoutPolicy)
{
    auto verdict = verdicts::well();
    verdict.mta_sts.emplace().policy = probe::StsPolicy{probe::StsMode::none, 86'400, {}};
    EXPECT_THAT(outlines({verdict}), ElementsAre("no-policy-found example.com 2/0"));
    verdict.mta_sts.emplace().state = probe::StsVerdict::State::error;
    verdict.findings = {finding(Code::sts_record_invalid)};
    EXPECT_THAT(outlines({verdict}), ElementsAre("no-policy-found example.com 2/0"));
}

TEST(TlsReport, TellsWhatDaneMakesOfASession)
{
    auto invalid = with_dane(probe::DaneState::invalid);
    invalid.hosts[0].endpoints[0].findings = {finding(Code::tlsa_invalid)};
    EXPECT_THAT(outlines({invalid}), ElementsAre("tlsa mx1.example.com 0/1 1 tlsa-invalid"));

    auto bogus = with_dane(probe::DaneState::error);
    bogus.hosts[0].findings = {finding(Code::dnssec_invalid)};
    EXPECT_THAT(outlines({bogus}), ElementsAre("tlsa mx1.example.com 0/1 1 dnssec-invalid"));

    auto lost = with_dane(probe::DaneState::error);
    lost.hosts[0].findings = {finding(Code::dns_no_answer)};
    EXPECT_THAT(outlines({lost}), IsEmpty());

    auto plain = with_dane(probe::DaneState::valid);
    plain.hosts[0].endpoints = {verdicts::without_starttls()};
    EXPECT_THAT(outlines({plain}), ElementsAre("tlsa mx1.example.com 0/1 1 starttls-not-supported"));
}

TEST(TlsReport, TellsWhatIsBogusWhereThereIsNoSession)
{
    auto verdict = verdicts::no_hosts();
    verdict.findings = {finding(Code::dnssec_invalid)};
    EXPECT_THAT(outlines({verdict}), ElementsAre("no-policy-found example.com 0/0 1 dnssec-invalid"));
    verdict.findings.clear();
    verdict.hosts = {verdicts::host("mx1.example.com", 10, 50, {})};
    verdict.hosts[0].findings = {finding(Code::dnssec_invalid)};
    EXPECT_THAT(outlines({verdict}), ElementsAre("no-policy-found example.com 0/0 1 dnssec-invalid"));
}

TEST(TlsReport, FailsWhatHasNoRecordsWhereDaneIsRequired)
{
    auto verdict = verdicts::well();
    verdict.hosts[0].findings = {finding(Code::dane_required)};
    EXPECT_THAT(
        outlines({verdict}), ElementsAre("no-policy-found example.com 0/2 1 dane-required 1 dane-required")
    );
}

TEST(TlsReport, SaysOfAFailureWhereItWasMet)
{
    const auto detail = policies(verdicts::failures())[0]["failure-details"][0];
    EXPECT_THAT(
        keys(detail), ElementsAre(
                          "result-type", "sending-mta-ip", "receiving-mx-hostname", "receiving-mx-helo",
                          "receiving-ip", "failed-session-count", "failure-reason-code"
                      )
    );
    EXPECT_EQ(detail["sending-mta-ip"], "198.51.100.25");
    EXPECT_EQ(detail["receiving-ip"], "192.0.2.13");
    EXPECT_EQ(detail["failure-reason-code"], "starttls-not-supported: STARTTLS is not in the reply to EHLO");
}

TEST(TlsReport, CountsNoSessionBesideTheMainOne)
{
    auto verdict = verdicts::well();
    auto& endpoint = verdict.hosts[0].endpoints[0];
    endpoint.other_keys = {
        {.type = smtp::KeyType::rsa, .session = endpoint.session, .chain = endpoint.chain}};
    endpoint.in_clear = endpoint.session;
    EXPECT_THAT(outlines({verdict}), ElementsAre("no-policy-found example.com 2/0"));
}

} // namespace
} // namespace report
