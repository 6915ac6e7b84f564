// A ClientHello of our own in place of a handshake, and handshakes that resume one.
#include "smtp/client_hello.hpp"
#include "tests/smtp/conversation.hpp"
#include "tests/smtp/hello_octets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace
{

using namespace smtp_tests;
using smtp::ProtocolVersion;
using smtp::Stage;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* opening = "S: 220 mx.test\nC: EHLO *\nS: 250-mx.test\nS: 250 STARTTLS\n"
                                "C: STARTTLS\nS: 220 go\n";

std::string said(const std::string& answer)
{
    return opening + answer;
}

std::string raw(const std::string& octets)
{
    std::string line = "RAW";
    for (const char octet : octets)
        line += fmt::format(" {:02x}", static_cast<unsigned char>(octet));
    return line + "\n";
}

Client offering(
    ProtocolVersion version, std::vector<std::uint16_t> suites,
    std::vector<std::uint16_t> groups = {0x001D, 0x0017}
)
{
    Client client;
    const smtp::Offer offer{.version = version, .suites = std::move(suites), .groups = std::move(groups)};
    client.call.client_hello = smtp::client_hello(offer, "mx.test", {});
    return client;
}

TEST(Offer, IsAnsweredByTls12)
{
    peer::Server server(saying(said("TLS good-rsa 1.0-1.2 ciphers=ECDHE-RSA-AES128-GCM-SHA256\n")));
    const auto session =
        offering(ProtocolVersion::tls12, {0x1301, 0xC030, 0xC02F}).converse(server.endpoint());
    EXPECT_EQ(trace(session), "connect, greeting 220, ehlo 250, starttls 220, handshake, quit");
    ASSERT_TRUE(session.first_flight && session.first_flight->hello);
    const auto& flight = *session.first_flight;
    EXPECT_TRUE(flight.complete);
    EXPECT_EQ(flight.hello->version, ProtocolVersion::tls12);
    EXPECT_EQ(flight.hello->suite, 0xC02F);
    EXPECT_EQ(flight.group, 0x001D);
    EXPECT_TRUE(flight.hello->secure_renegotiation);
    EXPECT_TRUE(flight.hello->extended_master_secret);
    EXPECT_TRUE(flight.hello->session_ticket);
    EXPECT_FALSE(session.tls);

    // Nothing is said in clear behind STARTTLS, and the server learns that this was meant.
    const auto run = server.next_run();
    EXPECT_THAT(run.received, ElementsAre("EHLO probe.test", "STARTTLS"));
    EXPECT_THAT(peer::describe(run), HasSubstr("handshake failed"));
}

TEST(Offer, IsAnsweredByTls13WithItsSuiteAndGroup)
{
    peer::Server server(saying(said("TLS good 1.3 ciphersuites=TLS_CHACHA20_POLY1305_SHA256 groups=P-256\n"))
    );
    const auto session = offering(ProtocolVersion::tls13, {0x1301, 0x1303}).converse(server.endpoint());
    ASSERT_TRUE(session.first_flight && session.first_flight->hello) << trace(session);
    EXPECT_EQ(session.first_flight->hello->version, ProtocolVersion::tls13);
    EXPECT_EQ(session.first_flight->hello->suite, 0x1303);
    EXPECT_TRUE(session.first_flight->hello->retry);
    EXPECT_EQ(session.first_flight->group, 0x0017);
    EXPECT_EQ(trace(session), "connect, greeting 220, ehlo 250, starttls 220, handshake, quit");
}

TEST(Offer, IsAnsweredByAnOlderVersion)
{
    peer::Server server(saying(said("TLS good-rsa 1.0 ciphers=AES128-SHA\n")));
    const auto session = offering(ProtocolVersion::tls12, {0x002F}).converse(server.endpoint());
    ASSERT_TRUE(session.first_flight && session.first_flight->hello) << trace(session);
    EXPECT_EQ(session.first_flight->hello->version, ProtocolVersion::tls10);
}

TEST(Offer, IsAnsweredBySsl3)
{
    // As an OpenSSL of 2012 answers: ServerHello, Certificate (cut down here), ServerHelloDone.
    const auto answer = record(22, server_hello({.version = 0x0300, .suite = 0x0005}), 0x0300) +
                        record(22, message(11, octets({0, 0, 0})) + hello_done(), 0x0300);
    peer::Server server(saying(said("SWALLOW\n" + raw(answer) + "WAIT\n")));
    const auto session = offering(ProtocolVersion::ssl3, {0x000A, 0x0005}).converse(server.endpoint());
    ASSERT_TRUE(session.first_flight && session.first_flight->hello) << trace(session);
    EXPECT_EQ(session.first_flight->hello->version, ProtocolVersion::ssl3);
    EXPECT_EQ(session.first_flight->hello->suite, 0x0005);
    EXPECT_TRUE(session.first_flight->complete);
}

TEST(Offer, MeasuresDhe)
{
    peer::Server server(saying(said("TLS good-rsa 1.2 ciphers=DHE-RSA-AES128-GCM-SHA256\n")));
    const auto session = offering(ProtocolVersion::tls12, {0x009E}).converse(server.endpoint());
    ASSERT_TRUE(session.first_flight) << trace(session);
    EXPECT_EQ(session.first_flight->dh_bits, 2048);
    EXPECT_EQ(session.first_flight->group, 0);
}

struct Refusal
{
    std::string answer;
    std::string trace;
    std::string detail;
};

TEST(Offer, IsRefusedInManyWays)
{
    const std::string before = "connect, greeting 220, ehlo 250, starttls 220, handshake ";
    const std::vector<Refusal> cases{
        {"TLS good 1.3\n", before + "(the TLS handshake failed), quit", "alert protocol version (70)"},
        {"SWALLOW\nRAW 15 03 00 00 02 02 28\nWAIT\n", before + "(the TLS handshake failed), quit",
         "alert handshake failure (40)"},
        {"SWALLOW\nCLOSE\n", before + "(the connection was lost), quit", "closed by the peer"},
        {"SWALLOW\nRESET\n", before + "(the connection was lost), quit", ""},
        {"SWALLOW\nRAW \"500 what?\\r\\n\"\nWAIT\n", before + "(answered in plaintext), quit",
         "500 what?\\x0d\\x0a"},
        {"SWALLOW\nRAW de ad be ef\nWAIT\n", before + "(answered in plaintext), quit",
         "\\xde\\xad\\xbe\\xef"},
        {"SWALLOW\nRAW 16 03 01 00 00 de ad\nWAIT\n", before + "(the TLS handshake failed), quit",
         "a malformed answer"},
        {"SWALLOW\nWAIT\n", before + "(timed out), quit", ""}};
    for (const auto& [answer, expected, detail] : cases) {
        peer::Server server(saying(said(answer)));
        auto client = offering(ProtocolVersion::tls12, {0xC02F, 0x002F});
        client.settings.limits = hasty;
        const auto session = client.converse(server.endpoint());
        EXPECT_EQ(trace(session), expected) << answer;
        EXPECT_THAT(session.at(Stage::handshake)->detail, HasSubstr(detail)) << answer;
        EXPECT_TRUE(session.finished);
        EXPECT_FALSE(session.first_flight->hello) << answer;
    }
}

TEST(Offer, IsNotSentWhereThereIsNoStarttls)
{
    for (const auto* answer :
         {"S: 250 mx.test\nC: QUIT\nS: 221 bye\n",
          "S: 250-mx.test\nS: 250 STARTTLS\nC: STARTTLS\nS: 454 no\nC: QUIT\nS: 221 bye\n"}) {
        peer::Server server(saying(std::string("S: 220 mx.test\nC: EHLO *\n") + answer));
        const auto session = offering(ProtocolVersion::tls12, {0xC02F}).converse(server.endpoint());
        EXPECT_EQ(peer::describe(server.next_run()), "played") << answer;
        EXPECT_FALSE(session.first_flight);
        EXPECT_TRUE(session.at(Stage::quit));
    }
}

constexpr const char* inside = "C: EHLO *\nS: 250 mx.test\nC: QUIT\nS: 221 Bye\n";

TEST(Resumption, ResumesWhatTheServerKept)
{
    for (const auto version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
        peer::Server server(saying(said("TLS good\n") + inside));
        Client client;
        client.call.resumption = smtp::Resumption{.version = version, .alpn = "smtp"};
        const auto first = client.converse(server.endpoint());
        ASSERT_TRUE(first.tls) << trace(first);
        EXPECT_EQ(first.tls->version, name(version));
        EXPECT_FALSE(first.tls->resumed);
        EXPECT_EQ(first.tls->alpn, "");
        ASSERT_TRUE(first.resumable) << name(version);
        EXPECT_EQ(peer::describe(server.next_run()), "played"); // without MAIL FROM: it is about TLS

        client.call.resumption->session = first.resumable;
        const auto second = client.converse(server.endpoint());
        ASSERT_TRUE(second.tls) << trace(second);
        EXPECT_TRUE(second.tls->resumed) << name(version);
    }
}

TEST(Resumption, IsNotAskedForOtherwise)
{
    peer::Server server(saying(said("TLS good\n") + inside));
    const auto session = Client().converse(server.endpoint());
    ASSERT_TRUE(session.tls) << trace(session);
    EXPECT_FALSE(session.tls->resumed);
    EXPECT_FALSE(session.resumable);
}

} // namespace
