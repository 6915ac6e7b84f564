#include "smtp/server_hello.hpp"

#include "tests/smtp/hello_octets.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace
{

using namespace smtp_tests;
using smtp::FirstFlight;
using smtp::FlightReader;
using smtp::ProtocolVersion;

FirstFlight read(const std::string& octets)
{
    FlightReader reader;
    reader.take(octets);
    return reader.flight();
}

FirstFlight read_octet_by_octet(const std::string& octets)
{
    FlightReader reader;
    for (const char octet : octets) {
        if (!reader.take({&octet, 1}))
            break;
    }
    return reader.flight();
}

const std::string renegotiation = extension(0xFF01, octets({0}));
const std::string master_secret = extension(23, "");
const std::string ticket = extension(35, "");
const std::string certificate = message(11, counted(counted("not looked at", 3), 3));

std::string curve(int id)
{
    return message(
        12, octets({3}) + number(static_cast<std::size_t>(id), 2) + counted("point", 1) + "signature"
    );
}

std::string prime(const std::string& p)
{
    return message(12, counted(p, 2) + counted("g", 2) + counted("public", 2) + "signature");
}

TEST(FirstFlight, TellsWhatTls12Chose)
{
    const auto hello = server_hello(
        {.session_id = std::string(32, 's'), .extensions = renegotiation + master_secret + ticket}
    );
    const auto flight = read(
        record(22, hello) + record(22, certificate) + record(22, curve(0x0017)) + record(22, hello_done())
    );
    ASSERT_TRUE(flight.hello);
    EXPECT_EQ(flight.hello->version, ProtocolVersion::tls12);
    EXPECT_EQ(flight.hello->suite, 0xC02F);
    EXPECT_EQ(flight.hello->session_id_size, 32);
    EXPECT_EQ(flight.hello->compression, 0);
    EXPECT_TRUE(flight.hello->secure_renegotiation);
    EXPECT_TRUE(flight.hello->extended_master_secret);
    EXPECT_TRUE(flight.hello->session_ticket);
    EXPECT_FALSE(flight.hello->retry);
    EXPECT_EQ(flight.group, 0x0017);
    EXPECT_EQ(flight.dh_bits, 0);
    EXPECT_TRUE(flight.complete);
    EXPECT_FALSE(flight.malformed);
}

TEST(FirstFlight, OfSsl3HasNoExtensions)
{
    const auto hello = server_hello({.version = 0x0300, .suite = 0x0005, .compression = 1});
    const auto flight = read(record(22, hello + certificate + hello_done(), 0x0300));
    ASSERT_TRUE(flight.hello);
    EXPECT_EQ(flight.hello->version, ProtocolVersion::ssl3);
    EXPECT_EQ(flight.hello->suite, 0x0005);
    EXPECT_EQ(flight.hello->compression, 1);
    EXPECT_FALSE(flight.hello->secure_renegotiation);
    EXPECT_TRUE(flight.complete);
}

TEST(FirstFlight, MeasuresThePrimeOfDhe)
{
    struct Case
    {
        std::string p;
        std::size_t bits;
    };
    const std::vector<Case> cases{
        {std::string(128, '\xFF'), 1024},
        {'\0' + std::string(128, '\xFF'), 1024},
        {'\x01' + std::string(64, '\0'), 513},
        {std::string(256, '\x80'), 2048},
        {std::string(4, '\0'), 0},
        {"", 0}};
    for (const auto& [p, bits] : cases) {
        const auto flight = read(record(22, server_hello({.suite = 0x009E}) + prime(p) + hello_done()));
        EXPECT_EQ(flight.dh_bits, bits) << bits;
        EXPECT_EQ(flight.group, 0);
        EXPECT_TRUE(flight.complete);
    }
}

TEST(FirstFlight, OfTls13EndsWithItsHello)
{
    const auto chosen = extension(43, octets({3, 4})) + extension(51, octets({0, 0x1D}));
    const auto retry =
        read(record(22, server_hello({.random = retry_random(), .suite = 0x1302, .extensions = chosen})));
    ASSERT_TRUE(retry.hello);
    EXPECT_EQ(retry.hello->version, ProtocolVersion::tls13);
    EXPECT_EQ(retry.hello->suite, 0x1302);
    EXPECT_TRUE(retry.hello->retry);
    EXPECT_EQ(retry.group, 0x001D);
    EXPECT_TRUE(retry.complete);

    const auto share = extension(51, octets({0, 0x17}) + counted("a key", 2)) + extension(43, octets({3, 4}));
    const auto whole = read(record(22, server_hello({.suite = 0x1301, .extensions = share})));
    EXPECT_EQ(whole.hello->version, ProtocolVersion::tls13);
    EXPECT_FALSE(whole.hello->retry);
    EXPECT_EQ(whole.group, 0x0017);
    EXPECT_TRUE(whole.complete);
}

TEST(FirstFlight, EndsWithAnAlertThatIsMeant)
{
    EXPECT_EQ(read(alert(2, 70)).alert, 70);
    EXPECT_EQ(read(alert(1, 0)).alert, 0);
    EXPECT_FALSE(read(alert(1, 112)).alert); // a warning
    const auto warned = read(alert(1, 112) + record(22, server_hello() + hello_done()));
    EXPECT_TRUE(warned.complete);
    EXPECT_FALSE(warned.alert);
    const auto late = read(record(22, server_hello()) + alert(2, 80));
    EXPECT_TRUE(late.hello);
    EXPECT_EQ(late.alert, 80);
    EXPECT_FALSE(late.complete);
}

TEST(FirstFlight, IsTheSameInPiecesOfAnySize)
{
    const auto flight = server_hello({.suite = 0x009E, .extensions = renegotiation}) + certificate +
                        prime(std::string(128, '\xFF')) + hello_done();
    const auto whole = read(record(22, flight));
    EXPECT_TRUE(whole.complete);
    EXPECT_EQ(read_octet_by_octet(record(22, flight)), whole);

    std::string fragments; // a record for each octet
    for (const char octet : flight)
        fragments += record(22, {octet});
    EXPECT_EQ(read(fragments), whole);
    EXPECT_EQ(read_octet_by_octet(fragments), whole);
}

TEST(FirstFlight, OfWhichSomeHasComeWantsMore)
{
    const auto flight = record(22, server_hello()) + record(22, curve(0x0017));
    for (std::size_t size = 0; size <= flight.size(); ++size) {
        FlightReader reader;
        EXPECT_TRUE(reader.take(flight.substr(0, size))) << size;
        EXPECT_FALSE(reader.flight().complete) << size;
    }
}

TEST(FirstFlight, ThatIsMalformedIsKnownAsSuch)
{
    const auto cut = [](std::string text, std::size_t size) { return text.substr(0, text.size() - size); };
    const auto hello = server_hello({.extensions = renegotiation});
    const std::vector<std::string> cases{
        "220 not TLS\r\n",                               // a line
        "5",                                             // its first octet
        octets({22, 2}),                                 // no such version
        octets({0x80, 0x2E, 1}),                         // SSL 2
        record(23, "data"),                              // encrypted, before there is a key
        record(20, octets({1})),                         //
        record(22, ""),                                  // an empty record
        octets({22, 3, 3, 0x40, 0x01}),                  // longer than a record may be
        record(22, hello_done()),                        // another message first
        record(22, hello + hello),                       // twice
        record(22, message(2, "")),                      // a hello without anything
        record(22, message(2, cut(hello.substr(4), 1))), // cut short
        record(22, message(2, hello.substr(4) + "x")),   // with something behind it
        record(22, server_hello({.session_id = std::string(33, 's')})),
        record(22, server_hello({.extensions = "x"})), // no extension
        record(22, server_hello({.extensions = extension(43, octets({3}))})),
        record(22, server_hello({.extensions = extension(51, "")})),
        record(22, server_hello() + message(12, octets({3, 0}))), // a curve of which half is there
        record(22, server_hello() + message(12, "")),             //
        record(22, server_hello({.suite = 0x0033}) + message(12, octets({0, 9, 1}))),
        record(22, octets({2, 0xFF, 0xFF, 0xFF})),         // a message that would not fit
        record(21, octets({2})),                           // half an alert
        record(21, octets({2, 70, 0})),                    // more than one
        record(22, cut(server_hello(), 1)) + alert(2, 40), // an alert inside a message
    };
    for (std::size_t i = 0; i < cases.size(); ++i) {
        EXPECT_TRUE(read(cases[i]).malformed) << i;
        EXPECT_FALSE(read(cases[i]).complete) << i;
        EXPECT_EQ(read_octet_by_octet(cases[i]), read(cases[i])) << i;
    }
}

TEST(FirstFlight, KeepsWhatItReadBeforeItBroke)
{
    const auto flight = read(record(22, server_hello()) + "garbage");
    EXPECT_TRUE(flight.malformed);
    ASSERT_TRUE(flight.hello);
    EXPECT_EQ(flight.hello->suite, 0xC02F);
}

TEST(FirstFlight, OfUnusualPartsIsNotMalformed)
{
    // A curve by its equation (RFC 4492 §5.4), a suite that nobody knows, an extension that nobody asked for.
    const auto explicit_curve =
        read(record(22, server_hello() + message(12, octets({1, 9, 9})) + hello_done()));
    EXPECT_TRUE(explicit_curve.complete);
    EXPECT_EQ(explicit_curve.group, 0);
    EXPECT_TRUE(read(record(22, server_hello({.suite = 0xFAFA}) + curve(1) + hello_done())).complete);
    EXPECT_TRUE(read(record(22, server_hello({.extensions = extension(0x7777, "x")}) + hello_done())).complete
    );
}

TEST(FirstFlight, IsBounded)
{
    FlightReader reader;
    ASSERT_TRUE(reader.take(record(22, server_hello())));
    const auto more = record(22, message(11, std::string(16'000, 'c')));
    int taken = 0;
    while (reader.take(more))
        ++taken;
    EXPECT_EQ(taken, 4);
    EXPECT_TRUE(reader.flight().malformed);
    EXPECT_TRUE(reader.flight().hello);
    EXPECT_FALSE(reader.take(more));
}

TEST(Alert, IsNamed)
{
    EXPECT_EQ(smtp::alert_name(70), "protocol version (70)");
    EXPECT_EQ(smtp::alert_name(40), "handshake failure (40)");
    EXPECT_EQ(smtp::alert_name(99), "unknown (99)");
}

} // namespace
