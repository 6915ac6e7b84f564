#include "tests/bench/clients.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bench
{
namespace
{

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Tls = std::unique_ptr<SSL, decltype(&SSL_free)>;

void require(bool done, const char* what)
{
    if (!done)
        throw std::runtime_error(std::string("floor: ") + what);
}

/// OpenSSL verifies in the handshake: one X509_verify_cert, host name included.
Context verifying_context(const Work& work)
{
    Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    require(SSL_CTX_load_verify_file(context.get(), work.root.c_str()) == 1, "cannot load the root");
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    return context;
}

int connect_to(std::uint16_t port, int type = SOCK_STREAM)
{
    const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    require(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "cannot connect");
    return fd;
}

bool is_whole_reply(std::string_view text)
{
    if (!text.ends_with("\r\n"))
        return false;
    const auto before = text.rfind('\n', text.size() - 2);
    const auto last = text.substr(before == std::string_view::npos ? 0 : before + 1);
    return last.size() > 3 && last[3] != '-';
}

template <typename Read>
void expect(std::string_view code, Read read)
{
    char text[4096];
    std::size_t size = 0;
    while (!is_whole_reply({text, size})) {
        const auto got = read(text + size, sizeof text - size);
        require(got > 0, "the connection was lost");
        size += static_cast<std::size_t>(got);
    }
    require(std::string_view(text, size).starts_with(code), "unexpected reply");
}

/// A question in the form of RFC 1035 §4.1, recursion desired.
std::string question(const std::vector<std::string>& labels, char type)
{
    using namespace std::string_literals;
    std::string octets = "\0\1\1\0\0\1\0\0\0\0\0\0"s;
    for (const auto& label : labels)
        octets += static_cast<char>(label.size()) + label;
    return octets + "\0\0"s + type + "\0\1"s;
}

/// Asks over UDP, one question after the other.
class FloorResolver
{
public:
    explicit FloorResolver(std::uint16_t port) : fd_(connect_to(port, SOCK_DGRAM)) {}
    ~FloorResolver() { ::close(fd_); }
    FloorResolver(const FloorResolver&) = delete;
    FloorResolver& operator=(const FloorResolver&) = delete;

    void ask_for_target(std::size_t number) const
    {
        const auto text = std::to_string(number);
        const std::vector<std::string> host{"own" + text, "mx", "test"};
        ask(question({"d", "own" + text, "test"}, type_mx));
        ask(question(host, type_a));
        ask(question(host, type_aaaa));
    }

private:
    static constexpr char type_a = 1;
    static constexpr char type_mx = 15;
    static constexpr char type_aaaa = 28;

    void ask(const std::string& octets) const
    {
        char answer[512];
        require(::send(fd_, octets.data(), octets.size(), 0) > 0, "cannot ask");
        require(::recv(fd_, answer, sizeof answer, 0) > 12, "no answer");
        require((answer[3] & 15) == 0, "the name is not known");
    }

    int fd_;
};

/// One connection, from connect to close.
class FloorSession
{
public:
    FloorSession(SSL_CTX* context, std::uint16_t port)
        : tls_(SSL_new(context), SSL_free), fd_(connect_to(port))
    {
        SSL_set_fd(tls_.get(), fd_);
        SSL_set_tlsext_host_name(tls_.get(), host_name);
        SSL_set1_host(tls_.get(), host_name);
    }

    ~FloorSession() { ::close(fd_); }

    void run()
    {
        const std::string ehlo = std::string("EHLO ") + ehlo_name + "\r\n";
        expect_clear("220");
        say(ehlo, "250");
        say("STARTTLS\r\n", "220");
        require(SSL_connect(tls_.get()) == 1, "handshake failed");
        say_inside(ehlo, "250");
        say_inside("MAIL FROM:<>\r\n", "250");
        say_inside("QUIT\r\n", "221");
        SSL_shutdown(tls_.get());
    }

    std::string agreed() const
    {
        EVP_PKEY* share = nullptr;
        SSL_get_peer_tmp_key(tls_.get(), &share);
        const std::string group = EVP_PKEY_get0_type_name(share);
        EVP_PKEY_free(share);
        return std::string(SSL_get_version(tls_.get())) + ' ' + SSL_get_cipher_name(tls_.get()) + ' ' + group;
    }

private:
    void expect_clear(std::string_view code) const
    {
        expect(code, [this](char* into, std::size_t size) { return ::recv(fd_, into, size, 0); });
    }

    void say(std::string_view line, std::string_view code) const
    {
        require(::send(fd_, line.data(), line.size(), MSG_NOSIGNAL) > 0, "cannot send");
        expect_clear(code);
    }

    void say_inside(std::string_view line, std::string_view code) const
    {
        require(SSL_write(tls_.get(), line.data(), static_cast<int>(line.size())) > 0, "cannot send");
        expect(code, [this](char* into, std::size_t size) {
            return SSL_read(tls_.get(), into, static_cast<int>(size));
        });
    }

    Tls tls_;
    int fd_;
};

} // namespace

Spent floor_sessions(const Work& work)
{
    const auto context = verifying_context(work);
    Spent spent;
    std::optional<FloorResolver> resolver;
    if (work.dns_port != 0)
        resolver.emplace(work.dns_port);
    const auto wall = std::chrono::steady_clock::now();
    const double cpu = cpu_us();
    for (std::size_t i = 0; i < work.sessions; ++i) {
        if (resolver)
            resolver->ask_for_target(i);
        FloorSession session(context.get(), work.port);
        session.run();
        if (i == 0)
            spent.agreed = session.agreed();
    }
    const auto sessions = static_cast<double>(work.sessions);
    spent.cpu_us = (cpu_us() - cpu) / sessions;
    spent.wall_us =
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - wall).count() / sessions;
    return spent;
}

} // namespace bench
