#include "report/scan_words.hpp"

#include <gtest/gtest.h>

namespace report
{
namespace
{

using namespace std::chrono_literals;
using probe::Tally;

constexpr std::size_t wide = 200;

Tally after(std::chrono::microseconds elapsed, std::array<std::uint64_t, 4> targets)
{
    Tally tally;
    tally.elapsed = elapsed;
    tally.targets = targets;
    return tally;
}

/// A run in which nothing is under way, after a second.
std::string left_at(double share, std::chrono::microseconds elapsed)
{
    const auto line = scan_progress(after(elapsed, {1, 0, 0, 0}), share, wide);
    return line.substr(line.rfind(", ") + 2);
}

TEST(ScanProgress, TellsWhatIsDoneWhatFailedHowFastAndHowLongItTakes)
{
    const auto tally = after(20s, {9'000, 983, 10, 7}); // indexed by Status
    EXPECT_EQ(
        scan_progress(tally, 0.25, wide), "10,000 done, 17 failed (CRITICAL or UNKNOWN), 500/s, 60 s left"
    );
    EXPECT_EQ(
        scan_progress(tally, std::nullopt, wide), "10,000 done, 17 failed (CRITICAL or UNKNOWN), 500/s"
    );
}

TEST(ScanProgress, KnowsNothingOfTimeAtTheBeginning)
{
    EXPECT_EQ(scan_progress({}, std::nullopt, wide), "0 done, 0 failed (CRITICAL or UNKNOWN)");
    EXPECT_EQ(scan_progress(after(1s, {}), 0.5, wide), "0 done, 0 failed (CRITICAL or UNKNOWN), 0.0/s");
    EXPECT_EQ(
        scan_progress(after(1s, {1, 0, 0, 0}), 0.0, wide), "1 done, 0 failed (CRITICAL or UNKNOWN), 1.0/s"
    );
}

TEST(ScanProgress, TakesWhatWasReadAndIsUnderWayForNoProgress)
{
    auto tally = after(10s, {100, 0, 0, 0});
    tally.targets_under_way = 300;
    EXPECT_EQ(scan_progress(tally, 1.0, wide), "100 done, 0 failed (CRITICAL or UNKNOWN), 10/s, 30 s left");
}

TEST(ScanProgress, TellsTheTimeLeftInUnitsOfItsSize)
{
    EXPECT_EQ(left_at(1.0, 1s), "0 s left");
    EXPECT_EQ(left_at(0.5, 300ms), "1 s left") << "rounded up";
    EXPECT_EQ(left_at(0.5, 119s), "119 s left");
    EXPECT_EQ(left_at(0.5, 120s), "2 min left");
    EXPECT_EQ(left_at(0.5, 2h), "2 h 0 min left");
    EXPECT_EQ(left_at(0.5, 47h + 59min), "47 h 59 min left");
    EXPECT_EQ(left_at(0.5, 76h), "3 d 4 h left");
}

TEST(ScanProgress, FitsTheWidth)
{
    const auto tally = after(20s, {9'000, 983, 10, 7});
    const std::string whole = scan_progress(tally, 0.25, wide);
    for (const std::string line :
         {"10,000 done, 17 failed, 500/s, 60 s left", "10,000 done, 17 failed, 500/s",
          "10,000 done, 17 failed", "10,000 done"}) {
        EXPECT_EQ(scan_progress(tally, 0.25, line.size()), line);
        EXPECT_LT(scan_progress(tally, 0.25, line.size() - 1).size(), line.size());
    }
    EXPECT_EQ(scan_progress(tally, 0.25, whole.size()), whole);
    EXPECT_EQ(scan_progress(tally, 0.25, 3), "");
}

TEST(ScanSummary, TellsEverythingOnce)
{
    auto tally = after(812s, {900'123, 50'000, 30'000, 19'877});
    tally.sessions_held = 5'003;
    EXPECT_EQ(
        scan_summary(tally),
        "1,000,000 targets, 5,003 connections: 900,123 OK, 50,000 WARNING, 30,000 CRITICAL, "
        "19,877 UNKNOWN in 812 s, 1,232 targets a second"
    );
}

TEST(ScanSummary, OfASmallRun)
{
    auto tally = after(400ms, {1, 0, 0, 0});
    tally.sessions_held = 1;
    EXPECT_EQ(
        scan_summary(tally),
        "1 target, 1 connection: 1 OK, 0 WARNING, 0 CRITICAL, 0 UNKNOWN in 0.4 s, 2.5 targets a second"
    );
    EXPECT_EQ(scan_summary({}), "0 targets, 0 connections: 0 OK, 0 WARNING, 0 CRITICAL, 0 UNKNOWN in 0.0 s");
}

} // namespace
} // namespace report
