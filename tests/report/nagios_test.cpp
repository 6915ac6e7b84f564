#include "report/nagios.hpp"

#include "golden.hpp"
#include "verdicts.hpp"

#include <gmock/gmock.h>

namespace report
{
namespace
{

using golden::same;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string of(const probe::Verdict& verdict)
{
    return nagios({&verdict, 1}, std::nullopt);
}

TEST(Nagios, IsALineWithPerformanceDataAndTheFindingsBelow)
{
    EXPECT_TRUE(same(of(verdicts::well()), "well.nagios.txt"));
    EXPECT_TRUE(same(of(verdicts::mismatch()), "mismatch.nagios.txt"));
    EXPECT_TRUE(same(of(verdicts::failures()), "failures.nagios.txt"));
    EXPECT_TRUE(same(of(verdicts::interrupted()), "interrupted.nagios.txt"));
    EXPECT_TRUE(same(of(verdicts::no_domain()), "no-domain.nagios.txt"));
}

TEST(Nagios, SumsUpSeveralTargets)
{
    const std::vector several{verdicts::well(), verdicts::mismatch(), verdicts::no_domain()};
    EXPECT_TRUE(same(nagios(several, std::nullopt), "several.nagios.txt"));
    EXPECT_EQ(nagios({}, std::nullopt), "");
}

TEST(Nagios, CallsTargetsByTheirLabels)
{
    std::vector twice{verdicts::well(), verdicts::well()};
    twice[1].label = "the | other's";
    const auto text = nagios(twice, std::nullopt);
    EXPECT_THAT(text, HasSubstr("'example.com factor'="));
    EXPECT_THAT(text, HasSubstr(" 'the \\x7c other\\x27s factor'="));
    EXPECT_THAT(text, HasSubstr("\nOK - factor 100, the \\x7c other's, "));
}

TEST(Nagios, TellsTheStatusThatTheRunEndsWith)
{
    const auto verdict = verdicts::well();
    EXPECT_THAT(nagios({&verdict, 1}, probe::Status::unknown), StartsWith("MXTLS UNKNOWN - factor 100, "));
    EXPECT_THAT(of(verdict), StartsWith("MXTLS OK - factor 100, "));
}

TEST(Nagios, SaysWhyThereIsNoVerdict)
{
    EXPECT_EQ(nagios_failure("cannot read 'a|b'"), "MXTLS UNKNOWN - cannot read 'a\\x7cb'\n");
}

TEST(Nagios, WritesThresholdsAsRangesBelowWhichItWarns)
{
    auto verdict = verdicts::well();
    EXPECT_THAT(of(verdict), HasSubstr("|factor=100;100:;90:;0;120 days_left=61;21: "));
    verdict.thresholds = {95, 60, 30};
    EXPECT_THAT(of(verdict), HasSubstr("|factor=100;95:;60:;0;120 days_left=61;30: "));
}

TEST(Nagios, RaisesTheRangesByWhatNoLimitIsHeldAgainst)
{
    auto verdict = verdicts::well();
    verdict.confidence = {95, 120, 120, {}, {{probe::Policy::dane, 10}, {probe::Policy::mta_sts, 0}}};
    EXPECT_THAT(of(verdict), HasSubstr("|factor=95;110:;100:;0;120 "));
}

TEST(Nagios, HasNoRangeWhereNothingCouldBeJudged)
{
    auto verdict = verdicts::no_hosts();
    EXPECT_THAT(
        of(verdict), HasSubstr("|factor=50;;;0;120 days_left=U;21: time=1.204700s;;;0 answer=U;;;0 ")
    );
}

TEST(Nagios, TellsTheSlowestAddressOfEachStage)
{
    auto verdict = verdicts::well();
    verdict.hosts[0].endpoints[1].stages[1].took = std::chrono::microseconds(2'000'001);
    EXPECT_THAT(of(verdict), HasSubstr(" answer=0.041200s;;;0 connect=2.000001s;;;0 "));
}

TEST(Nagios, TellsTheStageToWhereItWasAskedFor)
{
    EXPECT_THAT(of(verdicts::well()), Not(HasSubstr(" to=")));
    EXPECT_THAT(of(verdicts::mismatch()), HasSubstr(" to=0.043000s;;;0\n"));
}

TEST(Nagios, LetsNoTextOfOthersBeginPerformanceData)
{
    auto verdict = verdicts::failures();
    verdict.target = "a|b'c=d@example.com";
    verdict.hosts[1].endpoints[0].findings[0].text = "421 |factor=100";
    const auto text = of(verdict);
    EXPECT_EQ(std::count(text.begin(), text.end(), '|'), 1);
    EXPECT_THAT(text, HasSubstr("421 \\x7cfactor=100"));
    const auto both = nagios(std::vector{verdict, verdict}, std::nullopt);
    EXPECT_EQ(std::count(both.begin(), both.end(), '|'), 1);
    EXPECT_THAT(both, HasSubstr("'a\\x7cb\\x27c\\x3dd@example.com factor'=41;100:;90:;0;120"));
}

} // namespace
} // namespace report
