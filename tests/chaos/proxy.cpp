#include "tests/chaos/proxy.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace chaos
{
namespace
{

using asio::ip::tcp;

constexpr std::size_t flood_size = 1 << 20; // octets; the client has had enough long before

asio::awaitable<void> send(tcp::socket& to, std::string octets, bool alone, asio::error_code& fault)
{
    const auto step = alone ? 1 : std::max<std::size_t>(octets.size(), 1);
    for (std::size_t at = 0; at < octets.size() && !fault; at += step) {
        const auto part = asio::buffer(octets.data() + at, std::min(step, octets.size() - at));
        co_await asio::async_write(to, part, asio::redirect_error(asio::use_awaitable, fault));
    }
}

} // namespace

struct Proxy::Link
{
    tcp::socket client;
    tcp::socket server;
    Mischief mischief;

    tcp::socket& end(bool of_server) { return of_server ? server : client; }

    void close()
    {
        asio::error_code ignored;
        client.close(ignored);
        server.close(ignored);
    }
};

Proxy::Proxy(std::uint64_t seed, tcp::endpoint server)
    : seed_(seed),
      server_(server),
      acceptor_(loop_, tcp::endpoint(asio::ip::address_v4::any(), 0)),
      port_(acceptor_.local_endpoint().port())
{
    asio::co_spawn(loop_, accept(), asio::detached);
    thread_ = std::thread([this] { loop_.run(); });
}

Proxy::~Proxy()
{
    loop_.stop();
    thread_.join();
}

tcp::endpoint Proxy::endpoint(std::uint32_t number) const
{
    return {asio::ip::address_v4((127U << 24) | (number + 1)), port_};
}

asio::awaitable<void> Proxy::accept()
{
    for (;;) {
        asio::error_code fault;
        tcp::socket client(loop_);
        co_await acceptor_.async_accept(client, asio::redirect_error(asio::use_awaitable, fault));
        if (fault)
            continue;
        const auto number = client.local_endpoint(fault).address().to_v4().to_uint() & 0xffffff;
        const auto mischief = mischief_for(seed_, number - 1);
        auto link = std::make_shared<Link>(Link{std::move(client), tcp::socket(loop_), mischief});
        asio::co_spawn(loop_, open(std::move(link)), asio::detached);
    }
}

asio::awaitable<void> Proxy::open(std::shared_ptr<Link> link)
{
    asio::error_code fault;
    co_await link->server.async_connect(server_, asio::redirect_error(asio::use_awaitable, fault));
    if (fault)
        co_return;
    for (const bool from_server : {true, false}) {
        link->end(from_server).set_option(tcp::no_delay(true), fault);
        asio::co_spawn(loop_, pump(link, from_server), asio::detached);
    }
}

/// Passes octets on until either side ends, and ends both; or does the mischief of its direction.
asio::awaitable<void> Proxy::pump(std::shared_ptr<Link> link, bool from_server)
{
    auto& from = link->end(from_server);
    auto& to = link->end(!from_server);
    const auto& mischief = link->mischief;
    Spoiler spoiler(mischief.from_server == from_server ? mischief : Mischief{});
    asio::error_code fault;
    std::array<char, 4096> chunk;
    while (!fault && !spoiler.ended()) {
        const auto size = co_await from.async_read_some(
            asio::buffer(chunk), asio::redirect_error(asio::use_awaitable, fault)
        );
        auto octets = spoiler.take({chunk.data(), size});
        co_await send(to, std::move(octets), mischief.kind == Kind::drip, fault);
    }
    if (!fault && mischief.kind == Kind::flood)
        co_await send(to, octets(mischief.seed, flood_size), false, fault);
    if (!fault && mischief.kind == Kind::half_close)
        to.shutdown(tcp::socket::shutdown_send, fault);
    const bool silent =
        mischief.kind == Kind::stall || mischief.kind == Kind::half_close || mischief.kind == Kind::flood;
    if (!fault && silent)
        co_return; // the other direction goes on, until the client has had enough
    if (!fault && mischief.kind == Kind::reset)
        link->client.set_option(asio::socket_base::linger(true, 0), fault);
    if (fault == asio::error::eof)
        to.shutdown(tcp::socket::shutdown_send, fault);
    else
        link->close();
}

} // namespace chaos
