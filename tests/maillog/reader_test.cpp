#include "probe/log/reader.hpp"

#include "probe/log/moment.hpp"

#include <gmock/gmock.h>

#include <array>
#include <string>
#include <vector>

using namespace maillog;
using testing::ElementsAre;

namespace
{

std::string fixture(std::string_view name)
{
    return FIXTURES "/logs/" + std::string(name) + ".log";
}

Summary read(std::string_view name, By by = By::address)
{
    const std::array paths{fixture(name)};
    return read_logs(paths, {.by = by});
}

/// connections, encrypted, failed, messages, encrypted
std::array<std::uint64_t, 5> totals(const Summary& summary, Direction direction)
{
    const auto& total = summary.tally.total(direction);
    return {
        total.connections, total.connections_encrypted, total.connections_failed, total.messages,
        total.messages_encrypted};
}

std::vector<std::string> reasons(const Summary& summary, Direction direction)
{
    std::vector<std::string> told;
    for (const auto& failure : summary.tally.failures(direction))
        told.push_back(failure.name + ": " + failure.reason);
    return told;
}

} // namespace

TEST(Reader, TheApplianceIn2005)
{
    const auto summary = read("appliance-2005");
    EXPECT_THAT(totals(summary, Direction::receiving), ElementsAre(2, 1, 1, 1, 1));
    EXPECT_THAT(totals(summary, Direction::delivery), ElementsAre(2, 1, 1, 1, 1));
    EXPECT_THAT(
        reasons(summary, Direction::receiving),
        ElementsAre("192.168.1.1: TLS was required but remote host did not initiate it")
    );
    EXPECT_THAT(
        reasons(summary, Direction::delivery), ElementsAre("192.168.2.2: STARTTLS unexpected response")
    );
    EXPECT_EQ(summary.unrecognised, 0U);
}

TEST(Reader, TheApplianceIn2018)
{
    const auto summary = read("appliance-2018", By::domain);
    EXPECT_THAT(totals(summary, Direction::receiving), ElementsAre(2, 1, 1, 1, 1));
    EXPECT_THAT(totals(summary, Direction::delivery), ElementsAre(2, 1, 1, 1, 1));
    EXPECT_THAT(reasons(summary, Direction::delivery), ElementsAre("domain: STARTTLS unexpected response"));
    const auto& receiving = summary.tally.total(Direction::receiving);
    EXPECT_EQ(receiving.by_version[static_cast<std::size_t>(Version::tlsv1_0)], 1U);
    EXPECT_EQ(summary.tally.ciphers(Direction::receiving).at(0).name, "DHE-RSA-AES256-SHA");
}

TEST(Reader, TheApplianceIn2026AsGrepGivesIt)
{
    const auto summary = read("appliance-2026");
    EXPECT_THAT(totals(summary, Direction::receiving), ElementsAre(4, 2, 2, 0, 0));
    EXPECT_THAT(totals(summary, Direction::delivery), ElementsAre(4, 2, 2, 0, 0));
    EXPECT_THAT(
        reasons(summary, Direction::receiving),
        ElementsAre("unknown: [Errno 0] Error", "unknown: no shared cipher")
    );
    EXPECT_THAT(
        reasons(summary, Direction::delivery),
        ElementsAre("unknown: TLS required, STARTTLS unavailable, destination is TLS disabled")
    );
}

TEST(Reader, MessagesOfTheApplianceByDomain)
{
    const auto summary = read("appliance-messages", By::domain);
    EXPECT_THAT(totals(summary, Direction::receiving), ElementsAre(2, 1, 0, 3, 2));
    EXPECT_THAT(totals(summary, Direction::delivery), ElementsAre(2, 1, 0, 2, 1));
    const auto rows = summary.tally.rows(Direction::delivery);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0]->name, "branch.example"); // of the message that was split off
    EXPECT_EQ(rows[0]->counts[1].messages_encrypted, 0U);
    EXPECT_EQ(rows[1]->name, "inside.example");
    EXPECT_EQ(rows[1]->counts[1].messages_encrypted, 1U);
    EXPECT_EQ(summary.remarks.local, 1U);
    EXPECT_EQ(summary.remarks.local_connections, 0U);
}

