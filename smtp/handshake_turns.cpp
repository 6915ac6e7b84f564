#include "smtp/handshake_turns.hpp"

#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <iterator>
#include <system_error>

namespace smtp
{

/// Stands in the queue as long as it is there.
class HandshakeTurns::Waiter
{
public:
    Waiter(HandshakeTurns& turns, const asio::any_io_executor& executor, Moment until)
        : timer(executor, until), queue_(turns.waiting_), place_(queue_.insert(queue_.end(), this))
    {}
    ~Waiter() { leave(); }
    Waiter(const Waiter&) = delete;

    bool is_waiting() const noexcept { return place_ != queue_.end(); }

    void leave() noexcept
    {
        if (is_waiting())
            queue_.erase(place_);
        place_ = queue_.end();
    }

    asio::steady_timer timer;

private:
    std::list<Waiter*>& queue_;
    std::list<Waiter*>::iterator place_;
};

HandshakeTurns& HandshakeTurns::of(const asio::any_io_executor& executor)
{
    return asio::use_service<HandshakeTurns>(asio::query(executor, asio::execution::context));
}

bool HandshakeTurns::take() noexcept
{
    if (taken_ >= at_once || !waiting_.empty())
        return false;
    ++taken_;
    return true;
}

asio::awaitable<void> HandshakeTurns::wait(Moment deadline)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto latest = std::chrono::steady_clock::now() + patience * (waiting_.size() + 1);
    Waiter waiter(*this, executor, std::min<Moment>(latest, deadline));
    std::error_code ignored;
    co_await waiter.timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (waiter.is_waiting())
        ++taken_;
}

void HandshakeTurns::give_back()
{
    if (waiting_.empty() || taken_ > at_once) {
        --taken_;
        return;
    }
    auto* next = waiting_.front(); // whose turn it is then, so that nobody can slip in between
    next->leave();
    next->timer.cancel();
}

} // namespace smtp
