#include "report/performance_data.hpp"

#include "verdicts.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace report
{
namespace
{

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::size_t ample = 100'000;

std::string of(const probe::Verdict& verdict)
{
    return performance_data({&verdict, 1}, ample);
}

TEST(PerformanceData, WritesThresholdsAsRangesBelowWhichItWarns)
{
    auto verdict = verdicts::well();
    EXPECT_THAT(of(verdict), StartsWith("factor=100;100:;90:;0;120 days_left=61;21: "));
    verdict.thresholds = {95, 60, 30};
    EXPECT_THAT(of(verdict), StartsWith("factor=100;95:;60:;0;120 days_left=61;30: "));
}

TEST(PerformanceData, RaisesTheRangesByWhatNoLimitIsHeldAgainst)
{
    auto verdict = verdicts::well();
    verdict.confidence = {95, 120, 120, {}, {{probe::Policy::dane, 10}, {probe::Policy::mta_sts, 0}}};
    EXPECT_THAT(of(verdict), StartsWith("factor=95;110:;100:;0;120 "));
}

TEST(PerformanceData, HasNoRangeWhereNothingCouldBeJudged)
{
    auto verdict = verdicts::no_hosts();
    EXPECT_THAT(
        of(verdict), StartsWith("factor=50;;;0;120 days_left=U;21: time=1.204700s;;;0 answer=U;;;0 ")
    );
}

TEST(PerformanceData, TellsTheSlowestAddressOfEachStage)
{
    auto verdict = verdicts::well();
    verdict.hosts[0].endpoints[1].stages[1].took = std::chrono::microseconds(2'000'001);
    EXPECT_THAT(of(verdict), HasSubstr(" answer=0.041200s;;;0 connect=2.000001s;;;0 "));
}

TEST(PerformanceData, TellsTheStageToWhereItWasAskedFor)
{
    EXPECT_THAT(of(verdicts::well()), Not(HasSubstr(" to=")));
    EXPECT_THAT(of(verdicts::mismatch()), EndsWith(" to=0.043000s;;;0"));
}

TEST(PerformanceData, HasALabelOfItsOwnForEachOfTwoAlike)
{
    const std::vector alike(3, verdicts::well());
    const auto text = performance_data(alike, ample);
    for (const auto* label :
         {"'example.com factor'=", "'example.com (2) factor'=", "'example.com (3) factor'="}) {
        const auto at = text.find(label);
        EXPECT_NE(at, text.npos) << label;
        EXPECT_EQ(text.find(label, at + 1), text.npos) << label;
    }
}

// As the judgement does: a version of an issuer that nobody needs may end.
TEST(PerformanceData, CountsTheDaysOfCertificatesOnThePath)
{
    auto verdict = verdicts::well();
    auto& chain = *verdict.hosts[0].endpoints[0].chain;
    chain.certificates.push_back(chain.certificates.back());
    chain.certificates.back().days_left = -5;
    EXPECT_THAT(of(verdict), HasSubstr(" days_left=-5;21: "));
    chain.certificates.back().verdict = probe::not_on_path;
    EXPECT_THAT(of(verdict), HasSubstr(" days_left=61;21: "));
    EXPECT_EQ(least_days_left(verdict), 61);
}

TEST(PerformanceData, CountsTheDaysOfTheCertificateOfTheOtherKey)
{
    auto verdict = verdicts::well();
    auto& endpoint = verdict.hosts[0].endpoints[0];
    endpoint.other_keys.push_back({smtp::KeyType::rsa, {}, endpoint.chain});
    endpoint.other_keys[0].chain->certificates[0].days_left = 3;
    EXPECT_EQ(least_days_left(verdict), 3);
}

TEST(PerformanceData, LeavesOutWhatHasNoRoomByWholes)
{
    std::vector<probe::Verdict> many(3, verdicts::well());
    const auto label = [](const char* name) {
        return HasSubstr(std::string("'example.com (3) ") + name + "'=");
    };
    const auto all = performance_data(many, ample);
    EXPECT_THAT(all, label("from"));
    const auto without_stages = performance_data(many, 600);
    EXPECT_THAT(without_stages, testing::AllOf(label("factor"), label("time"), Not(HasSubstr("answer"))));
    const auto factors = performance_data(many, 200);
    EXPECT_THAT(factors, testing::AllOf(label("factor"), Not(HasSubstr("time"))));
    EXPECT_EQ(
        performance_data(many, 100),
        "'example.com factor'=100;100:;90:;0;120 'example.com (2) factor'=100;100:;90:;0;120"
    );
    EXPECT_EQ(performance_data(many, 10), "");
    for (const std::size_t room : {50U, 200U, 600U, 1000U, 2000U})
        EXPECT_LE(performance_data(many, room).size(), room);
}

// A graph is drawn of what is there at every run.
TEST(PerformanceData, LeavesOutTheSameWhateverWasFound)
{
    std::vector<probe::Verdict> fast(3, verdicts::well());
    auto slow = fast;
    for (auto& verdict : slow) {
        verdict.elapsed = std::chrono::hours(24);
        verdict.confidence.factor.reset();
    }
    const auto number = [](const std::string& text) { return std::ranges::count(text, '='); };
    for (std::size_t room = 0; room < 2000; room += 7)
        EXPECT_EQ(number(performance_data(fast, room)), number(performance_data(slow, room))) << room;
}

} // namespace
} // namespace report
