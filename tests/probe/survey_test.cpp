// The survey as it is held: plan, sessions and gate together, with peers that speak TLS or play it.
#include "probe/survey.hpp"

#include "fixtures/peer/player.hpp"
#include "probe/direct_means.hpp"
#include "probe/examine.hpp"
#include "support/dns_stub.hpp"
#include "tests/smtp/certificates.hpp"
#include "tests/smtp/hello_octets.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sys/socket.h>

#include <atomic>
#include <thread>

namespace
{

using namespace std::chrono_literals;
using namespace smtp_tests;
using probe::Accepted;
using smtp::ProtocolVersion;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto ssl3 = ProtocolVersion::ssl3;
constexpr auto tls10 = ProtocolVersion::tls10;
constexpr auto tls11 = ProtocolVersion::tls11;
constexpr auto tls12 = ProtocolVersion::tls12;
constexpr auto tls13 = ProtocolVersion::tls13;

std::string opening(const std::string& rest)
{
    return "S: 220 mx.test\nC: EHLO *\nS: 250-mx.test\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\n" + rest;
}

std::string speaking(const std::string& tls)
{
    return opening(
        "TLS " + tls + "\nC: EHLO *\nS: 250 mx.test\nC? MAIL FROM:<*\nS: 250 Ok\nC? QUIT\nS: 221 Bye\n"
    );
}

/// A ClientHello answered with these octets.
std::string answering(const std::string& octets)
{
    std::string line = "SWALLOW\nRAW";
    for (const char octet : octets)
        line += fmt::format(" {:02x}", static_cast<unsigned char>(octet));
    return opening(line + "\nWAIT\n");
}

const std::string silent = opening("SWALLOW\nWAIT\n");
const std::string busy = "S: 421 mx.test too many connections from you\nCLOSE\n";
const std::string refusing = answering(alert(2, 70));

/// Plays one dialogue after another, a connection each, the last of them for all that come after.
class Sequence
{
public:
    explicit Sequence(const std::vector<std::string>& texts)
        : acceptor_(io_, {asio::ip::make_address("127.0.0.1"), 0})
    {
        for (const auto& text : texts)
            dialogues_.push_back(peer::parse_dialogue(text));
        for (const auto& dialogue : dialogues_)
            contexts_.push_back(peer::load_contexts(dialogue, Certificates::instance().folder()));
        thread_ = std::thread([this] { serve(); });
    }

    ~Sequence()
    {
        ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
        thread_.join();
    }

    Sequence(const Sequence&) = delete;

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    std::size_t connections() const { return connections_; }

private:
    void serve()
    {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        for (;;) {
            asio::ip::tcp::socket socket(io_);
            asio::error_code fault;
            acceptor_.accept(socket, fault);
            if (fault)
                return;
            const auto at = std::min(connections_++, dialogues_.size() - 1);
            peer::Channel channel(socket);
            peer::Player player(channel, contexts_[at], 0ms);
            player.play(dialogues_[at]);
            channel.close(player.way_to_close());
            socket.close(fault); // its destructor would not reset
        }
    }

    std::vector<peer::Dialogue> dialogues_;
    std::vector<peer::TlsContexts> contexts_;
    asio::io_context io_;
    asio::ip::tcp::acceptor acceptor_;
    std::atomic<std::size_t> connections_ = 0;
    std::thread thread_;
};

class Surveyed : public testing::Test
{
protected:
    Surveyed()
    {
        plan.smtp.ehlo_name = "probe.test";
        plan.smtp.limits = {10s, 10s, 10s};
        plan.timeout = 60s;
        plan.protocols = true;
    }

    /// What one endpoint offers; at most one connection at once is let through.
    const std::optional<probe::Survey>& survey(std::uint16_t port)
    {
        plan.port = port;
        seen.target = probe::parse_target("user@[127.0.0.1]");
        asio::io_context loop(1);
        dns::Settings settings;
        settings.servers = {resolver.server()};
        dns::Resolver asked(loop.get_executor(), settings);
        const smtp::TlsContext tls({});
        probe::Gate gate(loop.get_executor(), {.per_address = 1});
        probe::DirectMeans means(asked, tls, gate, plan.smtp);
        asio::co_spawn(loop, probe::examine(seen, plan, means), asio::detached);
        while (!seen.finished && loop.run_one() > 0) {
        }
        return seen.hosts.at(0).endpoints.at(0).survey;
    }

