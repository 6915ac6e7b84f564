#include "dns/reverse.hpp"

#include "dns/name.hpp"

#include <gtest/gtest.h>

namespace
{

std::string reverse_of(const char* address)
{
    return dns::reverse_name(asio::ip::make_address(address));
}

TEST(Reverse, TurnsTheOctetsOfIpv4Round)
{
    EXPECT_EQ(reverse_of("192.0.2.1"), "1.2.0.192.in-addr.arpa");
    EXPECT_EQ(reverse_of("255.10.100.0"), "0.100.10.255.in-addr.arpa");
}

TEST(Reverse, TurnsTheDigitsOfIpv6Round)
{
    // The example of RFC 3596 §2.5.
    EXPECT_EQ(
        reverse_of("4321:0:1:2:3:4:567:89ab"),
        "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa"
    );
    EXPECT_EQ(reverse_of("::1"), "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa");
}

TEST(Reverse, LeavesTheScopeOut)
{
    EXPECT_EQ(reverse_of("fe80::1%1"), reverse_of("fe80::1"));
}

TEST(Reverse, TakesAMappedAddressForTheIpv6OneThatItIs)
{
    EXPECT_EQ(
        reverse_of("::ffff:192.0.2.1"),
        "1.0.2.0.0.0.0.c.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa"
    );
}

TEST(Reverse, IsANameAsThisLibraryWritesThem)
{
    for (const auto* address : {"203.0.113.77", "2001:db8::abcd"})
        EXPECT_EQ(dns::canonical_name(reverse_of(address)), reverse_of(address));
}

} // namespace
