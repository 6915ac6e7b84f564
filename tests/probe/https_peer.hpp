// An HTTPS server for tests, which does what a script says: a thread for each connection, any octets.
#pragma once

#include "fixtures/pki/pki.hpp"

#include <asio/ip/tcp.hpp>
#include <asio/read_until.hpp>
#include <asio/ssl.hpp>
#include <asio/write.hpp>
#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace probe_tests
{

/// A connection after its handshake, for a script. Nothing throws: a client that is gone ends the script.
class HttpsConnection
{
public:
    HttpsConnection(asio::ip::tcp::socket& socket, asio::ssl::context& tls) : stream_(socket, tls) {}

    bool shake_hands()
    {
        std::error_code fault;
        stream_.handshake(asio::ssl::stream_base::server, fault);
        return !fault;
    }

    /// The request line and its header fields.
    std::string read_head()
    {
        std::error_code fault;
        std::string head;
        asio::read_until(stream_, asio::dynamic_buffer(head, 65536), "\r\n\r\n", fault);
        return head;
    }

    /// False where the client is gone.
    bool write(const std::string& octets)
    {
        std::error_code fault;
        asio::write(stream_, asio::buffer(octets), fault);
        return !fault;
    }

    /// close_notify, and a wait for the client's or its end.
    void close()
    {
        std::error_code fault;
        stream_.shutdown(fault);
    }

    /// Says nothing more until the client is gone.
    void stall()
    {
        std::error_code fault;
        std::string more(1024, '\0');
        while (!fault)
            stream_.read_some(asio::buffer(more), fault);
    }

    std::string server_name()
    {
        const char* name = SSL_get_servername(stream_.native_handle(), TLSEXT_NAMETYPE_host_name);
        return name ? name : "";
    }

private:
    asio::ssl::stream<asio::ip::tcp::socket&> stream_;
};

class HttpsPeer
{
public:
    using Script = std::function<void(HttpsConnection&)>;
    using PlainScript = std::function<void(asio::ip::tcp::socket&)>;

    /// `chain` is the server's own first.
    HttpsPeer(
        const std::vector<pki::Issued>& chain, Script script, const std::string& address = "127.0.0.1",
        std::uint16_t port = 0
    )
        : script_(std::move(script)), acceptor_(io_, {asio::ip::make_address(address), port})
    {
        std::string pem;
        for (const auto& issued : chain)
            pem += pki::pem(issued.certificate);
        tls_.use_certificate_chain(asio::buffer(pem));
        tls_.use_private_key(asio::buffer(pki::pem(chain.front().key)), asio::ssl::context::pem);
        accepting_ = std::thread([this] { accept(); });
    }

    /// Without TLS.
    explicit HttpsPeer(PlainScript script)
        : plain_script_(std::move(script)), acceptor_(io_, {asio::ip::make_address("127.0.0.1"), 0})
    {
        accepting_ = std::thread([this] { accept(); });
    }

    ~HttpsPeer()
    {
        ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
        accepting_.join();
        for (auto& connection : connections_)
            connection.join();
    }
    HttpsPeer(HttpsPeer&&) = delete;

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    int accepted() const { return accepted_; }

private:
    void accept()
    {
        for (;;) {
            auto socket = std::make_shared<asio::ip::tcp::socket>(io_);
            std::error_code fault;
            acceptor_.accept(*socket, fault);
            if (fault)
                return;
            ++accepted_;
            socket->set_option(asio::ip::tcp::no_delay(true), fault);
            connections_.emplace_back([this, socket] { serve(*socket); });
        }
    }

    void serve(asio::ip::tcp::socket& socket)
    {
        if (plain_script_)
            return plain_script_(socket);
        HttpsConnection connection(socket, tls_);
        if (connection.shake_hands())
            script_(connection);
    }

    Script script_;
    PlainScript plain_script_;
    asio::io_context io_;
    asio::ssl::context tls_{asio::ssl::context::tls_server};
    asio::ip::tcp::acceptor acceptor_;
    std::atomic<int> accepted_ = 0;
    std::list<std::thread> connections_; // of the accepting thread until it has ended
    std::thread accepting_;
};

} // namespace probe_tests
