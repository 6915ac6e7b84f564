#include "probe/log/event.hpp"
#include "probe/log/mixed.hpp"
#include "probe/log/words.hpp"

#include <array>

namespace maillog
{
namespace
{

/// "1rVcXx-0000ab-XY ", or since 4.97 "1rVcXx-00000000abc-1xYz ".
std::string_view take_queue_id(std::string_view& text) noexcept
{
    constexpr std::size_t old_length = 16;
    constexpr std::size_t length = 23;
    auto rest = text;
    const auto id = take_word(rest);
    if ((id.size() != old_length && id.size() != length) || id[6] != '-')
        return {};
    text = rest;
    return id;
}

/// "mx.example.com [192.0.2.1]:25 …", "mx (helo) [192.0.2.1] …", "(helo) [192.0.2.1] …", "[192.0.2.1] …".
/// What follows it is left.
bool take_peer(std::string_view& text, Event& event) noexcept
{
    auto rest = text;
    if (!rest.starts_with('(') && !rest.starts_with('['))
        event.host = take_word(rest);
    if (rest.starts_with('(') && !take_until(rest, ") "))
        return false;
    if (!take(rest, "["))
        return false;
    const auto address = take_until(rest, "]");
    if (!address)
        return false;
    event.address = *address;
    text = rest;
    return true;
}

/// " X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes", in front of anything that the other side could have
/// written.
void read_tls(std::string_view fields, Event& event) noexcept
{
    fields = before(fields, "\"");
    auto suite = behind(fields, " X=");
    if (suite.empty()) {
        auto protocol = behind(fields, " P=");
        take(protocol, "utf8"); // SMTPUTF8
        const auto word = take_word(protocol);
        event.encrypted = word == "esmtps" || word == "esmtpsa" || word == "smtps";
        return;
    }
    suite = take_word(suite);
    event.encrypted = true;
    event.version = version_of(before(suite, ":"));
    const auto cipher = behind(suite, ":");
    event.cipher = cipher.substr(0, cipher.rfind(':'));
    if (const auto trust = fields.find(" CV="); trust != std::string_view::npos)
        event.trust = before(fields.substr(trust + 1), " ");
}

void parse_received(std::string_view text, Event& event) noexcept
{
    event.domain = domain_of(take_word(text));
    if (text.starts_with("H="))
        text.remove_prefix(2);
    else
        text = behind(before(text, "\""), " H=");
    if (!take_peer(text, event))
        return;
    event.kind = Kind::received;
    read_tls(text, event);
}

/// "user@example.com <user@alias> R=… T=… H=…": whom and through whom. False where no host is told.
bool read_delivery(std::string_view& text, Event& event) noexcept
{
    event.direction = Direction::delivery;
    event.domain = domain_of(take_word(text));
    const auto route = before(text, " H=");
    if (event.domain.empty() && route.find('<') != std::string_view::npos)
        event.domain = domain_of(route.substr(route.find('<')));
    text = behind(text, " H=");
    return take_peer(text, event);
}

void parse_sent(std::string_view text, Event& event) noexcept
{
    if (!read_delivery(text, event))
        return;
    event.kind = Kind::sent;
    read_tls(text, event);
}

/// A session that speaks TLS ends otherwise than it should, as many peers end it that took the message.
bool is_of_open_session(std::string_view text) noexcept
{
    return text.find(" (recv): ") != std::string_view::npos ||
           text.find(" (send): ") != std::string_view::npos;
}

/// What Exim says where TLS is why a delivery did not go on; nothing for any other cause.
std::string_view tls_cause(std::string_view text) noexcept
{
    constexpr std::array<std::string_view, 4> marks{
        "a TLS session is required", "TLS session", "TLS error", "failure while setting up TLS"};
    for (const auto mark : marks) {
        if (text.find(mark) == std::string_view::npos)
            continue;
        auto why = text.substr(text.find(mark));
        if (take(why, "TLS session: (") || take(why, "TLS error on connection ("))
            why = behind(why, "): ");
        return reason_of(before(why, ": delivering unencrypted"));
    }
    return {};
}

/// "== user@example.com R=… T=… defer (-38) H=mx [192.0.2.1]: a TLS session is required, but …"
void parse_put_off(std::string_view text, Event& event) noexcept
{
    event.reason = tls_cause(text);
    const bool has_host = read_delivery(text, event);
    if (has_host && !event.reason.empty())
        event.kind = Kind::failed;
}

/// "H=mx [192.0.2.1] TLS error on connection (SSL_connect): error:…"
/// "TLS session: (SSL_connect): error:…: delivering unencrypted to H=mx [192.0.2.1] (not in
/// hosts_require_tls)"
void parse_event_of_message(std::string_view text, Event& event) noexcept
{
    if (text == "Completed") {
        event.kind = Kind::finished;
        return;
    }
    if (text.find("TLS") == std::string_view::npos || is_of_open_session(text))
        return;
    event.direction = Direction::delivery;
    event.reason = tls_cause(text);
    auto peer = text.starts_with("H=") ? text.substr(2) : behind(text, " H=");
    if (!event.reason.empty() && take_peer(peer, event))
        event.kind = Kind::failed;
}

/// "TLS error on connection from host (helo) [192.0.2.1]:4321 (SSL_accept): error:…"
void parse_error(std::string_view text, Event& event) noexcept
{
    if (!take(text, "TLS error on ") || !take_until(text, "connection from ") || !take_peer(text, event))
        return;
    if (is_of_open_session(text))
        return;
    event.kind = Kind::failed;
    event.reason = reason_of(behind(text, "): "));
}

} // namespace

void parse_exim(std::string_view text, Event& event) noexcept
{
    event.server = Server::exim;
    event.kind = Kind::other;
    const auto id = take_queue_id(text);
    if (id.empty())
        return parse_error(text, event);
    event.queue_id = id;
    event.message = mixed(id);
    event.has_message = true;
    if (take(text, "<= "))
        return parse_received(text, event);
    event.reused = text.starts_with("-> "); // a further recipient of the same message
    if (take(text, "=> ") || take(text, ">> ") || take(text, "-> "))
        return parse_sent(text, event);
    if (take(text, "== ") || take(text, "** "))
        return parse_put_off(text, event);
    parse_event_of_message(text, event);
}

} // namespace maillog
