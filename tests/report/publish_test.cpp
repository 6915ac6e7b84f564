#include "report/publish.hpp"

#include "golden.hpp"
#include "probe/sts_policy.hpp"
#include "report/report.hpp"
#include "verdicts.hpp"

#include <gmock/gmock.h>

namespace report
{
namespace
{

using golden::same;
using probe::TlsaState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

dns::Tlsa tlsa(std::uint8_t usage, std::uint8_t octet)
{
    return {usage, 1, 1, std::vector<std::uint8_t>(32, octet)};
}

probe::AdvisedTlsa
advised(const dns::Tlsa& record, const probe::JudgedCertificate& certificate, std::vector<std::string> places)
{
    probe::AdvisedTlsa advice{.record = record, .certificate = certificate.facts};
    for (const auto& place : places)
        advice.presented_at.push_back(asio::ip::make_address(place));
    return advice;
}

/// Two addresses, a new key at one of them, and what is left of an old one.
probe::Verdict rolled_over()
{
    auto verdict = verdicts::well();
    auto& host = verdict.hosts[0];
    for (auto& endpoint : host.endpoints)
        endpoint.session.tls->chain.emplace_back();
    auto in_use = advised(tlsa(3, 0x1a), verdicts::leaf(host.name), {"192.0.2.1"});
    in_use.published = true;
    host.tlsa_advice = probe::TlsaAdvice{
        .owner = "_25._tcp.mx1.example.com",
        .dnssec = dns::Security::secure,
        .published = {{
            {.record = tlsa(3, 0x1a), .state = TlsaState::matched},
            {.record = tlsa(3, 0x0d), .state = TlsaState::not_matched},
            {.record = {3, 0, 1, std::vector<std::uint8_t>(32, 0x2b)}, .state = TlsaState::matched},
            {.record = {3, 1, 1, {}}, .state = TlsaState::unusable, .why = "it holds no data"},
            {.record = {1, 1, 1, {0xff}}, .state = TlsaState::unusable, .why = "SMTP has no use for usage 1"},
        }},
        .records = {
            in_use, advised(tlsa(3, 0x4e), verdicts::leaf(host.name), {"2001:db8::1"}),
            advised(tlsa(2, 0x5c), verdicts::intermediate(), {"192.0.2.1", "2001:db8::1"})}};
    return verdict;
}

/// A host that DNSSEC says this of, with a record for its certificate.
std::string under(dns::Security security, bool failed = false)
{
    auto verdict = rolled_over();
    auto& advice = *verdict.hosts[0].tlsa_advice;
    advice.dnssec = security;
    advice.failed = failed;
    advice.published.reset();
    return tlsa_records(verdict);
}

TEST(PublishTlsa, TellsOfEachRecordWhatItIsFor)
{
    EXPECT_TRUE(same(tlsa_records(rolled_over()), "rolled-over.tlsa.txt"));
}

TEST(PublishTlsa, StandsBelowTableAndDetailOnce)
{
    const auto verdict = rolled_over();
    const auto records = tlsa_records(verdict);
    for (const auto format : {Format::table, Format::table_and_detail, Format::detail}) {
        const auto text = write({&verdict, 1}, format);
        EXPECT_NE(text.find(records), std::string::npos);
        EXPECT_EQ(text.find(records), text.rfind(records));
    }
    EXPECT_EQ(tlsa_records(verdicts::well()), "");
}

TEST(PublishTlsa, WithoutDnssecSaysThatItIsOfNoUse)
{
    EXPECT_THAT(under(dns::Security::secure), HasSubstr("\n; DNSSEC protects this name\n"));
    EXPECT_THAT(under(dns::Security::insecure), HasSubstr("\n; DNSSEC DOES NOT PROTECT THIS NAME: "));
    EXPECT_THAT(under(dns::Security::bogus), HasSubstr("\n; THE DNSSEC SIGNATURES DO NOT HOLD: "));
    EXPECT_THAT(
        under(dns::Security::unknown), HasSubstr("\n; WHETHER DNSSEC PROTECTS THIS NAME IS NOT KNOWN")
    );
    EXPECT_THAT(under(dns::Security::secure), HasSubstr("\n; what is published here was not looked up\n"));
    EXPECT_THAT(under(dns::Security::secure, true), HasSubstr("is not known: the look-up failed\n"));
}

TEST(PublishTlsa, NothingFromElsewhereLeavesItsComment)
{
    auto verdict = rolled_over();
    auto& host = verdict.hosts[0];
    const std::string hostile = "/CN=x\n@ IN A 192.0.2.66\r;\"\x1b[2J";
    host.name = hostile;
    host.tlsa_advice->owner = "_25._tcp.a;b\\032(\"$.example.com";
    for (auto& record : host.tlsa_advice->records)
        record.certificate.subject = record.certificate.key = hostile;
    host.tlsa_advice->published->at(3).why = hostile;
    host.endpoints.push_back(verdicts::refused());
    host.endpoints.back().findings[0].message = hostile;
    host.endpoints.back().stopped_by = probe::Code::connect_refused;
    for (const auto& line : golden::lines_of(tlsa_records(verdict))) {
        if (!line.starts_with("; ")) {
            EXPECT_THAT(
                line, testing::StartsWith("_25._tcp.a\\059b\\032\\040\\034\\036.example.com. IN TLSA ")
            );
        }
        EXPECT_THAT(line, testing::Each(testing::AllOf(testing::Ge(' '), testing::Le('~'))));
    }
}

TEST(PublishTlsa, SaysWhatWasNotSeen)
{
    auto verdict = rolled_over();
    verdict.hosts[0].endpoints.push_back(verdicts::refused());
    verdict.hosts[0].endpoints.back().stopped_by = probe::Code::connect_refused;
    const std::string line =
        "no certificate was seen at mx1.example.com [192.0.2.11:25]: 192.0.2.11 refused the "
        "connection to port 25";
    EXPECT_THAT(unseen(verdict), ElementsAre(line));
    EXPECT_THAT(tlsa_records(verdict), HasSubstr("\n; " + line + "\n"));

    verdict.hosts[0].endpoints.clear();
    verdict.hosts[0].tlsa_advice->records.clear();
    verdict.hosts[0].findings = {
        {probe::Code::mx_no_address, probe::Severity::warning, "mx1.example.com does not exist", ""}};
    EXPECT_THAT(
        unseen(verdict),
        ElementsAre("nothing was seen of mx1.example.com [no address]: mx1.example.com does not exist")
    );
    EXPECT_THAT(tlsa_records(verdict), Not(HasSubstr("IN TLSA")));
}

TEST(PublishTlsa, AnAddressHasNoRecords)
{
    auto verdict = rolled_over();
    verdict.hosts[0].tlsa_advice->owner.clear();
    EXPECT_THAT(tlsa_records(verdict), HasSubstr("at the name of the host"));
    EXPECT_THAT(tlsa_records(verdict), Not(HasSubstr("IN TLSA")));
}

/// Four addresses: one complies, and each other does not for another reason.
probe::Verdict failing()
{
    auto verdict = verdicts::well();
    auto& host = verdict.hosts[0];
    host.sts_covered = true;
    for (auto& endpoint : host.endpoints)
        endpoint.offer = probe::Offer::verified;
    host.endpoints[0].sts_verified = true;
    host.endpoints[1].sts_verified = false;
    host.endpoints[1].findings = {
        {probe::Code::sts_webpki_invalid, probe::Severity::warning,
         "the MTA-STS policy, in mode testing, is not satisfied: it is not", ""}};
    host.endpoints.push_back(verdicts::without_starttls());
    host.endpoints.back().offer = probe::Offer::plain;
    host.endpoints.back().stopped_by = probe::Code::starttls_not_supported;
    host.endpoints.push_back(verdicts::refused());
    host.endpoints.back().stopped_by = probe::Code::connect_refused;
    return verdict;
}

TEST(PublishPolicy, TellsWhereItFails)
{
    EXPECT_THAT(
        policy_failures(failing()),
        ElementsAre(
            "mx1.example.com [[2001:db8::1]:25]: the MTA-STS policy, in mode testing, is not satisfied: it "
            "is not",
            "mx1.example.com [192.0.2.13:25] fails the policy: STARTTLS is not in the reply to EHLO",
            "mx1.example.com [192.0.2.11:25] was not seen: 192.0.2.11 refused the connection to port 25"
        )
    );
}

TEST(PublishPolicy, TellsWhatItCannotCover)
{
    auto verdict = failing();
    verdict.hosts[0].sts_covered = false;
    EXPECT_THAT(
        policy_failures(verdict), ElementsAre("mx1.example.com cannot be covered: a policy holds host names")
    );
    verdict.hosts[0].endpoints.clear();
    EXPECT_THAT(policy_failures(verdict), ElementsAre("nothing was seen of mx1.example.com [no address]"));
    verdict.hosts.clear();
    EXPECT_THAT(policy_failures(verdict), IsEmpty());
}

TEST(PublishPolicy, RecordsGoBesideIt)
{
    EXPECT_TRUE(same(policy_records(verdicts::well(), {}), "well.sts-records.txt"));
    const auto beside =
        policy_records(verdicts::well(), {.has_record = true, .mode = {}, .has_tls_rpt = true});
    EXPECT_THAT(beside, testing::HasSubstr("; in place of what is there now"));
    EXPECT_THAT(beside, testing::Not(testing::HasSubstr("_smtp._tls.example.com.")));
}

} // namespace
} // namespace report
