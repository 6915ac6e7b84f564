#include "report/csv.hpp"

#include "golden.hpp"
#include "report/report.hpp"
#include "verdicts.hpp"

#include <gmock/gmock.h>

namespace report
{
namespace
{

using golden::same;
using testing::HasSubstr;
using testing::StartsWith;

std::size_t rows_in(const std::string& text)
{
    std::size_t rows = 0;
    for (auto at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n", at + 2))
        ++rows;
    return rows;
}

/// The rows on a target that is named so.
std::string rows_on(const std::string& target)
{
    auto verdict = verdicts::null_mx();
    verdict.target = target;
    return csv_rows(verdict);
}

TEST(Csv, IsARowAnEndpointBehindAHeader)
{
    EXPECT_TRUE(same(write(std::vector{verdicts::well(), verdicts::mismatch()}, Format::csv), "several.csv"));
    EXPECT_TRUE(same(write(std::vector{verdicts::failures()}, Format::csv), "failures.csv"));
    EXPECT_EQ(rows_in(csv_header()), 1u);
}

TEST(Csv, HasARowForWhatHasNoEndpoint)
{
    const std::vector bare{
        verdicts::null_mx(), verdicts::no_domain(), verdicts::invalid(), verdicts::partly_excluded()};
    EXPECT_TRUE(same(write(bare, Format::csv), "untried.csv"));
    EXPECT_EQ(rows_in(csv_rows(verdicts::null_mx())), 1u);
    EXPECT_EQ(rows_in(csv_rows(verdicts::partly_excluded())), 4u) << "three addresses, and a host without";
}

TEST(Csv, TellsTheOutcomeOfATargetWithoutEndpointAndOfNoHostBesideOthers)
{
    auto verdict = verdicts::well();
    verdict.hosts[0].endpoints.clear();
    verdict.outcomes.fill(probe::Outcome::deferred);
    EXPECT_THAT(csv_rows(verdict), HasSubstr(",deferred,deferred,deferred,"));
    EXPECT_THAT(csv_rows(verdicts::partly_excluded()), HasSubstr("mx.example.net,20,,,"));
}

TEST(Csv, QuotesWhatWouldEndACell)
{
    EXPECT_THAT(rows_on("a,b"), StartsWith("\"a,b\",OK,"));
    EXPECT_THAT(rows_on("say \"a\""), StartsWith("\"say \"\"a\"\"\",OK,"));
    EXPECT_THAT(rows_on("a b;c"), StartsWith("a b;c,OK,"));
    EXPECT_THAT(rows_on("a\r\nb"), StartsWith("a\\x0d\\x0ab,OK,")) << "no line end of others' gets in";
}

TEST(Csv, HasNoCellThatASpreadsheetTakesForAFormula)
{
    EXPECT_THAT(rows_on("=HYPERLINK(\"x\")"), StartsWith("\"\\x3dHYPERLINK(\"\"x\"\")\",OK,"));
    EXPECT_THAT(rows_on("+1@example.com"), StartsWith("\\x2b1@example.com,OK,"));
    EXPECT_THAT(rows_on("-1"), StartsWith("\\x2d1,OK,"));
    EXPECT_THAT(rows_on("@SUM(1)"), StartsWith("\\x40SUM(1),OK,"));
    EXPECT_THAT(rows_on("\t=1"), StartsWith("\\x09=1,OK,"));
    EXPECT_THAT(rows_on("user=a@example.com"), StartsWith("user=a@example.com,OK,"));

    auto verdict = verdicts::well();
    verdict.hosts[0].name = "-mx.example.com";
    verdict.hosts[0].endpoints[0].session.tls->cipher = "@cipher";
    EXPECT_THAT(csv_rows(verdict), HasSubstr(",\\x2dmx.example.com,10,192.0.2.1,25,"));
    EXPECT_THAT(csv_rows(verdict), HasSubstr(",\\x40cipher,"));
}

TEST(Csv, LeavesANumberBelowZeroANumber)
{
    EXPECT_THAT(csv_rows(verdicts::failures()), HasSubstr(",TLS_AES_256_GCM_SHA384,-3,"));
}

TEST(Csv, TellsEachCodeOnce)
{
    auto verdict = verdicts::well();
    const auto found = [](probe::Code code) { return probe::usual_finding(code, "so it is"); };
    verdict.findings = {found(probe::Code::mx_implicit)};
    verdict.hosts[0].findings = {found(probe::Code::dns_no_answer), found(probe::Code::dns_no_answer)};
    verdict.hosts[0].endpoints.resize(1);
    verdict.hosts[0].endpoints[0].findings = {
        found(probe::Code::tls_timeout), found(probe::Code::mx_implicit)};
    EXPECT_THAT(csv_rows(verdict), testing::EndsWith(",mx-implicit dns-no-answer tls-timeout,\r\n"));
}

// A file of targets may have one domain twice: under another policy, or by another host.
TEST(Csv, TellsTheLabel)
{
    auto verdict = verdicts::well();
    verdict.label = "=by our, relay";
    EXPECT_THAT(csv_rows(verdict), testing::EndsWith(",\"\\x3dby our, relay\"\r\n"));
    EXPECT_THAT(csv_header(), testing::EndsWith(",codes,label\r\n"));
}

} // namespace
} // namespace report
