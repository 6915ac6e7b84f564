#include "report/openmetrics.hpp"

#include "golden.hpp"
#include "verdicts.hpp"

#include <gmock/gmock.h>

#include <regex>
#include <set>

namespace report
{
namespace
{

using golden::same;
using testing::HasSubstr;
using testing::Not;

/// Each with a name of its own.
std::vector<probe::Verdict> several()
{
    std::vector all{verdicts::well(), verdicts::published(), verdicts::failures(), verdicts::no_domain()};
    all[1].target = "published.example.com";
    all[2].target = "failures.example.com";
    return all;
}

TEST(OpenMetrics, TellsFamilyByFamilyWhatWasFoundOfEachTarget)
{
    EXPECT_TRUE(same(openmetrics(several()), "several.openmetrics.txt"));
}

TEST(OpenMetrics, TellsTargetsOfOneNameApartByTheirLabels)
{
    std::vector twice{verdicts::well(), verdicts::well()};
    twice[1].label = "as \"TLS\" wants it";
    const auto text = openmetrics(twice);
    EXPECT_THAT(text, HasSubstr("mxtls_factor{target=\"example.com\"} 100\n"));
    EXPECT_THAT(
        text, HasSubstr("mxtls_factor{target=\"example.com\",label=\"as \\\"TLS\\\" wants it\"} 100\n")
    );
}

TEST(OpenMetrics, EndsWhereThereIsNothingToTell)
{
    EXPECT_EQ(openmetrics({}), "# EOF\n");
    EXPECT_TRUE(
        same(openmetrics(std::vector{verdicts::interrupted_early()}), "interrupted-early.openmetrics.txt")
    );
}

TEST(OpenMetrics, DescribesEachFamilyOnceAndTellsNoSampleTwice)
{
    auto all = several();
    all.push_back(all.front());
    all.back().status = probe::Status::unknown;
    all[2].hosts.push_back(all[2].hosts.back());
    const auto lines = golden::lines_of(openmetrics(all));
    std::set<std::string> seen;
    for (const auto& line : lines)
        EXPECT_TRUE(seen.insert(line.starts_with('#') ? line : line.substr(0, line.rfind(' '))).second)
            << line;
    EXPECT_TRUE(seen.contains("probe_success{target=\"example.com\"}"));
}

TEST(OpenMetrics, TellsTheWorstOfTargetsThatWereGivenAlike)
{
    std::vector alike(3, verdicts::null_mx());
    alike[1].status = probe::Status::critical;
    alike[2].status = probe::Status::unknown;
    const auto text = openmetrics(alike);
    EXPECT_THAT(text, HasSubstr("\nprobe_success{target=\"example.com\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("\nmxtls_status{target=\"example.com\",status=\"CRITICAL\"} 1\n"));
}

TEST(OpenMetrics, GivesEachSampleTheLabelsOfItsFamily)
{
    const std::regex sample("(probe|mxtls)_[a-z_0-9]+\\{(.*)\\} (-?[0-9.]+(e-?[0-9]+)?)");
    const std::regex label("([a-z_0-9]+)=\"");
    std::string family;
    std::set<std::string> shapes;
    for (const auto& line : golden::lines_of(openmetrics(several()))) {
        if (line.starts_with("# TYPE"))
            shapes.clear();
        if (line.starts_with('#'))
            continue;
        std::smatch match;
        ASSERT_TRUE(std::regex_match(line, match, sample)) << line;
        const auto labels = match[2].str();
        std::string shape;
        for (std::sregex_iterator at(labels.begin(), labels.end(), label), end; at != end; ++at)
            shape += (*at)[1].str() + ' ';
        shapes.insert(shape);
        EXPECT_EQ(shapes.size(), 1u) << line;
        EXPECT_THAT(shape, testing::StartsWith("target "));
    }
}

TEST(OpenMetrics, TakesAWarningForASuccess)
{
    const auto success_of = [](probe::Status status) {
        auto verdict = verdicts::null_mx();
        verdict.status = status;
        return openmetrics(std::vector{verdict});
    };
    EXPECT_THAT(success_of(probe::Status::ok), HasSubstr("\nprobe_success{target=\"example.com\"} 1\n"));
    EXPECT_THAT(success_of(probe::Status::warning), HasSubstr("\nprobe_success{target=\"example.com\"} 1\n"));
    EXPECT_THAT(
        success_of(probe::Status::critical), HasSubstr("\nprobe_success{target=\"example.com\"} 0\n")
    );
    EXPECT_THAT(success_of(probe::Status::unknown), HasSubstr("\nprobe_success{target=\"example.com\"} 0\n"));
    EXPECT_THAT(
        success_of(probe::Status::unknown),
        HasSubstr("\nmxtls_status{target=\"example.com\",status=\"CRITICAL\"} 0\n"
                  "mxtls_status{target=\"example.com\",status=\"UNKNOWN\"} 1\n")
    );
}

TEST(OpenMetrics, HasNoFactorWhereThereIsNone)
{
    EXPECT_THAT(openmetrics(std::vector{verdicts::null_mx()}), Not(HasSubstr("mxtls_factor")));
}

TEST(OpenMetrics, NamesVersionsAsBlackboxExporterDoes)
{
    const auto text = openmetrics(std::vector{verdicts::well()});
    EXPECT_THAT(text, HasSubstr("address=\"2001:db8::1\",port=\"25\",version=\"TLS 1.3\"} 1\n"));
    auto verdict = verdicts::well();
    verdict.hosts[0].endpoints[0].session.tls->version = "SSLv3";
    EXPECT_THAT(openmetrics(std::vector{verdict}), HasSubstr("version=\"SSLv3\"} 1\n"));
}

TEST(OpenMetrics, TellsTheEndOfTheFirstCertificateToEnd)
{
    auto verdict = verdicts::well();
    auto& certificates = verdict.hosts[0].endpoints[0].chain->certificates;
    certificates[1].facts.not_after = std::chrono::sys_seconds{std::chrono::seconds{1'800'000'000}};
    certificates[0].facts.names = {"DNS:a.example.com", "IP:192.0.2.1", "DNS:b.example.com"};
    const auto text = openmetrics(std::vector{verdict});
    EXPECT_THAT(text, testing::ContainsRegex("\nprobe_ssl_earliest_cert_expiry.*192.0.2.1.* 1800000000\n"));
    EXPECT_THAT(
        text,
        testing::ContainsRegex("\nprobe_ssl_last_chain_expiry_timestamp_seconds.*192.0.2.1.* 1800000000\n")
    );
    EXPECT_THAT(text, HasSubstr("subjectalternative=\"a.example.com,b.example.com\""));
}

// An alert on the first would be a false one where a server still sends an issuer that nobody needs.
TEST(OpenMetrics, TellsTheEndOfTheChainApartFromThatOfWhatIsSentBesideIt)
{
    auto verdict = verdicts::well();
    verdict.hosts[0].endpoints.resize(1);
    auto& certificates = verdict.hosts[0].endpoints[0].chain->certificates;
    certificates[0].facts.not_after = std::chrono::sys_seconds{std::chrono::seconds{4'200'000'000}};
    certificates.resize(1, certificates[0]);
    certificates.push_back(certificates[0]);
    certificates[1].facts.not_after = std::chrono::sys_seconds{std::chrono::seconds{1'800'000'000}};
    certificates[1].verdict = probe::not_on_path;
    const auto text = openmetrics(std::vector{verdict});
    EXPECT_THAT(text, testing::ContainsRegex("\nprobe_ssl_earliest_cert_expiry.* 1800000000\n"));
    EXPECT_THAT(
        text, testing::ContainsRegex("\nprobe_ssl_last_chain_expiry_timestamp_seconds.* 4200000000\n")
    );
}

} // namespace
} // namespace report
