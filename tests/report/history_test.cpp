#include "report/history.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace report
{
namespace
{

using namespace std::chrono_literals;
using history::Aspect;
using history::Certificate;
using history::Place;
using history::Seen;
using history::Timeline;
using testing::HasSubstr;
using testing::Not;

constexpr history::Moment noon = std::chrono::sys_days{std::chrono::November / 20 / 2026} + 12h;
const Place mx1{"mx1.example.com", "192.0.2.1", 25};
const Place mx2{"mx2.example.com", "2001:db8::1", 2525};

Certificate certificate()
{
    return {
        .sha256 = "aaaa",
        .serial = "03a1f2",
        .spki_sha256 = "9f86d081884c7d659a2feaa0c55ad015",
        .key = "EC P-256",
        .issuer = "/C=US/O=Example, Inc./CN=CA",
        .not_after = std::chrono::sys_days{std::chrono::January / 31 / 2027}};
}

/// Everything that a history tells of, in one.
Timeline timeline()
{
    const auto last = noon + 48h;
    return {
        .target = "example.com",
        .runs = 1234,
        .first = {.began = noon},
        .last = {.began = last, .status = probe::Status::critical, .factor = 50, .days_left = 61},
        .changes = {
            {.fact = {Aspect::status, {}, "OK"}, .first_seen = noon, .last_seen = noon + 24h, .ended = last},
            {.fact = {Aspect::factor, {}, ""}, .first_seen = noon, .last_seen = last},
            {.fact = {Aspect::mx, {}, "10 mx1.example.com, 20 mx2.example.com"},
             .first_seen = noon,
             .last_seen = last},
            {.fact = {Aspect::policy, {}, ""}, .first_seen = noon, .last_seen = noon + 24h},
            {.fact = {Aspect::certificate, mx1, "aaaa"},
             .certificate = certificate(),
             .first_seen = noon,
             .last_seen = last},
            {.fact = {Aspect::protocol, mx2, ""}, .first_seen = noon, .last_seen = last},
            {.fact = {Aspect::finding, {"mx2.example.com"}, "starttls-not-supported"},
             .first_seen = last,
             .last_seen = last}}};
}

TEST(History, TableIsForAPerson)
{
    const auto where = [](std::string text) { return text + std::string(38 - text.size(), ' '); };
    EXPECT_EQ(
        write(std::vector{timeline()}, HistoryFormat::table),
        "example.com: 1,234 runs from 2026-11-20T12:00:00Z to 2026-11-22T12:00:00Z, now CRITICAL, factor "
        "50\n\n"
        "First seen            Last seen               What         " +
            where("Where") +
            "Value\n"
            "2026-11-20T12:00:00Z  2026-11-21T12:00:00Z    status       " +
            where("") +
            "OK\n"
            "2026-11-20T12:00:00Z  2026-11-22T12:00:00Z *  factor       " +
            where("") +
            "n/a\n"
            "2026-11-20T12:00:00Z  2026-11-22T12:00:00Z *  MX set       " +
            where("") +
            "10 mx1.example.com, 20 mx2.example.com\n"
            "2026-11-20T12:00:00Z  2026-11-21T12:00:00Z    policy id    " +
            where("") +
            "none\n"
            "2026-11-20T12:00:00Z  2026-11-22T12:00:00Z *  certificate  " +
            where("mx1.example.com [192.0.2.1:25]") +
            "serial 03a1f2, EC P-256 key 9f86d081884c7d65, by /C=US/O=Example, Inc./CN=CA, until "
            "2027-01-31T00:00:00Z\n"
            "2026-11-20T12:00:00Z  2026-11-22T12:00:00Z *  protocol     " +
            where("mx2.example.com [[2001:db8::1]:2525]") +
            "no TLS\n"
            "2026-11-22T12:00:00Z  2026-11-22T12:00:00Z *  finding      " +
            where("mx2.example.com") +
            "starttls-not-supported\n"
            "* in the last run\n"
    );
}

TEST(History, TableOfNoChangeSaysSo)
{
    auto quiet = timeline();
    quiet.changes.clear();
    quiet.runs = 1;
    EXPECT_EQ(
        write(std::vector{quiet}, HistoryFormat::table),
        "example.com: 1 run from 2026-11-20T12:00:00Z to 2026-11-22T12:00:00Z, now CRITICAL, factor 50\n"
        "\nNothing has changed in the time asked for.\n"
    );
}

TEST(History, JsonHasEveryKey)
{
    const auto json = nlohmann::json::parse(write(std::vector{timeline(), timeline()}, HistoryFormat::json));
    ASSERT_EQ(json.size(), 2U);
    EXPECT_EQ(json[0]["schema"], "mxtls-history/1");
    EXPECT_EQ(json[0]["target"], "example.com");
    EXPECT_EQ(json[0]["runs"], 1234);
    EXPECT_EQ(json[0]["last_run"], "2026-11-22T12:00:00.000Z");
    EXPECT_EQ(json[0]["days_left"], 61);
    const auto& changes = json[0]["changes"];
    ASSERT_EQ(changes.size(), 7U);
    EXPECT_EQ(changes[0]["ended"], "2026-11-22T12:00:00.000Z");
    EXPECT_TRUE(changes[0]["host"].is_null() && changes[0]["port"].is_null());
    EXPECT_TRUE(changes[1]["value"].is_null() && changes[1]["ended"].is_null());
    EXPECT_EQ(changes[4]["what"], "certificate");
    EXPECT_EQ(changes[4]["address"], "192.0.2.1");
    EXPECT_EQ(changes[4]["certificate"]["spki_sha256"], certificate().spki_sha256);
    EXPECT_EQ(changes[5]["port"], 2525);
    EXPECT_EQ(write(std::vector<Timeline>(), HistoryFormat::json), "[]\n");
}

TEST(History, CsvHasARowAChange)
{
    auto few = timeline();
    few.changes.erase(few.changes.begin() + 1, few.changes.begin() + 4);
    few.changes.resize(2);
    EXPECT_EQ(
        write(std::vector{few}, HistoryFormat::csv),
        "target,what,host,address,port,value,first_seen,last_seen,ended,serial,key,issuer,not_after,"
        "spki_sha256\r\n"
        "example.com,status,,,,OK,2026-11-20T12:00:00.000Z,2026-11-21T12:00:00.000Z,"
        "2026-11-22T12:00:00.000Z,,,,,\r\n"
        "example.com,certificate,mx1.example.com,192.0.2.1,25,aaaa,2026-11-20T12:00:00.000Z,"
        "2026-11-22T12:00:00.000Z,,03a1f2,EC P-256,\"/C=US/O=Example, Inc./CN=CA\",2027-01-31T00:00:00Z,"
        "9f86d081884c7d659a2feaa0c55ad015\r\n"
    );
}

TEST(History, TextFromTheFileIsShownEscaped)
{
    const std::string hostile = "=a\x1b[31m\n\xff";
    auto spoiled = timeline();
    spoiled.target = hostile;
    for (auto& seen : spoiled.changes) {
        seen.fact.value = seen.fact.place.host = seen.fact.place.address = hostile;
        seen.certificate = Certificate{hostile, hostile, hostile, hostile, hostile, {}};
    }
    for (const auto format : {HistoryFormat::table, HistoryFormat::json, HistoryFormat::csv}) {
        const auto text = write(std::vector{spoiled}, format);
        EXPECT_THAT(text, Not(HasSubstr("\x1b")));
        EXPECT_THAT(text, Not(HasSubstr("\xff")));
    }
    EXPECT_THAT(write(std::vector{spoiled}, HistoryFormat::csv), Not(HasSubstr(",=")));
}

TEST(History, FormatsHaveTheirNames)
{
    EXPECT_EQ(history_format_named("table"), HistoryFormat::table);
    EXPECT_EQ(history_format_named("json"), HistoryFormat::json);
    EXPECT_EQ(history_format_named("csv"), HistoryFormat::csv);
    EXPECT_EQ(history_format_named("html"), HistoryFormat::html);
    EXPECT_EQ(history_format_named("detail"), std::nullopt);
}

} // namespace
} // namespace report
