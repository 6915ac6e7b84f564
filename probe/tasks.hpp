// Many things at once, and things with an end.
#pragma once

#include "dns/resolver.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <string>
#include <vector>

namespace probe
{

/// What a coroutine that nobody waits for ends with: an exception is a bug, and leaves the event loop.
inline constexpr auto rethrow = [](const std::exception_ptr& fault) {
    if (fault)
        std::rethrow_exception(fault);
};

/// An operation says how it went, and does not throw: of a timer, that is of no interest.
inline constexpr auto use_tuple = asio::experimental::as_tuple(asio::use_awaitable);

/// Something that happens once and may be waited for before or after; a wait ends at the deadline at the
/// latest.
class Event
{
public:
    using Clock = std::chrono::steady_clock;

    explicit Event(
        const asio::any_io_executor& executor, Clock::time_point deadline = Clock::time_point::max()
    )
        : timer_(executor, deadline)
    {}

    void happen() { timer_.expires_at(Clock::time_point::min()); }
    auto wait() { return timer_.async_wait(use_tuple); }

private:
    asio::steady_timer timer_;
};

/// Runs all tasks at the same time; ends when the last of them has.
asio::awaitable<void> all_of(std::vector<asio::awaitable<void>> tasks);

/// `resolver.ask`, but not beyond the deadline: from then on the answer is a time-out.
asio::awaitable<dns::Answer> ask_until(
    std::chrono::steady_clock::time_point deadline, dns::Resolver& resolver, std::string name, dns::Type type
);

} // namespace probe
