#include "smtp/connection.hpp"

#include "smtp/handshake.hpp"
#include "smtp/printable.hpp"
#include "smtp/reply.hpp"
#include "smtp/watchdog.hpp"

#include <asio/ip/udp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <cerrno>
#include <new>
#include <utility>

namespace smtp
{
namespace
{

using asio::ip::tcp;
using asio::ip::udp;
using std::chrono::steady_clock;

constexpr std::size_t read_size = 4096;
constexpr long written_fragment = 512; // octets of a record: room for a command, and the least that there is

/// A UDP socket looks for a route, too, when it is connected, and sends nothing.
bool has_route(const asio::any_io_executor& executor, const tcp::endpoint& peer)
{
    udp::socket socket(executor);
    const udp::endpoint there(peer.address(), peer.port());
    std::error_code fault;
    socket.open(there.protocol(), fault);
    if (!fault)
        socket.connect(there, fault);
    return !fault;
}

/// Without TCP_NODELAY, EHLO would wait for the ACK of the Finished before it.
std::error_code open(tcp::socket& socket, const tcp& protocol)
{
    std::error_code fault;
    socket.open(protocol, fault);
    if (!fault)
        socket.native_non_blocking(true, fault);
    if (!fault)
        socket.set_option(tcp::no_delay(true), fault);
    return fault;
}

void ask_for_session(SSL* ssl, const Resumption& wanted)
{
    const int version = static_cast<int>(wanted.version);
    SSL_clear_options(ssl, SSL_OP_NO_TICKET);
    SSL_set_min_proto_version(ssl, version);
    SSL_set_max_proto_version(ssl, version);
    if (wanted.session)
        SSL_set_session(ssl, wanted.session.get());
    if (wanted.alpn.empty())
        return;
    const auto list = static_cast<char>(wanted.alpn.size()) + wanted.alpn;
    SSL_set_alpn_protos(
        ssl, reinterpret_cast<const unsigned char*>(list.data()), static_cast<unsigned>(list.size())
    );
}

} // namespace

bool is_own_fault(const std::error_code& fault, const asio::ip::address& peer, bool has_route) noexcept
{
    switch (fault.value()) {
    case EACCES: // over IPv6 also what a firewall at the other end says by ICMPv6 (RFC 4443 §3.1, code 1)
        return peer.is_v4() || !has_route;
    case EPERM:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case EINVAL:
        return true;
    case ENETUNREACH:
    case EHOSTUNREACH: // a router on the way says the same
        return !has_route;
    default:
        return false;
    }
}

void Connection::FreeSsl::operator()(SSL* ssl) const noexcept
{
    SSL_free(ssl);
}

Connection::Connection(const asio::any_io_executor& executor)
    : socket_(executor), watchdog_(Watchdog::over(socket_))
{}

Connection::~Connection() = default;

void Connection::set_deadline(steady_clock::time_point deadline)
{
    deadline_ = deadline;
}

Connection::Result Connection::connect(tcp::endpoint peer)
{
    auto fault = open(socket_, peer.protocol());
    if (!fault) {
        wire_.attach(socket_.native_handle());
        watchdog_->watch(deadline_);
        co_await socket_.async_connect(peer, asio::redirect_error(asio::use_awaitable, fault));
    }
    // Only an open connection can be reset: in answer to a SYN, a RST is a refusal (RFC 9293 §3.10.7.3).
    // Where the peer had said before that it was done, the system calls it a broken pipe.
    if (!fault || fault == asio::error::connection_reset || fault == asio::error::broken_pipe)
        co_return std::error_code{};
    if (fault == asio::error::operation_aborted || fault == asio::error::timed_out)
        co_return errc::timed_out;

    detail_ = fault.message();
    if (fault.value() == EMFILE || fault.value() == ENFILE)
        co_return errc::no_descriptor;
    if (is_own_fault(fault, peer.address(), has_route(socket_.get_executor(), peer)))
        co_return errc::no_route;
    // Asio's own category does not compare with std::errc.
    co_return std::error_code(fault.value(), std::system_category());
}

Connection::Result Connection::read_line(std::string& line)
{
    while (!take_line(line)) {
        if (unread_.size() >= max_line) {
            detail_ = excerpt(unread_);
            co_return errc::line_too_long;
        }
        const auto fault = co_await drive(&Connection::receive);
        if (fault)
            co_return fault;
    }
    co_return std::error_code{};
}

Connection::Result Connection::write(std::string octets)
{
    unsent_ = std::move(octets);
    co_return co_await drive(&Connection::send);
}

Connection::Result Connection::read(std::string& octets)
{
    if (unread_.empty()) {
        if (const auto fault = co_await drive(&Connection::receive))
            co_return fault;
    }
    octets = std::exchange(unread_, {});
    searched_ = 0;
    co_return std::error_code{};
}

Connection::Result Connection::start_tls(
    const TlsContext& context, std::string server_name, std::optional<Resumption> resumption
)
{
    ssl_.reset(SSL_new(context.get()));
    if (!ssl_)
        throw std::bad_alloc();
    BIO* bio = wire_.new_bio();
    SSL_set_bio(ssl_.get(), bio, bio);
    if (!server_name.empty())
        SSL_set_tlsext_host_name(ssl_.get(), server_name.c_str());
    if (resumption)
        ask_for_session(ssl_.get(), *resumption);
    co_return co_await drive(&Connection::shake_hands);
}

void Connection::close()
{
    if (!ssl_ || !SSL_is_init_finished(ssl_.get()) || fault_)
        return;
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

std::string Connection::unread() const
{
    return unread_.empty() ? wire_.peek(excerpt_limit) : unread_.substr(0, excerpt_limit);
}

tcp::endpoint Connection::local() const
{
    std::error_code ignored;
    return socket_.local_endpoint(ignored);
}

TlsFacts Connection::tls_facts() const
{
    return facts_of(ssl_.get());
}

TlsSession Connection::tls_session() const
{
    TlsSession session(SSL_get1_session(ssl_.get()), SSL_SESSION_free);
    return session && SSL_SESSION_is_resumable(session.get()) == 1 ? session : TlsSession();
}

/// Tries until it is done, and waits only where it must.
Connection::Result Connection::drive(Attempt (Connection::*attempt)())
{
    for (;;) {
        const auto outcome = (this->*attempt)();
        if (outcome == Attempt::done)
            co_return std::error_code{};
        if (outcome == Attempt::failed)
            co_return fault_;
        const auto what = outcome == Attempt::wants_read ? tcp::socket::wait_read : tcp::socket::wait_write;
        const auto fault = co_await ready(what);
        if (fault)
            co_return fault;
    }
}

Connection::Result Connection::ready(tcp::socket::wait_type what)
{
    if (steady_clock::now() >= deadline_)
        co_return errc::timed_out;
    watchdog_->watch(deadline_);
    if (ssl_ && !proven_)
        wire_.acknowledge_at_once();
    std::error_code fault;
    co_await socket_.async_wait(what, asio::redirect_error(asio::use_awaitable, fault));
    wire_.take_turn();
    if (!fault)
        co_return std::error_code{};
    if (fault == asio::error::operation_aborted)
        co_return errc::timed_out;
    fail(errc::connection_lost, fault.message());
    co_return fault_;
}

Connection::Attempt Connection::receive()
{
    std::array<char, read_size> chunk;
    std::size_t size = 0;
    if (ssl_) {
        ERR_clear_error();
        const int result = SSL_read_ex(ssl_.get(), chunk.data(), chunk.size(), &size);
        if (result != 1)
            return after_ssl(result);
        proven_ = true;
    } else {
        size = wire_.receive(chunk.data(), chunk.size());
        if (size == 0)
            return wire_.blocked() ? Attempt::wants_read : lost();
    }
    unread_.append(chunk.data(), size);
    return Attempt::done;
}

Connection::Attempt Connection::send()
{
    if (ssl_) {
        std::size_t size = 0;
        ERR_clear_error();
        const int result = SSL_write_ex(ssl_.get(), unsent_.data(), unsent_.size(), &size);
        return result == 1 ? Attempt::done : after_ssl(result);
    }
    while (!unsent_.empty()) {
        const auto size = wire_.send(unsent_);
        if (size == 0)
            return wire_.blocked() ? Attempt::wants_write : lost();
        unsent_.erase(0, size);
    }
    return Attempt::done;
}

Connection::Attempt Connection::shake_hands()
{
    ERR_clear_error();
    const int result = SSL_connect(ssl_.get());
    if (result != 1)
        return after_ssl(result);
    // OpenSSL keeps a buffer for one from a session ticket on to the next command.
    SSL_set_max_send_fragment(ssl_.get(), written_fragment);
    return Attempt::done;
}

/// What an SSL_* call that did not succeed wants, or why it failed.
Connection::Attempt Connection::after_ssl(int result)
{
    const int error = SSL_get_error(ssl_.get(), result);
    const auto complaint = take_complaint();
    // The first octet tells, where OpenSSL waits for the five of a record's header.
    if (!begins_record(wire_.first_received()))
        return fail(errc::not_tls, excerpt(wire_.first_received() + wire_.peek(excerpt_limit)));
    if (error == SSL_ERROR_WANT_READ)
        return Attempt::wants_read;
    if (error == SSL_ERROR_WANT_WRITE)
        return Attempt::wants_write;
    if (complaint.words.empty())
        return lost();
    alert_ = complaint.alert;
    // A TLS 1.3 server that does not like our Finished, or wants a certificate of ours, says so only after
    // it, when for us the handshake is over (RFC 8446 §4.4.2.4): the first words inside TLS prove it.
    return fail(proven_ ? errc::connection_lost : errc::handshake_failed, complaint.words);
}

Connection::Attempt Connection::lost()
{
    const bool is_reset = wire_.error() != 0;
    return fail(
        errc::connection_lost,
        is_reset ? std::system_category().message(wire_.error()) : std::string("closed by the peer")
    );
}

Connection::Attempt Connection::fail(std::error_code fault, std::string detail)
{
    fault_ = fault;
    detail_ = std::move(detail);
    return Attempt::failed;
}

bool Connection::take_line(std::string& line)
{
    const auto end = unread_.find('\n', searched_);
    if (end == std::string::npos || end >= max_line) {
        searched_ = unread_.size();
        return false;
    }
    const bool has_cr = end > 0 && unread_[end - 1] == '\r';
    line.assign(unread_, 0, has_cr ? end - 1 : end);
    unread_.erase(0, end + 1);
    searched_ = 0;
    return true;
}

} // namespace smtp
