#include "probe/scan/loops.hpp"

#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

namespace
{

using std::this_thread::get_id;

asio::awaitable<std::thread::id> here()
{
    co_return get_id();
}

asio::awaitable<void> ask_other(scan::Loops& loops, std::promise<std::vector<std::thread::id>>& told)
{
    const auto before = get_id();
    const auto there = co_await scan::run_on(loops.at(1), here());
    told.set_value({before, there, get_id()});
}

asio::awaitable<void> never(asio::io_context& loop)
{
    asio::steady_timer timer(loop, asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> wait_for_other(scan::Loops& loops, std::promise<void>& begun)
{
    asio::steady_timer own(loops.at(0));
    auto task = never(loops.at(1));
    begun.set_value();
    co_await scan::run_on(loops.at(1), std::move(task));
}

TEST(Loops, ATaskForAnotherLoopRunsThereAndComesBack)
{
    scan::Loops loops(2);
    loops.start();
    std::promise<std::vector<std::thread::id>> told;
    asio::co_spawn(loops.at(0), ask_other(loops, told), asio::detached);
    const auto threads = told.get_future().get();
    EXPECT_NE(threads[0], threads[1]);
    EXPECT_EQ(threads[0], threads[2]);
    EXPECT_NE(get_id(), threads[0]);
    loops.stop();
}

TEST(Loops, StoppedTheyLeaveNothingOfWhatOneLoopHoldsForAnother)
{
    scan::Loops loops(2);
    loops.start();
    std::promise<void> begun;
    asio::co_spawn(loops.at(0), wait_for_other(loops, begun), asio::detached);
    begun.get_future().get();
    EXPECT_NO_THROW(loops.stop()); // and the sanitizers see no leak
}

TEST(Loops, WhatALoopThrowsIsThrownByStop)
{
    scan::Loops loops(2);
    std::promise<void> thrown;
    asio::post(loops.at(1), [&] {
        thrown.set_value();
        throw std::logic_error("a bug");
    });
    loops.start();
    thrown.get_future().get();
    EXPECT_THROW(loops.stop(), std::logic_error);
}

} // namespace
