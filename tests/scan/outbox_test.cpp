#include "probe/scan/outbox.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <future>
#include <numeric>
#include <random>
#include <thread>

namespace
{

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto patience = 20s;

scan::Result result(std::uint64_t number)
{
    scan::Result one;
    one.task.number = number;
    one.text = std::to_string(number) + "\n";
    return one;
}

std::vector<std::uint64_t> numbers(const std::vector<scan::Result>& batch)
{
    std::vector<std::uint64_t> found;
    for (const auto& one : batch)
        found.push_back(one.task.number);
    return found;
}

TEST(Outbox, GivesAtOnceWhatCame)
{
    scan::Outbox outbox(false);
    outbox.add(result(2));
    outbox.add(result(0));
    EXPECT_THAT(numbers(outbox.take()), ElementsAre(2, 0));
    outbox.add(result(1));
    EXPECT_THAT(numbers(outbox.take()), ElementsAre(1));
}

TEST(Outbox, OrderedAResultWaitsForThoseBefore)
{
    scan::Outbox outbox(true);
    outbox.add(result(0));
    outbox.add(result(2));
    outbox.add(result(3));
    EXPECT_THAT(numbers(outbox.take()), ElementsAre(0));
    auto rest = std::async(std::launch::async, [&] { return numbers(outbox.take()); });
    outbox.add(result(4));
    EXPECT_EQ(rest.wait_for(30ms), std::future_status::timeout);
    outbox.add(result(1));
    EXPECT_THAT(rest.get(), ElementsAre(1, 2, 3, 4));
}

TEST(Outbox, ClosedItGivesWhatItHasAndThenNothing)
{
    scan::Outbox outbox(false);
    outbox.add(result(7));
    outbox.close();
    EXPECT_THAT(numbers(outbox.take()), ElementsAre(7));
    EXPECT_THAT(outbox.take(), IsEmpty());
    EXPECT_THAT(outbox.take(), IsEmpty());
}

TEST(Outbox, ClosedItGivesInOrderAlsoWhatWaitedForTasksThatAreNeverDone)
{
    scan::Outbox outbox(true);
    for (const auto number : {9, 0, 4, 1, 2, 6})
        outbox.add(result(static_cast<std::uint64_t>(number)));
    outbox.close();
    EXPECT_THAT(numbers(outbox.take()), ElementsAre(0, 1, 2, 4, 6, 9));
    EXPECT_THAT(outbox.take(), IsEmpty());
}

TEST(Outbox, ClosedItEndsAWait)
{
    scan::Outbox outbox(true);
    outbox.add(result(1));
    auto rest = std::async(std::launch::async, [&] {
        const auto first = numbers(outbox.take());
        EXPECT_THAT(outbox.take(), IsEmpty());
        return first;
    });
    outbox.close();
    ASSERT_EQ(rest.wait_for(patience), std::future_status::ready);
    EXPECT_THAT(rest.get(), ElementsAre(1));
}

/// From several threads, in any order; what comes out is the order of the input.
TEST(Outbox, NothingIsLostBetweenThreads)
{
    constexpr std::size_t count = 4000;
    std::vector<std::uint64_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), std::mt19937(1));
    scan::Outbox outbox(true);
    std::vector<std::jthread> writers;
    for (std::size_t writer = 0; writer < 4; ++writer)
        writers.emplace_back([&, writer] {
            for (auto at = writer; at < count; at += 4)
                outbox.add(result(order[at]));
        });
    std::vector<std::uint64_t> taken;
    while (taken.size() < count) {
        const auto batch = numbers(outbox.take());
        ASSERT_FALSE(batch.empty());
        taken.insert(taken.end(), batch.begin(), batch.end());
    }
    EXPECT_TRUE(std::ranges::is_sorted(taken));
    EXPECT_EQ(taken.size(), count);
}

} // namespace
