// How many handshakes an event loop has under way: each takes twice the memory of a session that is open,
// from the ClientHello on until the server has answered. Private to smtp/.
#pragma once

// Before Asio, whose choice of allocator hangs on whether it has seen a standard header; all files must
// agree.
#include <chrono>
#include <cstddef>
#include <list>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/execution_context.hpp>
#include <asio/steady_timer.hpp>

namespace smtp
{

/// One for each event loop, whose sessions take turns. No number of servers that do not answer keeps others
/// from their handshake for long: without a turn that is given back, one more begins every `patience`.
class HandshakeTurns : public asio::execution_context::service
{
public:
    using Moment = std::chrono::steady_clock::time_point;

    static constexpr std::size_t at_once = 200;
    static constexpr std::chrono::milliseconds patience{10};

    inline static asio::execution_context::id id;

    /// Those of the loop that this is the executor of.
    static HandshakeTurns& of(const asio::any_io_executor& executor);

    /// By Asio, at the first use.
    explicit HandshakeTurns(asio::execution_context& loop) : service(loop) {}

    /// Takes a turn where one is free.
    bool take() noexcept;

    /// Takes the next one, in the order of arrival, or what there is at the deadline.
    asio::awaitable<void> wait(Moment deadline);

    /// To whoever waits for it.
    void give_back();

private:
    class Waiter;

    void shutdown() override {}

    std::size_t taken_ = 0;
    std::list<Waiter*> waiting_;
};

/// A turn that was taken, given back when this goes.
class HandshakeTurn
{
public:
    explicit HandshakeTurn(HandshakeTurns& turns) : turns_(turns) {}
    ~HandshakeTurn() { turns_.give_back(); }
    HandshakeTurn(const HandshakeTurn&) = delete;

private:
    HandshakeTurns& turns_;
};

} // namespace smtp
