#include "support/dns_stub.hpp"

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <asio/read.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace support
{
namespace
{

using asio::use_awaitable;
using asio::ip::tcp;
using asio::ip::udp;

struct Script
{
    DnsBehaviour behaviour;
    std::chrono::milliseconds delay{};
};

unsigned number16(const Octets& octets, std::size_t at)
{
    return static_cast<unsigned>(octets.at(at) << 8 | octets.at(at + 1));
}

DnsQuery parse(const Octets& octets, bool over_tcp)
{
    DnsQuery query;
    query.over_tcp = over_tcp;
    query.id = static_cast<std::uint16_t>(number16(octets, 0));
    const auto flags = number16(octets, 2);
    query.recursion_desired = flags & 0x0100;
    query.authenticated_data = flags & 0x0020;
    query.checking_disabled = flags & 0x0010;
    std::size_t at = 12;
    for (; octets.at(at) != 0; at += 1u + octets.at(at)) {
        query.name += query.name.empty() ? "" : ".";
        query.name.append(reinterpret_cast<const char*>(&octets.at(at + 1)), octets.at(at));
    }
    query.type = static_cast<dns::Type>(number16(octets, at + 1));
    query.edns = number16(octets, 10) == 1;
    if (query.edns) {
        query.payload = static_cast<std::uint16_t>(number16(octets, at + 8));
        query.dnssec_ok = number16(octets, at + 12) & 0x8000;
    }
    return query;
}

} // namespace

Octets reply_to(const DnsQuery& query, const DnsReply& reply)
{
    return message_octets(query.id, query.name, query.type, reply);
}

DnsBehaviour always(DnsReply reply)
{
    return [reply = std::move(reply)](const DnsQuery& query) {
        return std::vector<Octets>{reply_to(query, reply)};
    };
}

DnsBehaviour silent()
{
    return [](const DnsQuery&) { return std::vector<Octets>{}; };
}

class DnsStub::State
{
public:
    explicit State(const asio::ip::address& address) : udp_(io_), tcp_(io_) { listen(address); }

    ~State()
    {
        io_.stop();
        if (thread_.joinable())
            thread_.join();
    }

    void start()
    {
        asio::co_spawn(io_, serve_udp(), asio::detached);
        asio::co_spawn(io_, accept(), asio::detached);
        thread_ = std::thread([this] { io_.run(); });
    }

    udp::endpoint endpoint() const { return udp_.local_endpoint(); }

    void on(std::string name, dns::Type type, Script script)
    {
        const std::lock_guard lock(mutex_);
        scripts_[{std::move(name), type}] = std::move(script);
    }

    std::vector<DnsQuery> asked() const
    {
        const std::lock_guard lock(mutex_);
        return asked_;
    }

    bool wait_until_asked(dns::Type type, std::size_t times) const
    {
        const auto is_of_type = [type](const DnsQuery& query) { return query.type == type; };
        const auto is_enough = [&] {
            return static_cast<std::size_t>(std::ranges::count_if(asked_, is_of_type)) >= times;
        };
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), is_enough);
    }

private:
    void listen(const asio::ip::address& address);
    Script script_for(const DnsQuery& query);
    asio::awaitable<void> serve_udp();
    asio::awaitable<void> answer_udp(Octets octets, udp::endpoint peer);
    asio::awaitable<void> accept();
    asio::awaitable<void> serve_tcp(tcp::socket socket);

    asio::io_context io_{1};
    udp::socket udp_;
    tcp::acceptor tcp_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::map<std::pair<std::string, dns::Type>, Script> scripts_;
    std::vector<DnsQuery> asked_;
    std::thread thread_;
};

/// A UDP port that is free on TCP too may take some looking for.
void DnsStub::State::listen(const asio::ip::address& address)
{
    for (std::error_code taken = asio::error::address_in_use; taken;) {
        udp_ = udp::socket(io_, udp::endpoint(address, 0));
        tcp_ = tcp::acceptor(io_);
        const tcp::endpoint same(address, udp_.local_endpoint().port());
        tcp_.open(same.protocol());
        tcp_.bind(same, taken);
    }
    tcp_.listen();
    udp_.set_option(asio::socket_base::receive_buffer_size(1 << 20));
}