TEST(Reader, Postfix)
{
    const auto summary = read("postfix", By::domain);
    EXPECT_THAT(totals(summary, Direction::receiving), ElementsAre(3, 1, 2, 1, 1));
    EXPECT_THAT(totals(summary, Direction::delivery), ElementsAre(5, 1, 3, 2, 1));
    EXPECT_THAT(
        reasons(summary, Direction::receiving),
        ElementsAre("[192.0.2.30]: unsupported protocol", "[192.0.2.31]: Must issue a STARTTLS command first")
    );
    EXPECT_THAT(
        reasons(summary, Direction::delivery), ElementsAre(
                                                   "broken.example: ssl/tls alert handshake failure",
                                                   "other.example: Server certificate not trusted",
                                                   "strict.example: TLS is required, but was not offered"
                                               )
    );
}

TEST(Reader, PostfixWithoutLinesAboutTls)
{
    const auto summary = read("postfix-quiet", By::domain);
    EXPECT_THAT(totals(summary, Direction::receiving), ElementsAre(2, 1, 0, 2, 1));
    EXPECT_EQ(summary.remarks.postfix_deliveries, 1U);
    EXPECT_EQ(summary.remarks.postfix_delivery_tls, 0U);
    EXPECT_EQ(summary.remarks.local, 1U);
}

/// What Exim 4.96 with GnuTLS wrote, asked for all it can log.
TEST(Reader, EximOfDebian)
{
    const auto summary = read("exim-debian-12", By::domain);
    EXPECT_THAT(totals(summary, Direction::receiving), ElementsAre(5, 1, 3, 2, 1));
    EXPECT_THAT(totals(summary, Direction::delivery), ElementsAre(8, 3, 3, 8, 4));
    EXPECT_THAT(
        reasons(summary, Direction::delivery),
        ElementsAre(
            "must-good.example: certificate invalid",
            "must-plain.example: a TLS session is required, but the server did not offer TLS support",
            "oldcipher.example: Handshake failed"
        )
    );
    EXPECT_EQ(summary.unrecognised, 0U);
}

TEST(Reader, Exim)
{
    const auto summary = read("exim", By::domain);
    EXPECT_THAT(totals(summary, Direction::receiving), ElementsAre(4, 1, 2, 2, 1));
    EXPECT_THAT(totals(summary, Direction::delivery), ElementsAre(6, 1, 3, 4, 2));
    EXPECT_THAT(
        reasons(summary, Direction::delivery),
        ElementsAre(
            "strict.example: a TLS session is required, but the server did not offer TLS support",
            "broken.example: sslv3 alert handshake failure"
        )
    );
}

TEST(Reader, AMissingFileIsToldAndTheNextOneRead)
{
    const std::array paths{fixture("none"), fixture("exim")};
    const auto summary = read_logs(paths, {});
    ASSERT_EQ(summary.refused.size(), 1U);
    EXPECT_THAT(summary.refused[0], testing::HasSubstr("none.log': No such file"));
    EXPECT_EQ(summary.tally.total(Direction::delivery).messages, 4U);
}

TEST(Moment, EveryStamp)
{
    using namespace std::chrono;
    constexpr auto moment = sys_days(2018y / April / 17) + 57min + 53s;
    constexpr auto latest = sys_days(2019y / January / 2) + 0s;
    EXPECT_EQ(moment_of("Tue Apr 17 00:57:53 2018", latest), moment);
    EXPECT_EQ(moment_of("2018-04-17T00:57:53.123+02:00", latest), moment);
    EXPECT_EQ(moment_of("2018-04-17 00:57:53", latest), moment);
    EXPECT_EQ(moment_of("Apr 17 00:57:53", latest), moment);
    EXPECT_EQ(moment_of("Jan  1 00:00:00", latest), sys_days(2019y / January / 1));
    EXPECT_EQ(moment_of("Feb 29 00:00:00", latest), sys_days(2016y / February / 29));
    for (const std::string_view none :
         {"", "Tue", "Foo 17 00:57:53", "Tue Apr 77 00:57:53 2018", "2018-44-17 00:57:53", "Apr 17 xx:57:53"})
        EXPECT_EQ(moment_of(none, latest), std::nullopt) << none;
}
