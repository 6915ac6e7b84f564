#include "support/refused_tcp_port.hpp"

#include <asio/ip/v6_only.hpp>

namespace support
{

RefusedTcpPort::RefusedTcpPort()
{
    using asio::ip::tcp;

    auto any = tcp::v6();
    asio::error_code without_ipv6;
    socket_.open(any, without_ipv6);
    if (without_ipv6)
        socket_.open(any = tcp::v4());
    else
        socket_.set_option(asio::ip::v6_only(false)); // both families
    socket_.set_option(asio::socket_base::reuse_address(true));
    socket_.bind({any, 0});
}

} // namespace support
