#include "probe/finding.hpp"

#include "probe/chain.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace
{

using probe::Code;
using probe::Severity;

std::vector<Code> all_codes()
{
    std::vector<Code> codes;
    for (int i = 0; !name(static_cast<Code>(i)).empty(); ++i)
        codes.push_back(static_cast<Code>(i));
    return codes;
}

std::set<std::string> names_of(Severity severity)
{
    std::set<std::string> names;
    for (const auto code : all_codes()) {
        if (usual_severity(code) == severity)
            names.emplace(name(code));
    }
    return names;
}

TEST(Finding, EveryCodeHasANameOfItsOwn)
{
    const auto codes = all_codes();
    EXPECT_EQ(codes.size(), probe::all_codes);
    std::set<std::string> names;
    for (const auto code : codes)
        EXPECT_TRUE(names.emplace(name(code)).second) << name(code);
}

TEST(Finding, NamesAreLowerCaseWordsJoinedByHyphens)
{
    for (const auto code : all_codes())
        EXPECT_THAT(std::string(name(code)), testing::MatchesRegex("[a-z]+(-[a-z]+)*"));
}

// Contract, section 5: the table of severities.

TEST(Finding, CriticalCodes)
{
    EXPECT_THAT(
        names_of(Severity::critical),
        testing::UnorderedElementsAre(
            "starttls-not-supported", "starttls-refused", "starttls-injection", "tls-handshake-failed",
            "tls-timeout", "tls-not-tls", "certificate-revoked", "dnssec-invalid", "tlsa-invalid",
            "dane-required", "sts-required"
        )
    );
}

TEST(Finding, Notices)
{
    EXPECT_THAT(
        names_of(Severity::notice),
        testing::UnorderedElementsAre(
            "mx-null", "mx-implicit", "certificate-name-in-cn-only", "cipher-no-forward-secrecy",
            "mail-from-deferred", "rcpt-deferred", "plaintext-accepted", "chain-duplicate",
            "chain-misordered", "chain-unrelated", "chain-root-included", "greeting-name-differs", "excluded"
        )
    );
}

TEST(Finding, Warnings)
{
    EXPECT_THAT(
        names_of(Severity::warning),
        testing::UnorderedElementsAre(
            "chain-incomplete", "certificate-not-trusted", "certificate-self-signed", "certificate-expired",
            "certificate-not-yet-valid", "certificate-host-mismatch", "certificate-purpose",
            "certificate-constraint", "tls-version-weak", "cipher-weak", "certificate-key-weak",
            "certificate-signature-weak", "certificate-expires-soon", "connect-refused", "connect-timeout",
            "connect-unreachable", "connect-local", "connect-closed", "greeting-timeout", "greeting-deferred",
            "greeting-refused", "greeting-malformed", "ehlo-refused", "ehlo-deferred", "ehlo-malformed",
            "reply-too-long", "command-timeout", "connection-lost", "dns-nxdomain", "starttls-masked",
            "starttls-repeated", "mail-from-refused", "rcpt-refused", "dns-no-answer", "mx-is-alias",
            "mx-is-address", "mx-null-not-alone", "mx-no-address", "mx-loop", "ocsp-invalid", "ocsp-missing",
            "tlsa-unusable", "tlsa-insecure", "sts-policy-fetch-error", "sts-policy-invalid",
            "sts-webpki-invalid", "sts-mx-mismatch", "sts-record-invalid", "tls-rpt-invalid",
            "target-invalid", "target-abandoned"
        )
    );
}

TEST(Finding, WhatLiesWithUsIsHeldAgainstNobody)
{
    for (const auto code : all_codes())
        EXPECT_EQ(lies_with_us(code), code == Code::connect_local || code == Code::excluded) << name(code);
}

TEST(Finding, SeveritiesHaveNames)
{
    EXPECT_EQ(name(Severity::notice), "notice");
    EXPECT_EQ(name(Severity::warning), "warning");
    EXPECT_EQ(name(Severity::critical), "critical");
}

// RFC 8460, section 4.3.

TEST(Finding, ResultTypesAreThoseOfTlsReports)
{
    const std::map<std::string_view, std::set<std::string>> types{
        {"starttls-not-supported", {"ehlo-refused", "starttls-not-supported", "starttls-refused"}},
        {"certificate-host-mismatch", {"certificate-host-mismatch"}},
        {"certificate-expired", {"certificate-expired"}},
        {"certificate-not-trusted",
         {"chain-incomplete", "certificate-not-trusted", "certificate-self-signed",
          "certificate-not-yet-valid", "certificate-revoked", "certificate-purpose",
          "certificate-constraint"}},
        {"validation-failure",
         {"starttls-injection", "tls-handshake-failed", "tls-timeout", "tls-not-tls", "sts-mx-mismatch"}},
        {"tlsa-invalid", {"tlsa-invalid"}},
        {"dnssec-invalid", {"dnssec-invalid"}},
        {"dane-required", {"dane-required"}},
        {"sts-policy-fetch-error", {"sts-policy-fetch-error"}},
        {"sts-policy-invalid", {"sts-policy-invalid"}},
        {"sts-webpki-invalid", {"sts-webpki-invalid"}},
    };
    std::map<std::string_view, std::set<std::string>> found;
    for (const auto code : all_codes()) {
        if (!result_type(code).empty())
            found[result_type(code)].emplace(name(code));
    }
    EXPECT_EQ(found, types);
}

TEST(Finding, WhatFailsACertIsAFailureInTlsReports)
{
    for (const auto code : all_codes()) {
        if (probe::fails_cert(code)) {
            EXPECT_FALSE(result_type(code).empty()) << name(code);
        }
    }
}

TEST(Finding, WhatKeptTheProbeFromJudgingIsNoFailureOfTls)
{
    for (const auto code :
         {Code::connect_refused, Code::connect_timeout, Code::connect_local, Code::greeting_timeout,
          Code::greeting_deferred, Code::greeting_refused, Code::ehlo_deferred, Code::command_timeout,
          Code::starttls_masked, Code::mail_from_refused, Code::dns_no_answer, Code::mx_null})
        EXPECT_EQ(result_type(code), "") << name(code);
}

} // namespace
