#include "fixtures/peer/server.hpp"

#include "fixtures/pki/pki.hpp"

#include <asio/read.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <fstream>

namespace
{

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

/// A folder with good.pem, made once.
const std::filesystem::path& certificates()
{
    static const auto folder = [] {
        std::string name = std::filesystem::temp_directory_path() / "mxtls-peer-XXXXXX";
        const std::filesystem::path path = mkdtemp(name.data());
        pki::Recipe recipe;
        recipe.common_name = "mx.test";
        recipe.names = {"DNS:mx.test"};
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        const auto issued = pki::issue(recipe, nullptr, now);
        std::ofstream(path / "good.pem") << pki::pem(issued.key) << pki::pem(issued.certificate);
        std::ofstream(path / "staple.der") << "a staple";
        return path;
    }();
    return folder;
}

class RemoveCertificates : public testing::Environment
{
    void TearDown() override { std::filesystem::remove_all(certificates()); }
};
const auto* const remove_certificates = testing::AddGlobalTestEnvironment(new RemoveCertificates);

peer::Options playing(std::string_view text)
{
    return {.dialogue = peer::parse_dialogue(text), .certificates = certificates()};
}

/// A blocking client that says and reads what it is told.
class Client
{
public:
    explicit Client(const peer::Server& server) { socket_.connect(server.endpoint()); }

    void say(std::string_view octets) { asio::write(socket_, asio::buffer(octets)); }

    std::string read(std::size_t size)
    {
        std::string text(size, '\0');
        asio::read(socket_, asio::buffer(text));
        return text;
    }

    /// What comes until the peer closes; "reset" behind it where it did not do so in order.
    std::string rest()
    {
        std::string text;
        asio::error_code fault;
        asio::read(socket_, asio::dynamic_buffer(text), fault);
        return fault == asio::error::eof ? text : text + "reset";
    }

    void leave() { socket_.close(); }

    int fd() { return socket_.native_handle(); }

private:
    asio::io_context io_;
    asio::ip::tcp::socket socket_{io_};
};

struct TlsClient
{
    explicit TlsClient(Client& client)
    {
        SSL_set_fd(ssl.get(), client.fd());
        SSL_set_tlsext_host_name(ssl.get(), "mx.test");
        SSL_set_tlsext_status_type(ssl.get(), TLSEXT_STATUSTYPE_ocsp);
    }

