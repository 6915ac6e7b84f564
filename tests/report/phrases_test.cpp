#include "report/phrases.hpp"

#include "verdicts.hpp"

#include <gmock/gmock.h>

namespace report
{
namespace
{

using namespace std::chrono_literals;
using probe::Code;
using probe::Severity;
using smtp::Stage;
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
    host.findings = {{probe::Code::excluded, probe::Severity::notice, "was not contacted", ""}};
    EXPECT_EQ(label_without_address(host, true), "mx2.example.com [excluded]");
}

TEST(Label, OfATargetIsItsDomainOrWhatWasGivenInPlaceOfOne)
{
    EXPECT_EQ(label(verdicts::international()), "xn--bcher-kva.example");
    EXPECT_EQ(label(verdicts::invalid()), "exa mple.com");
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

TEST(Answers, SayThatASessionWasShared)
{
    auto endpoint = verdicts::well().hosts[0].endpoints[0];
    EXPECT_THAT(answers(endpoint), testing::IsEmpty());
    endpoint.shared = true;
    EXPECT_THAT(answers(endpoint), testing::ElementsAre("connected once for several targets of this run"));
}

TEST(Unfinished, SaysWhatWasUnderWayOrWhyItsTurnDidNotCome)
{
    const smtp::Session begun =
        verdicts::Conversation("192.0.2.1").pass(Stage::connect, 1ms).stop(Stage::greeting);
    EXPECT_THAT(unfinished(begun, false), testing::StartsWith("interrupted while "));
    EXPECT_EQ(unfinished(begun, true), unfinished(begun, false));
    EXPECT_EQ(unfinished({}, false), "not tried: interrupted before its turn");
    EXPECT_EQ(unfinished({}, true), "not tried: the time of the whole target ran out before its turn");
}

TEST(Hint, NamesEachCodeOnceTheWorstFirst)
{
    auto verdict = verdicts::well();
    const auto found = [](probe::Code code) { return probe::usual_finding(code, "so it is"); };
    verdict.findings = {found(Code::mx_implicit), found(Code::mx_null_not_alone)};
    verdict.hosts[0].findings = {found(Code::mx_is_alias)};
    verdict.hosts[0].endpoints[0].findings = {found(Code::certificate_expired), found(Code::tls_timeout)};
    verdict.hosts[0].endpoints[1].findings = {
        found(Code::starttls_refused), found(Code::certificate_expired)};
    const std::string warnings = "What to do: mxtls explain starttls-refused tls-timeout mx-null-not-alone "
                                 "mx-is-alias certificate-expired";
    EXPECT_EQ(hint(verdict, Severity::warning), warnings + '\n');
    EXPECT_EQ(hint(verdict, Severity::notice), warnings + " mx-implicit\n");
    EXPECT_EQ(hint(verdict, Severity::critical), "What to do: mxtls explain starttls-refused tls-timeout\n");
}

TEST(Hint, IsNotThereWhereNothingIsToBeDone)
{
    EXPECT_EQ(hint(verdicts::well(), Severity::notice), "");
    EXPECT_EQ(hint(verdicts::null_mx(), Severity::warning), "");
}

} // namespace
} // namespace report
