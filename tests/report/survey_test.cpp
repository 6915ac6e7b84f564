#include "report/survey.hpp"

#include "verdicts.hpp"

#include "report/detail.hpp"
#include "report/json.hpp"
#include "report/report.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <array>

namespace report
{
namespace
{

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// TLS 1.3 and 1.2 whole, 1.1 refused, 1.0 closed, SSL 3 not known.
probe::Survey survey()
{
    probe::Survey held;
    for (std::size_t i = 0; i < held.versions.size(); ++i)
        held.versions[i].version = probe::surveyed_versions[i];
    auto& [tls13, tls12, tls11, tls10, ssl3] = held.versions;
    tls13.state = tls12.state = probe::Accepted::yes;
    tls13.complete = true;
    tls13.suites = {"TLS_AES_256_GCM_SHA384"};
    tls13.groups = {.accepted = {{"X25519", 253}, {"X25519MLKEM768", 0}}, .complete = true};
    tls13.resumption = true;
    tls12.suites = {"ECDHE-RSA-AES256-GCM-SHA384", "DES-CBC3-SHA"};
    tls12.preference = probe::Preference::server;
    tls12.reason = "no answer";
    tls12.groups = {.accepted = {{"prime256v1", 256}}};
    tls12.resumption = false;
    tls11.state = probe::Accepted::no;
    tls11.reason = "alert protocol version (70)";
    tls10.state = probe::Accepted::closed;
    tls10.reason = "the connection was closed";
    ssl3.reason = "\x1b[2J";
    held.dh_bits = {1024, 2048};
    held.secure_renegotiation = true;
    held.compression = false;
    held.extended_master_secret = true;
    held.session_tickets = false;
    held.alpn = "";
    held.connections = 57;
    held.stopped = "the server answered 421 too many";
    return held;
}

TEST(SurveyLines, TellEverythingOnce)
{
    EXPECT_EQ(
        survey_lines(survey(), "mx.test [192.0.2.1:25]", false),
        R"(What is offered by mx.test [192.0.2.1:25], by 57 further connections
  TLSv1.3   accepted, with 1 cipher suite
            TLS_AES_256_GCM_SHA384
            groups: X25519 (253 bits), X25519MLKEM768
            sessions are resumed
  TLSv1.2   accepted, with at least 2 cipher suites, in the server's order
            ECDHE-RSA-AES256-GCM-SHA384, DES-CBC3-SHA
            then: no answer
            groups, at least: prime256v1 (256 bits)
            sessions are not resumed
  TLSv1.1   not offered: alert protocol version (70)
  TLSv1.0   not offered: the connection was closed, where another version is accepted
  SSLv3     not known: \x1b[2J
  DHE: 1024, 2048 bits
  secure renegotiation: yes
  compression: no
  extended master secret: yes
  session tickets: no
  ALPN: none
  notice: would accept weak cipher suites: DES-CBC3-SHA
  notice: would accept small key-exchange groups: DH of 1024 bits
  not all was asked: the server answered 421 too many
)"
    );
}

TEST(SurveySummary, IsALineOfTheTable)
{
    EXPECT_EQ(summary(survey()), "accepts TLSv1.3, TLSv1.2, found by 57 connections; suites and groups: -v");
    EXPECT_EQ(
        summary(probe::Survey{}),
        "accepts no version that could be seen, found by 0 connections; suites and groups: -v"
    );
    auto verdict = verdicts::well();
    verdict.hosts[0].endpoints[0].survey = survey();
    EXPECT_THAT(write(std::array{verdict}, Format::table), HasSubstr(": " + summary(survey()) + "\n"));
}

TEST(SurveyLines, LeaveOutWhatTls13DoesWithout)
{
    probe::Survey held;
    for (std::size_t i = 0; i < held.versions.size(); ++i)
        held.versions[i].version = probe::surveyed_versions[i];
    held.connections = 1;
    const auto text = survey_lines(held, "mx.test", false);
    EXPECT_THAT(text, HasSubstr("by mx.test, by 1 further connection\n"));
    EXPECT_THAT(text, HasSubstr("  SSLv3     not known\n"));
    EXPECT_THAT(text, HasSubstr("ALPN: not known"));
    EXPECT_THAT(text, Not(HasSubstr("renegotiation")));
    held.alpn_refused = true;
    EXPECT_THAT(survey_lines(held, "mx.test", false), HasSubstr("ALPN: refused"));
}

TEST(SurveyLines, AreNeverTooWide)
{
    auto held = survey();
    held.versions[1].suites.assign(60, "ECDHE-ECDSA-CAMELLIA256-SHA384");
    const auto text = survey_lines(held, "mx.test", false);
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
        EXPECT_LE(text.find('\n', at) - at, 110U);
}

TEST(Detail, ShowsTheSurveyOfAnEndpoint)
{
    auto verdict = verdicts::well();
    verdict.hosts[0].endpoints[0].survey = survey();
    EXPECT_THAT(detail(verdict, {}), HasSubstr("\n\nWhat is offered by "));
    EXPECT_THAT(detail(verdicts::well(), {}), Not(HasSubstr("What is offered")));
}

TEST(JsonReport, HasTheSurveyOfAnEndpoint)
{
    auto verdict = verdicts::well();
    verdict.hosts[0].endpoints[0].survey = survey();
    const auto offered = Json::parse(ndjson(verdict))["hosts"][0]["endpoints"][0]["offered"];
    std::vector<std::string> keys;
    for (const auto& [key, value] : offered.items())
        keys.push_back(key);
    EXPECT_THAT(
        keys, ElementsAre(
                  "versions", "dh_bits", "secure_renegotiation", "compression", "extended_master_secret",
                  "session_tickets", "alpn", "connections", "stopped", "notices"
              )
    );
    EXPECT_EQ(
        offered["versions"][1],
        Json::parse(
            R"({"version": "TLSv1.2", "state": "accepted", "reason": "no answer", "preference": "server",
            "ciphers": ["ECDHE-RSA-AES256-GCM-SHA384", "DES-CBC3-SHA"], "ciphers_complete": false,
            "groups": [{"name": "prime256v1", "bits": 256}], "groups_complete": false, "resumption": false})"
        )
    );
    EXPECT_EQ(offered["versions"][0]["groups"][1]["bits"], nullptr);
    EXPECT_EQ(offered["versions"][0]["preference"], nullptr);
    EXPECT_EQ(offered["versions"][3]["state"], "closed");
    EXPECT_EQ(offered["versions"][4]["groups"], nullptr);
    EXPECT_EQ(offered["versions"][4]["reason"], "\\x1b[2J");
    EXPECT_EQ(offered["dh_bits"], Json::parse("[1024, 2048]"));
    EXPECT_EQ(offered["alpn"], "none");
    EXPECT_EQ(offered["connections"], 57);
    EXPECT_EQ(offered["notices"].size(), 2);
}

} // namespace
} // namespace report