    int read()
    {
        char octet = 0;
        return SSL_get_error(ssl.get(), SSL_read(ssl.get(), &octet, 1));
    }

    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl{SSL_new(context.get()), SSL_free};
};

TEST(Server, PlaysADialogueToItsEnd)
{
    peer::Server server(playing("S: 220 mx.test\nC: EHLO *\nS: 250 mx.test\nC: QUIT\nS: 221 Bye"));
    Client client(server);
    client.say("ehlo me.test\r\nQUIT\r\n");
    EXPECT_EQ(client.rest(), "220 mx.test\r\n250 mx.test\r\n221 Bye\r\n");
    const auto run = server.next_run();
    EXPECT_EQ(peer::describe(run), "played");
    EXPECT_THAT(run.received, ElementsAre("ehlo me.test", "QUIT"));
}

TEST(Server, RecordsAMismatchAndSays500)
{
    peer::Server server(playing("S: 220 mx.test\nC: EHLO *\nS: 250 mx.test"));
    Client client(server);
    client.say("HELO me.test\r\n");
    EXPECT_EQ(client.rest(), "220 mx.test\r\n500 line 2 of the dialogue expects EHLO *\r\n");
    EXPECT_EQ(peer::describe(server.next_run()), "line 2: expected \"EHLO *\", received \"HELO me.test\"");
}

TEST(Server, WantsLinesToEndWithCrLf)
{
    peer::Server server(playing("C: QUIT"));
    Client client(server);
    client.say("QUIT\n");
    EXPECT_EQ(server.next_run().end, peer::Run::End::mismatch);
}

TEST(Server, GoesOnWithoutAnOptionalLine)
{
    peer::Server server(playing("C? RCPT *\nC: QUIT\nC? NOOP\nS: 221"));
    Client client(server);
    client.say("QUIT\r\n");
    ::shutdown(client.fd(), SHUT_WR);
    EXPECT_EQ(client.rest(), "221\r\n");
    EXPECT_EQ(peer::describe(server.next_run()), "played");
}

TEST(Server, SeesThatTheClientLeft)
{
    peer::Server server(playing("S: 220\nC: EHLO *\nC: QUIT"));
    Client client(server);
    client.say("EHLO me.test\r\n");
    client.leave();
    const auto run = server.next_run();
    EXPECT_EQ(peer::describe(run), "line 3: the client left");
    EXPECT_THAT(run.received, ElementsAre("EHLO me.test"));
}

TEST(Server, SendsUnflushedLinesWithTheNext)
{
    peer::Server server(playing("S+ 220 go ahead\nS: 250 injected\nWAIT"));
    Client client(server);
    pollfd readable{.fd = client.fd(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&readable, 1, -1), 1);
    char segment[100];
    const auto size = ::recv(client.fd(), segment, sizeof segment, 0);
    EXPECT_EQ(std::string(segment, static_cast<std::size_t>(size)), "220 go ahead\r\n250 injected\r\n");
}

TEST(Server, SendsOctetByOctetAndRepeats)
{
    peer::Server server(playing("REPEAT 3\nS~ ab\nEND\nRAW \"c\""));
    EXPECT_EQ(Client(server).rest(), "ab\r\nab\r\nab\r\nc");
    EXPECT_EQ(peer::describe(server.next_run()), "played");
}

TEST(Server, SendsEverythingOctetByOctet)
{
    auto options = playing("S: 220 mx.test\nRAW \"25\"\nC: STARTTLS\nS+ ab\nS: c\nTLS good\nS: 250 ok");
    options.octet_by_octet = true;
    peer::Server server(std::move(options));
    Client client(server);
    EXPECT_EQ(client.read(15), "220 mx.test\r\n25");
    client.say("STARTTLS\r\n");
    EXPECT_EQ(client.read(7), "ab\r\nc\r\n");
    TlsClient tls(client);
    ASSERT_EQ(SSL_connect(tls.ssl.get()), 1);
    char record[100];
    for (const char octet : std::string_view("250 ok\r\n")) {
        ASSERT_EQ(SSL_read(tls.ssl.get(), record, sizeof record), 1);
        EXPECT_EQ(record[0], octet);
    }
    EXPECT_EQ(peer::describe(server.next_run()), "played");
}

TEST(Server, SendsForEverUntilTheClientLeaves)
{
    for (const auto* const text : {"DRIP x 0\n", "REPEAT forever\nS: 250-more\nEND", "WAIT"}) {
        peer::Server server(playing(text));
        Client client(server);
        client.leave();
        EXPECT_EQ(peer::describe(server.next_run()), "played") << text;
    }
}

TEST(Server, ClosesOrResets)
{
    peer::Server closing(playing("S: 421 busy\nCLOSE\nS: never"));
    EXPECT_EQ(Client(closing).rest(), "421 busy\r\n");
    peer::Server resetting(playing("SWALLOW\nRESET"));
    Client client(resetting);
    client.say("x");
    EXPECT_EQ(client.rest(), "reset");
}

TEST(Server, ClosesInOrderAlsoWithUnreadInput)
{
    peer::Server server(playing("WAIT 50\nS: 554 no\nCLOSE"));
    Client client(server);
    client.say("EHLO too early\r\n");
    EXPECT_EQ(client.rest(), "554 no\r\n");
}

TEST(Server, SpeaksTls)
{
    peer::Server server(playing("TLS good 1.2 request-client-cert staple=staple.der\nCLOSE"));
    Client client(server);
    TlsClient tls(client);
    ASSERT_EQ(SSL_connect(tls.ssl.get()), 1);
    EXPECT_STREQ(SSL_get_version(tls.ssl.get()), "TLSv1.2");
    const unsigned char* staple = nullptr;
    EXPECT_EQ(SSL_get_tlsext_status_ocsp_resp(tls.ssl.get(), &staple), 8);
    EXPECT_EQ(tls.read(), SSL_ERROR_ZERO_RETURN);
    const auto run = server.next_run();
    ASSERT_TRUE(run.tls);
    EXPECT_EQ(run.tls->version, "TLSv1.2");
    EXPECT_EQ(run.tls->server_name, "mx.test");
    EXPECT_EQ(run.tls->certificate, "");
}

TEST(Server, SpeaksTlsThatIsOld)
{
    peer::Server server(playing("TLS good 1.0"));
    Client client(server);
    TlsClient tls(client);
    SSL_set_security_level(tls.ssl.get(), 0);
    SSL_set_min_proto_version(tls.ssl.get(), TLS1_VERSION);
    SSL_set_cipher_list(tls.ssl.get(), "DEFAULT:@SECLEVEL=0");
    ASSERT_EQ(SSL_connect(tls.ssl.get()), 1);
    EXPECT_STREQ(SSL_get_version(tls.ssl.get()), "TLSv1");
}

TEST(Server, AbortsWithoutCloseNotify)
{
    peer::Server server(playing("TLS good\nABORT"));
    Client client(server);
    TlsClient tls(client);
    ASSERT_EQ(SSL_connect(tls.ssl.get()), 1);
    EXPECT_EQ(tls.read(), SSL_ERROR_SSL);
}

TEST(Server, RecordsAFailedHandshake)
{
    peer::Server server(playing("TLS good\nS: 250"));
    Client client(server);
    client.say("this is not a ClientHello\r\n");
    const auto run = server.next_run();
    EXPECT_EQ(run.end, peer::Run::End::handshake_failed);
    EXPECT_THAT(peer::describe(run), HasSubstr("line 1: handshake failed: "));
}

TEST(Server, HoldsEachReplyBack)
{
    auto options = playing("S: 220-a\nS: 220 b\nC: QUIT\nS: 221");
    options.delay = 20ms;
    peer::Server server(std::move(options));
    const auto before = std::chrono::steady_clock::now();
    Client client(server);
    client.say("QUIT\r\n");
    EXPECT_EQ(client.rest(), "220-a\r\n220 b\r\n221\r\n");
    EXPECT_GE(std::chrono::steady_clock::now() - before, 40ms);
}

TEST(Server, LetsNoConnectionThroughAfterDrop)
{
    peer::Server server(playing("DROP"));
    asio::io_context io;
    asio::ip::tcp::socket socket(io, asio::ip::tcp::v4());
    socket.native_non_blocking(true);
    asio::error_code fault;
    const auto address = server.endpoint();
    EXPECT_EQ(::connect(socket.native_handle(), address.data(), static_cast<socklen_t>(address.size())), -1);
    EXPECT_EQ(errno, EINPROGRESS);
    pollfd connected{.fd = socket.native_handle(), .events = POLLOUT, .revents = 0};
    EXPECT_EQ(::poll(&connected, 1, 100), 0);
}

TEST(Server, StopsWhateverItWaitsFor)
{
    for (const auto* const text :
         {"WAIT", "C: EHLO *", "TLS good", "DRIP x 60000", "SWALLOW", "REPEAT forever\nS: 250-more\nEND",
          "CLOSE"}) {
        auto server = std::make_unique<peer::Server>(playing(text));
        Client client(*server);
        const auto before = std::chrono::steady_clock::now();
        server.reset();
        EXPECT_LT(std::chrono::steady_clock::now() - before, 5s) << text;
    }
}

TEST(Server, ServesManyAtOnce)
{
    peer::Server server(playing("S: 220\nC: QUIT\nS: 221"));
    std::vector<std::unique_ptr<Client>> clients(20);
    for (auto& client : clients)
        client = std::make_unique<Client>(server);
    for (auto& client : clients)
        EXPECT_EQ(client->read(5), "220\r\n");
    for (auto& client : clients)
        client->say("QUIT\r\n");
    for (auto& client : clients)
        EXPECT_EQ(client->rest(), "221\r\n");
    for (std::size_t i = 0; i < clients.size(); ++i)
        EXPECT_EQ(peer::describe(server.next_run()), "played");
}

TEST(Server, ListensOnIpv6)
{
    auto options = playing("S: 220");
    options.address = "::1";
    peer::Server server(std::move(options));
    EXPECT_EQ(Client(server).rest(), "220\r\n");
}

TEST(Server, NamesACertificateThatIsMissing)
{
    try {
        peer::Server server(playing("TLS missing"));
        FAIL();
    } catch (const std::invalid_argument& fault) {
        EXPECT_THAT(fault.what(), HasSubstr("missing.pem: no such file"));
    }
}

} // namespace
