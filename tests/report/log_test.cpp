#include "report/log.hpp"

#include <gmock/gmock.h>

#include <array>
#include <string>

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace
{

std::string told(std::string_view name, const report::LogView& view)
{
    const std::array paths{FIXTURES "/logs/" + std::string(name) + ".log"};
    return report::log_summary(maillog::read_logs(paths, {}), view);
}

maillog::Connection failed_connection()
{
    maillog::Connection connection;
    connection.server = maillog::Server::appliance;
    connection.direction = maillog::Direction::delivery;
    connection.protection = maillog::Protection::failed;
    connection.id = 5;
    connection.stamp = "Sat Feb 14 19:20:28 2026";
    connection.reason = "no, \x1b\"thanks\"";
    return connection;
}

} // namespace

TEST(LogReport, TheTableOfTheApplianceIn2018)
{
    EXPECT_EQ(
        told("appliance-2018", {}),
        "15 lines, from Mon Apr 16 00:01:34 2018 to Tue Apr 17 00:58:03 2018\n"
        "\n"
        "Receiving: messages 1, with TLS 1 (100.0%); connections 2, with TLS 1, TLS failed 1\n"
        "Versions: TLSv1.0 1\n"
        "Ciphers: DHE-RSA-AES256-SHA 1\n"
        "\n"
        "Domain      Messages  With TLS  Share   Connections  With TLS  Failed  Versions\n"
        "[10.0.0.1]  1         1         100.0%  2            1         1       TLSv1.0 1\n"
        "\n"
        "Failed  Domain      Reason\n"
        "1       [10.0.0.1]  error:1408A0C1:SSL routines:SSL3\n"
        "\n"
        "Delivery: messages 1, with TLS 1 (100.0%); connections 2, with TLS 1, TLS failed 1\n"
        "Versions: TLSv1.2 1\n"
        "Ciphers: ECDHE-RSA-AES256-GCM-S 1\n"
        "\n"
        "Domain      Messages  With TLS  Share   Connections  With TLS  Failed  Versions\n"
        "[10.0.0.1]  1         1         100.0%  1            1         0       TLSv1.2 1\n"
        "domain      0         0         0.0%    1            0         1       -\n"
        "\n"
        "Failed  Domain  Reason\n"
        "1       domain  STARTTLS unexpected response\n"
    );
}

TEST(LogReport, OneDirectionAndTheBusiest)
{
    const auto text = told("exim", {.only = maillog::Direction::delivery, .top = 1});
    EXPECT_THAT(text, Not(HasSubstr("Receiving")));
    EXPECT_THAT(text, HasSubstr("broken.example"));
    EXPECT_THAT(text, HasSubstr("(others)"));
    EXPECT_THAT(text, Not(HasSubstr("dest.example")));
}

TEST(LogReport, PostfixThatLogsNoTlsIsToldHowTo)
{
    EXPECT_THAT(told("postfix-quiet", {}), EndsWith("set smtp_tls_loglevel = 1.\n"));
}

TEST(LogReport, NothingIsToldOfAnEmptyLog)
{
    EXPECT_EQ(
        report::log_summary(maillog::read_logs({}, {}), {}),
        "0 lines\n\nThe log tells of no connection and of no message.\n"
    );
}

TEST(LogReport, AConnectionInEachForm)
{
    using report::LogFormat;
    const auto connection = failed_connection();
    EXPECT_THAT(
        report::log_list_line(connection, LogFormat::table), HasSubstr("failed: no, \\x1b\"thanks\"")
    );
    EXPECT_EQ(
        report::log_list_line(connection, LogFormat::csv),
        "Sat Feb 14 19:20:28 2026,delivery,appliance,DCID 5,,,,failed,,,,\"no, \\x1b\"\"thanks\"\"\",0,\r\n"
    );
    EXPECT_THAT(
        report::log_list_line(connection, LogFormat::json),
        StartsWith(
            "{\"time\":\"Sat Feb 14 19:20:28 2026\",\"direction\":\"delivery\",\"server\":\"appliance\","
            "\"connection\":\"DCID 5\",\"address\":null,"
        )
    );
}
