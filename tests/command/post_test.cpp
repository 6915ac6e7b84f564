#include "probe/command/post.hpp"

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/read_until.hpp>
#include <asio/streambuf.hpp>
#include <asio/write.hpp>
#include <gmock/gmock.h>
#include <sys/socket.h>

#include <stdexcept>
#include <thread>

namespace command
{
namespace
{

using namespace std::chrono_literals;
using asio::ip::tcp;
using testing::HasSubstr;
using testing::Optional;
using testing::StartsWith;

/// Takes one connection, and gives one answer, where it has one.
class Server
{
public:
    explicit Server(std::string answer) : answer_(std::move(answer)), thread_([this] { serve(); }) {}
    ~Server()
    {
        ::shutdown(acceptor_.native_handle(), SHUT_RDWR); // nobody may have come
        thread_.join();
    }
    Server(const Server&) = delete;

    std::string url() const
    {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/hook";
    }

private:
    void serve()
    {
        asio::streambuf head;
        std::error_code fault;
        tcp::socket peer(loop_);
        acceptor_.accept(peer, fault);
        if (fault)
            return;
        asio::read_until(peer, head, "{}", fault);
        asio::write(peer, asio::buffer(answer_), fault);
        while (answer_.empty() && !fault) // until it is given up
            asio::read(peer, head, asio::transfer_at_least(1), fault);
    }

    std::string answer_;
    asio::io_context loop_;
    tcp::acceptor acceptor_{loop_, {asio::ip::address_v4::loopback(), 0}};
    std::thread thread_;
};

std::optional<std::string> answer_to(std::string answer)
{
    const Server server(std::move(answer));
    return post(server.url(), "{}", {.connect = 5s, .whole = 5s});
}

TEST(Post, HasArrivedWhereTheAnswerSaysSo)
{
    EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), std::nullopt);
    EXPECT_EQ(answer_to("HTTP/1.1 204 No Content\r\n\r\n"), std::nullopt);
    for (const auto* status : {"302 Found\r\nLocation: file:///etc/passwd", "404 Not Found", "500 Broken"}) {
        const auto answer = "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 0\r\n\r\n";
        EXPECT_THAT(answer_to(answer), Optional("answered with status " + std::string(status, 3)));
    }
    EXPECT_THAT(answer_to("220 mx.example.com ESMTP\r\n"), Optional(StartsWith("was not reached: ")));
}

TEST(Post, ReadsNoMoreThanItsBound)
{
    EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\n\r\n" + std::string(4 * max_answer, 'x')), std::nullopt);
}

TEST(Post, HasArrivedAlsoWhereTheRestOfTheAnswerIsBroken)
{
    EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok"), std::nullopt);
    EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n"), std::nullopt);
    EXPECT_THAT(
        answer_to("HTTP/1.1 500 Broken\r\nContent-Length: 100\r\n\r\n"),
        Optional(std::string("answered with status 500"))
    );
}

TEST(Post, WaitsNoLongerThanItsLimit)
{
    const Server server("");
    EXPECT_THAT(
        post(server.url(), "{}", {.connect = 5s, .whole = 200ms}), Optional(HasSubstr("timed out after"))
    );
}

TEST(Post, SpeaksNoOtherProtocol)
{
    for (const auto* url : {"file:///etc/passwd", "smtp://127.0.0.1:9/", "ftp://127.0.0.1:9/"})
        EXPECT_THAT(post(url, "{}"), Optional(HasSubstr("rotocol"))) << url;
}

TEST(ServerOf, LeavesOutWhatIsSecret)
{
    EXPECT_EQ(server_of("https://hooks.example.com/services/T0/secret"), "https://hooks.example.com");
    EXPECT_EQ(server_of("http://user:secret@[::1]:8080/?token=secret#a"), "http://[::1]:8080");
    for (const auto* url :
         {"", "hooks.example.com", "ftp://example.com/", "https://", "https://a b/", "https://a/\n"})
        EXPECT_THROW(server_of(url), std::invalid_argument) << url;
}

} // namespace
} // namespace command
