#include "report/report.hpp"

#include "golden.hpp"
#include "verdicts.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace report
{
namespace
{

using golden::same;

constexpr std::array all_formats{Format::table,       Format::table_and_detail,
                                 Format::detail,      Format::score,
                                 Format::json,        Format::ndjson,
                                 Format::csv,         Format::nagios,
                                 Format::openmetrics, Format::junit,
                                 Format::html,        Format::esa_log,
                                 Format::tls_report};

std::vector<probe::Verdict> everything()
{
    return {verdicts::well(),          verdicts::mismatch(),          verdicts::failures(),
            verdicts::interrupted(),   verdicts::interrupted_early(), verdicts::null_mx(),
            verdicts::no_domain(),     verdicts::dns_failed(),        verdicts::no_hosts(),
            verdicts::given_address(), verdicts::international(),     verdicts::twelve(),
            verdicts::published(),     verdicts::invalid(),           verdicts::partly_excluded()};
}

/// Takes away ESC [ digits m, and only that.
std::string without_sgr(std::string text)
{
    for (auto begin = text.find("\x1b["); begin != std::string::npos; begin = text.find("\x1b[", begin)) {
        const auto end = text.find_first_not_of("0123456789", begin + 2);
        if (end == std::string::npos || text[end] != 'm')
            return text;
        text.erase(begin, end + 1 - begin);
    }
    return text;
}

void spoil(std::vector<probe::Finding>& findings, const std::string& text)
{
    findings.push_back({probe::Code::greeting_refused, probe::Severity::critical, text, text});
}

void spoil(smtp::Session& session, const std::string& text)
{
    if (session.steps.empty())
        return; // it was never held, and there is no text in it
    for (auto& step : session.steps) {
        step.sent = text;
        step.detail = text;
        if (step.reply)
            step.reply->lines.assign(3, text);
    }
    auto failed = session.steps.front();
    failed.fault = smtp::errc::malformed_reply;
    session.steps.push_back(failed);
    if (session.offered)
        session.offered = smtp::Extensions{text, {text, text}, true, false};
    if (session.tls)
        session.tls->version = session.tls->cipher = session.tls->group = text;
}

void spoil(probe::EndpointVerdict& endpoint, const std::string& text)
{
    spoil(endpoint.session, text);
    for (auto& finding : endpoint.findings)
        finding.message = text; // which a TLS report gives as the reason
    spoil(endpoint.findings, text);
    endpoint.identity.reference = text;
    endpoint.identity.matched = text;
    if (endpoint.dane) {
        endpoint.dane->why = text;
        for (auto& record : endpoint.dane->records)
            record.why = text;
    }
    if (!endpoint.chain)
        return;
    for (auto& [facts, days_left, verdict] : endpoint.chain->certificates) {
        verdict = facts.subject = facts.issuer = facts.serial = facts.key = facts.signature = text;
        facts.common_name = facts.sha256 = facts.spki_sha256 = text;
        facts.names.assign(3, text);
    }
}

/// The same verdict with this text wherever a verdict has any.
probe::Verdict spoiled(probe::Verdict verdict, const std::string& text)
{
    verdict.target = verdict.domain = text;
    verdict.confidence.reasons = {{-10, probe::Code::certificate_expired, text}};
    spoil(verdict.findings, text);
    if (verdict.mta_sts) {
        verdict.mta_sts->id = text;
        verdict.mta_sts->lines = {text};
        verdict.mta_sts->stale = verdict.mta_sts->remarks = verdict.mta_sts->policy->mx = {text, text};
        verdict.tls_rpt->rua = {text};
    }
    for (auto& host : verdict.hosts) {
        host.name = text;
        if (host.tlsa)
            host.tlsa->base_domain = text;
        spoil(host.findings, text);
        for (auto& endpoint : host.endpoints)
            spoil(endpoint, text);
    }
    return verdict;
}

const std::vector<std::string> hostile{
    "\x1b[2J\x1b]0;owned\x07",
    std::string("nul\0nul", 7),
    "line\r\nline\rline\ttab\x7f",
    "C1 \x9b\x32J \xc2\x9b\x32J \xc2\x85",
    "turned \xe2\x80\xae around \xe2\x81\xa6 and \xe2\x80\x8b hidden",
    "no UTF-8 \xff\xfe\xc3\xed\xa0\x80\xf0\x9f",
    "quotes \" ' \\ and </script>"};

/// The line ends of CSV are CRLF; nothing else may have a CR.
std::string with_plain_line_ends(std::string text)
{
    for (auto at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n", at))
        text.erase(at, 1);
    return text;
}

/// The dot between what is told of a host is the one character outside ASCII that reports have of their own.
std::string without_dots(std::string text)
{
    const std::string dot = "\u00b7";
    for (auto at = text.find(dot); at != std::string::npos; at = text.find(dot, at))
        text.erase(at, dot.size());
    return text;
}

bool is_plain(const std::string& text)
{
    return std::all_of(text.begin(), text.end(), [](char octet) {
        return octet == '\n' || (octet >= 0x20 && octet <= 0x7e);
    });
}

TEST(Format, IsFoundByItsName)
{
    EXPECT_EQ(format_named("table"), Format::table);
    EXPECT_EQ(format_named("detail"), Format::detail);
    EXPECT_EQ(format_named("score"), Format::score);
    EXPECT_EQ(format_named("json"), Format::json);
    EXPECT_EQ(format_named("ndjson"), Format::ndjson);
    EXPECT_EQ(format_named("csv"), Format::csv);
    EXPECT_EQ(format_named("nagios"), Format::nagios);
    EXPECT_EQ(format_named("openmetrics"), Format::openmetrics);
    EXPECT_EQ(format_named("junit"), Format::junit);
    EXPECT_EQ(format_named("html"), Format::html);
    EXPECT_EQ(format_named("esa-log"), Format::esa_log);
    EXPECT_EQ(format_named("tlsrpt"), Format::tls_report);
    EXPECT_EQ(format_named("Table"), std::nullopt);
    EXPECT_EQ(format_named(""), std::nullopt);
}

TEST(Write, PutsABlankLineBetweenTargetsForPeople)
{
    const std::vector all{verdicts::null_mx(), verdicts::well(), verdicts::no_domain()};
    EXPECT_TRUE(same(write(all, Format::table), "several.table.txt"));
    EXPECT_TRUE(same(write(all, Format::table_and_detail), "several.verbose.txt"));
}

TEST(Write, ScoresALineATarget)
{
    EXPECT_TRUE(same(write(everything(), Format::score), "several.score.txt"));
}

TEST(Write, WritesAnArrayOrALineATargetForPrograms)
{
    const auto all = everything();
    EXPECT_EQ(nlohmann::json::parse(write(all, Format::json)).size(), all.size());
    const auto lines = golden::lines_of(write(all, Format::ndjson));
    ASSERT_EQ(lines.size(), all.size());
    for (std::size_t index = 0; index < all.size(); ++index)
        EXPECT_EQ(nlohmann::json::parse(lines[index]).at("target"), all[index].target);
}

TEST(Write, IsTheHeaderAndARecordATargetWhereTheseCanBeWrittenOneByOne)
{
    for (const auto format : {Format::score, Format::ndjson, Format::csv}) {
        auto text = header(format);
        for (const auto& verdict : everything())
            text += record(verdict, format);
        EXPECT_EQ(text, write(everything(), format));
        EXPECT_EQ(write({}, format), header(format));
    }
    EXPECT_THAT(header(Format::csv), testing::StartsWith("target,status,"));
    EXPECT_EQ(header(Format::ndjson), "");
    EXPECT_EQ(header(Format::score), "");
}

TEST(Write, EndsInALineEndAndHasNoSpaceBeforeOne)
{
    for (const auto format : all_formats) {
        const auto text = write(everything(), format);
        EXPECT_EQ(text.back(), '\n');
        EXPECT_EQ(text.find(" \n"), std::string::npos);
        EXPECT_EQ(text.find("\n\n\n"), std::string::npos);
    }
}

TEST(Write, SaysTheSameWithTheColorsTakenAway)
{
    for (const auto format : all_formats) {
        const auto colored = write(everything(), format, {.color = true});
        const auto plain = write(everything(), format);
        EXPECT_EQ(without_sgr(colored), plain);
    }
}

TEST(Write, ColorsOnlyWhatIsForPeople)
{
    for (const auto format : all_formats) {
        const bool for_people =
            format == Format::table || format == Format::table_and_detail || format == Format::detail;
        EXPECT_EQ(write(everything(), format, {.color = true}) != write(everything(), format), for_people);
    }
}

TEST(Write, LetsNothingHostileThrough)
{
    for (const auto& text : hostile) {
        std::vector<probe::Verdict> verdicts;
        for (const auto& verdict : everything())
            verdicts.push_back(spoiled(verdict, text));
        for (const auto format : all_formats) {
            EXPECT_TRUE(is_plain(without_dots(with_plain_line_ends(write(verdicts, format))))) << text;
            EXPECT_TRUE(is_plain(
                without_dots(with_plain_line_ends(without_sgr(write(verdicts, format, {.color = true}))))
            )) << text;
        }
    }
}

TEST(Write, KeepsJsonSafeAfterItIsDecoded)
{
    for (const auto& text : hostile) {
        const auto line = write(std::vector{spoiled(verdicts::well(), text)}, Format::ndjson);
        const auto decoded = nlohmann::json::parse(line);
        EXPECT_TRUE(is_plain(decoded.at("target").get<std::string>()));
        const auto& endpoint = decoded.at("hosts").at(0).at("endpoints").at(0);
        EXPECT_TRUE(is_plain(endpoint.at("greeting").get<std::string>()));
        EXPECT_TRUE(is_plain(endpoint.at("chain").at(0).at("subject").get<std::string>()));
    }
}

TEST(Write, DoesNotLetAServerForgeALine)
{
    auto verdict = spoiled(verdicts::well(), "x\n[000.000] <-- 220 forged");
    const auto lines = golden::lines_of(write(std::vector{verdict}, Format::detail));
    for (const auto& line : lines)
        EXPECT_NE(line.find("[000.000] <-- 220 forged"), 0u);
}

} // namespace
} // namespace report
