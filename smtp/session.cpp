#include "smtp/session.hpp"

#include "smtp/client_hello.hpp"
#include "smtp/connection.hpp"
#include "smtp/handshake.hpp"
#include "smtp/handshake_turns.hpp"
#include "smtp/printable.hpp"

#include <asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace smtp
{
namespace
{

using std::chrono::steady_clock;

constexpr std::size_t usual_steps = 8;

/// The codes that a step takes for success.
struct Codes
{
    int first;
    int last;

    bool hold(int code) const noexcept { return first <= code && code <= last; }
};

constexpr Codes service_ready{220, 220}; // to a greeting and to STARTTLS, where nothing else will do
constexpr Codes hello{250, 250};         // to EHLO and HELO (RFC 5321 §4.3.2)
constexpr Codes success{200, 299};       // RFC 5321 §4.2.1: the first digit decides

constexpr int closing = 421; // RFC 5321 §3.8: the server is about to hang up

bool is_refusal(const std::optional<Reply>& reply) noexcept
{
    return reply && reply->code >= 500;
}

/// RFC 5321 §4.1.3. Without scope, which means nothing to anybody else.
std::string address_literal(const asio::ip::address& address)
{
    if (address.is_v4())
        return fmt::format("[{}]", address.to_string());
    return fmt::format("[IPv6:{}]", asio::ip::make_address_v6(address.to_v6().to_bytes()).to_string());
}

/// RFC 5321 §4.1.2.
std::string quoted_string(std::string_view text)
{
    std::string quoted = "\"";
    for (const char octet : text) {
        if (octet == '"' || octet == '\\')
            quoted += '\\';
        quoted += octet;
    }
    return quoted + '"';
}

/// Of an answer to a ClientHello; `first` is how it began.
std::error_code fault_of(const FirstFlight& flight, const std::string& first, std::string& detail)
{
    if (flight.alert) {
        detail = "alert " + alert_name(*flight.alert);
        return errc::handshake_failed;
    }
    if (!flight.malformed)
        return {};
    const bool is_tls = begins_record(first);
    detail = is_tls ? "a malformed answer" : excerpt(first);
    return is_tls ? errc::handshake_failed : errc::not_tls;
}

class Dialogue
{
public:
    Dialogue(
        Session& session, const Settings& settings, const Call& call, const TlsContext& tls,
        const asio::any_io_executor& executor
    )
        : session_(session), settings_(settings), call_(call), tls_(tls), connection_(executor)
    {}

    /// Returns the fault of the step that ended it; none where there was nothing left to say.
    Connection::Result speak();

    /// Says QUIT where that makes sense after this fault.
    asio::awaitable<void> leave(std::error_code fault);

private:
    using Result = Connection::Result;

    // The only place that times, limits and records.
    Result stage(Stage stage, Result step);
    std::chrono::milliseconds limit(Stage stage) const noexcept;
    void count_octets() noexcept;

    // Parts of the conversation, of one stage or more.
    Result introduce();
    Result secure();
    Result handshake_in_turn();
    Result address_message();

    // Steps: what happens within a stage.
    Result expect(Codes wanted);
    Result command(std::string text, Codes wanted);
    Result hear_unasked();
    Result starttls();
    Result shake_hands();
    Result offer();
    Result cancel();
    Result tell_contact(std::error_code& outcome);
    Result quit(bool is_answered);

    Result say(std::string text);
    Result read_reply();
    std::string own_name() const;
    bool may_tell_contact() const;

    Session& session_;
    const Settings& settings_;
    const Call& call_;
    const TlsContext& tls_;
    Connection connection_;
    steady_clock::time_point began_ = steady_clock::now();
    Step step_; // under way
};

Connection::Result Dialogue::speak()
{
    if (const auto fault = co_await stage(Stage::connect, connection_.connect(session_.peer)))
        co_return fault;
    const auto local = connection_.local().address();
    if (!local.is_unspecified()) // a connection that was reset at once has none any more
        session_.local = local;
    if (const auto fault = co_await stage(Stage::greeting, expect(service_ready)))
        co_return fault;
    if (const auto fault = co_await introduce())
        co_return fault;
    if (call_.starttls && session_.offered && session_.offered->starttls) {
        if (const auto fault = co_await secure())
            co_return fault;
    }
    if (call_.resumption || !call_.client_hello.empty())
        co_return std::error_code{}; // it is about TLS alone
    co_return co_await address_message();
}

Connection::Result Dialogue::introduce()
{
    const auto fault = co_await stage(Stage::ehlo, command("EHLO " + own_name(), hello));
    const auto& reply = session_.steps.back().reply;
    if (!fault)
        session_.offered = extensions_of(*reply);
    if (fault != errc::unexpected_reply || !is_refusal(reply))
        co_return fault;
    co_return co_await stage(Stage::helo, command("HELO " + own_name(), hello)); // RFC 5321 §3.2
}

Connection::Result Dialogue::secure()
{
    if (const auto fault = co_await stage(Stage::starttls, starttls()))
        co_return fault;
    if (!call_.client_hello.empty())
        co_return co_await stage(Stage::handshake, offer());
    if (const auto fault = co_await handshake_in_turn())
        co_return fault;
    // RFC 3207 §4.2: what was said before counts no more.
    if (const auto fault = co_await stage(Stage::ehlo_tls, command("EHLO " + own_name(), hello)))
        co_return fault;
    session_.offered_inside_tls = extensions_of(*session_.steps.back().reply);
    if (call_.resumption)
        session_.resumable = connection_.tls_session();
    co_return std::error_code{};
}

/// What is waited for before it is nothing that the server takes.
Connection::Result Dialogue::handshake_in_turn()
{
    const auto executor = co_await asio::this_coro::executor;
    auto& turns = HandshakeTurns::of(executor);
    if (!turns.take())
        co_await turns.wait(call_.deadline);
    const HandshakeTurn turn(turns);
    co_return co_await stage(Stage::handshake, shake_hands());
}

Connection::Result Dialogue::address_message()
{
    const auto from = fmt::format("MAIL FROM:<{}>", settings_.mail_from);
    const auto fault = co_await stage(Stage::mail_from, command(from, success));
    if (fault || !call_.rcpt_to)
        co_return fault;
    const auto to = fmt::format("RCPT TO:<{}>", *call_.rcpt_to);
    co_return co_await stage(Stage::rcpt_to, command(to, success));
}

asio::awaitable<void> Dialogue::leave(std::error_code fault)
{
    const auto last = session_.now;
    if (last == Stage::handshake && session_.first_flight) {
        co_await stage(Stage::quit, cancel());
        co_return;
    }
    bool in_step = !fault || fault == errc::unexpected_reply;
    if (in_step && may_tell_contact()) {
        co_await stage(Stage::quit, tell_contact(fault));
        in_step = !fault;
    }
    if (in_step) {
        co_await stage(Stage::quit, quit(true));
        connection_.close();
        count_octets();
        co_return;
    }
    // From here on the two sides are out of step. A handshake cannot be interrupted by words, and before the
    // greeting a client has none (RFC 5321 §3.1): a server that tests for that would hold it against us.
    const bool is_dumb = last == Stage::connect || last == Stage::handshake;
    const bool awaits_greeting = last == Stage::greeting && fault == errc::timed_out;
    const bool is_open = fault == errc::timed_out || fault == errc::malformed_reply ||
                         fault == errc::line_too_long || fault == errc::reply_too_long;
    if (is_open && !is_dumb && !awaits_greeting)
        co_await stage(Stage::quit, quit(false));
}

Connection::Result Dialogue::stage(Stage stage, Result step)
{
    const auto began = steady_clock::now();
    session_.now = stage;
    step_ = Step{};
    step_.stage = stage;
    step_.began = std::chrono::duration_cast<std::chrono::microseconds>(began - began_);
    connection_.set_deadline(std::min(began + limit(stage), call_.deadline));

    const auto fault = co_await std::move(step);

    step_.took = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - began);
    step_.fault = fault;
    if (fault && step_.detail.empty())
        step_.detail = connection_.detail();
    if (fault)
        step_.alert = connection_.alert();
    session_.steps.push_back(std::move(step_));
    count_octets();
    co_return fault;
}

void Dialogue::count_octets() noexcept
{
    session_.octets_sent = connection_.octets_sent();
    session_.octets_received = connection_.octets_received();
}

std::chrono::milliseconds Dialogue::limit(Stage stage) const noexcept
{
    switch (stage) {
    case Stage::connect:
        return settings_.limits.connect;
    case Stage::greeting:
        return settings_.limits.greeting;
    case Stage::handshake:
        return call_.client_hello.empty() ? settings_.limits.command
                                          : std::min(settings_.limits.command, hello_limit);
    case Stage::quit:
        return std::min(settings_.limits.command, quit_limit);
    default:
        return settings_.limits.command;
    }
}

Connection::Result Dialogue::expect(Codes wanted)
{
    if (const auto fault = co_await read_reply())
        co_return fault;
    if (!wanted.hold(step_.reply->code))
        co_return errc::unexpected_reply;
    co_return std::error_code{};
}

Connection::Result Dialogue::command(std::string text, Codes wanted)
{
    if (connection_.has_unread())
        co_return co_await hear_unasked();
    const auto fault = co_await say(std::move(text));
    if (fault && fault != errc::connection_lost)
        co_return fault;
    co_return co_await expect(wanted); // who hung up may have said why before
}

/// What came unasked would be taken for the answer to the next command, and all after it would be one off.
/// But who is about to hang up may say so at any time (RFC 5321 §3.8).
Connection::Result Dialogue::hear_unasked()
{
    const auto hangs_up = std::to_string(closing);
    const auto unread = connection_.unread();
    if (hangs_up.starts_with(unread.substr(0, hangs_up.size()))) {
        if (const auto fault = co_await read_reply())
            co_return fault;
        if (step_.reply->code == closing)
            co_return errc::unexpected_reply;
    }
    step_.detail = step_.reply ? step_.reply->text() : excerpt(unread);
    step_.reply.reset();
    co_return errc::malformed_reply;
}

Connection::Result Dialogue::starttls()
{
    if (const auto fault = co_await command("STARTTLS", service_ready))
        co_return fault;
    // A TLS server never speaks first, so what came behind the 220 was not said by the one that we will
    // shake hands with, or will be taken for what it says inside TLS (RFC 3207 §6).
    step_.detail = excerpt(connection_.unread());
    if (!step_.detail.empty())
        co_return errc::plaintext_after_starttls;
    co_return std::error_code{};
}

Connection::Result Dialogue::shake_hands()
{
    if (const auto fault = co_await connection_.start_tls(tls_, call_.server_name, call_.resumption))
        co_return fault;
    session_.tls = connection_.tls_facts();
    co_return std::error_code{};
}

Connection::Result Dialogue::offer()
{
    FlightReader reader;
    session_.first_flight.emplace();
    auto fault = co_await connection_.write(call_.client_hello);
    std::string octets;
    std::string first;
    bool wants_more = true;
    while (!fault && wants_more) {
        fault = co_await connection_.read(octets);
        if (fault)
            break;
        first += octets.substr(0, excerpt_limit - std::min(excerpt_limit, first.size()));
        wants_more = reader.take(octets);
        session_.first_flight = reader.flight();
    }
    if (!fault)
        fault = fault_of(reader.flight(), first, step_.detail);
    co_return fault;
}

/// Who has said an alert, or does not speak TLS, needs no goodbye.
Connection::Result Dialogue::cancel()
{
    const auto& flight = *session_.first_flight;
    if (!flight.alert && !flight.malformed)
        co_await connection_.write(farewell(flight.hello ? flight.hello->version : ProtocolVersion::tls10));
    co_return std::error_code{};
}

bool Dialogue::may_tell_contact() const
{
    const auto& last = session_.steps.back();
    const bool is_sent_away = last.stage == Stage::greeting || (last.reply && last.reply->code == closing);
    return !settings_.contact.empty() && !is_sent_away && !connection_.has_unread();
}

/// The step itself has no fault, whatever comes of it.
Connection::Result Dialogue::tell_contact(std::error_code& outcome)
{
    outcome = co_await say("NOOP " + quoted_string(settings_.contact));
    if (!outcome)
        outcome = co_await read_reply();
    step_.detail.clear();
    co_return std::error_code{};
}

/// However it goes, there is nothing left that could fail.
Connection::Result Dialogue::quit(bool is_answered)
{
    const auto fault = co_await say("QUIT");
    if (is_answered && !fault)
        co_await read_reply();
    step_.detail.clear();
    co_return std::error_code{};
}

Connection::Result Dialogue::say(std::string text)
{
    step_.sent = text;
    text += "\r\n";
    co_return co_await connection_.write(std::move(text));
}

Connection::Result Dialogue::read_reply()
{
    ReplyReader reader;
    std::string line;
    for (;;) {
        if (const auto fault = co_await connection_.read_line(line))
            co_return fault;
        std::error_code fault;
        const auto progress = reader.take(line, fault);
        if (fault) {
            step_.detail = excerpt(line);
            co_return fault;
        }
        if (progress == ReplyReader::Progress::complete)
            break;
    }
    step_.reply = reader.reply();
    co_return std::error_code{};
}

std::string Dialogue::own_name() const
{
    return settings_.ehlo_name.empty() ? address_literal(connection_.local().address()) : settings_.ehlo_name;
}

} // namespace

