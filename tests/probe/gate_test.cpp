#include "probe/gate.hpp"

#include "probe/tasks.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

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
    auto permit = co_await gate.enter(address, Clock::time_point::max());
    co_await gate.pace(*permit);
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
    probe::Gate gate(
        loop.get_executor(), {.per_address = 100, .total = 100}, std::make_shared<probe::Rate>(100)
    );
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

asio::awaitable<void> stay_until(probe::Gate& gate, asio::steady_timer& call)
{
    const auto address = asio::ip::make_address("192.0.2.1");
    const auto permit = co_await gate.enter(address, Clock::time_point::max());
    co_await call.async_wait(probe::use_tuple);
}

TEST(Gate, MayGoBeforeThoseItLetIn)
{
    for (const auto interval : {0h, 1h}) {
        asio::io_context loop(1);
        asio::steady_timer call(loop, Clock::time_point::max());
        const probe::GateLimits limits{.per_address = 1, .host_interval = interval};
        auto gate = std::make_unique<probe::Gate>(loop.get_executor(), limits);
        for (int count = 0; count < 3; ++count)
            asio::co_spawn(loop, stay_until(*gate, call), probe::rethrow);
        loop.poll();
        EXPECT_EQ(gate->waiting(), 2U);
        gate.reset();
        // The loop goes with one inside and two waiting: nothing is touched that is gone (ASan watches).
    }
}

TEST(Gate, IsLeftAndEnteredByThoseWhoKnewItWhenItHasGone)
{
    asio::io_context loop(1);
    asio::steady_timer call(loop, Clock::time_point::max());
    auto gate = std::make_unique<probe::Gate>(loop.get_executor(), probe::GateLimits{.per_address = 1});
    for (int count = 0; count < 4; ++count)
        asio::co_spawn(loop, stay_until(*gate, call), probe::rethrow);
    loop.poll();
    EXPECT_EQ(gate->waiting(), 3U);
    gate.reset();
    EXPECT_EQ(call.cancel(), 1U);
    loop.poll();
    EXPECT_EQ(call.cancel(), 1U) << "the next one is in";
    // The loop goes with one that leaves, one that has been let in, and one that waits.
}

/// Comes, notes the order, and leaves when the loop has been round once.
asio::awaitable<void>
pass_through(probe::Gate& gate, asio::ip::address address, int number, std::vector<int>& order)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto permit = co_await gate.enter(address, Clock::time_point::max());
    order.push_back(number);
    co_await asio::post(executor, asio::use_awaitable);
}

asio::ip::address address_number(unsigned number)
{
    return asio::ip::address_v4(0xC6'12'00'00 + number); // 198.18.0.0/15 is for tests (RFC 2544)
}

TEST(Gate, LetsTenThousandInAsTheyCameAtEachAddress)
{
    constexpr int visitors = 10'000;
    constexpr int places = 7;
    asio::io_context loop(1);
    probe::Gate gate(loop.get_executor(), {.per_address = 2, .total = 5});
    std::vector<std::vector<int>> orders(places);
    const auto crowd = [&]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        for (int number = 0; number < visitors; ++number) {
            const auto place =
                static_cast<unsigned>(number % 3 == 0 ? number / 3 % places : 0); // one is busy
            auto task = pass_through(gate, address_number(place), number, orders[place]);
            asio::co_spawn(executor, std::move(task), probe::rethrow);
        }
    };
    asio::co_spawn(loop, crowd(), probe::rethrow);
    loop.run_one();
    loop.run();
    std::size_t came = 0;
    for (const auto& order : orders) {
        EXPECT_TRUE(std::ranges::is_sorted(order));
        came += order.size();
    }
    EXPECT_EQ(came, static_cast<std::size_t>(visitors));
    EXPECT_EQ(gate.waiting(), 0U);
    EXPECT_EQ(gate.addresses(), 0U);
}

TEST(Gate, GivesRoomInAllToWhoeverCameFirst)
{
    asio::io_context loop(1);
    probe::Gate gate(loop.get_executor(), {.per_address = 1, .total = 1});
    std::vector<int> order;
    for (const int number : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
        asio::co_spawn(
            loop,
            pass_through(gate, address_number(number < 5 ? 1 : static_cast<unsigned>(number)), number, order),
            probe::rethrow
        );
    loop.run();
    EXPECT_TRUE(std::ranges::is_sorted(order));
    EXPECT_EQ(order.size(), 10U);
}

TEST(Gate, ABusyAddressDoesNotHoldUpTheRest)
{
    asio::io_context loop(1);
    probe::Gate gate(loop.get_executor(), {.per_address = 1, .total = 2});
    std::vector<int> order;
    const auto run = [&]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        const auto stays = co_await gate.enter(address_number(1), Clock::time_point::max());
        std::vector<asio::awaitable<void>> others;
        asio::co_spawn(executor, pass_through(gate, address_number(1), 1, order), probe::rethrow);
        for (const int number : {2, 3})
            others.push_back(pass_through(gate, address_number(2), number, order));
        co_await probe::all_of(std::move(others));
        EXPECT_EQ(gate.waiting(), 1U);
    };
    asio::co_spawn(loop, run(), probe::rethrow);
    loop.run();
    EXPECT_EQ(order, (std::vector{2, 3, 1}));
}

