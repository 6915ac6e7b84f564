// How many connections may be made: at once to one address, at once in all, how soon one after another, and
// new ones a second.
#pragma once

#include "probe/rate.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace probe
{

/// How long a server is left alone that said 421 (RFC 5321 §3.8): at first, and at most.
inline constexpr std::chrono::seconds first_back_off{30};
inline constexpr std::chrono::minutes longest_back_off{10};

struct GateLimits
{
    std::size_t per_address = 2; // connections at once to one address
    std::size_t total = 512;     // connections at once

    /// To one address, from the end of a connection, and from the begin of one, to the begin of the next.
    std::chrono::milliseconds host_interval{0};

    std::chrono::milliseconds first_back_off = probe::first_back_off;
    std::chrono::milliseconds longest_back_off = probe::longest_back_off;
};

/// Shared by all sessions of an event loop; single-threaded. Coming and going cost the same however many
/// wait, and no more is kept than of the addresses where somebody is, waits, or must not be yet. Permits and
/// those that wait may outlive it, as those of abandoned sessions do.
class Gate
{
    struct State;
    struct Place;
    struct Waiter;

public:
    /// `rate` may be shared with other gates; null: no limit.
    Gate(asio::any_io_executor executor, GateLimits limits, std::shared_ptr<Rate> rate = nullptr);

    /// The right to one connection, given back when it goes.
    class Permit
    {
    public:
        Permit(const std::shared_ptr<State>& gate, Place& place);
        Permit(Permit&& other) noexcept = default;
        Permit& operator=(Permit&&) = delete;
        ~Permit();

        /// The server said 421: its address is left alone for a while, and for twice as long each time in a
        /// row, until a connection that began later goes well. What connections that had begun before say is
        /// the same 421. Remembered for as long again as the address was left alone.
        void back_off();

    private:
        friend class Gate;

        std::weak_ptr<State> gate_;
        Place* place_; // there as long as the gate is
        std::uint32_t refusals_before_;
        bool has_begun_ = false;
        bool is_refused_ = false;
    };

    /// Waits until there is room for a connection to the address, in the order of arrival at that address;
    /// where room is short in all, those whose address is free go in the order of arrival. None where there
    /// is none by the deadline.
    asio::awaitable<std::optional<Permit>>
    enter(asio::ip::address address, std::chrono::steady_clock::time_point deadline);

    /// Waits until the rate lets this connection begin; to be called before it does. It never ends early, and
    /// nobody else begins at the address before. A permit that is given back without it began nothing.
    asio::awaitable<void> pace(Permit& permit);

    /// How many wait to enter.
    std::size_t waiting() const noexcept;

    /// Of how many addresses something is kept.
    std::size_t addresses() const noexcept;

private:
    std::shared_ptr<State> state_;
};

} // namespace probe
