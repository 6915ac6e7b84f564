#include "report/metrics.hpp"

#include "golden.hpp"
#include "verdicts.hpp"

#include <gmock/gmock.h>

#include <map>
#include <regex>
#include <set>

namespace report
{
namespace
{

using testing::HasSubstr;
using testing::Not;

probe::Tally some()
{
    probe::Tally tally;
    for (const auto& verdict : {verdicts::well(), verdicts::failures(), verdicts::invalid()})
        tally.count(verdict);
    tally.dns_questions = 7;
    tally.dns_cached = 8;
    tally.policies_fetched = 9;
    tally.octets_sent = 1'000'000'000'000;
    tally.targets_under_way = 1'000;
    tally.sessions_under_way = 11;
    tally.elapsed = std::chrono::milliseconds(12'345);
    return tally;
}

TEST(Metrics, AreToldAsText)
{
    EXPECT_TRUE(golden::same(openmetrics(some(), 0.25), "scan.openmetrics.txt"));
}

TEST(Metrics, HaveNoShareOfAnInputOfUnknownLength)
{
    EXPECT_THAT(openmetrics(some(), std::nullopt), Not(HasSubstr("ratio")));
    EXPECT_THAT(openmetrics({}, 1.0), HasSubstr("\nmxtls_scan_input_read_ratio 1\n"));
}

// OpenMetrics 1.0: the text format.

TEST(Metrics, StandBehindTheirDescriptionAndEndInEof)
{
    const std::regex type("# TYPE (mxtls_scan_[a-z_]+) (counter|gauge)");
    const std::regex about("# (UNIT|HELP) (mxtls_scan_[a-z_]+) .+");
    const std::regex sample("(mxtls_scan_[a-z_]+?)(_total)?(\\{([a-z]+=\"[A-Za-z-]+\",?)+\\})? [0-9.]+");
    auto lines = golden::lines_of(openmetrics(some(), 0.25));
    ASSERT_EQ(lines.back(), "# EOF");
    lines.pop_back();
    std::set<std::string> families;
    std::string family;
    std::string kind;
    for (const auto& line : lines) {
        std::smatch match;
        if (std::regex_match(line, match, type)) {
            family = match[1];
            kind = match[2];
            EXPECT_TRUE(families.insert(family).second) << family << " stands twice";
        } else if (std::regex_match(line, match, about)) {
            EXPECT_EQ(match[2], family);
        } else {
            ASSERT_TRUE(std::regex_match(line, match, sample)) << line;
            EXPECT_EQ(match[1], family) << line;
            EXPECT_EQ(match[2].matched, kind == "counter") << line;
        }
    }
    EXPECT_EQ(families.size(), 16u);
}

TEST(Metrics, NameAUnitThatEndsTheName)
{
    const auto text = openmetrics(some(), 0.25);
    const std::regex unit("# UNIT ([a-z_]+) ([a-z]+)");
    for (std::sregex_iterator at(text.begin(), text.end(), unit), end; at != end; ++at)
        EXPECT_TRUE((*at)[1].str().ends_with("_" + (*at)[2].str())) << at->str();
}

TEST(Metrics, NameEveryStageAndEveryCode)
{
    const auto text = openmetrics({}, std::nullopt);
    EXPECT_THAT(text, HasSubstr("\nmxtls_scan_stages_total{stage=\"cert\",result=\"fail\"} 0\n"));
    for (std::size_t code = 0; code < probe::all_codes; ++code)
        EXPECT_THAT(
            text, HasSubstr("{code=\"" + std::string(name(static_cast<probe::Code>(code))) + "\"} 0\n")
        );
}

TEST(Metrics, TellLargeNumbersToTheLastDigit)
{
    EXPECT_THAT(openmetrics(some(), 0.25), HasSubstr("\nmxtls_scan_sent_bytes_total 1000000000000\n"));
    EXPECT_THAT(openmetrics(some(), 0.25), HasSubstr("\nmxtls_scan_targets_under_way 1000\n"));
}

} // namespace
} // namespace report
