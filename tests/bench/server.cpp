#include "tests/bench/server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

namespace bench
{
namespace
{

using Clock = std::chrono::steady_clock;
using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Tls = std::unique_ptr<SSL, decltype(&SSL_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Leaf = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr auto greeting = "220 mx.test ESMTP\r\n";
constexpr auto ehlo_reply = "250-mx.test\r\n250-SIZE 10240000\r\n250 STARTTLS\r\n";
constexpr auto ehlo_reply_inside = "250-mx.test\r\n250 SIZE 10240000\r\n";
constexpr auto starttls_reply = "220 2.0.0 Ready to start TLS\r\n";
constexpr auto ok_reply = "250 2.1.0 Ok\r\n";
constexpr auto quit_reply = "221 2.0.0 Bye\r\n";
constexpr auto unknown_reply = "500 5.5.2 Unknown\r\n";
constexpr std::size_t longest_line = 1024;

void require(bool done, const char* what)
{
    if (!done)
        throw std::runtime_error(fmt::format("server: {}", what));
}

Context server_context(const Service& service)
{
    Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    const auto file = service.certificates / "good.pem";
    require(
        SSL_CTX_use_certificate_chain_file(context.get(), file.c_str()) == 1, "cannot load the certificate"
    );
    require(
        SSL_CTX_use_PrivateKey_file(context.get(), file.c_str(), SSL_FILETYPE_PEM) == 1, "cannot load the key"
    );
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
    return context;
}

Key signing_key(const Service& service)
{
    const auto file = service.certificates / "intermediate.pem";
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_file(file.c_str(), "r"), BIO_free);
    require(bio != nullptr, "cannot read the issuer's key");
    Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    require(key != nullptr, "cannot load the issuer's key");
    return key;
}

/// The leaf under other serial numbers: no two servers of the world show the same one, and a client that
/// remembers what it verified is not to be measured by that.
std::vector<Leaf> make_leaves(const Service& service, SSL_CTX* context)
{
    const auto key = signing_key(service);
    std::vector<Leaf> leaves;
    for (std::size_t i = 0; i < service.leaves; ++i) {
        auto& leaf = leaves.emplace_back(X509_dup(SSL_CTX_get0_certificate(context)), X509_free);
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(leaf.get()), i + 1);
        require(X509_sign(leaf.get(), key.get(), EVP_sha256()) > 0, "cannot sign a leaf");
    }
    return leaves;
}

/// What all threads need, and none of them changes.
struct Shared
{
    explicit Shared(const Service& wanted)
        : service(wanted), context(server_context(wanted)), leaves(make_leaves(wanted, context.get()))
    {}

    const Service& service;
    const Context context;
    const std::vector<Leaf> leaves;
};

/// What all threads count.
class Counters
{
public:
    /// Gives the number of the connection, from 0.
    std::size_t opened()
    {
        const std::lock_guard lock(mutex_);
        most_open_ = std::max(most_open_, ++open_);
        return opened_++;
    }

    /// Whether so many were open at the same time.
    bool were_open(std::size_t count)
    {
        const std::lock_guard lock(mutex_);
        return most_open_ >= count;
    }

    void closed()
    {
        const std::lock_guard lock(mutex_);
        --open_;
    }

    void quit(std::uint32_t address)
    {
        const std::lock_guard lock(mutex_);
        ++sessions_;
        addresses_.insert(address);
    }

    /// Since the call before.
    std::string take()
    {
        const std::lock_guard lock(mutex_);
        const auto text = fmt::format("{} {} {}\n", sessions_, addresses_.size(), most_open_);
        sessions_ = 0;
        addresses_.clear();
        most_open_ = open_;
        return text;
    }

private:
    std::mutex mutex_;
    std::size_t sessions_ = 0;
    std::size_t open_ = 0;
    std::size_t opened_ = 0;
    std::size_t most_open_ = 0;
    std::unordered_set<std::uint32_t> addresses_;
};

enum class State
{
    clear,
    handshake,
    inside,
    ended
};

/// One connection; `advance` plays it as far as it goes without waiting.
class Connection
{
public:
    Connection(int fd, const Shared& shared, Counters& counters)
        : fd_(fd), shared_(shared), tls_(nullptr, SSL_free), counters_(counters), number_(counters.opened())
    {}