/// When each connection began and ended.
struct Span
{
    Clock::time_point began;
    Clock::time_point ended;
};

asio::awaitable<void>
stay(probe::Gate& gate, asio::ip::address address, std::chrono::milliseconds time, std::vector<Span>& spans)
{
    auto permit = co_await gate.enter(address, Clock::time_point::max());
    co_await gate.pace(*permit);
    const auto at = spans.size();
    spans.push_back({Clock::now(), {}});
    asio::steady_timer stay(co_await asio::this_coro::executor, time);
    co_await stay.async_wait(asio::use_awaitable);
    spans[at].ended = Clock::now();
}

std::vector<Span> stays(probe::GateLimits limits, int count)
{
    asio::io_context loop(1);
    probe::Gate gate(loop.get_executor(), limits);
    std::vector<Span> spans;
    for (int number = 0; number < count; ++number)
        asio::co_spawn(loop, stay(gate, address_number(1), 1ms, spans), probe::rethrow);
    loop.run();
    return spans;
}

TEST(Gate, PausesBetweenConnectionsToAnAddress)
{
    const auto spans = stays({.per_address = 1, .host_interval = 5ms}, 4);
    ASSERT_EQ(spans.size(), 4U);
    for (std::size_t at = 1; at < spans.size(); ++at)
        EXPECT_GE(spans[at].began - spans[at - 1].ended, 5ms);
}

/// When the turn of the loop began in which a connection did, and when that had begun.
struct Begin
{
    Clock::time_point turn;
    Clock::time_point begun;
};

asio::awaitable<void> connect(probe::Gate& gate, const Clock::time_point& turn, std::vector<Begin>& begins)
{
    auto permit = co_await gate.enter(address_number(1), Clock::time_point::max());
    co_await gate.pace(*permit);
    begins.push_back({turn, Clock::now()});
    asio::steady_timer open(co_await asio::this_coro::executor, 20ms); // the next one begins meanwhile
    co_await open.async_wait(asio::use_awaitable);
}

