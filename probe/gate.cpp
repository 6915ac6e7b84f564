#include "probe/gate.hpp"

#include "probe/tasks.hpp"

#include <asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <list>
#include <map>
#include <utility>

namespace probe
{
namespace
{

using Clock = std::chrono::steady_clock;

struct Waiter
{
    asio::ip::address address;
    asio::steady_timer admitted;

    bool outside = true;
};

} // namespace

struct Gate::State
{
    asio::any_io_executor executor;
    GateLimits limits;
    std::size_t inside = 0;
    std::map<asio::ip::address, std::size_t> per_address;
    std::list<Waiter> waiting;
    Clock::time_point last_start = Clock::time_point::min();

    bool open_for(const asio::ip::address& address) const;
    void count_in(const asio::ip::address& address);
    void count_out(const asio::ip::address& address);
    Clock::time_point next_start();
};

bool Gate::State::open_for(const asio::ip::address& address) const
{
    const auto there = per_address.find(address);
    return inside < limits.total && (there == per_address.end() || there->second < limits.per_address);
}

void Gate::State::count_in(const asio::ip::address& address)
{
    ++inside;
    ++per_address[address];
}

/// Whoever leaves counts the next one in, so that nobody can slip in between.
void Gate::State::count_out(const asio::ip::address& address)
{
    --inside;
    if (const auto there = per_address.find(address); --there->second == 0)
        per_address.erase(there);
    const auto may_enter = [&](const Waiter& waiter) { return waiter.outside && open_for(waiter.address); };
    const auto next = std::find_if(waiting.begin(), waiting.end(), may_enter);
    if (next == waiting.end())
        return;
    count_in(next->address);
    next->outside = false;
    next->admitted.expires_at(Clock::time_point::min());
}

/// Evenly spaced, so that no second of the run holds more than `rate` of them.
Clock::time_point Gate::State::next_start()
{
    const auto spacing =
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / limits.rate));
    const auto now = Clock::now();
    last_start = last_start == Clock::time_point::min() ? now : std::max(now, last_start + spacing);
    return last_start;
}

Gate::Gate(asio::any_io_executor executor, GateLimits limits)
    : state_(std::make_shared<State>(State{std::move(executor), limits, 0, {}, {}, Clock::time_point::min()}))
{}

Gate::Permit::Permit(std::weak_ptr<State> gate, asio::ip::address address)
    : gate_(std::move(gate)), address_(std::move(address))
{}

Gate::Permit::~Permit()
{
    if (const auto gate = gate_.lock())
        gate->count_out(address_);
}

asio::awaitable<std::optional<Gate::Permit>>
Gate::enter(asio::ip::address address, Clock::time_point deadline)
{
    auto& gate = *state_;
    if (gate.open_for(address)) {
        gate.count_in(address);
        co_return Permit(state_, address);
    }
    gate.waiting.push_back({address, asio::steady_timer(gate.executor, deadline)});
    const auto self = std::prev(gate.waiting.end());
    co_await self->admitted.async_wait(use_tuple);
    const bool admitted = !self->outside;
    gate.waiting.erase(self);
    if (!admitted)
        co_return std::nullopt;
    co_return Permit(state_, address);
}

asio::awaitable<void> Gate::pace()
{
    if (state_->limits.rate <= 0)
        co_return;
    asio::steady_timer start(state_->executor, state_->next_start());
    co_await start.async_wait(use_tuple);
}

} // namespace probe