    ~Connection()
    {
        counters_.closed();
        ::close(fd_);
    }

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    std::size_t number() const { return number_; }
    State state() const { return state_; }

    /// The reply to the next whole line that was read; empty where there is none yet.
    std::string_view advance()
    {
        if (state_ == State::handshake)
            shake_hands();
        while (state_ == State::clear || state_ == State::inside) {
            if (const auto end = line_.find('\n'); end != std::string::npos) {
                const auto reply = reply_to(std::string_view(line_).substr(0, end));
                line_.erase(0, end + 1);
                return reply;
            }
            if (!read_more())
                break;
        }
        return {};
    }

    /// All of it fits into the socket's buffer.
    void send(std::string_view reply)
    {
        const auto size = static_cast<int>(reply.size());
        const auto sent = tls_ ? SSL_write(tls_.get(), reply.data(), size)
                               : static_cast<int>(::send(fd_, reply.data(), reply.size(), 0));
        if (sent != size) {
            state_ = State::ended;
        } else if (reply == starttls_reply) {
            start_tls();
        } else if (reply == quit_reply) {
            end_well();
        }
    }

private:
    void start_tls()
    {
        tls_.reset(SSL_new(shared_.context.get()));
        SSL_use_certificate(tls_.get(), shared_.leaves[number_ % shared_.leaves.size()].get());
        SSL_set_fd(tls_.get(), fd_);
        SSL_set_accept_state(tls_.get());
        state_ = State::handshake;
    }

    void shake_hands()
    {
        const int done = SSL_do_handshake(tls_.get());
        if (done == 1)
            state_ = State::inside;
        else if (SSL_get_error(tls_.get(), done) != SSL_ERROR_WANT_READ)
            state_ = State::ended;
    }

    void end_well()
    {
        if (tls_)
            SSL_shutdown(tls_.get());
        sockaddr_in local{};
        socklen_t size = sizeof local;
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&local), &size);
        counters_.quit(local.sin_addr.s_addr);
        state_ = State::ended;
    }

    bool read_more()
    {
        std::array<char, longest_line> text;
        ssize_t size = 0;
        if (tls_) {
            size = SSL_read(tls_.get(), text.data(), static_cast<int>(text.size()));
            if (size <= 0 && SSL_get_error(tls_.get(), static_cast<int>(size)) == SSL_ERROR_WANT_READ)
                return false;
        } else {
            size = ::recv(fd_, text.data(), text.size(), 0);
            if (size < 0 && errno == EAGAIN)
                return false;
        }
        if (size <= 0 || line_.size() > longest_line) {
            state_ = State::ended;
            return false;
        }
        line_.append(text.data(), static_cast<std::size_t>(size));
        return true;
    }

    std::string_view reply_to(std::string_view line) const
    {
        if (line.starts_with("EHLO"))
            return tls_ ? ehlo_reply_inside : ehlo_reply;
        if (line.starts_with("STARTTLS") && !tls_)
            return starttls_reply;
        if (line.starts_with("MAIL FROM") || line.starts_with("NOOP"))
            return ok_reply;
        return line.starts_with("QUIT") ? quit_reply : unknown_reply;
    }

    int fd_;
    const Shared& shared_;
    Tls tls_;
    Counters& counters_;
    std::size_t number_;
    State state_ = State::clear;
    std::string line_;
};

int listen_on(std::uint16_t port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    require(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "cannot bind");
    require(::listen(fd, 65535) == 0, "cannot listen");
    return fd;
}

std::uint16_t port_of(int fd)
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

/// One thread's share of the connections.
class Worker
{
public:
    Worker(int listener, const Shared& shared, Counters& counters)
        : listener_(listener), shared_(shared), counters_(counters)
    {
        watch(listener_, EPOLLIN);
    }

