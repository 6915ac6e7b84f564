#include "smtp/connection.hpp"

#include <asio/ip/address.hpp>
#include <gtest/gtest.h>

#include <cerrno>

namespace
{

bool is_own_fault(int error, const char* peer, bool has_route)
{
    return smtp::is_own_fault({error, std::system_category()}, asio::ip::make_address(peer), has_route);
}

TEST(OwnFault, IsWhatThisMachineForbidsOrLacks)
{
    for (const int error : {EPERM, EADDRNOTAVAIL, EAFNOSUPPORT, EMFILE, ENFILE, EINVAL}) {
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

} // namespace
