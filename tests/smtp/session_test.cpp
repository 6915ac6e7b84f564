#include "smtp/session.hpp"

#include "support/refused_tcp_port.hpp"
#include "tests/smtp/conversation.hpp"

#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509.h>

namespace
{

using namespace smtp_tests;
using smtp::Stage;
using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::Lt;
using testing::SizeIs;

smtp::Session with(const std::string& dialogue, const Client& client = {})
{
    peer::Server server(playing(dialogue));
    return client.converse(server.endpoint());
}

const smtp::Step& step(const smtp::Session& session, Stage stage)
{
    const auto* found = session.at(stage);
    if (found == nullptr)
        throw std::runtime_error(fmt::format("no step {} in {}", name(stage), trace(session)));
    return *found;
}

TEST(Session, SaysWhatTheRfcAsksFor)
{
    peer::Server server(playing("good"));
    Client client;
    client.call.server_name = "mx.test";
    const auto session = client.converse(server.endpoint());
    const auto run = server.next_run();
    EXPECT_EQ(peer::describe(run), "played");
    EXPECT_THAT(
        run.received, ElementsAre("EHLO probe.test", "STARTTLS", "EHLO probe.test", "MAIL FROM:<>", "QUIT")
    );
    EXPECT_EQ(run.tls.value().server_name, "mx.test");
    EXPECT_EQ(step(session, Stage::ehlo).sent, "EHLO probe.test");
    EXPECT_EQ(step(session, Stage::greeting).sent, "");
    EXPECT_EQ(step(session, Stage::quit).sent, "QUIT");
}

TEST(Session, LeavesStarttlsAloneWhereAskedTo)
{
    peer::Server server(saying("S: 220 mx.test\nC: EHLO *\nS: 250-mx.test\nS: 250 STARTTLS\n"
                               "C: MAIL FROM:<>\nS: 530 STARTTLS first\nC: QUIT\nS: 221 bye\n"));
    Client client;
    client.call.starttls = false;
    const auto session = client.converse(server.endpoint());
    EXPECT_EQ(
        trace(session), "connect, greeting 220, ehlo 250, mail_from 530 (an unexpected reply), quit 221"
    );
    EXPECT_EQ(peer::describe(server.next_run()), "played");
}

TEST(Session, SendsNoServerNameUnasked)
{
    peer::Server server(playing("good"));
    Client().converse(server.endpoint());
    EXPECT_EQ(server.next_run().tls.value().server_name, "");
}

TEST(Session, KeepsWhatItSaw)
{
    const auto session = with("good");
    EXPECT_EQ(session.local, session.peer.address()); // both sides are on loopback
    EXPECT_EQ(step(session, Stage::greeting).reply.value().text(), "220 mx.test ESMTP");
    EXPECT_THAT(session.offered.value().lines, ElementsAre("SIZE 10240000", "STARTTLS"));
    EXPECT_TRUE(session.offered->starttls);
    EXPECT_THAT(session.offered_inside_tls.value().lines, ElementsAre("SIZE 10240000"));
    EXPECT_FALSE(session.offered_inside_tls->starttls);
    EXPECT_THAT(session.tls.value().chain, SizeIs(2));
    EXPECT_EQ(session.now, Stage::quit);
}

TEST(Session, CountsItsOctets)
{
    const auto clear = peer::Server(saying("S: 220 mx.test\nC: EHLO *\nS: 250 mx.test\nC: MAIL FROM:<>\n"
                                           "S: 250 ok\nC: QUIT\nS: 221 bye\n"));
    const auto session = Client().converse(clear.endpoint());
    EXPECT_EQ(session.octets_sent, std::string("EHLO probe.test\r\nMAIL FROM:<>\r\nQUIT\r\n").size());
    EXPECT_EQ(
        session.octets_received, std::string("220 mx.test\r\n250 mx.test\r\n250 ok\r\n221 bye\r\n").size()
    );
    const auto nobody = with("close-before-greeting");
    EXPECT_EQ(nobody.octets_sent + nobody.octets_received, 0U);
}

TEST(Session, CountsTheRecordsOfTlsAmongItsOctets)
{
    const auto session = with("good");
    std::size_t chain = 0;
    for (const auto& certificate : session.tls.value().chain)
        chain += static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr));
    EXPECT_GT(session.octets_received, chain);
    EXPECT_GT(session.octets_sent, 300U) << "a ClientHello, a Finished, five commands";
}

