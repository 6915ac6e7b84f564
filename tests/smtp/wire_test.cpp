#include "smtp/wire.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace
{

class Wire : public testing::Test
{
protected:
    Wire()
    {
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets_.data()) == 0)
            wire_.attach(sockets_[0]);
    }

    ~Wire() override
    {
        ::close(sockets_[0]);
        close_peer();
    }

    void close_peer()
    {
        if (sockets_[1] >= 0)
            ::close(sockets_[1]);
        sockets_[1] = -1;
    }

    void peer_says(const std::string& octets)
    {
        ASSERT_EQ(::send(sockets_[1], octets.data(), octets.size(), 0), static_cast<ssize_t>(octets.size()));
    }

    std::string receive(std::size_t size)
    {
        std::string octets(size, '\0');
        octets.resize(wire_.receive(octets.data(), size));
        return octets;
    }

    std::array<int, 2> sockets_{-1, -1};
    smtp::Wire wire_;
};

TEST_F(Wire, ReceivesWhatThereIs)
{
    EXPECT_EQ(receive(100), "");
    EXPECT_TRUE(wire_.blocked());
    peer_says("220 mx.test\r\n");
    EXPECT_EQ(receive(100), "220 mx.test\r\n");
    EXPECT_FALSE(wire_.blocked());
}

TEST_F(Wire, CountsWhatWentThrough)
{
    EXPECT_EQ(wire_.sent() + wire_.received(), 0U);
    peer_says("220 mx.test\r\n");
    wire_.peek(100);
    EXPECT_EQ(wire_.received(), 0U);
    receive(3);
    EXPECT_EQ(wire_.received(), 3U);
    receive(100);
    receive(100);
    EXPECT_EQ(wire_.received(), 13U);
    wire_.send("QUIT\r\n");
    EXPECT_EQ(wire_.sent(), 6U);
    close_peer();
    wire_.send("QUIT\r\n");
    EXPECT_EQ(wire_.sent(), 6U);
}

TEST_F(Wire, PeeksWithoutTaking)
{
    EXPECT_EQ(wire_.peek(100), "");
    peer_says("220 mx.test\r\n");
    EXPECT_EQ(wire_.peek(3), "220");
    EXPECT_EQ(receive(100), "220 mx.test\r\n");
}

TEST_F(Wire, SeesTheEnd)
{
    close_peer();
    EXPECT_EQ(receive(100), "");
    EXPECT_TRUE(wire_.closed());
    EXPECT_FALSE(wire_.blocked());
    EXPECT_EQ(wire_.error(), 0);
}

TEST_F(Wire, SurvivesAPeerThatIsGone)
{
    close_peer();
    EXPECT_EQ(wire_.send("QUIT\r\n"), 0U);
    EXPECT_EQ(wire_.error(), EPIPE);
}

TEST_F(Wire, BlocksWhereNothingMoreGoesOut)
{
    const std::string much(1 << 16, 'x');
    while (wire_.send(much) > 0) {
    }
    EXPECT_TRUE(wire_.blocked());
    EXPECT_EQ(wire_.error(), 0);
}

TEST_F(Wire, LetsOthersHaveTheirTurn)
{
    peer_says(std::string(1000, 'x'));
    std::string received;
    while (!wire_.blocked())
        received += receive(1);
    EXPECT_LT(received.size(), 100U);
    wire_.take_turn();
    EXPECT_EQ(receive(1000).size(), 1000 - received.size());
}

} // namespace
