// How many connections may be made: at once to one address, at once in all, and new ones a second.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

namespace probe
{

struct GateLimits
{
    std::size_t per_address = 2; // connections at once to one address
    std::size_t total = 512;     // connections at once
    double rate = 0;             // new connections a second; 0: no limit
};

/// Shared by all sessions of a run; single-threaded. Permits may outlive it, as those of abandoned sessions
/// do.
class Gate
{
    struct State;

public:
    Gate(asio::any_io_executor executor, GateLimits limits);

    /// The right to one connection, given back when it goes.
    class Permit
    {
    public:
        Permit(std::weak_ptr<State> gate, asio::ip::address address);
        Permit(Permit&& other) noexcept = default;
        Permit& operator=(Permit&&) = delete;
        ~Permit();

    private:
        std::weak_ptr<State> gate_;
        asio::ip::address address_;
    };

    /// Waits, in the order of arrival, until there is room for a connection to the address; none where there
    /// is none by the deadline.
    asio::awaitable<std::optional<Permit>>
    enter(asio::ip::address address, std::chrono::steady_clock::time_point deadline);

    /// Waits until the rate lets one more connection through.
    asio::awaitable<void> pace();

private:
    std::shared_ptr<State> state_;
};

} // namespace probe