TEST(Session, KeepsTextEscaped)
{
    const auto session = with("hostile-text");
    for (const auto& one : session.steps) {
        for (const auto& line : one.reply.value_or(smtp::Reply{}).lines)
            EXPECT_TRUE(std::ranges::all_of(line, [](char c) { return c >= 0x20 && c <= 0x7e; })) << line;
    }
    EXPECT_THAT(step(session, Stage::mail_from).reply.value().text(), HasSubstr("\\x1b[1mNo\\x00"));
}

TEST(Session, NotesStarttlsInsideTls)
{
    EXPECT_TRUE(with("starttls-repeated").offered_inside_tls.value().starttls);
}

TEST(Session, NotesAMask)
{
    EXPECT_TRUE(with("masked").offered.value().masked);
}

TEST(Session, TimesItsSteps)
{
    const auto session = with("postscreen"); // which pauses for 200 ms
    const auto& greeting = step(session, Stage::greeting);
    EXPECT_LT(greeting.took, 10s);
    EXPECT_GE(greeting.began + greeting.took, 200ms)
        << "the pause may begin as soon as the peer is connected";
    auto ended = 0us;
    for (const auto& one : session.steps) {
        EXPECT_GE(one.began, ended);
        ended = one.began + one.took;
    }
}

TEST(Session, NamesItselfByItsAddress)
{
    Client client;
    client.settings.ehlo_name.clear();
    EXPECT_EQ(step(with("no-starttls", client), Stage::ehlo).sent, "EHLO [127.0.0.1]");

    auto options = playing("no-starttls");
    options.address = "::1";
    try {
        peer::Server server(options);
        EXPECT_EQ(step(client.converse(server.endpoint()), Stage::ehlo).sent, "EHLO [IPv6:::1]");
    } catch (const std::system_error&) {
        GTEST_SKIP() << "no IPv6 on this machine";
    }
}

TEST(Session, SaysTheReversePath)
{
    Client client;
    client.settings.mail_from = "postmaster@probe.test";
    EXPECT_EQ(step(with("good", client), Stage::mail_from).sent, "MAIL FROM:<postmaster@probe.test>");
}

TEST(Session, SaysRcptWhereItIsAsked)
{
    Client client;
    client.call.rcpt_to = "user@mx.test";
    const auto session = with("rcpt-ok", client);
    EXPECT_EQ(step(session, Stage::rcpt_to).sent, "RCPT TO:<user@mx.test>");
    EXPECT_FALSE(step(session, Stage::rcpt_to).fault);
    EXPECT_EQ(step(session, Stage::quit).reply.value().code, 221);
    EXPECT_EQ(step(with("rcpt-450", client), Stage::rcpt_to).fault, smtp::errc::unexpected_reply);
    EXPECT_EQ(step(with("rcpt-550", client), Stage::rcpt_to).reply.value().code, 550);
}

TEST(Session, SaysNoRcptToARefusedSender)
{
    Client client;
    client.call.rcpt_to = "user@mx.test";
    EXPECT_EQ(with("mail-from-550", client).at(Stage::rcpt_to), nullptr);
}

TEST(Session, SaysNothingBeforeTheGreetingIsWhole)
{
    peer::Server server(saying("S: 220-mx.test ESMTP\nWAIT 100\nS: 220-wait\nWAIT 100\nC? *\nS: 220 now"));
    Client client;
    client.settings.limits.greeting = 100ms;
    const auto session = client.converse(server.endpoint());
    EXPECT_EQ(step(session, Stage::greeting).fault, smtp::errc::timed_out);
    EXPECT_THAT(server.next_run().received, testing::IsEmpty());
}

TEST(Session, EndsWithQuitAlsoWhereItIsNotAnswered)
{
    peer::Server server(saying("S: 220 mx.test\nC: EHLO *\nS: hello yourself\nC: QUIT"));
    Client().converse(server.endpoint());
    EXPECT_EQ(peer::describe(server.next_run()), "played");
}