    void run()
    {
        std::array<epoll_event, 64> events;
        for (;;) {
            const int count =
                ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), next_timeout());
            for (int i = 0; i < count; ++i) {
                if (const int fd = events[static_cast<std::size_t>(i)].data.fd; fd != listener_)
                    advance(fd);
            }
            accept(); // each time: a full backlog drops whoever connects
            greet();
            send_what_is_due();
        }
    }

private:
    struct Held
    {
        Clock::time_point due;
        int fd;
        std::size_t number; // of the connection: another one may have its descriptor by then
        std::string_view reply;
    };

    void watch(int fd, std::uint32_t events) const
    {
        epoll_event event{};
        event.events = events;
        event.data.fd = fd;
        require(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0, "cannot watch");
    }

    int next_timeout() const
    {
        if (!ungreeted_.empty())
            return 1; // nobody tells when the last of them has come to another thread
        if (held_.empty())
            return -1;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(held_.front().due - Clock::now());
        return static_cast<int>(std::max<std::int64_t>(0, left.count()));
    }

    void accept()
    {
        for (;;) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0)
                return;
            if (connections_.size() <= static_cast<std::size_t>(fd))
                connections_.resize(static_cast<std::size_t>(fd) + 1);
            at(fd) = std::make_unique<Connection>(fd, shared_, counters_);
            watch(fd, EPOLLIN | EPOLLET);
            ungreeted_.emplace_back(fd, at(fd)->number());
        }
    }

    void greet()
    {
        if (ungreeted_.empty() || !counters_.were_open(shared_.service.together))
            return;
        for (const auto& [fd, number] : ungreeted_) {
            if (at(fd) && at(fd)->number() == number)
                reply(fd, greeting);
        }
        ungreeted_.clear();
    }

    void advance(int fd)
    {
        if (const auto text = at(fd)->advance(); !text.empty())
            reply(fd, text);
        else if (at(fd)->state() == State::ended)
            at(fd).reset();
    }

    void reply(int fd, std::string_view text)
    {
        if (at(fd)->state() == State::inside && shared_.service.silent_inside)
            return;
        if (const auto delay = shared_.service.delay; delay.count() > 0)
            held_.push_back({Clock::now() + delay, fd, at(fd)->number(), text});
        else
            send(fd, text);
    }

    void send(int fd, std::string_view text)
    {
        at(fd)->send(text);
        if (at(fd)->state() == State::ended)
            at(fd).reset();
    }

    /// All are held equally long: the first is the next.
    void send_what_is_due()
    {
        const auto now = Clock::now();
        while (!held_.empty() && held_.front().due <= now) {
            const auto next = held_.front();
            held_.pop_front();
            if (at(next.fd) && at(next.fd)->number() == next.number)
                send(next.fd, next.reply);
        }
    }

    std::unique_ptr<Connection>& at(int fd) { return connections_[static_cast<std::size_t>(fd)]; }

    int listener_;
    const Shared& shared_;
    Counters& counters_;
    int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<std::pair<int, std::size_t>> ungreeted_;   // descriptor and number
    std::vector<std::unique_ptr<Connection>> connections_; // by descriptor
    std::deque<Held> held_;
};

} // namespace

void serve(const Service& service)
{
    std::signal(SIGPIPE, SIG_IGN);
    const Shared shared(service);
    Counters counters;
    std::vector<std::unique_ptr<Worker>> workers;
    std::uint16_t port = 0;
    for (std::size_t i = 0; i < service.threads; ++i) {
        const int listener = listen_on(port);
        port = port_of(listener);
        workers.push_back(std::make_unique<Worker>(listener, shared, counters));
        std::thread([worker = workers.back().get()] { worker->run(); }).detach();
    }
    fmt::print("{}\n", port);
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line);) {
        fmt::print("{}", counters.take());
        std::fflush(stdout);
    }
    std::_Exit(0); // the threads serve for ever
}

} // namespace bench
