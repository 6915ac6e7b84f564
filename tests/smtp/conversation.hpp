// One session with a scripted peer, from its first step to its last.
#pragma once

#include "fixtures/peer/server.hpp"
#include "smtp/session.hpp"
#include "tests/smtp/certificates.hpp"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <fmt/format.h>

#include <array>
#include <exception>
#include <string>

namespace smtp_tests
{

using namespace std::chrono_literals;

inline constexpr smtp::Limits patient{10s, 10s, 10s};

/// For peers that stall: long enough for what they do answer, also on a machine that is busy.
inline constexpr smtp::Limits hasty{1s, 1s, 1s};

struct Client
{
    smtp::Settings settings{.ehlo_name = "probe.test", .mail_from = {}, .limits = patient};
    smtp::Call call;
    smtp::TlsSettings tls;

    smtp::Session converse(const asio::ip::tcp::endpoint& peer) const
    {
        return converse(peer, smtp::TlsContext(tls));
    }

    smtp::Session converse(const asio::ip::tcp::endpoint& peer, const smtp::TlsContext& context) const
    {
        smtp::Session session;
        session.peer = peer;
        asio::io_context io(1);
        asio::co_spawn(io, smtp::converse(session, settings, call, context), [](std::exception_ptr thrown) {
            if (thrown)
                std::rethrow_exception(thrown);
        });
        io.run();
        return session;
    }
};

inline peer::Options playing(const std::string& name)
{
    return {
        .dialogue = peer::load_dialogue(fmt::format(FIXTURES "/dialogues/{}.smtp", name)),
        .certificates = Certificates::instance().folder()};
}

inline peer::Options saying(std::string_view text)
{
    return {.dialogue = peer::parse_dialogue(text), .certificates = Certificates::instance().folder()};
}

inline std::string_view name(smtp::Stage stage)
{
    constexpr std::array<std::string_view, 10> names{"connect",  "greeting",  "ehlo",     "helo",
                                                     "starttls", "handshake", "ehlo_tls", "mail_from",
                                                     "rcpt_to",  "quit"};
    return names.at(static_cast<std::size_t>(stage));
}

/// "connect, greeting 220, ehlo 450 (an unexpected reply), quit 221": every step with its reply and fault.
inline std::string trace(const smtp::Session& session)
{
    std::string text;
    for (const auto& step : session.steps) {
        text += text.empty() ? "" : ", ";
        text += name(step.stage);
        if (step.reply)
            text += fmt::format(" {}", step.reply->code);
        if (step.fault)
            text += fmt::format(" ({})", step.fault.message());
    }
    return text;
}

} // namespace smtp_tests