TEST(Session, HearsTheLastWordsOfWhoHungUp)
{
    const auto session = with("ehlo-421");
    EXPECT_EQ(step(session, Stage::ehlo).reply.value().text(), "421 4.3.2 Too many connections");
}

TEST(Session, ShowsMalformedLines)
{
    EXPECT_EQ(step(with("not-smtp"), Stage::greeting).detail, "SSH-2.0-OpenSSH_9.2p1 Debian-2");
    EXPECT_THAT(step(with("endless-line"), Stage::greeting).detail, SizeIs(200));
}

TEST(Session, SaysNothingToAServerThatIsOutOfStep)
{
    peer::Server server(playing("greeting-twice"));
    const auto session = Client().converse(server.endpoint());
    EXPECT_EQ(step(session, Stage::ehlo).sent, "");
    EXPECT_EQ(step(session, Stage::ehlo).detail, "220 mx.test really ready\\x0d\\x0a");
    EXPECT_FALSE(session.offered);
}

TEST(Session, IsOutOfStepInsideTlsToo)
{
    peer::Server server(saying("S: 220 mx.test\nC: EHLO *\nS: 250-mx.test\nS: 250 STARTTLS\nC: STARTTLS\n"
                               "S: 220 go\nTLS good\nC: EHLO *\nS+ 250 mx.test\nS: 250 twice\nWAIT"));
    const auto session = Client().converse(server.endpoint());
    EXPECT_EQ(
        trace(session), "connect, greeting 220, ehlo 250, starttls 220, handshake, ehlo_tls 250, "
                        "mail_from (not an SMTP reply), quit"
    );
}

TEST(Session, TakesARefusalBehindOtherLinesForWhatItIs)
{
    peer::Server server(saying("S: 220 mx.test\nC: EHLO *\nS: 250-mx.test\nS: 250 STARTTLS\nC: STARTTLS\n"
                               "S: 220-ready\nS: 454 not now\nC: QUIT\nS: 221 bye\nCLOSE"));
    const auto session = Client().converse(server.endpoint());
    EXPECT_EQ(
        trace(session), "connect, greeting 220, ehlo 250, starttls 454 (an unexpected reply), quit 221"
    );
    peer::Server leaving(saying("S: 220 mx.test\nC: EHLO *\nS: 250-mx.test\nS: 421 shutting down\nCLOSE"));
    EXPECT_EQ(step(Client().converse(leaving.endpoint()), Stage::ehlo).reply.value().code, 421);
}

TEST(Session, HearsA421AlsoWhereItBeganUnasked)
{
    const auto ended = [](const std::string& rest) {
        peer::Server server(saying(
            "S: 220 mx.test\nC: EHLO *\nRAW \"250-mx.test\\r\\n250 STARTTLS\\r\\n4\"\n"
            "WAIT 50\nS: " +
            rest + "\nC? QUIT\nCLOSE"
        ));
        return Client().converse(server.endpoint());
    };
    const auto hung_up = ended("21 4.4.2 timeout exceeded");
    EXPECT_EQ(step(hung_up, Stage::starttls).reply.value().code, 421);
    EXPECT_EQ(step(hung_up, Stage::starttls).sent, "");
    const auto other = ended("50 4.4.2 later");
    EXPECT_EQ(step(other, Stage::starttls).fault, smtp::errc::malformed_reply);
    EXPECT_EQ(step(other, Stage::starttls).reply, std::nullopt);
    EXPECT_EQ(step(other, Stage::starttls).detail, "450 4.4.2 later");
}

TEST(Session, ShowsInjectedOctets)
{
    EXPECT_EQ(step(with("injection"), Stage::starttls).detail, "250-injected.test\\x0d\\x0a");
    EXPECT_EQ(step(with("injection-partial"), Stage::starttls).detail, "250");
}

