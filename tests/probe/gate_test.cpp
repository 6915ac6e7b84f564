#include "probe/gate.hpp"

#include "probe/tasks.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>

namespace
{

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

struct Visitors
{
    std::map<asio::ip::address, int> inside;
    int total = 0;
    int most_at_one = 0;
    int most = 0;
    int came = 0;
};

asio::awaitable<void> visit(probe::Gate& gate, asio::ip::address address, Visitors& visitors)
{
    const auto permit = co_await gate.enter(address, Clock::time_point::max());
    co_await gate.pace();
    ++visitors.came;
    visitors.most_at_one = std::max(visitors.most_at_one, ++visitors.inside[address]);
    visitors.most = std::max(visitors.most, ++visitors.total);
    asio::steady_timer stay(co_await asio::this_coro::executor, 1ms);
    co_await stay.async_wait(asio::use_awaitable);
    --visitors.inside[address];
    --visitors.total;
}

TEST(Gate, KeepsToItsLimitsAndLetsEveryoneIn)
{
    asio::io_context loop(1);
    probe::Gate gate(loop.get_executor(), {.per_address = 2, .total = 3});
    const auto one = asio::ip::make_address("192.0.2.1");
    const auto other = asio::ip::make_address("192.0.2.2");
    Visitors visitors;
    for (int count = 0; count < 20; ++count)
        asio::co_spawn(loop, visit(gate, count % 3 == 0 ? other : one, visitors), asio::detached);
    loop.run();
    EXPECT_EQ(visitors.came, 20);
    EXPECT_EQ(visitors.most_at_one, 2);
    EXPECT_EQ(visitors.most, 3);
}

TEST(Gate, SpacesNewConnectionsByTheRate)
{
    asio::io_context loop(1);
    probe::Gate gate(loop.get_executor(), {.per_address = 100, .total = 100, .rate = 100});
    Visitors visitors;
    const auto began = Clock::now();
    for (int count = 0; count < 6; ++count)
        asio::co_spawn(loop, visit(gate, asio::ip::make_address("192.0.2.1"), visitors), asio::detached);
    loop.run();
    EXPECT_GE(Clock::now() - began, 50ms) << "five intervals of 10 ms lie between six connections";
    EXPECT_EQ(visitors.came, 6);
}

TEST(Gate, LetsNobodyWaitBeyondTheDeadline)
{
    asio::io_context loop(1);
    probe::Gate gate(loop.get_executor(), {.per_address = 1});
    const auto address = asio::ip::make_address("192.0.2.1");
    bool turned_away = false;
    bool let_in_later = false;
    const auto visitor = [&]() -> asio::awaitable<void> {
        {
            const auto inside = co_await gate.enter(address, Clock::time_point::max());
            const auto late = co_await gate.enter(address, Clock::now() + 1ms);
            turned_away = inside && !late;
        }
        const auto next = co_await gate.enter(address, Clock::now());
        let_in_later = next.has_value();
    };
    asio::co_spawn(loop, visitor(), probe::rethrow);
    loop.run();
    EXPECT_TRUE(turned_away);
    EXPECT_TRUE(let_in_later);
}

TEST(Gate, MayGoBeforeThoseItLetIn)
{
    asio::io_context loop(1);
    Visitors visitors;
    auto gate = std::make_unique<probe::Gate>(loop.get_executor(), probe::GateLimits{.per_address = 1});
    for (int count = 0; count < 3; ++count)
        asio::co_spawn(loop, visit(*gate, asio::ip::make_address("192.0.2.1"), visitors), asio::detached);
    loop.poll();
    EXPECT_EQ(visitors.came, 1);
    gate.reset();
    // The loop goes with one inside and two waiting: nothing is touched that is gone (ASan watches).
}

TEST(Tasks, AnExceptionLeavesTheLoop)
{
    asio::io_context loop(1);
    const auto task = []() -> asio::awaitable<void> {
        throw std::logic_error("a bug");
        co_return;
    };
    const auto crowd = [&]() -> asio::awaitable<void> {
        std::vector<asio::awaitable<void>> tasks;
        tasks.push_back(task());
        co_await probe::all_of(std::move(tasks));
    };
    asio::co_spawn(loop, crowd(), probe::rethrow);
    EXPECT_THROW(loop.run(), std::logic_error);
}

TEST(Tasks, AllOfEndsWithTheLast)
{
    asio::io_context loop(1);
    int done = 0;
    const auto task = [](int& count) -> asio::awaitable<void> {
        asio::steady_timer pause(co_await asio::this_coro::executor, 1ms);
        co_await pause.async_wait(asio::use_awaitable);
        ++count;
    };
    bool ended = false;
    const auto crowd = [&]() -> asio::awaitable<void> {
        std::vector<asio::awaitable<void>> tasks;
        for (int count = 0; count < 5; ++count)
            tasks.push_back(task(done));
        co_await probe::all_of(std::move(tasks));
        ended = done == 5;
        co_await probe::all_of({});
    };
    asio::co_spawn(loop, crowd(), asio::detached);
    loop.run();
    EXPECT_TRUE(ended);
}

} // namespace
