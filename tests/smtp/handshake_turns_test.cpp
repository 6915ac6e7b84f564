#include "smtp/handshake_turns.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using smtp::HandshakeTurn;
using smtp::HandshakeTurns;
using std::chrono::steady_clock;
using testing::ElementsAre;

class Turns : public testing::Test
{
protected:
    static constexpr auto never = steady_clock::time_point::max();

    /// As many as there are.
    void take_all()
    {
        while (turns_.take())
            held_.push_back(std::make_unique<HandshakeTurn>(turns_));
    }

    asio::awaitable<void> wait(int who, steady_clock::time_point deadline = never)
    {
        co_await turns_.wait(deadline);
        held_.push_back(std::make_unique<HandshakeTurn>(turns_));
        came_.push_back(who);
    }

    void queue(int who, steady_clock::time_point deadline = never)
    {
        asio::co_spawn(loop_, wait(who, deadline), asio::detached);
        loop_.restart();
        loop_.poll();
    }

    void give_back() { held_.erase(held_.begin()); }

    void poll()
    {
        loop_.restart();
        loop_.poll();
    }

    asio::io_context loop_{1};
    HandshakeTurns& turns_ = HandshakeTurns::of(loop_.get_executor());
    std::vector<std::unique_ptr<HandshakeTurn>> held_;
    std::vector<int> came_;
};

TEST_F(Turns, AreThoseOfTheLoop)
{
    asio::io_context other(1);
    EXPECT_EQ(&HandshakeTurns::of(loop_.get_executor()), &turns_);
    EXPECT_NE(&HandshakeTurns::of(other.get_executor()), &turns_);
}

TEST_F(Turns, AreFreeUpToTheirNumberAndFreeAgainBehindTheirUse)
{
    take_all();
    EXPECT_EQ(held_.size(), HandshakeTurns::at_once);
    give_back();
    EXPECT_TRUE(turns_.take());
    turns_.give_back();
    held_.clear();
    take_all();
    EXPECT_EQ(held_.size(), HandshakeTurns::at_once);
}

TEST_F(Turns, GoToThoseWhoWaitInTheOrderOfArrival)
{
    take_all();
    queue(1);
    queue(2);
    give_back();
    EXPECT_FALSE(turns_.take()) << "it is promised";
    give_back();
    poll();
    EXPECT_THAT(came_, ElementsAre(1, 2));
    EXPECT_EQ(held_.size(), HandshakeTurns::at_once);
}

TEST_F(Turns, AreNotWaitedForForever)
{
    take_all();
    const auto began = steady_clock::now();
    queue(1);
    queue(2);
    loop_.restart();
    loop_.run();
    EXPECT_GE(steady_clock::now() - began, 2 * HandshakeTurns::patience);
    EXPECT_THAT(came_, ElementsAre(1, 2));
    EXPECT_EQ(held_.size(), HandshakeTurns::at_once + 2);

    give_back();
    give_back();
    EXPECT_FALSE(turns_.take()) << "there are as many again as there should be";
    give_back();
    EXPECT_TRUE(turns_.take());
    turns_.give_back();
}

TEST_F(Turns, AreNotWaitedForBeyondTheDeadline)
{
    constexpr int last = 100; // behind so many, its turn would come in a second
    take_all();
    for (int who = 1; who < last; ++who)
        queue(who);
    queue(last, steady_clock::now());
    loop_.restart();
    const auto place_of = [&](int who) { return std::ranges::find(came_, who); };
    while (place_of(last) == came_.end())
        ASSERT_GT(loop_.run_one(), 0U);
    EXPECT_LT(place_of(last), place_of(last - 1));
}

asio::awaitable<void> hold_and_wait(HandshakeTurns& turns, std::shared_ptr<int>)
{
    co_await turns.wait(steady_clock::time_point::max());
    const HandshakeTurn turn(turns);
    co_await turns.wait(steady_clock::time_point::max());
}

TEST(AbandonedTurns, AreGivenBackToNobody)
{
    const auto there = std::make_shared<int>();
    {
        asio::io_context loop(1);
        auto& turns = HandshakeTurns::of(loop.get_executor());
        while (turns.take())
            continue;
        for (int who = 0; who < 3; ++who)
            asio::co_spawn(loop, hold_and_wait(turns, there), asio::detached);
        loop.poll();
        turns.give_back();
        loop.poll(); // one has its turn when the loop goes, and all wait for one
        EXPECT_EQ(there.use_count(), 4);
    }
    EXPECT_EQ(there.use_count(), 1);
}

} // namespace