TEST(Session, ShowsWhatCameInsteadOfTls)
{
    EXPECT_EQ(
        step(with("plaintext-for-tls"), Stage::handshake).detail, "500 5.5.2 Error: bad syntax\\x0d\\x0a"
    );
    EXPECT_THAT(step(with("garbage-tls"), Stage::handshake).detail, HasSubstr("\\xde\\xad\\xbe\\xef"));
}

TEST(Session, NamesTheAlert)
{
    EXPECT_EQ(step(with("tls-alert"), Stage::handshake).detail, "alert handshake failure (40)");
}

TEST(Session, NamesTheReasonOfOpenSsl)
{
    Client client;
    client.tls.min_version = "1.3";
    peer::Server server(saying("S: 220 mx.test\nC: EHLO *\nS: 250-mx.test\nS: 250 STARTTLS\nC: STARTTLS\n"
                               "S: 220 go\nSWALLOW\nRAW 16 03 03 00 04 02 00 00 00\nWAIT"));
    const auto session = client.converse(server.endpoint());
    EXPECT_EQ(step(session, Stage::handshake).fault, smtp::errc::handshake_failed);
    EXPECT_EQ(step(session, Stage::handshake).detail, "length mismatch");
}

TEST(Session, TellsClosingFromReset)
{
    EXPECT_EQ(step(with("close-before-greeting"), Stage::greeting).detail, "closed by the peer");
    EXPECT_EQ(step(with("reset-after-220"), Stage::handshake).detail, "Connection reset by peer");
}

/// By a reset of its own, or by one that comes behind the end of what the peer says.
class Overtaken : public testing::TestWithParam<bool>
{};

TEST_P(Overtaken, IsConnectedAlsoWhereAResetOvertakesTheNewsOfIt)
{
    asio::io_context io(1);
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    smtp::Session session;
    session.peer = acceptor.local_endpoint();
    const smtp::Settings settings{.ehlo_name = "probe.test", .mail_from = {}, .limits = patient};
    const smtp::Call call;
    const smtp::TlsContext context(smtp::TlsSettings{});
    asio::co_spawn(io, smtp::converse(session, settings, call, context), asio::detached);
    io.poll_one(); // it connects, and is to hear of it in the next turn

    auto accepted = acceptor.accept();
    if (GetParam())
        accepted.shutdown(asio::socket_base::shutdown_send);
    accepted.set_option(asio::socket_base::linger(true, 0));
    accepted.close();
    io.run();
    EXPECT_EQ(trace(session), "connect, greeting (the connection was lost)");
}

INSTANTIATE_TEST_SUITE_P(OrItsEnd, Overtaken, testing::Bool());

TEST(Session, KeepsTheSystemsCodeOfARefusal)
{
    const support::RefusedTcpPort refused;
    const auto session = Client().converse({asio::ip::address_v4::loopback(), refused.number()});
    EXPECT_EQ(trace(session), "connect (Connection refused)");
    EXPECT_EQ(session.local, std::nullopt);
    EXPECT_EQ(session.steps[0].fault, std::errc::connection_refused);
    EXPECT_EQ(session.steps[0].detail, "Connection refused");
    EXPECT_TRUE(session.finished);
}

TEST(Session, KnowsWhenItIsThisMachinesFault)
{
    // A link-local address without its scope leads nowhere.
    const auto session = Client().converse({asio::ip::make_address("fe80::1"), 25});
    EXPECT_EQ(session.steps[0].fault, smtp::errc::no_route);
    EXPECT_NE(session.steps[0].detail, "");
}

TEST(Session, HoldsTheLimitOfAStep)
{
    Client client;
    client.settings.limits.greeting = 300ms;
    for (const auto* dialogue : {"silent", "drip", "drip-lines"})
        EXPECT_THAT(step(with(dialogue, client), Stage::greeting).took, AllOf(Ge(300ms), Lt(5s))) << dialogue;
}

TEST(Session, HoldsTheDeadlineOfItAll)
{
    for (const auto* dialogue :
         {"connect-timeout", "silent", "drip", "silent-handshake", "drip-inside-tls"}) {
        Client client;
        client.call.deadline = std::chrono::steady_clock::now() + 500ms;
        const auto session = with(dialogue, client);
        EXPECT_LT(std::chrono::steady_clock::now(), client.call.deadline + 5s) << dialogue;
        EXPECT_THAT(trace(session), HasSubstr("(timed out)")) << dialogue;
        EXPECT_TRUE(session.finished) << dialogue;
    }
}

