// The conversation with one address: connect, greeting, EHLO, STARTTLS, handshake, EHLO, MAIL FROM, QUIT.
// It observes and never judges; it knows nothing of MX names, trust or verdicts.
#pragma once

#include "smtp/extensions.hpp"
#include "smtp/reply.hpp"
#include "smtp/server_hello.hpp"
#include "smtp/tls.hpp"

#include <asio/awaitable.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace smtp
{

enum class Stage
{
    connect,
    greeting,
    ehlo,
    helo,
    starttls,
    handshake,
    ehlo_tls,
    mail_from,
    rcpt_to,
    quit // also the NOOP before it, where there is a contact to tell
};

/// "connecting", "waiting for the greeting", …: what a session at this stage is doing.
std::string_view phrase(Stage stage) noexcept;

/// One step, recorded when it ended.
struct Step
{
    Stage stage = Stage::connect;
    std::chrono::microseconds began{}; // since the session began
    std::chrono::microseconds took{};
    std::string sent;           // the command, without line end; empty where nothing was said
    std::optional<Reply> reply; // whole, where one came
    std::error_code fault; // smtp::errc, or the system's for connect; none where the step went as it should
    std::string detail;    // what belongs to the fault, printable() already and bounded
    std::optional<int> alert; // that the peer ended TLS with, where it did (RFC 8446 §6)

    /// Whether what came instead of a reply to the command of this step came before that could be said.
    bool is_unasked() const noexcept { return stage != Stage::greeting && sent.empty(); }
};

/// Everything that was seen, also of a session that stopped early.
struct Session
{
    asio::ip::tcp::endpoint peer;
    std::optional<asio::ip::address> local; // our own side of the connection, where there was one
    std::chrono::system_clock::time_point started;
    Stage now = Stage::connect; // the step under way, for whoever watches
    bool finished = false;      // the conversation came to its end, good or bad; false: it was abandoned
    std::vector<Step> steps;    // in the order in which they were taken
    std::optional<Extensions> offered;            // by the EHLO in clear
    std::optional<Extensions> offered_inside_tls; // by the EHLO inside TLS
    std::optional<TlsFacts> tls;                  // of a handshake that finished
    std::optional<FirstFlight> first_flight;      // the answer to Call::client_hello, where it was sent
    std::uint64_t octets_sent = 0;                // over TCP, TLS records included
    std::uint64_t octets_received = 0;            // likewise
    TlsSession resumable; // where Call::resumption asked for it, and EHLO inside TLS went well

    /// The last step of that stage, or null where it was never reached.
    const Step* at(Stage stage) const noexcept;
};

/// Limits of one step, all of them deadlines (RFC 5321 §4.5.3.2 asks senders for more patience).
struct Limits
{
    std::chrono::milliseconds connect{30'000};
    std::chrono::milliseconds greeting{60'000};
    std::chrono::milliseconds command{60'000}; // also the handshake
};

/// So that its NOOP, each octet escaped, is a line that every server takes (RFC 5321 §4.5.3.1.4).
inline constexpr std::size_t max_contact = 200;

/// What is the same for every session of a run.
struct Settings
{
    std::string ehlo_name; // a name, or an address literal; empty: the literal of the socket's own address
    std::string mail_from; // the reverse-path without its brackets; empty: the null one
    Limits limits;
    std::string contact{}; // printable ASCII of at most max_contact octets; empty: none is told
};

/// What differs from session to session.
struct Call
{
    std::string server_name;                // SNI (RFC 6066 §3), an A-label name; empty: none is sent
    std::optional<std::string> rcpt_to;     // a forward-path without its brackets
    bool starttls = true;                   // false: MAIL FROM in clear, also where STARTTLS is offered
    std::optional<Resumption> resumption{}; // a handshake of this kind, EHLO inside TLS, and QUIT
    std::string client_hello{};             // in place of a handshake: send these octets, and keep the answer
    std::chrono::steady_clock::time_point deadline =
        std::chrono::steady_clock::time_point::max(); // of it all
};

/// Speaks with `session.peer` and records in `session` as it goes, so that what was seen is there at any
/// moment. All arguments outlive the conversation. Never throws for what the network or the peer does.
///
/// HELO follows a 5xx to EHLO (and nothing else); without STARTTLS, MAIL FROM is said in clear; after a
/// refused STARTTLS, none. Where a ClientHello is sent in place of a handshake, the session ends with its
/// answer, politely: Session::first_flight has it, and where that is an alert or nothing readable, so says
/// the fault of Stage::handshake. QUIT ends every session whose two sides are still in step, in or out of
/// TLS; its answer is waited for at most quit_limit, and neither its lack nor a missing close_notify is a
/// fault. Before that QUIT, the server's postmaster is told the contact, in a NOOP (RFC 5321 §4.1.1.9) of the
/// same limit: not where the greeting turned us away or the server said 421. Whatever comes of it is no
/// fault.
asio::awaitable<void>
converse(Session& session, const Settings& settings, const Call& call, const TlsContext& tls);

inline constexpr std::chrono::milliseconds quit_limit{2'000};

/// For the answer to Call::client_hello, of which many are sent; it takes a server next to no computing.
inline constexpr std::chrono::milliseconds hello_limit{10'000};

} // namespace smtp