TEST(Gate, PausesBetweenBeginsAlsoWhereMoreThanOneMayBeThere)
{
    // With a rate, the begin is when that lets it, not when there was room.
    for (const auto& rate : {std::shared_ptr<probe::Rate>(), std::make_shared<probe::Rate>(1'000)}) {
        asio::io_context loop(1);
        probe::Gate gate(loop.get_executor(), {.per_address = 100, .host_interval = 5ms}, rate);
        Clock::time_point turn;
        std::vector<Begin> begins;
        for (int elsewhere = 0; rate && elsewhere < 10; ++elsewhere)
            rate->next_start(Clock::now());
        for (int number = 0; number < 4; ++number)
            asio::co_spawn(loop, connect(gate, turn, begins), probe::rethrow);
        while (!loop.stopped()) {
            turn = Clock::now();
            loop.poll_one();
        }
        ASSERT_EQ(begins.size(), 4U);
        for (std::size_t at = 1; at < begins.size(); ++at)
            EXPECT_GE(begins[at].begun - begins[at - 1].turn, 5ms);
    }
}

TEST(Gate, KeepsNothingOfAddressesThatNothingIsLeftToWaitFor)
{
    asio::io_context loop(1);
    probe::Gate gate(loop.get_executor(), {.host_interval = 1ms});
    const auto walk = [&]() -> asio::awaitable<void> {
        std::size_t most = 0;
        asio::steady_timer pause(co_await asio::this_coro::executor);
        for (unsigned number = 0; number < 500; ++number) {
            if (number % 100 == 0) {
                pause.expires_after(2ms); // beyond the interval of all before
                co_await pause.async_wait(probe::use_tuple);
            }
            const auto permit = co_await gate.enter(address_number(number), Clock::time_point::max());
            most = std::max(most, gate.addresses());
        }
        EXPECT_LE(most, 200U);
    };
    asio::co_spawn(loop, walk(), probe::rethrow);
    loop.run();
    EXPECT_EQ(gate.waiting(), 0U);
}

TEST(Gate, DoesNotKeepTheLoopWaitingForNobody)
{
    asio::io_context loop(1);
    probe::Gate gate(loop.get_executor(), {.per_address = 1, .host_interval = 1h});
    const auto visitor = [&]() -> asio::awaitable<void> {
        {
            auto first = co_await gate.enter(address_number(1), Clock::time_point::max());
            co_await gate.pace(*first);
        }
        const auto late = co_await gate.enter(address_number(1), Clock::now() + 1ms);
        EXPECT_FALSE(late);
        EXPECT_EQ(gate.waiting(), 0U);
        EXPECT_EQ(gate.addresses(), 1U) << "whose interval still runs";
    };
    asio::co_spawn(loop, visitor(), probe::rethrow);
    loop.run();
    EXPECT_TRUE(loop.stopped());
}

struct Told421
{
    Clock::time_point last = Clock::now();
    std::vector<Clock::duration> waits; // of each visitor, since the last 421
};

asio::awaitable<void> visit_or_be_refused(probe::Gate& gate, bool is_refused, Told421& told)
{
    auto permit = co_await gate.enter(address_number(1), Clock::time_point::max());
    co_await gate.pace(*permit);
    told.waits.push_back(Clock::now() - told.last);
    if (!is_refused)
        co_return;
    told.last = Clock::now();
    permit->back_off();
}

/// One after another to the same address, of which each is told 421 or not; how long each had to wait.
std::vector<Clock::duration> waits(probe::GateLimits limits, std::vector<bool> refusals)
{
    asio::io_context loop(1);
    limits.per_address = 1;
    probe::Gate gate(loop.get_executor(), limits);
    Told421 told;
    for (const bool is_refused : refusals)
        asio::co_spawn(loop, visit_or_be_refused(gate, is_refused, told), probe::rethrow);
    loop.run();
    return told.waits;
}

TEST(Gate, LeavesAServerAloneThatSaid421TwiceAsLongEachTime)
{
    EXPECT_EQ(probe::GateLimits{}.first_back_off, 30s);
    EXPECT_EQ(probe::GateLimits{}.longest_back_off, 10min);
    const auto waited = waits({.first_back_off = 4ms}, {true, true, true, false});
    ASSERT_EQ(waited.size(), 4U);
    EXPECT_GE(waited[1], 4ms);
    EXPECT_GE(waited[2], 8ms);
    EXPECT_GE(waited[3], 16ms);
}

TEST(Gate, LeavesNoServerAloneLongerThanTheLongest)
{
    // Doubled each time, the last wait would be above half an hour.
    const auto waited = waits({.first_back_off = 1ms, .longest_back_off = 3ms}, std::vector<bool>(22, true));
    EXPECT_EQ(waited.size(), 22U);
}

TEST(Gate, BeginsAnewAfterASessionWithout421)
{
    // As above: were they in a row, this would not end today.
    std::vector<bool> refusals;
    for (int count = 0; count < 22; ++count)
        refusals.insert(refusals.end(), {true, false});
    EXPECT_EQ(waits({.first_back_off = 1ms, .longest_back_off = 24h}, refusals).size(), 44U);
}

TEST(Gate, TakesThe421OfConnectionsAtTheSameTimeForOne)
{
    asio::io_context loop(1);
    probe::Gate gate(
        loop.get_executor(), {.per_address = 22, .first_back_off = 1ms, .longest_back_off = 24h}
    );
    bool in_again = false;
    const auto visitor = [&]() -> asio::awaitable<void> {
        {
            std::vector<probe::Gate::Permit> permits;
            for (int count = 0; count < 22; ++count) {
                auto permit = co_await gate.enter(address_number(1), Clock::time_point::max());
                permits.push_back(std::move(*permit));
            }
            for (auto& permit : permits) {
                permit.back_off();
                permit.back_off();
            }
        }
        const auto other = co_await gate.enter(address_number(2), Clock::now());
        EXPECT_TRUE(other) << "the rest is not held up";
        const auto next = co_await gate.enter(address_number(1), Clock::time_point::max());
        in_again = next.has_value();
    };
    asio::co_spawn(loop, visitor(), probe::rethrow);
    loop.run();
    EXPECT_TRUE(in_again);
}

TEST(Gate, TakesAPermitThatIsGivenBackUnusedForNoConnection)
{
    asio::io_context loop(1);
    probe::Gate gate(loop.get_executor(), {.per_address = 1, .host_interval = 1h});
    bool in_again = false;
    const auto visitor = [&]() -> asio::awaitable<void> {
        {
            const auto unused = co_await gate.enter(address_number(1), Clock::time_point::max());
        }
        const auto next = co_await gate.enter(address_number(1), Clock::now() + 1ms);
        in_again = next.has_value();
    };
    asio::co_spawn(loop, visitor(), probe::rethrow);
    loop.run();
    EXPECT_TRUE(in_again);
    EXPECT_EQ(gate.addresses(), 0U);
}

TEST(Gate, LetsNoEarlierConnectionSpeakForAServerThatSaid421)
{
    asio::io_context loop(1);
    // The interval keeps the last two apart.
    probe::Gate gate(loop.get_executor(), {.per_address = 2, .host_interval = 1ms, .first_back_off = 2ms});
    Told421 told;
    const auto visitors = [&]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        auto earlier = co_await gate.enter(address_number(1), Clock::time_point::max());
        co_await gate.pace(*earlier);
        auto refused = co_await gate.enter(address_number(1), Clock::time_point::max());
        co_await gate.pace(*refused);
        for (const bool is_refused : {true, false})
            asio::co_spawn(executor, visit_or_be_refused(gate, is_refused, told), probe::rethrow);
        while (gate.waiting() < 2)
            co_await asio::post(executor, asio::use_awaitable);
        refused->back_off();
    };
    asio::co_spawn(loop, visitors(), probe::rethrow);
    loop.run();
    ASSERT_EQ(told.waits.size(), 2U);
    EXPECT_GE(told.waits[1], 4ms);
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
