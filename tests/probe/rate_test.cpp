#include "probe/rate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using Moment = probe::Rate::Moment;

constexpr Moment start{1'000'000s};

/// How many of the moments, in order, the fullest second holds.
std::ptrdiff_t fullest_second(const std::vector<Moment>& moments)
{
    std::ptrdiff_t most = 0;
    for (auto first = moments.begin(); first != moments.end(); ++first)
        most = std::max(most, std::lower_bound(first, moments.end(), *first + 1s) - first);
    return most;
}

/// When `count` connections begin that are each called `late` after their moment.
std::vector<Moment> beginnings(probe::Rate& rate, int count, std::chrono::nanoseconds late)
{
    std::vector<Moment> begun;
    auto now = start;
    for (int at = 0; at < count; ++at) {
        now = std::max(now, rate.next_start(start) + late);
        while (const auto again = rate.begin(now))
            now = *again;
        begun.push_back(now);
    }
    return begun;
}

TEST(Rate, NoSecondHoldsMoreThanItAllows)
{
    struct Case
    {
        double a_second;
        std::ptrdiff_t most;
    };
    for (const auto& [a_second, most] :
         {Case{0.5, 1}, {1, 1}, {1.5, 1}, {3, 3}, {7, 7}, {100, 100}, {999, 999}}) {
        probe::Rate rate(a_second);
        EXPECT_LE(fullest_second(beginnings(rate, 2'500, 0ns)), most) << a_second;
    }
}

TEST(Rate, IsReachedToAFewInAHundred)
{
    probe::Rate rate(100);
    const auto begun = beginnings(rate, 1'001, 0ns);
    EXPECT_LE(begun.back() - begun.front(), 10'200ms);
    probe::Rate slow(0.1);
    const auto two = beginnings(slow, 2, 0ns);
    EXPECT_GE(two[1] - two[0], 10s);
    EXPECT_LE(two[1] - two[0], 10'200ms);
}

TEST(Rate, SpacesThemEvenly)
{
    probe::Rate rate(10);
    auto last = rate.next_start(start);
    EXPECT_EQ(last, start);
    for (int count = 0; count < 20; ++count) {
        const auto next = rate.next_start(start);
        EXPECT_GE(next - last, 100ms);
        EXPECT_LE(next - last, 102ms);
        last = next;
    }
    EXPECT_EQ(rate.next_start(start + 1h), start + 1h) << "what was not used is not made up for";
}

TEST(Rate, HoldsBackWhatFollowsOnLateOnes)
{
    probe::Rate rate(10);
    std::vector<Moment> begun;
    for (int count = 0; count < 10; ++count) {
        rate.next_start(start);
        EXPECT_FALSE(rate.begin(start + 950ms)) << "a machine that stood still comes to them all at once";
        begun.push_back(start + 950ms);
    }
    auto now = rate.next_start(start);
    EXPECT_LT(now, start + 1'050ms) << "evenly spaced, but for the stand-still";
    const auto again = rate.begin(now);
    ASSERT_TRUE(again);
    EXPECT_GE(*again, start + 1'950ms);
    EXPECT_FALSE(rate.begin(*again));
}

TEST(Rate, GivesEachMomentOnceToManyThreads)
{
    probe::Rate rate(1'000);
    std::vector<std::vector<Moment>> moments(4);
    std::vector<std::thread> threads;
    for (auto& mine : moments)
        threads.emplace_back([&mine, &rate] {
            for (int count = 0; count < 1'000; ++count)
                mine.push_back(rate.next_start(start));
        });
    std::vector<Moment> all;
    for (std::size_t at = 0; at < threads.size(); ++at) {
        threads[at].join();
        all.insert(all.end(), moments[at].begin(), moments[at].end());
    }
    std::sort(all.begin(), all.end());
    EXPECT_EQ(all.size(), 4'000U);
    EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
    EXPECT_EQ(fullest_second(all), 1'000 * 100 / 101 + 1);
}

} // namespace
