#include "dns/channel.hpp"

#include "dns/error.hpp"
#include "dns/message.hpp"
#include "support/dns_stub.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

namespace
{

using namespace std::chrono_literals;

std::vector<std::uint8_t> query(std::uint16_t id)
{
    const dns::Question question{"example.test", dns::Type::a};
    return dns::encode(question, id, {});
}

asio::awaitable<void> hear(dns::Exchange exchange, std::vector<std::error_code>& faults)
{
    co_await exchange.wait();
    faults.push_back(exchange.take().fault);
}

TEST(Channel, ItsEndIsTheEndOfItsQuestionsSentAndUnsent)
{
    for (const std::size_t sent : {0U, 2U}) {
        support::DnsStub stub;
        stub.on("", dns::Type::a, support::silent());
        asio::io_context io(1);
        dns::Settings settings;
        settings.burst = 2;
        auto channel =
            std::make_unique<dns::Channel>(io.get_executor(), stub.server(), dns::Transport::udp, settings);
        std::vector<std::error_code> faults;
        for (std::uint16_t id = 0; id < 3; ++id)
            asio::co_spawn(io, hear(channel->send(query(id)), faults), asio::detached);
        while (stub.asked().size() < sent)
            io.run_one_for(10ms);
        channel.reset();
        io.restart();
        io.run_for(10s);
        EXPECT_EQ(faults, std::vector<std::error_code>(3, dns::errc::unreachable)) << sent;
    }
}

} // namespace
