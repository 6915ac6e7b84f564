#include "probe/scan/budget.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace
{

using namespace std::chrono_literals;

constexpr auto patience = 20s;

/// Takes on a thread of its own, as the input does.
std::future<bool> taking(scan::Budget& budget)
{
    return std::async(std::launch::async, [&budget] { return budget.take(); });
}

/// It waits, and goes on waiting: not to be seen but by giving it a while.
bool waits(const std::future<bool>& taken)
{
    return taken.wait_for(30ms) == std::future_status::timeout;
}

bool is_given(std::future<bool>& taken)
{
    return taken.wait_for(patience) == std::future_status::ready && taken.get();
}

TEST(Budget, NoMoreTargetsAreAtWorkThanMayBe)
{
    scan::Budget budget({.busy = 2, .taken = 100});
    EXPECT_TRUE(budget.take());
    EXPECT_TRUE(budget.take());
    auto third = taking(budget);
    EXPECT_TRUE(waits(third));
    budget.finish();
    EXPECT_TRUE(is_given(third));
    EXPECT_EQ(budget.load().targets, 2U);
}

TEST(Budget, OneThatWaitsForAConversationMakesRoomForAnother)
{
    scan::Budget budget({.busy = 1, .taken = 100});
    EXPECT_TRUE(budget.take());
    auto second = taking(budget);
    EXPECT_TRUE(waits(second));
    budget.ask(); // of the first: somebody else is at that address
    EXPECT_TRUE(is_given(second));
}

TEST(Budget, AConversationThatIsHeldTakesItsPlace)
{
    scan::Budget budget({.busy = 2, .taken = 100});
    EXPECT_TRUE(budget.take());
    budget.ask();
    budget.begin();
    EXPECT_TRUE(budget.take());
    auto third = taking(budget);
    EXPECT_TRUE(waits(third));
    EXPECT_EQ(budget.load().conversations, 1U);
    budget.end();
    EXPECT_TRUE(is_given(third));
    EXPECT_EQ(budget.load().conversations, 0U);
}

TEST(Budget, OneWithManyAddressesWaitsForNoMoreThanItself)
{
    scan::Budget budget({.busy = 1, .taken = 3});
    EXPECT_TRUE(budget.take());
    for (int address = 0; address < 10; ++address)
        budget.ask();
    EXPECT_TRUE(budget.take());
    EXPECT_TRUE(budget.take());
    auto fourth = taking(budget);
    EXPECT_TRUE(waits(fourth)); // as many as may be are taken
    budget.stop();
    EXPECT_FALSE(fourth.get());
}

TEST(Budget, NoMoreAreTakenThanMayBeWhateverTheyWaitFor)
{
    scan::Budget budget({.busy = 1, .taken = 2});
    EXPECT_TRUE(budget.take());
    budget.ask();
    EXPECT_TRUE(budget.take());
    budget.ask();
    auto third = taking(budget);
    EXPECT_TRUE(waits(third));
    budget.have();
    budget.finish();
    EXPECT_TRUE(waits(third)); // its result is there, and not stored
    budget.write(1);
    EXPECT_TRUE(is_given(third));
}

TEST(Budget, StoppedFromAnotherThreadItGivesNoMore)
{
    scan::Budget budget({.busy = 1, .taken = 1});
    EXPECT_TRUE(budget.take());
    auto second = taking(budget);
    std::thread([&] { budget.stop(); }).join();
    EXPECT_FALSE(second.get());
    budget.finish();
    budget.write(1);
    EXPECT_FALSE(budget.take());
}

TEST(Budget, TheEndIsWhenAllIsWritten)
{
    scan::Budget budget({.busy = 10, .taken = 10});
    budget.take();
    budget.take();
    auto end = std::async(std::launch::async, [&] { budget.wait_until_written(); });
    budget.finish();
    budget.finish();
    EXPECT_EQ(budget.load().unwritten, 2U);
    budget.write(1);
    EXPECT_EQ(end.wait_for(30ms), std::future_status::timeout);
    budget.write(1);
    EXPECT_EQ(end.wait_for(patience), std::future_status::ready);
}

TEST(Budget, StoppedNobodyWaitsForTheEnd)
{
    scan::Budget budget({.busy = 10, .taken = 10});
    budget.take();
    auto end = std::async(std::launch::async, [&] { budget.wait_until_written(); });
    budget.stop();
    EXPECT_EQ(end.wait_for(patience), std::future_status::ready);
}

TEST(Budget, ManyThreadsComeAndGoAndNobodyIsForgotten)
{
    constexpr int each = 2000;
    scan::Budget budget({.busy = 3, .taken = 5});
    const auto work = [&] {
        for (int target = 0; target < each; ++target) {
            budget.take();
            budget.ask();
            budget.begin();
            budget.end();
            budget.have();
            budget.finish();
            budget.write(1);
        }
    };
    std::vector<std::future<void>> workers;
    for (int count = 0; count < 4; ++count)
        workers.push_back(std::async(std::launch::async, work));
    for (auto& worker : workers)
        ASSERT_EQ(worker.wait_for(patience), std::future_status::ready);
    const auto load = budget.load();
    EXPECT_EQ(load.targets + load.unwritten + load.conversations, 0U);
}

} // namespace
