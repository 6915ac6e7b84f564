#include "smtp/handshake.hpp"

#include "tests/smtp/conversation.hpp"

#include <asio/read_until.hpp>
#include <asio/write.hpp>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>

#include <csignal>
#include <functional>
#include <thread>

namespace
{

using namespace smtp_tests;
using namespace std::literals;

TEST(BeginsRecord, TellsTlsFromPlaintext)
{
    EXPECT_TRUE(smtp::begins_record(""));
    EXPECT_TRUE(smtp::begins_record("\x16"));
    EXPECT_TRUE(smtp::begins_record("\x16\x03\x03"));
    EXPECT_TRUE(smtp::begins_record("\x15\x03\x01\x00\x02"sv));
    EXPECT_FALSE(smtp::begins_record("220 mx.test"));
    EXPECT_FALSE(smtp::begins_record("\x16\x16"));
    EXPECT_FALSE(smtp::begins_record("\xff"));
    EXPECT_FALSE(smtp::begins_record("\x00"sv));
}

std::string reason_of(int reason)
{
    const smtp::TlsContext context({}); // OpenSSL has words from now on
    ERR_raise(ERR_LIB_SSL, reason);
    ERR_raise(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR); // what only follows from it
    return smtp::take_complaint().words;
}

TEST(TakeComplaint, NamesAlertsOfThePeer)
{
    EXPECT_EQ(reason_of(SSL_AD_REASON_OFFSET + SSL_AD_HANDSHAKE_FAILURE), "alert handshake failure (40)");
    EXPECT_EQ(reason_of(SSL_AD_REASON_OFFSET + SSL_AD_UNRECOGNIZED_NAME), "alert unrecognized name (112)");
    EXPECT_EQ(
        reason_of(SSL_AD_REASON_OFFSET + SSL_AD_CERTIFICATE_REQUIRED), "alert certificate required (116)"
    );
    EXPECT_EQ(reason_of(SSL_AD_REASON_OFFSET + 200), "alert unknown (200)");
}

TEST(TakeComplaint, TellsThePeersAlertFromOurOwnReason)
{
    const smtp::TlsContext context({});
    ERR_raise(ERR_LIB_SSL, SSL_AD_REASON_OFFSET + SSL_AD_INTERNAL_ERROR);
    EXPECT_EQ(smtp::take_complaint().alert, SSL_AD_INTERNAL_ERROR);
    ERR_raise(ERR_LIB_SSL, SSL_R_DH_KEY_TOO_SMALL);
    EXPECT_EQ(smtp::take_complaint().alert, std::nullopt);
}

TEST(TakeComplaint, NamesTheFirstReason)
{
    EXPECT_EQ(reason_of(SSL_R_UNSUPPORTED_PROTOCOL), "unsupported protocol");
    EXPECT_EQ(ERR_peek_error(), 0U);
    EXPECT_EQ(smtp::take_complaint().words, "");
}

/// Plays the server up to a finished handshake and then does as it is told; for what no dialogue file says.
class TlsServer
{
public:
    explicit TlsServer(const std::function<void(SSL_CTX*)>& configure, std::function<void(SSL*)> act)
        : context_(with_good_certificate(), Certificates::instance().folder()), act_(std::move(act))
    {
        configure(context_.get());
        thread_ = std::thread([this] { serve(); });
    }

    ~TlsServer() { thread_.join(); }

    asio::ip::tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

private:
    static peer::StartTls with_good_certificate()
    {
        peer::StartTls wanted;
        wanted.certificate = "good";
        return wanted;
    }

    /// OpenSSL writes with write(2).
    static void block_sigpipe()
    {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    }

    void serve()
    {
        block_sigpipe();
        auto socket = acceptor_.accept();
        std::string input;
        asio::write(socket, asio::buffer("220 mx.test\r\n"sv));
        asio::read_until(socket, asio::dynamic_buffer(input), "EHLO probe.test\r\n");
        asio::write(socket, asio::buffer("250-mx.test\r\n250 STARTTLS\r\n"sv));
        asio::read_until(socket, asio::dynamic_buffer(input), "STARTTLS\r\n");
        asio::write(socket, asio::buffer("220 go\r\n"sv));

        const std::unique_ptr<SSL, void (*)(SSL*)> ssl(SSL_new(context_.get()), SSL_free);
        SSL_set_fd(ssl.get(), socket.native_handle());
        if (SSL_accept(ssl.get()) == 1)
            act_(ssl.get());
        std::error_code ignored;
        while (socket.receive(asio::buffer(input), 0, ignored) > 0) { // else close() becomes a reset
        }
    }

    asio::io_context io_;
    asio::ip::tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
    peer::TlsContext context_;
    std::function<void(SSL*)> act_;
    std::thread thread_;
};

TEST(Handshake, IsProvenByTheFirstReplyInside)
{
    const TlsServer server(
        [](SSL_CTX* context) {
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        },
        [](SSL*) {}
    );
    const auto session = Client().converse(server.endpoint());
    EXPECT_EQ(
        trace(session),
        "connect, greeting 220, ehlo 250, starttls 220, handshake, ehlo_tls (the TLS handshake failed)"
    );
    EXPECT_EQ(session.steps.back().detail, "alert certificate required (116)");
    EXPECT_TRUE(session.tls);
}

TEST(Handshake, IsOverAfterTheFirstReplyInside)
{
    const TlsServer server(
        [](SSL_CTX*) {},
        [](SSL* ssl) {
            SSL_write(ssl, "250 mx.test\r\n", 13);
            const unsigned char alert[] = {0x15, 0x03, 0x03, 0x00,
                                           0x02, 0x02, 0x50}; // in clear: a bad record
            BIO_write(SSL_get_wbio(ssl), alert, sizeof(alert));
        }
    );
    const auto session = Client().converse(server.endpoint());
    EXPECT_EQ(session.at(smtp::Stage::mail_from)->fault, smtp::errc::connection_lost);
}

TEST(Handshake, IsNotHeldUpByTickets)
{
    const TlsServer server(
        [](SSL_CTX*) {},
        [](SSL* ssl) {
            pollfd client{SSL_get_fd(ssl), 0, 0}; // OpenSSL does not mind if nobody takes its tickets
            while (::poll(&client, 1, 0) == 0 && SSL_new_session_ticket(ssl) == 1 &&
                   SSL_do_handshake(ssl) == 1) {
            }
        }
    );
    Client client;
    client.settings.limits.command = 1s;
    const auto session = client.converse(server.endpoint());
    EXPECT_EQ(session.at(smtp::Stage::ehlo_tls)->fault, smtp::errc::timed_out);
    EXPECT_LT(session.at(smtp::Stage::ehlo_tls)->took, 10s);
}

} // namespace
