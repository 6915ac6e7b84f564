// A TCP port at which every connection is refused.
#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include <cstdint>

namespace support
{

/// At every address of this machine, for as long as this is there. Nobody else is given the port, neither to
/// listen on nor to connect from; who asks for it by number, with SO_REUSEADDR, may listen at one address.
class RefusedTcpPort
{
public:
    RefusedTcpPort();

    std::uint16_t number() const { return socket_.local_endpoint().port(); }

private:
    asio::io_context io_{1};
    asio::ip::tcp::socket socket_{io_}; // bound, and never listened on
};

} // namespace support
