#include "probe/command/values.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace
{

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

constexpr sys_seconds now = sys_days{2026y / 11 / 20} + 12h;

TEST(Moment, DistancesCountFromNow)
{
    EXPECT_EQ(command::parse_moment("+30d", now), now + std::chrono::days{30});
    EXPECT_EQ(command::parse_moment("-12h", now), now - 12h);
    EXPECT_EQ(command::parse_moment("+5m", now), now + 5min);
    EXPECT_EQ(command::parse_moment("+1s", now), now + 1s);
}

TEST(Moment, DateTimesOfRfc3339)
{
    const sys_seconds noon = sys_days{2027y / 1 / 31} + 12h;
    for (const auto* text :
         {"2027-01-31T12:00:00Z", "2027-01-31t12:00:00z", "2027-01-31 12:00:00Z", "2027-01-31T12:00:00.5Z",
          "2027-01-31T13:00:00+01:00", "2027-01-31T06:30:00-05:30"})
        EXPECT_EQ(command::parse_moment(text, now), noon) << text;
    EXPECT_EQ(command::parse_moment("2028-02-29T00:00:00Z", now), sys_days{2028y / 2 / 29});
}

TEST(Moment, RefusesWhatIsNone)
{
    for (const auto* text :
         {"", "now", "30d", "+d", "+30", "+30y", "+-3d", "+99999999999d", "2027-01-31", "2027-01-31T12:00:00",
          "2027-02-29T12:00:00Z", "2027-13-01T12:00:00Z", "2027-01-31T24:00:00Z", "2027-01-31T12:00:00.Z",
          "2027-01-31T12:00:00Zx", "-027-01-31T12:00:00Z"})
        EXPECT_THROW(command::parse_moment(text, now), std::invalid_argument) << text;
}

TEST(Seconds, MayHaveDecimals)
{
    EXPECT_EQ(command::parse_seconds("30"), 30s);
    EXPECT_EQ(command::parse_seconds("0.25"), 250ms);
    for (const auto* text : {"", "0", "-1", "1s", "1e9", "nan", "inf", "86401"})
        EXPECT_THROW(command::parse_seconds(text), std::invalid_argument) << text;
}

TEST(Server, AddressesWithOrWithoutPort)
{
    EXPECT_EQ(command::parse_server("192.0.2.1"), (dns::Server{asio::ip::make_address("192.0.2.1"), 53}));
    EXPECT_EQ(command::parse_server("192.0.2.1:5353").port, 5353);
    EXPECT_EQ(command::parse_server("2001:db8::1"), (dns::Server{asio::ip::make_address("2001:db8::1"), 53}));
    EXPECT_EQ(command::parse_server("[2001:db8::1]:5353").port, 5353);
    for (const auto* text : {"", "dns.example.com", "192.0.2.1:0", "192.0.2", "[::1"})
        EXPECT_THROW(command::parse_server(text), std::invalid_argument) << text;
}

TEST(MailFrom, IsAReversePath)
{
    EXPECT_EQ(command::parse_mail_from(""), "");
    EXPECT_EQ(command::parse_mail_from("<>"), "");
    EXPECT_EQ(command::parse_mail_from("<probe@bücher.example>"), "probe@xn--bcher-kva.example");
    EXPECT_THROW(command::parse_mail_from("example.com"), std::invalid_argument);
    EXPECT_THROW(command::parse_mail_from("a@example.com> SIZE=1"), std::invalid_argument);
}

TEST(EhloName, IsANameOrALiteral)
{
    EXPECT_EQ(command::parse_ehlo_name("Probe.Example.com."), "probe.example.com");
    EXPECT_EQ(command::parse_ehlo_name("[192.0.2.1]"), "[192.0.2.1]");
    EXPECT_EQ(command::parse_ehlo_name("[ipv6:2001:db8::1]"), "[IPv6:2001:db8::1]");
    EXPECT_THROW(command::parse_ehlo_name("two words"), std::invalid_argument);
    EXPECT_THROW(command::parse_ehlo_name("192.0.2.1"), std::invalid_argument);
}

TEST(Contact, IsALineOfPrintableText)
{
    for (const std::string text : {"ask@probe.test", "https://probe.test/why", R"(Scan of "mail": ask\us)"})
        EXPECT_EQ(command::parse_contact(text), text);
    const std::string longest(200, 'x');
    EXPECT_EQ(command::parse_contact(longest), longest);
    for (const auto& text :
         {std::string(), std::string(" "), longest + "x", std::string("a\r\nQUIT"), std::string("a\0", 2),
          std::string("\xc3\xbc"), std::string("a\x7f")})
        EXPECT_THROW(command::parse_contact(text), std::invalid_argument) << text;
}

TEST(WholeNumber, KeepsItsBounds)
{
    EXPECT_EQ(command::parse_whole_number("65535", 1, 65535), 65535);
    for (const auto* text : {"", "0", "65536", "1.5", "25x", " 25", "99999999999999999999"})
        EXPECT_THROW(command::parse_whole_number(text, 1, 65535), std::invalid_argument) << text;
}

TEST(Rate, IsAboveZero)
{
    EXPECT_DOUBLE_EQ(command::parse_rate("0.5"), 0.5);
    for (const auto* text : {"", "0", "-1", "inf", "fast"})
        EXPECT_THROW(command::parse_rate(text), std::invalid_argument) << text;
}

TEST(Values, AgesAreDaysWeeksOrYears)
{
    EXPECT_EQ(command::parse_age("1d"), std::chrono::days{1});
    EXPECT_EQ(command::parse_age("26w"), std::chrono::days{182});
    EXPECT_EQ(command::parse_age("2y"), std::chrono::days{730});
    EXPECT_EQ(command::parse_age("100y"), std::chrono::days{36'500});
    for (const std::string text :
         {"", "d", "0d", "-1d", "1", "1.5d", "101y", "36501d", "99999999999d", "1h", "1D", "1 d"})
        EXPECT_THROW(command::parse_age(text), std::invalid_argument) << text;
}

} // namespace