std::string_view phrase(Stage stage) noexcept
{
    switch (stage) {
    case Stage::connect:
        return "connecting";
    case Stage::greeting:
        return "waiting for the greeting";
    case Stage::ehlo:
        return "saying EHLO";
    case Stage::helo:
        return "saying HELO";
    case Stage::starttls:
        return "asking for TLS";
    case Stage::handshake:
        return "shaking hands";
    case Stage::ehlo_tls:
        return "saying EHLO inside TLS";
    case Stage::mail_from:
        return "saying MAIL FROM";
    case Stage::rcpt_to:
        return "saying RCPT TO";
    case Stage::quit:
        return "leaving";
    }
    return "";
}

const Step* Session::at(Stage stage) const noexcept
{
    const auto found =
        std::find_if(steps.rbegin(), steps.rend(), [stage](const Step& step) { return step.stage == stage; });
    return found == steps.rend() ? nullptr : &*found;
}

asio::awaitable<void>
converse(Session& session, const Settings& settings, const Call& call, const TlsContext& tls)
{
    const auto executor = co_await asio::this_coro::executor;
    session.started = std::chrono::system_clock::now();
    session.steps.reserve(usual_steps);
    Dialogue dialogue(session, settings, call, tls, executor);
    const auto fault = co_await dialogue.speak();
    co_await dialogue.leave(fault);
    session.finished = true;
}

} // namespace smtp
