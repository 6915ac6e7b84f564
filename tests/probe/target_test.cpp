#include "probe/target.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace
{

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Target, DomainIsLowerCaseWithoutTrailingDot)
{
    const auto target = probe::parse_target("Example.COM.");
    EXPECT_EQ(target.given, "Example.COM.");
    EXPECT_EQ(target.domain, "example.com");
    EXPECT_FALSE(target.local_part);
    EXPECT_FALSE(target.mailbox());
}

TEST(Target, AddressKeepsTheCaseOfItsLocalPart)
{
    const auto target = probe::parse_target("Jane.Doe+tls@EXAMPLE.com");
    EXPECT_EQ(target.domain, "example.com");
    EXPECT_EQ(target.mailbox(), "Jane.Doe+tls@example.com");
}

TEST(Target, QuotedLocalPartMayHoldAnAt)
{
    const auto target = probe::parse_target("\"a b@c\"@example.com");
    EXPECT_EQ(target.local_part, "\"a b@c\"");
    EXPECT_EQ(target.domain, "example.com");
}

TEST(Target, LocalPartsAreDotStringsOrQuotedStrings)
{
    for (const auto* good :
         {"a", "a.b", "!#$%&'*+-/=?^_`{|}~", "\"\"", "\"a\\\"b\"", "\"a@b\"", "j\xc3\xbcrgen"})
        EXPECT_EQ(probe::parse_target(std::string(good) + "@example.com").local_part, good);
    for (const auto* bad :
         {".a", "a.", "a..b", "a(b", "a,b", "a;b", "a b", "\"a\\\"", "\"a\"b\"", "\"", "\"a\x07\"", "a\x7f"})
        EXPECT_THROW(probe::parse_target(std::string(bad) + "@example.com"), std::invalid_argument) << bad;
}

TEST(Target, WhatOnlySmtpUtf8CanSayIsNoMailbox)
{
    const auto target = probe::parse_target("j\xc3\xbcrgen@example.com");
    EXPECT_EQ(target.domain, "example.com");
    EXPECT_FALSE(target.mailbox());
}

TEST(Target, LiteralsOfBothFamilies)
{
    EXPECT_EQ(probe::parse_target("user@[192.0.2.1]").domain, "[192.0.2.1]");
    EXPECT_EQ(probe::parse_target("[192.0.2.1]").literal, asio::ip::make_address("192.0.2.1"));
    const auto target = probe::parse_target("user@[IPv6:2001:DB8::1]");
    EXPECT_EQ(target.domain, "[IPv6:2001:db8::1]");
    EXPECT_EQ(target.literal, asio::ip::make_address("2001:db8::1"));
    EXPECT_EQ(target.mailbox(), "user@[IPv6:2001:db8::1]");
}

TEST(Target, InternationalNamesBecomeALabels)
{
    EXPECT_EQ(probe::parse_target("bücher.example").domain, "xn--bcher-kva.example");
    EXPECT_EQ(probe::parse_target("user@BÜCHER.example").domain, "xn--bcher-kva.example");
    EXPECT_EQ(probe::parse_target("faß.example").domain, "xn--fa-hia.example")
        << "IDNA2008 keeps the sharp s";
}

TEST(Target, UnderscoresAndSingleLabelsAreNames)
{
    EXPECT_EQ(probe::parse_target("_tls.example.com").domain, "_tls.example.com");
    EXPECT_EQ(probe::parse_target("localhost").domain, "localhost");
}

struct Refused
{
    std::string text;
    std::string why;
};

class RefusedTarget : public testing::TestWithParam<Refused>
{};

TEST_P(RefusedTarget, NamesTheValueAndWhatIsExpected)
{
    const auto parse = [] { probe::parse_target(GetParam().text); };
    EXPECT_THAT(parse, ThrowsMessage<std::invalid_argument>(HasSubstr(GetParam().why)));
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedTarget,
    testing::Values(
        Refused{"", "'' has no domain"}, Refused{".", "is not a domain name"},
        Refused{"a..b", "'a..b' is not a domain name"}, Refused{"exa mple.com", "is not a domain name"},
        Refused{"ex\x1b[31m.com", "'ex\\x1b[31m.com' is not"},
        Refused{std::string(64, 'a') + ".com", "is not a domain name"},
        Refused{std::string(250, 'a') + ".com", "is not a domain name"},
        Refused{"@example.com", "is not a mail address"}, Refused{"a@b@example.com", "is not a mail address"},
        Refused{"a<b@example.com", "is not a mail address"},
        Refused{"a\r\nRSET@example.com", "is not a mail address"}, Refused{"user@", "'user@' has no domain"},
        Refused{"192.0.2.1", "[192.0.2.1]"}, Refused{"2001:db8::1", "write it as a literal"},
        Refused{"user@[192.0.2]", "is not an address literal"},
        Refused{"user@[192.0.2.1", "is not an address literal"}, Refused{"example.com:25", "--mx HOST:PORT"},
        Refused{"https://example.com", "--mx HOST:PORT"},
        Refused{"\xff\xfe.example", "is not an internationalized domain name"}
    )
);

TEST(HostPort, NamesAddressesAndPorts)
{
    const auto plain = probe::parse_host_port("MX1.example.com.");
    EXPECT_EQ(plain.host, "mx1.example.com");
    EXPECT_FALSE(plain.port);
    EXPECT_FALSE(plain.literal);

    EXPECT_EQ(probe::parse_host_port("mx1.example.com:2525").port, 2525);
    EXPECT_EQ(probe::parse_host_port("192.0.2.1:587").literal, asio::ip::make_address("192.0.2.1"));
    EXPECT_EQ(probe::parse_host_port("192.0.2.1:587").port, 587);
    EXPECT_EQ(probe::parse_host_port("2001:db8::1").literal, asio::ip::make_address("2001:db8::1"));
    EXPECT_FALSE(probe::parse_host_port("2001:db8::1").port);
    EXPECT_EQ(probe::parse_host_port("[2001:db8::1]:25").host, "2001:db8::1");
    EXPECT_EQ(probe::parse_host_port("[2001:db8::1]:25").port, 25);
    EXPECT_EQ(probe::parse_host_port("[192.0.2.1]").host, "192.0.2.1");
}

TEST(HostPort, RefusesWhatIsNone)
{
    for (const auto* text :
         {"", "mx:0", "mx:65536", "mx:", "mx:25x", "[::1", "[::1]25", "[mx]:25", "a b", "192.0.2.1:"})
        EXPECT_THROW(probe::parse_host_port(text), std::invalid_argument) << text;
    for (const auto* text : {"https://mx1.example.com", "mx1.example.com/", "user@mx1.example.com"})
        EXPECT_THAT(
            [text] { probe::parse_host_port(text); },
            ThrowsMessage<std::invalid_argument>(HasSubstr("is not a host: expected NAME"))
        );
}

TEST(TargetHost, IsItsOwnDomain)
{
    const auto target = probe::parse_target_host("MX1.example.com.:2525");
    EXPECT_EQ(target.given, "MX1.example.com.:2525");
    EXPECT_EQ(target.domain, "mx1.example.com");
    EXPECT_EQ(target.host.value().host, "mx1.example.com");
    EXPECT_EQ(target.host.value().port, 2525);
    EXPECT_FALSE(target.literal);
    EXPECT_EQ(probe::parse_target_host("[2001:db8::1]").domain, "[IPv6:2001:db8::1]");
    EXPECT_EQ(probe::parse_target_host("192.0.2.1").literal, asio::ip::make_address("192.0.2.1"));
}

} // namespace
