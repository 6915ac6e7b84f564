#include "report/phrases.hpp"

#include "verdicts.hpp"

#include <gmock/gmock.h>

namespace report
{
namespace
{

using testing::HasSubstr;

TEST(Header, IsOneLineForAFinishedTarget)
{
    EXPECT_EQ(
        header(verdicts::mismatch(), false),
        "CheckTLS-style confidence factor for \"user@example.com\": 90 of 100  (best 120)   CRITICAL\n"
    );
}

TEST(Header, HasNoScaleForNoFactor)
{
    EXPECT_EQ(
        header(verdicts::null_mx(), false), "CheckTLS-style confidence factor for \"example.com\": n/a   OK\n"
    );
}

TEST(Header, SaysWhatANameOutsideAsciiWasLookedUpAs)
{
    const auto text = header(verdicts::international(), false);
    EXPECT_THAT(text, HasSubstr("\"post@b\u00fccher.example\""));
    EXPECT_THAT(text, HasSubstr("\nLooked up as xn--bcher-kva.example\n"));
}

TEST(Header, SaysThatTheRunWasInterrupted)
{
    EXPECT_THAT(
        header(verdicts::interrupted(), false),
        HasSubstr("\nInterrupted after 1.2 s: this is what was known by then\n")
    );
    EXPECT_THAT(
        header(verdicts::interrupted_early(), false),
        HasSubstr("\nInterrupted after 0.3 s: before any host was known\n")
    );
}

TEST(Label, PutsAddressAndPortInBrackets)
{
    const auto verdict = verdicts::well();
    const auto& host = verdict.hosts[0];
    EXPECT_EQ(label(host, host.endpoints[0]), "mx1.example.com [192.0.2.1:25]");
    EXPECT_EQ(label(host, host.endpoints[1]), "mx1.example.com [[2001:db8::1]:25]");
}

TEST(Label, SaysWhetherTheLackOfAnAddressIsKnown)
{
    auto host = verdicts::host("mx2.example.com", 10, 50, {});
    EXPECT_EQ(label_without_address(host, true), "mx2.example.com [no address]");
    EXPECT_EQ(label_without_address(host, false), "mx2.example.com [address unknown]");
    host.findings = {{probe::Code::dns_no_answer, probe::Severity::warning, "timed out", ""}};
    EXPECT_EQ(label_without_address(host, true), "mx2.example.com [address unknown]");
    host.findings = {{probe::Code::mx_no_address, probe::Severity::warning, "no A, no AAAA", ""}};
    EXPECT_EQ(label_without_address(host, false), "mx2.example.com [no address]");
}

TEST(Sentence, AddsWhatTheServerSaidOnce)
{
    const auto code = probe::Code::mail_from_refused;
    const auto severity = probe::Severity::warning;
    EXPECT_EQ(sentence({code, severity, "MAIL FROM was refused", ""}), "MAIL FROM was refused");
    EXPECT_EQ(
        sentence({code, severity, "MAIL FROM was refused", "550 No"}),
        "MAIL FROM was refused; the server said \"550 No\""
    );
    EXPECT_EQ(
        sentence({code, severity, "MAIL FROM was refused: 550 No", "550 No"}), "MAIL FROM was refused: 550 No"
    );
    EXPECT_EQ(
        sentence({code, severity, "it answered MAIL FROM with 550: not here", "550 not here."}),
        "it answered MAIL FROM with 550: not here"
    ) << "said already";
}

} // namespace
} // namespace report
