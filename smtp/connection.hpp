// A TCP connection that becomes TLS once: lines in, octets out. Knows nothing of SMTP's words. Private to
// smtp/.
#pragma once

#include "smtp/error.hpp"
#include "smtp/tls.hpp"
#include "smtp/wire.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

struct ssl_st;

namespace smtp
{

class Watchdog;

/// Whether it is for this machine's sake that a socket could not be connected to `peer`, where a look for a
/// route to it went as `has_route` says.
bool is_own_fault(const std::error_code& fault, const asio::ip::address& peer, bool has_route) noexcept;

/// Whatever can be done at once is done without asking the event loop. Each operation says how it went and
/// never throws; of one that did not go well, detail() has the words. Only one at a time.
class Connection
{
public:
    using Result = asio::awaitable<std::error_code>;

    explicit Connection(const asio::any_io_executor& executor);
    ~Connection();
    Connection(Connection&&) = delete;

    /// Whatever still waits at this moment ends with errc::timed_out.
    void set_deadline(std::chrono::steady_clock::time_point deadline);

    /// errc::no_descriptor or errc::no_route where this machine is at fault, else the code of
    /// std::system_category().
    Result connect(asio::ip::tcp::endpoint peer);

    /// Without its line end, which is CRLF or a bare LF. At most max_line octets.
    Result read_line(std::string& line);

    Result write(std::string octets);

    /// A handshake as client. Nothing may be unread. `server_name` empty: none is sent.
    Result
    start_tls(const TlsContext& context, std::string server_name, std::optional<Resumption> resumption = {});

    /// Whatever comes next, at least an octet.
    Result read(std::string& octets);

    /// Says in TLS that nothing will follow (RFC 8446 §6.1), as far as that is possible without waiting.
    void close();

    /// The first of the octets that came and were not asked for; empty where there are none.
    std::string unread() const;

    /// Whether some of them have been received already.
    bool has_unread() const noexcept { return !unread_.empty(); }

    /// Over TCP, TLS records included.
    std::uint64_t octets_sent() const noexcept { return wire_.sent(); }
    std::uint64_t octets_received() const noexcept { return wire_.received(); }

    asio::ip::tcp::endpoint local() const;
    TlsFacts tls_facts() const;

    /// The session to resume; none where there is none. In TLS 1.3 it comes behind the handshake.
    TlsSession tls_session() const;
    const std::string& detail() const noexcept { return detail_; }

    /// The TLS alert of the peer that ended an operation.
    std::optional<int> alert() const noexcept { return alert_; }

private:
    struct FreeSsl
    {
        void operator()(ssl_st* ssl) const noexcept;
    };
    enum class Attempt
    {
        done,
        wants_read,
        wants_write,
        failed
    };

    Result drive(Attempt (Connection::*attempt)());
    Result ready(asio::ip::tcp::socket::wait_type what);

    Attempt receive();
    Attempt send();
    Attempt shake_hands();
    Attempt after_ssl(int result);
    Attempt lost();
    Attempt fail(std::error_code fault, std::string detail);
    bool take_line(std::string& line);

    asio::ip::tcp::socket socket_;
    std::shared_ptr<Watchdog> watchdog_;
    std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
    Wire wire_;
    std::unique_ptr<ssl_st, FreeSsl> ssl_;
    bool proven_ = false; // the peer has said something inside TLS
    std::string unread_;
    std::size_t searched_ = 0; // of unread_, without finding a line end
    std::string unsent_;
    std::error_code fault_;
    std::string detail_;
    std::optional<int> alert_;
};

} // namespace smtp
