#include "smtp/connection.hpp"

#include "tests/smtp/conversation.hpp"

#include <asio/detached.hpp>
#include <asio/ip/address.hpp>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>
#include <stdexcept>

namespace
{

bool is_own_fault(int error, const char* peer, bool has_route)
{
    return smtp::is_own_fault({error, std::system_category()}, asio::ip::make_address(peer), has_route);
}

TEST(OwnFault, IsWhatThisMachineForbidsOrLacks)
{
    for (const int error : {EPERM, EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL}) {
        EXPECT_TRUE(is_own_fault(error, "192.0.2.1", true)) << error;
        EXPECT_TRUE(is_own_fault(error, "2001:db8::1", true)) << error;
    }
}

TEST(OwnFault, IsALackOfARouteButNotWhatARouterOnTheWaySays)
{
    for (const int error : {ENETUNREACH, EHOSTUNREACH}) {
        EXPECT_TRUE(is_own_fault(error, "192.0.2.1", false)) << error;
        EXPECT_FALSE(is_own_fault(error, "192.0.2.1", true)) << error;
        EXPECT_TRUE(is_own_fault(error, "2001:db8::1", false)) << error;
        EXPECT_FALSE(is_own_fault(error, "2001:db8::1", true)) << error;
    }
}

TEST(OwnFault, IsNotWhatAFirewallAtTheOtherEndSaysByIcmpv6)
{
    EXPECT_FALSE(is_own_fault(EACCES, "2001:db8::1", true));
    EXPECT_TRUE(is_own_fault(EACCES, "2001:db8::1", false));
    EXPECT_TRUE(is_own_fault(EACCES, "192.0.2.1", true));
}

TEST(OwnFault, IsNotWhatThePeerDoes)
{
    for (const int error : {ECONNREFUSED, ECONNRESET, ETIMEDOUT}) {
        EXPECT_FALSE(is_own_fault(error, "192.0.2.1", true)) << error;
        EXPECT_FALSE(is_own_fault(error, "2001:db8::1", false)) << error;
    }
}

/// As long as it lives, this process gets no new descriptor.
class NoDescriptors
{
public:
    NoDescriptors()
    {
        if (::getrlimit(RLIMIT_NOFILE, &usual_) != 0)
            throw std::runtime_error("no limit of descriptors");
        auto none = usual_;
        none.rlim_cur = 0;
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &usual_); }

private:
    rlimit usual_{};
};

TEST(Connection, TellsALackOfDescriptorsFromALackOfARoute)
{
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "UBSan looks at objects through a pipe, for which there is no descriptor here either";
#endif
    peer::Server server(smtp_tests::playing("no-starttls"));
    const smtp_tests::Client client;
    const smtp::TlsContext context(client.tls);
    asio::io_context io(1);
    const asio::ip::tcp::socket opens_the_reactor(io);
    smtp::Session without;
    smtp::Session later;
    without.peer = later.peer = server.endpoint();
    {
        const NoDescriptors limit;
        asio::co_spawn(io, smtp::converse(without, client.settings, client.call, context), asio::detached);
        io.run();
    }
    EXPECT_EQ(smtp_tests::trace(without), "connect (this machine has no descriptor left)");
    EXPECT_EQ(without.steps[0].fault, smtp::errc::no_descriptor);
    EXPECT_EQ(without.steps[0].detail, "Too many open files");
    EXPECT_TRUE(without.finished);

    io.restart();
    asio::co_spawn(io, smtp::converse(later, client.settings, client.call, context), asio::detached);
    io.run();
    EXPECT_FALSE(later.steps.at(0).fault) << "when there are descriptors again";
}

} // namespace
