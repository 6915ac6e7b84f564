#include "probe/command/redis.hpp"

#include "redis_server.hpp"

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>
#include <gmock/gmock.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using asio::ip::tcp;
using command::RedisFault;
using command::RedisLink;
using command::RedisPlace;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct Exchange
{
    std::string heard;
    std::string said;
};

using Dialogue = std::vector<Exchange>;

/// Somebody on a loopback port who plays these, and stays until the client goes.
class Peer
{
public:
    explicit Peer(Dialogue dialogue) : thread_([this, dialogue = std::move(dialogue)] { play(dialogue); }) {}
    ~Peer() { thread_.join(); }

    RedisPlace place(const std::string& user = "", const std::string& password = "", int database = 0)
    {
        return {
            .host = "127.0.0.1",
            .port = acceptor_.local_endpoint().port(),
            .user = user,
            .password = password,
            .database = database};
    }

private:
    void play(const Dialogue& dialogue)
    {
        tcp::socket socket = acceptor_.accept();
        asio::error_code ended;
        for (const auto& [expected, said] : dialogue) {
            std::string heard(expected.size(), ' ');
            asio::read(socket, asio::buffer(heard), ended);
            EXPECT_EQ(heard, expected);
            asio::write(socket, asio::buffer(said), ended);
        }
        std::string more(4096, ' ');
        while (!ended)
            socket.read_some(asio::buffer(more), ended);
    }

    asio::io_context loop_;
    tcp::acceptor acceptor_{loop_, {asio::ip::address_v4::loopback(), 0}};
    std::thread thread_;
};

RedisFault
fault_of(RedisLink& link, const command::RedisCommand& command, std::chrono::milliseconds limit = 20s)
{
    try {
        link.ask(command, limit);
    } catch (const RedisFault& fault) {
        return fault;
    }
    return {RedisFault::Kind::lasting, "no fault"};
}

constexpr auto ping = "*1\r\n$4\r\nPING\r\n";

TEST(RedisLink, LogsInAndSelectsBeforeItAsks)
{
    Peer peer(Dialogue{
        {"*3\r\n$4\r\nAUTH\r\n$5\r\nprobe\r\n$4\r\nhush\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n7\r\n",
         "+OK\r\n+OK\r\n"},
        {ping, "+PONG\r\n"}});
    RedisLink link(peer.place("probe", "hush", 7), 0s);
    EXPECT_EQ(link.ask({"PING"}, 20s).text, "PONG");
}

TEST(RedisLink, NeverTellsThePassword)
{
    Peer peer(Dialogue{
        {"*2\r\n$4\r\nAUTH\r\n$4\r\nhush\r\n", "-WRONGPASS invalid username-password pair\r\n"}});
    RedisLink link(peer.place("", "hush"), 0s);
    const auto fault = fault_of(link, {"PING"});
    EXPECT_EQ(fault.kind(), RedisFault::Kind::lasting);
    EXPECT_THAT(fault.what(), AllOf(HasSubstr("refuses this user or password"), Not(HasSubstr("hush"))));
}

TEST(RedisLink, SaysThatWhatAnswersIsNoRedis)
{
    Peer peer(Dialogue{{ping, "220 mx.example.com ESMTP\r\n"}});
    RedisLink link(peer.place(), 0s);
    EXPECT_THAT(fault_of(link, {"PING"}).what(), HasSubstr("is no Redis server"));
}

TEST(RedisLink, ShowsNoControlCharactersOfTheServer)
{
    Peer peer(Dialogue{{ping, "-ERR \x1b[2J\r\n"}});
    RedisLink link(peer.place(), 0s);
    EXPECT_THAT(fault_of(link, {"PING"}).what(), HasSubstr("answers: ERR \\x1b[2J"));
}

TEST(RedisLink, TakesNoReplyWithoutEnd)
{
    Peer peer(Dialogue{{ping, "$1000000000\r\n" + std::string(17 << 20, 'x')}});
    RedisLink link(peer.place(), 0s);
    const auto fault = fault_of(link, {"PING"});
    EXPECT_EQ(fault.kind(), RedisFault::Kind::passing);
    EXPECT_THAT(fault.what(), HasSubstr("longer than 16 MiB"));
}

TEST(RedisLink, TakesManyRepliesThatTogetherAreLonger)
{
    const auto text = std::string(9 << 20, 'x');
    const auto reply = "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
    Peer peer(Dialogue{{"*2\r\n$3\r\nGET\r\n$1\r\na\r\n*2\r\n$3\r\nGET\r\n$1\r\nb\r\n", reply + reply}});
    RedisLink link(peer.place(), 0s);
    const auto replies = link.ask_all({{"GET", "a"}, {"GET", "b"}}, 60s);
    EXPECT_EQ(replies.back().text, text);
}

TEST(RedisLink, WaitsNoLongerThanItsLimit)
{
    Peer peer(Dialogue{}); // the ping need not have reached it by then
    RedisLink link(peer.place(), 0s);
    EXPECT_THAT(fault_of(link, {"PING"}, 50ms).what(), HasSubstr("does not answer"));
}

TEST(RedisLink, StopEndsAWait)
{
    Peer peer(Dialogue{});
    RedisLink link(peer.place(), 0s);
    auto waiting = std::async(std::launch::async, [&] { return fault_of(link, {"PING"}, 1h).kind(); });
    link.stop();
    EXPECT_EQ(waiting.get(), RedisFault::Kind::stopped);
    EXPECT_FALSE(link.pause(1h));
    RedisLink unused(peer.place(), 0s);
    unused.stop();
    EXPECT_EQ(fault_of(unused, {"PING"}, 1h).kind(), RedisFault::Kind::stopped);
}

TEST(RedisLink, SaysThatNobodyListens)
{
    RedisLink link({.path = "/nonexistent/redis.sock"}, 0s);
    const auto fault = fault_of(link, {"PING"});
    EXPECT_EQ(fault.kind(), RedisFault::Kind::passing);
    EXPECT_THAT(fault.what(), HasSubstr("/nonexistent/redis.sock: No such file or directory"));
}

TEST(RedisLink, ComesBackWhereTheServerWasRestartedUnseen)
{
    RedisServer server;
    RedisPlace place;
    place.path = server.socket();
    RedisLink link(place, 0s);
    EXPECT_EQ(link.ask({"PING"}, 20s).text, "PONG");
    server.kill();
    server.start();
    EXPECT_EQ(link.ask({"PING"}, 20s).text, "PONG");
}

} // namespace
