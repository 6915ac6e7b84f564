#include "report/notice.hpp"

#include "verdicts.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <map>

namespace report
{
namespace
{

using history::Event;
using history::Notice;
using probe::Code;
using probe::Severity;
using probe::Status;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Notice notice(std::vector<Event> events, Status previous = Status::ok)
{
    Notice one;
    one.events = std::move(events);
    one.previous = previous;
    return one;
}

history::Certificate presented_by(const probe::Verdict& verdict)
{
    const auto& facts = verdict.hosts.at(0).endpoints.at(0).chain->certificates.at(0).facts;
    return {facts.sha256, facts.serial, facts.spki_sha256, facts.key, facts.issuer, facts.not_after};
}

/// A domain with one host, of which this was found.
probe::Verdict failing(const std::vector<std::pair<Code, Severity>>& findings)
{
    auto verdict = verdicts::well();
    verdict.target = verdict.domain = "example.com";
    verdict.status = Status::critical;
    auto& found = verdict.hosts.at(0).endpoints.at(0).findings;
    found.clear();
    for (const auto& [code, severity] : findings)
        found.push_back({code, severity, "it is so", ""});
    return verdict;
}

std::string worse(const std::vector<std::pair<Code, Severity>>& findings)
{
    return subject({failing(findings), notice({Event::worse})});
}

TEST(Alert, CallsTheCausesThatAnApplianceAlertsOnWhatTheyAre)
{
    constexpr auto warning = Severity::warning;
    constexpr auto critical = Severity::critical;
    const std::string begin = "example.com CRITICAL: ";
    EXPECT_EQ(
        worse({{Code::ehlo_refused, warning}, {Code::starttls_not_supported, critical}}),
        begin + "no ESMTP: EHLO is refused (mx1.example.com)"
    );
    EXPECT_EQ(
        worse({{Code::starttls_not_supported, critical}}), begin + "STARTTLS is not offered (mx1.example.com)"
    );
    EXPECT_EQ(
        worse({{Code::starttls_refused, critical}}),
        begin + "STARTTLS is offered, and was answered with an error (mx1.example.com)"
    );
    EXPECT_EQ(
        worse({{Code::certificate_expired, warning}, {Code::certificate_host_mismatch, warning}}),
        begin + "a certificate is past its date (mx1.example.com), and 1 more"
    );
}

TEST(Alert, TellsOfARecoveryBesideAServerThatTurnsAway)
{
    const auto verdict = failing({{Code::greeting_deferred, Severity::warning}});
    EXPECT_EQ(
        subject({verdict, notice({Event::recovery}, Status::critical)}),
        "example.com CRITICAL: what was wrong before is mended, and not all servers could be judged"
    );
    EXPECT_EQ(
        subject({verdict, notice({Event::recovery}, Status::unknown)}),
        "example.com CRITICAL: recovered from UNKNOWN"
    );
}

TEST(Alert, SaysSinceWhenNothingCouldBeJudged)
{
    auto verdict = failing({{Code::greeting_deferred, Severity::warning}});
    verdict.status = Status::unknown;
    auto event = notice({Event::unknown});
    event.unknown_since = history::Moment(verdicts::noon);
    EXPECT_EQ(
        subject({verdict, event}), "example.com UNKNOWN: nothing could be judged since "
                                   "2026-11-20T12:00:00.000Z: the server says: not now "
                                   "(421 or another 4xx) (mx1.example.com)"
    );
    EXPECT_THAT(text({verdict, event}), HasSubstr("\nexample.com is UNKNOWN now, and was OK before.\n"));
}

TEST(Alert, SaysWhatHappenedAboveTheTable)
{
    const auto verdict = failing({{Code::starttls_refused, Severity::critical}});
    const auto event = notice({Event::worse});
    const auto told = text({verdict, event, {.runs = 3, .since = history::Moment(verdicts::noon)}});
    EXPECT_THAT(
        told, StartsWith("example.com CRITICAL: STARTTLS is offered, and was answered with an error ")
    );
    EXPECT_THAT(told, HasSubstr("\nexample.com is CRITICAL now, and was OK before.\n"));
    EXPECT_THAT(
        told, HasSubstr("\nIt has been found to fail in 3 runs in a row, since 2026-11-20T12:00:00.000Z.\n")
    );
    EXPECT_THAT(
        told, HasSubstr("\n\nWhat is wrong:\n  mx1.example.com [192.0.2.1:25]: starttls-refused: "
                        "STARTTLS is offered, and was answered with an error: it is so\n")
    );
    EXPECT_THAT(told, HasSubstr("\n\nCheckTLS-style confidence factor for \"example.com\""));
}

TEST(Alert, TellsOfCertificates)
{
    const auto verdict = verdicts::well();
    auto event = notice({Event::recovery, Event::key, Event::expiry}, Status::critical);
    event.fresh = {presented_by(verdict)};
    event.ending = {{presented_by(verdict), 14}};
    const Alert alert{verdict, event};
    EXPECT_THAT(
        subject(alert),
        testing::EndsWith(" OK: recovered from CRITICAL; a new certificate with a new key (mx1.example.com); "
                          "a certificate ends within 14 days (mx1.example.com)")
    );
    EXPECT_THAT(
        text(alert),
        HasSubstr("\n\nmx1.example.com presents a certificate that it was not seen with before:\n")
    );
    EXPECT_THAT(
        text(alert), HasSubstr("\n\nA certificate of mx1.example.com ends within 14 days:\n    serial ")
    );
    EXPECT_THAT(text(alert), Not(HasSubstr("What is wrong")));
}

TEST(Alert, HasFactsForScripts)
{
    const auto verdict = failing({{Code::starttls_refused, Severity::critical}});
    auto event = notice({Event::worse, Event::expiry}, Status::warning);
    event.ending = {{presented_by(verdict), 7}};
    const auto all = facts({verdict, event, {.runs = 2, .since = history::Moment(verdicts::noon)}});
    const std::map<std::string, std::string> of(all.begin(), all.end());
    EXPECT_EQ(of.size(), all.size());
    EXPECT_EQ(of.at("MXTLS_TARGET"), "example.com");
    EXPECT_EQ(of.at("MXTLS_EVENT"), "worse,expiry");
    EXPECT_EQ(of.at("MXTLS_STATUS"), "CRITICAL");
    EXPECT_EQ(of.at("MXTLS_PREVIOUS_STATUS"), "WARNING");
    EXPECT_EQ(of.at("MXTLS_CODES"), "starttls-refused");
    EXPECT_EQ(of.at("MXTLS_FAILING_RUNS"), "2");
    EXPECT_EQ(of.at("MXTLS_FAILING_SINCE"), "2026-11-20T12:00:00.000Z");
    EXPECT_EQ(of.at("MXTLS_HOST"), "mx1.example.com");
    EXPECT_EQ(of.at("MXTLS_EXPIRY_DAYS"), "7");
    EXPECT_EQ(of.at("MXTLS_SHA256"), presented_by(verdict).sha256);
}

TEST(Alert, TellsATargetByItsLabelAndItsName)
{
    auto verdict = failing({{Code::starttls_refused, Severity::critical}});
    verdict.label = "relay B";
    const auto event = notice({Event::worse});
    const Alert alert{verdict, event};
    EXPECT_THAT(subject(alert), testing::StartsWith("relay B (example.com) CRITICAL: "));
    EXPECT_THAT(text(alert), HasSubstr("\n\nrelay B (example.com) is CRITICAL now"));
    const auto all = facts(alert);
    const std::map<std::string, std::string> of(all.begin(), all.end());
    EXPECT_EQ(of.at("MXTLS_TARGET"), "example.com");
    EXPECT_EQ(of.at("MXTLS_LABEL"), "relay B");
    EXPECT_EQ(nlohmann::json::parse(alert_json(alert))["label"], "relay B");
}

TEST(Alert, IsJSONWithTheReport)
{
    const auto verdict = failing({{Code::starttls_refused, Severity::critical}});
    const auto event = notice({Event::worse});
    const Alert alert{verdict, event, {.runs = 1, .since = history::Moment(verdicts::noon)}};
    const auto json = nlohmann::json::parse(alert_json(alert));
    EXPECT_EQ(json["schema"], "mxtls-alert/1");
    EXPECT_EQ(json["text"], subject(alert));
    EXPECT_EQ(json["events"], nlohmann::json({"worse"}));
    EXPECT_EQ(json["status"], "CRITICAL");
    EXPECT_EQ(json["previous_status"], "OK");
    EXPECT_EQ(json["codes"], nlohmann::json({"starttls-refused"}));
    EXPECT_EQ(json["failing_runs"], 1);
    EXPECT_TRUE(json["expiry_days"].is_null());
    EXPECT_TRUE(json["certificates"].empty());
    EXPECT_EQ(json["report"]["schema"], "mxtls/1");
}

TEST(Alert, LeavesAReportOutThatIsTooLarge)
{
    auto verdict = failing({});
    verdict.findings.assign(
        2000, {Code::dns_no_answer, Severity::warning, std::string(max_alert / 2000, 'x'), ""}
    );
    const auto event = notice({Event::worse});
    const auto json = alert_json({verdict, event});
    EXPECT_LE(json.size(), max_alert);
    EXPECT_TRUE(nlohmann::json::parse(json)["report"].is_null());
}

TEST(Alert, ShowsHostileTextAsText)
{
    auto verdict = failing({{Code::connect_timeout, Severity::warning}});
    verdict.hosts.at(0).name = "mx\n\x1b[31m.example.com";
    verdict.hosts.at(0).endpoints.at(0).findings.at(0).text = "421 \r\nBcc: x";
    const auto event = notice({Event::worse});
    const Alert alert{verdict, event};
    EXPECT_EQ(subject(alert).find_first_of("\r\n\x1b"), std::string::npos);
    EXPECT_EQ(text(alert).find_first_of("\r\x1b"), std::string::npos);
    for (const auto& [name, value] : facts(alert))
        EXPECT_EQ(value.find_first_of("\r\n\x1b"), std::string::npos) << name;
}

} // namespace
} // namespace report
