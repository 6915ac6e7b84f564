// Stands between a client and a good server, and does each connection one mischief.
#pragma once

#include "tests/chaos/mischief.hpp"

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <thread>

namespace chaos
{

/// Listens on all of 127/8, and takes the number of a connection from the address it came to: what happens to
/// it does not depend on who comes first.
class Proxy
{
public:
    Proxy(std::uint64_t seed, asio::ip::tcp::endpoint server);
    ~Proxy();

    Proxy(const Proxy&) = delete;

    /// Where connection `number`, below 2^24, goes to.
    asio::ip::tcp::endpoint endpoint(std::uint32_t number) const;

private:
    struct Link;

    asio::awaitable<void> accept();
    asio::awaitable<void> open(std::shared_ptr<Link> link);
    static asio::awaitable<void> pump(std::shared_ptr<Link> link, bool from_server);

    const std::uint64_t seed_;
    const asio::ip::tcp::endpoint server_;
    asio::io_context loop_{1};
    asio::ip::tcp::acceptor acceptor_;
    const std::uint16_t port_;
    std::thread thread_;
};

} // namespace chaos
