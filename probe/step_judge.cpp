#include "probe/step_judge.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace probe
{

namespace
{

using smtp::errc;
using smtp::Stage;
using smtp::Step;

/// What the ends of one exchange are called.
struct Exchange
{
    Stage stage;
    std::string_view answered; // "HOST greeted with …"
    std::string_view silent;   // "HOST sent no greeting …"
    Code refused;              // 5xx
    Code deferred;             // 4xx
    Code malformed;            // any other code
    Code garbled;              // no SMTP reply
    Code timed_out;
    Code lost;
};

// clang-format off
constexpr std::array exchanges{
    Exchange{Stage::greeting, "greeted with", "sent no greeting",
             Code::greeting_refused, Code::greeting_deferred, Code::greeting_malformed, Code::greeting_malformed,
             Code::greeting_timeout, Code::connect_closed},
    Exchange{Stage::ehlo, "answered EHLO with", "did not answer EHLO",
             Code::ehlo_refused, Code::ehlo_deferred, Code::ehlo_malformed, Code::ehlo_malformed,
             Code::command_timeout, Code::connection_lost},
    Exchange{Stage::helo, "refused EHLO and answered HELO with", "refused EHLO and did not answer HELO",
             Code::ehlo_refused, Code::ehlo_deferred, Code::ehlo_malformed, Code::ehlo_malformed,
             Code::command_timeout, Code::connection_lost},
    Exchange{Stage::starttls, "offered STARTTLS and answered it with", "offered STARTTLS and did not answer it",
             Code::starttls_refused, Code::starttls_refused, Code::starttls_refused, Code::ehlo_malformed,
             Code::command_timeout, Code::connection_lost},
    Exchange{Stage::handshake, "answered the TLS handshake with", "did not finish the TLS handshake",
             Code::tls_not_tls, Code::tls_not_tls, Code::tls_not_tls, Code::tls_not_tls,
             Code::tls_timeout, Code::connection_lost},
    Exchange{Stage::ehlo_tls, "answered EHLO inside TLS with", "did not answer EHLO inside TLS",
             Code::ehlo_refused, Code::ehlo_deferred, Code::ehlo_malformed, Code::ehlo_malformed,
             Code::command_timeout, Code::connection_lost},
    Exchange{Stage::mail_from, "answered MAIL FROM with", "did not answer MAIL FROM",
             Code::mail_from_refused, Code::mail_from_deferred, Code::mail_from_refused, Code::mail_from_refused,
             Code::command_timeout, Code::connection_lost},
    Exchange{Stage::rcpt_to, "answered RCPT TO with", "did not answer RCPT TO",
             Code::rcpt_refused, Code::rcpt_deferred, Code::rcpt_refused, Code::rcpt_refused,
             Code::command_timeout, Code::connection_lost},
};
// clang-format on

/// Of any stage but connect and quit.
const Exchange& exchange_of(Stage stage) noexcept
{
    const auto* found = &exchanges.back();
    for (const auto& exchange : exchanges) {
        if (exchange.stage == stage)
            found = &exchange;
    }
    return *found;
}

Code connect_code(const std::error_code& fault) noexcept
{
    if (fault == errc::timed_out)
        return Code::connect_timeout;
    if (fault == errc::no_route || fault == errc::no_descriptor)
        return Code::connect_local;
    return fault == std::errc::connection_refused ? Code::connect_refused : Code::connect_unreachable;
}

Code reply_code(const Exchange& exchange, const Step& step) noexcept
{
    if (step.is_unasked() && step.stage == Stage::starttls)
        return Code::ehlo_deferred; // a 421, and no refusal of what was not asked for
    const int kind = step.reply ? step.reply->code / 100 : 0;
    if (kind == 4)
        return exchange.deferred;
    return kind == 5 ? exchange.refused : exchange.malformed;
}

/// Words of a server inside a sentence of ours: not too many, and no full stop of their own.
std::string quoted(std::string_view words)
{
    constexpr std::size_t enough = 200;
    if (words.size() > enough)
        return fmt::format("{}...", words.substr(0, enough));
    while (!words.empty() && (words.back() == '.' || words.back() == ' '))
        words.remove_suffix(1);
    return std::string(words);
}

std::string with(std::string sentence, std::string_view words)
{
    const auto quote = quoted(words);
    return quote.empty() ? sentence : fmt::format("{}: {}", sentence, quote);
}

std::string words_of(const smtp::Reply& reply)
{
    return fmt::format("{}", fmt::join(reply.lines, " "));
}

std::string seconds(std::chrono::microseconds time)
{
    return fmt::format("{:.1f} s", std::chrono::duration<double>(time).count());
}

std::string connect_sentence(const Step& step, const smtp::Session& session, const std::string& host)
{
    const auto where = fmt::format("{} port {}", session.peer.address().to_string(), session.peer.port());
    switch (connect_code(step.fault)) {
    case Code::connect_timeout:
        return fmt::format("{} did not answer at {} within {}", host, where, seconds(step.took));
    case Code::connect_refused:
        return fmt::format("{} refused the connection to {}", host, where);
    case Code::connect_local:
        if (step.fault == errc::no_descriptor)
            return with(
                fmt::format("this machine has no descriptor left to connect to {} at {}", host, where),
                step.detail
            );
        return with(
            fmt::format("this machine has no route to {} at {}, or may not send there", host, where),
            step.detail
        );
    default:
        return with(fmt::format("{} cannot be reached at {}", host, where), step.fault.message());
    }
}

/// Of what is no reply: something else in its place, or what came before anything was asked.
std::string garbled_sentence(const Exchange& exchange, const Step& step, const std::string& host)
{
    if (step.is_unasked())
        return with(fmt::format("{} went on talking where nothing was asked", host), step.detail);
    const auto words = step.detail.empty() ? "an empty line" : std::string_view(step.detail);
    return with(fmt::format("{} {} what is no SMTP reply", host, exchange.answered), words);
}

/// Of a fault that leaves no whole reply.
std::string fault_sentence(const Exchange& exchange, const Step& step, const std::string& host)
{
    if (step.fault == errc::timed_out)
        return fmt::format("{} {} within {}", host, exchange.silent, seconds(step.took));
    if (step.fault == errc::line_too_long)
        return fmt::format("{} {} a line above {} octets", host, exchange.answered, smtp::max_line);
    if (step.fault == errc::reply_too_long)
        return fmt::format("{} {} a reply above {} octets", host, exchange.answered, smtp::max_reply);
    if (step.fault == errc::malformed_reply)
        return garbled_sentence(exchange, step, host);
    if (step.fault == errc::plaintext_after_starttls)
        return with(fmt::format("{} sent text in clear behind its 220 to STARTTLS", host), step.detail);
    if (step.fault == errc::not_tls)
        return with(fmt::format("{} answered the TLS handshake in plaintext", host), step.detail);
    if (step.fault == errc::handshake_failed)
        return with(fmt::format("the TLS handshake with {} failed", host), step.detail);
    return fmt::format("{} {} but closed the connection", host, exchange.silent);
}

std::string sentence(const Step& step, const smtp::Session& session, const std::string& host)
{
    if (step.stage == Stage::connect)
        return connect_sentence(step, session, host);
    const auto& exchange = exchange_of(step.stage);
    if (step.fault != errc::unexpected_reply || !step.reply)
        return fault_sentence(exchange, step, host);
    const auto answered = step.is_unasked() ? "hung up unasked with" : exchange.answered;
    return with(fmt::format("{} {} {}", host, answered, step.reply->code), words_of(*step.reply));
}

/// What the server said, as opposed to what OpenSSL or the system say of it.
std::string text_of(const Step& step)
{
    if (step.fault == errc::unexpected_reply && step.reply)
        return step.reply->text();
    const bool of_server = step.fault == errc::malformed_reply || step.fault == errc::not_tls ||
                           step.fault == errc::plaintext_after_starttls;
    return of_server ? step.detail : std::string();
}

/// A session that dies behind the 220 to STARTTLS takes TLS with it; before, it only keeps us from seeing.
Severity severity_of(Code code, const Step& step, const smtp::Session& session)
{
    const bool behind_220 = step.stage == Stage::handshake || session.tls;
    if (code == Code::connection_lost && behind_220)
        return Severity::critical;
    if (code == Code::command_timeout && step.stage == Stage::ehlo_tls)
        return Severity::critical;
    return usual_severity(code);
}

} // namespace

Code code_of(const Step& step) noexcept
{
    if (step.stage == Stage::connect)
        return connect_code(step.fault);

    const auto& exchange = exchange_of(step.stage);
    if (step.fault == errc::unexpected_reply)
        return reply_code(exchange, step);
    if (step.fault == errc::malformed_reply)
        return exchange.garbled;
    if (step.fault == errc::timed_out)
        return exchange.timed_out;
    if (step.fault == errc::line_too_long || step.fault == errc::reply_too_long)
        return Code::reply_too_long;
    if (step.fault == errc::plaintext_after_starttls)
        return Code::starttls_injection;
    if (step.fault == errc::not_tls)
        return Code::tls_not_tls;
    return step.fault == errc::handshake_failed ? Code::tls_handshake_failed : exchange.lost;
}

std::optional<Finding> judge_step(const Step& step, const smtp::Session& session, const std::string& host)
{
    if (!step.fault || step.stage == Stage::quit)
        return std::nullopt;
    const auto code = code_of(step);
    return Finding{code, severity_of(code, step, session), sentence(step, session, host), text_of(step)};
}

} // namespace probe