TEST(Session, ThatIsTooLateDoesNotConnect)
{
    Client client;
    client.call.deadline = std::chrono::steady_clock::now() - 1s;
    EXPECT_EQ(trace(with("connect-timeout", client)), "connect (timed out)");
}

TEST(Session, WaitsBrieflyForTheAnswerToQuit)
{
    Client client;
    client.settings.limits.command = 20s;
    EXPECT_THAT(
        step(with("silent-after-quit", client), Stage::quit).took, AllOf(Ge(smtp::quit_limit), Lt(10s))
    );
}

Client with_contact()
{
    Client client;
    client.settings.contact = R"(Scan of "mail" \ ask@probe.test)";
    return client;
}

constexpr auto noop = R"(NOOP "Scan of \"mail\" \\ ask@probe.test")";

TEST(Session, TellsWhomToAskBeforeItQuits)
{
    peer::Server server(saying("S: 220 mx.test\nC: EHLO *\nS: 250-mx.test\nS: 250 STARTTLS\nC: STARTTLS\n"
                               "S: 220 go\nTLS good\nC: EHLO *\nS: 250 mx.test\nC: MAIL FROM:<>\nS: 250 ok\n"
                               "C: NOOP *\nS: 250 ok\nC: QUIT\nS: 221 bye\n"));
    const auto session = with_contact().converse(server.endpoint());
    EXPECT_EQ(
        trace(session), "connect, greeting 220, ehlo 250, starttls 220, handshake, ehlo_tls 250, "
                        "mail_from 250, quit 250, quit 221"
    );
    EXPECT_EQ(session.steps.at(7).sent, noop);
    EXPECT_EQ(step(session, Stage::quit).sent, "QUIT");
    const auto run = server.next_run();
    EXPECT_EQ(peer::describe(run), "played");
    EXPECT_EQ(run.received.at(4), noop);
}

TEST(Session, TellsWhomToAskWhereverItIsInStep)
{
    struct Case
    {
        const char* dialogue; // between the greeting and QUIT
        const char* trace;
    };
    const Case cases[] = {
        {"C: EHLO *\nS: 250 mx.test\nC: MAIL FROM:<>\nS: 550 no\nC: NOOP *\nS: 250 ok\n",
         "ehlo 250, mail_from 550 (an unexpected reply), quit 250"},
        {"C: EHLO *\nS: 250-mx.test\nS: 250 STARTTLS\nC: STARTTLS\nS: 454 no\nC: NOOP *\nS: 250 ok\n",
         "ehlo 250, starttls 454 (an unexpected reply), quit 250"},
        {"C: EHLO *\nS: 502 no\nC: HELO *\nS: 502 no\nC: NOOP *\nS: 503 HELO first\n",
         "ehlo 502 (an unexpected reply), helo 502 (an unexpected reply), quit 503"},
        {"C: EHLO *\nS: 450 later\nC: NOOP *\nS: 500-what\nS: 500 was that\n",
         "ehlo 450 (an unexpected reply), quit 500"},
    };
    for (const auto& [dialogue, seen] : cases) {
        peer::Server server(saying(fmt::format("S: 220 mx.test\n{}C: QUIT\nS: 221 bye\n", dialogue)));
        const auto session = with_contact().converse(server.endpoint());
        EXPECT_EQ(trace(session), fmt::format("connect, greeting 220, {}, quit 221", seen));
        EXPECT_EQ(peer::describe(server.next_run()), "played") << dialogue;
    }
}