    const probe::VersionSurvey& of(ProtocolVersion version) const
    {
        const auto& held = seen.hosts.at(0).endpoints.at(0).survey;
        return *std::ranges::find(held.value().versions, version, &probe::VersionSurvey::version);
    }

    support::DnsStub resolver;
    probe::Plan plan;
    probe::Observation seen;
};

TEST_F(Surveyed, TellsAllThatAServerTakes)
{
    Sequence server(
        {speaking("good-rsa 1.1-1.2 ciphers=AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES256-SHA "
                  "groups=P-384:X25519")}
    );
    const auto& held = survey(server.port());
    ASSERT_TRUE(held);
    EXPECT_EQ(of(tls13).state, Accepted::no);
    EXPECT_EQ(of(tls13).reason, "alert protocol version (70)");
    EXPECT_EQ(of(tls12).state, Accepted::yes);
    EXPECT_THAT(
        of(tls12).suites, ElementsAre("ECDHE-RSA-AES256-GCM-SHA384", "DHE-RSA-AES256-SHA", "AES128-SHA")
    );
    EXPECT_TRUE(of(tls12).complete);
    EXPECT_EQ(of(tls12).preference, probe::Preference::client);
    EXPECT_THAT(
        of(tls12).groups.value().accepted,
        ElementsAre(probe::GroupOffered{"X25519", 253}, probe::GroupOffered{"secp384r1", 384})
    );
    EXPECT_EQ(of(tls12).resumption, true);
    EXPECT_THAT(of(tls11).suites, ElementsAre("DHE-RSA-AES256-SHA", "AES128-SHA"));
    EXPECT_EQ(of(tls10).state, Accepted::no);
    EXPECT_EQ(of(ssl3).state, Accepted::no);
    EXPECT_THAT(held->dh_bits, ElementsAre(2048));
    EXPECT_EQ(held->secure_renegotiation, true);
    EXPECT_EQ(held->compression, false);
    EXPECT_EQ(held->extended_master_secret, true);
    EXPECT_EQ(held->session_tickets, true);
    EXPECT_EQ(held->alpn, "");
    EXPECT_EQ(held->stopped, "");
    EXPECT_EQ(held->connections + 1, server.connections());
    EXPECT_THAT(notices(*held), ElementsAre(HasSubstr("accepts TLSv1.1")));
}

TEST_F(Surveyed, TellsAllOfTls13)
{
    Sequence server({speaking("good 1.3 ciphersuites=TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256 "
                              "groups=X448:P-256:ffdhe3072")});
    const auto& held = survey(server.port());
    ASSERT_TRUE(held);
    EXPECT_THAT(of(tls13).suites, ElementsAre("TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"));
    EXPECT_THAT(
        of(tls13).groups.value().accepted,
        ElementsAre(
            probe::GroupOffered{"X448", 448}, probe::GroupOffered{"prime256v1", 256},
            probe::GroupOffered{"ffdhe3072", 3072}
        )
    );
    EXPECT_TRUE(of(tls13).groups->complete);
    EXPECT_EQ(of(tls13).resumption, true);
    EXPECT_EQ(of(tls12).state, Accepted::no);
    EXPECT_FALSE(held->secure_renegotiation); // there is none to speak of
    EXPECT_THAT(notices(*held), IsEmpty());
}

TEST_F(Surveyed, TellsTheServersOrder)
{
    Sequence server(
        {speaking("good-rsa 1.2 ciphers=AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA "
                  "server-order")}
    );
    ASSERT_TRUE(survey(server.port()));
    EXPECT_THAT(
        of(tls12).suites, ElementsAre("AES128-SHA", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA")
    );
    EXPECT_EQ(of(tls12).preference, probe::Preference::server);
}

TEST_F(Surveyed, FindsSsl3)
{
    const auto hello = server_hello({.version = 0x0300, .suite = 0x0005, .compression = 1});
    const auto accepting = answering(record(22, hello + hello_done(), 0x0300));
    // The session itself; TLS 1.3, 1.2 (twice: it has too many suites for one offer), 1.1, 1.0; SSL 3; the
    // rest.
    Sequence server({refusing, refusing, refusing, refusing, refusing, refusing, accepting, refusing});
    const auto& held = survey(server.port());
    ASSERT_TRUE(held);
    EXPECT_EQ(of(ssl3).state, Accepted::yes);
    EXPECT_THAT(of(ssl3).suites, ElementsAre("RC4-SHA"));
    EXPECT_TRUE(of(ssl3).complete);
    EXPECT_EQ(of(tls10).state, Accepted::no);
    EXPECT_EQ(held->secure_renegotiation, false);
    EXPECT_EQ(held->compression, true);
    EXPECT_FALSE(held->extended_master_secret);
    EXPECT_THAT(
        notices(*held),
        ElementsAre(HasSubstr("SSLv3"), HasSubstr("RC4-SHA"), HasSubstr("RFC 5746"), HasSubstr("compresses"))
    );
}

TEST_F(Surveyed, StopsWhereItIsTurnedAway)
{
    const auto whole = speaking("good 1.2-1.3");
    Sequence server({whole, whole, whole, busy});
    const auto& held = survey(server.port());
    ASSERT_TRUE(held);
    EXPECT_EQ(held->stopped, "the server answered 421 mx.test too many connections from you");
    EXPECT_EQ(held->connections, 3);
    EXPECT_EQ(server.connections(), 4);
    EXPECT_EQ(of(tls13).state, Accepted::yes);
    EXPECT_EQ(of(tls12).state, Accepted::yes);
    EXPECT_FALSE(of(tls12).complete);
    for (const auto version : {tls11, tls10, ssl3})
        EXPECT_EQ(of(version).state, Accepted::unknown);
}

TEST_F(Surveyed, TakesNoSilenceForARefusal)
{
    plan.smtp.limits.command = 500ms;
    const auto whole = speaking("good 1.2");
    // The session; TLS 1.3 is refused, 1.2 accepted; no answer to the older ones.
    Sequence server({whole, whole, whole, silent, silent, silent, whole});
    const auto& held = survey(server.port());
    ASSERT_TRUE(held);
    for (const auto version : {tls11, tls10, ssl3}) {
        EXPECT_EQ(of(version).state, Accepted::unknown);
        EXPECT_EQ(of(version).reason, "no answer");
    }
    EXPECT_TRUE(of(tls12).complete);
    EXPECT_EQ(held->stopped, "");
}

TEST_F(Surveyed, GivesUpOnGarbage)
{
    Sequence server({speaking("good"), answering("garbage"), answering(std::string(20'000, '\x16'))});
    const auto& held = survey(server.port());
    ASSERT_TRUE(held);
    EXPECT_EQ(held->connections, 2);
    EXPECT_EQ(held->stopped, "2 offers had no answer that could be read");
    EXPECT_THAT(
        held->versions, testing::Each(testing::Field(&probe::VersionSurvey::state, Accepted::unknown))
    );
}

TEST_F(Surveyed, TakesAClosedConnectionForARefusalOfAnOldVersion)
{
    const auto whole = speaking("good 1.2");
    const auto closing = opening("SWALLOW\nCLOSE\n");
    const auto resetting = opening("SWALLOW\nRESET\n");
    Sequence server({whole, whole, whole, closing, resetting, resetting, closing, closing, closing, whole});
    ASSERT_TRUE(survey(server.port()));
    for (const auto version : {tls11, tls10, ssl3})
        EXPECT_EQ(of(version).state, Accepted::closed);
}

TEST_F(Surveyed, EndsWithTheTimeOfTheTarget)
{
    plan.timeout = 1s;
    Sequence server({speaking("good 1.2"), silent});
    const auto began = std::chrono::steady_clock::now();
    const auto& held = survey(server.port());
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
    ASSERT_TRUE(held);
    EXPECT_EQ(held->stopped, "there was no time left");
    EXPECT_THAT(
        held->versions, testing::Each(testing::Field(&probe::VersionSurvey::state, Accepted::unknown))
    );
}

TEST_F(Surveyed, IsLeftOutWhereStarttlsDoesNotWork)
{
    Sequence server(
        {"S: 220 mx.test\nC: EHLO *\nS: 250 mx.test\nC: MAIL FROM:<*\nS: 250 Ok\nC: QUIT\nS: 221 Bye\n"}
    );
    EXPECT_FALSE(survey(server.port()));
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(Surveyed, IsLeftOutWhereNobodyAsked)
{
    plan.protocols = false;
    Sequence server({speaking("good")});
    EXPECT_FALSE(survey(server.port()));
    EXPECT_EQ(server.connections(), 1);
}

} // namespace