Script DnsStub::State::script_for(const DnsQuery& query)
{
    const std::lock_guard lock(mutex_);
    asked_.push_back(query);
    changed_.notify_all();
    auto script = scripts_.find({query.name, query.type});
    if (script == scripts_.end())
        script = scripts_.find({"", query.type});
    if (script != scripts_.end())
        return script->second;
    DnsReply refused;
    refused.rcode = 5;
    return {always(refused), {}};
}

asio::awaitable<void> DnsStub::State::serve_udp()
{
    for (;;) {
        Octets octets(65535);
        udp::endpoint peer;
        const auto size = co_await udp_.async_receive_from(asio::buffer(octets), peer, use_awaitable);
        octets.resize(size);
        asio::co_spawn(io_, answer_udp(std::move(octets), peer), asio::detached);
    }
}

asio::awaitable<void> DnsStub::State::answer_udp(Octets octets, udp::endpoint peer)
{
    auto query = parse(octets, false);
    query.from_port = peer.port();
    const auto script = script_for(query);
    if (script.delay.count() > 0) {
        asio::steady_timer timer(io_, script.delay);
        co_await timer.async_wait(use_awaitable);
    }
    const auto messages = script.behaviour(query);
    for (const auto& message : messages)
        co_await udp_.async_send_to(asio::buffer(message), peer, use_awaitable);
}

asio::awaitable<void> DnsStub::State::accept()
{
    for (;;) {
        auto socket = co_await tcp_.async_accept(use_awaitable);
        asio::co_spawn(io_, serve_tcp(std::move(socket)), asio::detached);
    }
}

/// A behaviour that says nothing over TCP loses the connection.
asio::awaitable<void> DnsStub::State::serve_tcp(tcp::socket socket)
{
    for (;;) {
        std::array<std::uint8_t, 2> size{};
        co_await asio::async_read(socket, asio::buffer(size), use_awaitable);
        Octets octets(static_cast<std::size_t>(size[0] << 8 | size[1]));
        co_await asio::async_read(socket, asio::buffer(octets), use_awaitable);
        const auto query = parse(octets, true);
        const auto script = script_for(query);
        const auto messages = script.behaviour(query);
        if (messages.empty())
            co_return;
        for (const auto& message : messages) {
            Octets framed;
            put16(framed, static_cast<unsigned>(message.size()));
            framed.insert(framed.end(), message.begin(), message.end());
            co_await asio::async_write(socket, asio::buffer(framed), use_awaitable);
        }
    }
}

DnsStub::DnsStub(const std::string& address)
    : state_(std::make_unique<State>(asio::ip::make_address(address)))
{
    state_->start();
}

DnsStub::~DnsStub() = default;

dns::Server DnsStub::server() const
{
    return {state_->endpoint().address(), state_->endpoint().port()};
}

void DnsStub::on(std::string name, dns::Type type, DnsBehaviour behaviour, std::chrono::milliseconds delay)
{
    state_->on(std::move(name), type, {std::move(behaviour), delay});
}

std::vector<DnsQuery> DnsStub::asked() const
{
    return state_->asked();
}

bool DnsStub::wait_until_asked(dns::Type type, std::size_t times) const
{
    return state_->wait_until_asked(type, times);
}

/// A UDP socket that is connected elsewhere gets nothing from anybody else: the kernel refuses for it.
class RefusedPort::State
{
public:
    State() : socket_(io_, udp::endpoint(asio::ip::address_v4::loopback(), 0))
    {
        socket_.connect(socket_.local_endpoint());
    }

    udp::endpoint endpoint() const { return socket_.local_endpoint(); }

private:
    asio::io_context io_{1};
    udp::socket socket_;
};

RefusedPort::RefusedPort() : state_(std::make_unique<State>()) {}
RefusedPort::~RefusedPort() = default;

dns::Server RefusedPort::server() const
{
    return {state_->endpoint().address(), state_->endpoint().port()};
}

} // namespace support
