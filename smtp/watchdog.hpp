// Ends the waits of one socket at a moment. Private to smtp/.
#pragma once

// Before Asio, whose choice of allocator hangs on whether it has seen a standard header; all files must
// agree.
#include <chrono>
#include <memory>

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

namespace smtp
{

/// Steps follow each other quickly and their deadlines mostly move on, so the timer is left running until it
/// rings, and only then looks whether it is time: two timers for a whole session rather than one for each
/// wait.
class Watchdog : public std::enable_shared_from_this<Watchdog>
{
public:
    using Moment = std::chrono::steady_clock::time_point;

    /// Shared, because a ring may still be under way when the socket's owner is gone.
    static std::shared_ptr<Watchdog> over(asio::ip::tcp::socket& socket);

    /// From now on the socket's waits end at `deadline`, with operation_aborted.
    void watch(Moment deadline);

private:
    explicit Watchdog(asio::ip::tcp::socket& socket);
    void set();
    void ring();

    asio::ip::tcp::socket& socket_;
    asio::steady_timer timer_;
    Moment deadline_ = Moment::max();
    Moment rings_at_ = Moment::max();
};

} // namespace smtp
