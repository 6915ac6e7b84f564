#include "smtp/watchdog.hpp"

namespace smtp
{

Watchdog::Watchdog(asio::ip::tcp::socket& socket) : socket_(socket), timer_(socket.get_executor()) {}

std::shared_ptr<Watchdog> Watchdog::over(asio::ip::tcp::socket& socket)
{
    return std::shared_ptr<Watchdog>(new Watchdog(socket));
}

void Watchdog::watch(Moment deadline)
{
    deadline_ = deadline;
    if (deadline_ < rings_at_)
        set();
}

void Watchdog::set()
{
    rings_at_ = deadline_;
    timer_.expires_at(deadline_);
    timer_.async_wait([weak = weak_from_this()](const std::error_code& fault) {
        const auto self = weak.lock();
        if (self && !fault)
            self->ring();
    });
}

void Watchdog::ring()
{
    rings_at_ = Moment::max();
    if (std::chrono::steady_clock::now() < deadline_)
        return set();
    std::error_code ignored;
    socket_.cancel(ignored);
}

} // namespace smtp