TEST(Session, TellsNobodyWhomToAskWhoHasSentItAwayOrIsOutOfStep)
{
    for (const auto* dialogue :
         {"S: 554 no\nC: QUIT\nS: 221 bye\n", "S: 421 no\nC: QUIT\nS: 221 bye\n",
          "S: 220 mx.test\nC: EHLO *\nS: 421 no\nC: QUIT\nS: 221 bye\n",
          "S: 220 mx.test\nC: EHLO *\nS+ 450 no\nS: 250 or yes\nC: QUIT\nS: 221 bye\n",
          "S: 220 mx.test\nC: EHLO *\nS: hello yourself\nC: QUIT\n"}) {
        peer::Server server(saying(dialogue));
        with_contact().converse(server.endpoint());
        const auto run = server.next_run();
        EXPECT_EQ(peer::describe(run), "played") << dialogue;
        EXPECT_THAT(run.received, testing::Not(testing::Contains(testing::StartsWith("NOOP")))) << dialogue;
    }
}

TEST(Session, TakesNothingThatComesOfTheContactForAFault)
{
    const std::string before = "S: 220 mx.test\nC: EHLO *\nS: 250 mx.test\nC: MAIL FROM:<>\nS: 250 ok\n"
                               "C: NOOP *\n";
    const std::string seen = "connect, greeting 220, ehlo 250, mail_from 250, quit";
    const auto after = [&](const std::string& rest) {
        peer::Server server(saying(before + rest));
        auto client = with_contact();
        client.settings.limits.command = 20s;
        auto session = client.converse(server.endpoint());
        EXPECT_TRUE(session.finished);
        EXPECT_EQ(session.steps.back().detail, "");
        return session;
    };
    EXPECT_EQ(trace(after("CLOSE\n")), seen);
    EXPECT_EQ(trace(after("S: 421 bye\nCLOSE\n")), seen + " 421, quit");
    EXPECT_EQ(trace(after("S: what?\nC: QUIT\n")), seen + ", quit");
    const auto silent = after("C: QUIT\nWAIT\n");
    EXPECT_EQ(trace(silent), seen + ", quit") << "no answer to QUIT is waited for";
    EXPECT_THAT(silent.steps.at(4).took, AllOf(Ge(smtp::quit_limit), Lt(10s)));
}

TEST(Session, OffersACertificateWhereItHasOne)
{
    peer::Server server(playing("client-certificate"));
    Client client;
    client.converse(server.endpoint());
    EXPECT_EQ(server.next_run().tls.value().certificate, "");
    client.tls.client_cert = Certificates::instance().file("good.pem");
    client.converse(server.endpoint());
    EXPECT_THAT(server.next_run().tls.value().certificate, HasSubstr("mx.test"));
}

TEST(Session, MayBeAbandonedAtAnyStage)
{
    const std::pair<const char*, Stage> halts[] = {
        {"connect-timeout", Stage::connect},    {"silent", Stage::greeting},
        {"silent-after-ehlo", Stage::ehlo},     {"silent-handshake", Stage::handshake},
        {"silent-inside-tls", Stage::ehlo_tls}, {"silent-after-quit", Stage::quit}};
    for (const auto& [dialogue, stage] : halts) {
        peer::Server server(playing(dialogue));
        const Client client;
        const smtp::TlsContext context(client.tls);
        smtp::Session session;
        session.peer = server.endpoint();
        {
            asio::io_context io(1);
            asio::co_spawn(
                io, smtp::converse(session, client.settings, client.call, context), [](std::exception_ptr) {}
            );
            while (session.now != stage)
                io.run_one();
            io.poll(); // up to where it waits
        }
        EXPECT_FALSE(session.finished) << dialogue;
        EXPECT_EQ(session.now, stage) << dialogue;
        EXPECT_EQ(session.steps.empty(), stage == Stage::connect) << dialogue;
    }
}

TEST(Session, FindsTheLastStepOfAStage)
{
    smtp::Session session;
    EXPECT_EQ(session.at(Stage::ehlo), nullptr);
    session.steps.resize(3);
    session.steps[1].stage = session.steps[2].stage = Stage::ehlo;
    EXPECT_EQ(session.at(Stage::ehlo), &session.steps[2]);
    EXPECT_EQ(session.at(Stage::connect), &session.steps[0]);
}

TEST(Stage, HasAPhrase)
{
    EXPECT_EQ(smtp::phrase(Stage::greeting), "waiting for the greeting");
    EXPECT_EQ(smtp::phrase(Stage::handshake), "shaking hands");
}

} // namespace
