#include "probe/log/event.hpp"
#include "probe/log/mixed.hpp"
#include "probe/log/words.hpp"

#include <algorithm>
#include <array>

namespace maillog
{
namespace
{

/// "mx.example.com[192.0.2.1]:25": host and address.
void read_peer(std::string_view text, Event& event) noexcept
{
    const auto host = take_until(text, "[");
    if (!host)
        return;
    event.host = *host == "unknown" ? std::string_view() : *host;
    event.address = before(text, "]");
}

/// "4T5XyZ0abc: ", or the longer kind. Nothing where the line has none.
std::string_view take_queue_id(std::string_view& text) noexcept
{
    constexpr std::size_t shortest = 6;
    constexpr std::size_t longest = 20;
    const auto id = text.substr(0, std::min(text.find(':'), text.size()));
    if (id.size() < shortest || id.size() > longest || !text.substr(id.size()).starts_with(": "))
        return {};
    const auto fits = [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    if (id == "NOQUEUE" || !std::ranges::all_of(id, fits))
        return {};
    text.remove_prefix(id.size() + 2);
    return id;
}

void set_message(std::string_view id, Event& event) noexcept
{
    event.queue_id = id;
    event.message = mixed(id);
    event.has_message = true;
}

/// "Untrusted TLS connection established to mx[192.0.2.1]:25: TLSv1.3 with cipher X (256/256 bits) …"
bool parse_established(std::string_view text, Event& event) noexcept
{
    auto rest = text;
    const auto trust = take_word(rest);
    if (!take(rest, "TLS connection "))
        return false;
    event.reused = take(rest, "reused ");
    if (!event.reused && !take(rest, "established "))
        return false;
    if (!take(rest, "to ") && !take(rest, "from "))
        return false;
    event.kind = Kind::secured;
    event.trust = trust;
    read_peer(rest, event);
    auto facts = behind(rest, "]");
    facts = behind(facts, ": ");
    event.version = version_of(take_word(facts));
    if (take(facts, "with cipher "))
        event.cipher = take_word(facts);
    return true;
}

bool parse_library_problem(std::string_view text, Event& event) noexcept
{
    if (!take(text, "warning: TLS library problem: "))
        return false;
    event.kind = Kind::explained;
    event.reason = reason_of(text);
    return true;
}

/// "disconnect from host[ip] ehlo=2 starttls=1 mail=1": of "starttls=0/1" none was let in.
void parse_disconnect(std::string_view text, Event& event) noexcept
{
    event.kind = Kind::closed;
    read_peer(text, event);
    const auto count = behind(text, " starttls=");
    event.encrypted = !count.empty() && count.front() != '0';
}

/// "NOQUEUE: reject: MAIL from host[ip]: 530 5.7.0 Must issue a STARTTLS command first; …"
void parse_reject(std::string_view text, Event& event) noexcept
{
    constexpr std::string_view wanted = "Must issue a STARTTLS command first";
    if (!text.starts_with("NOQUEUE: reject: ") || text.find(wanted) == std::string_view::npos)
        return;
    event.kind = Kind::failed;
    event.reason = wanted;
    read_peer(behind(text, " from "), event);
}

void parse_smtpd(std::string_view text, Event& event) noexcept
{
    if (take(text, "connect from ")) {
        event.kind = Kind::opened;
        return read_peer(text, event);
    }
    if (take(text, "disconnect from "))
        return parse_disconnect(text, event);
    if (parse_established(text, event) || parse_library_problem(text, event))
        return;
    const bool lost = text.starts_with("lost connection after STARTTLS from ");
    if (lost || text.starts_with("SSL_accept error from ")) {
        event.kind = Kind::failed;
        event.reason = lost ? "connection lost after STARTTLS" : "";
        return read_peer(behind(text, " from "), event);
    }
    const auto id = take_queue_id(text);
    const bool is_passed_on = take(text, "NOQUEUE: client="); // to a filter, which has the message first
    if (id.empty() && !is_passed_on)
        return parse_reject(text, event);
    if (!is_passed_on && !take(text, "client="))
        return;
    event.kind = Kind::begun;
    if (!is_passed_on)
        set_message(id, event);
    read_peer(text, event);
}

/// What Postfix says where TLS is why a delivery did not go on; nothing for any other cause.
std::string_view tls_cause(std::string_view text) noexcept
{
    constexpr std::array<std::string_view, 4> begins{
        "Cannot start TLS", "TLS is required", "Server certificate", "STARTTLS"};
    if (const auto refused = text.find("refused to start TLS"); refused != std::string_view::npos)
        return text.substr(refused);
    if (std::ranges::any_of(begins, [&](std::string_view begin) { return text.starts_with(begin); }))
        return before(text, " by host ");
    if (const auto said = behind(text, " said: "); said.find("STARTTLS") != std::string_view::npos)
        return before(said, " (in reply to");
    return {};
}

/// It came to a message in the session: TLS was there by then, or would not come.
bool is_of_message(std::string_view why) noexcept
{
    constexpr std::array<std::string_view, 4> commands{
        " (in reply to MAIL", " (in reply to RCPT", " (in reply to DATA", " (in reply to end of DATA"};
    return std::ranges::any_of(commands, [&](std::string_view command) {
        return why.find(command) != std::string_view::npos;
    });
}

void read_relay(std::string_view relay, Event& event) noexcept
{
    if (!relay.starts_with("none"))
        read_peer(before(relay, ", "), event);
}

/// "to=<user@example.com>, relay=mx[192.0.2.1]:25, …, status=sent (250 2.0.0 Ok)"
void parse_status(std::string_view text, Event& event) noexcept
{
    take(text, "to=<");
    const auto recipient = take_until(text, ">, ");
    if (!recipient || !take_until(text, "relay="))
        return;
    event.domain = domain_of(*recipient);
    read_relay(text, event);
    auto status = behind(text, ", status=");
    event.reused = before(text, ", status=").find(", conn_use=") != std::string_view::npos;
    if (take(status, "sent ")) {
        event.kind = event.address.empty() ? Kind::other : Kind::delivered;
        return;
    }
    auto why = behind(status, "(");
    why = why.substr(0, why.rfind(')'));
    event.reason = tls_cause(why);
    const bool was_refused = !event.address.empty() && is_of_message(why);
    event.kind = !event.reason.empty() ? Kind::failed : was_refused ? Kind::refused : Kind::other;
}

void parse_smtp(std::string_view text, Event& event) noexcept
{
    event.direction = Direction::delivery;
    if (parse_established(text, event) || parse_library_problem(text, event))
        return;
    if (take(text, "SSL_connect error to ")) {
        event.kind = Kind::failed;
        return read_peer(text, event);
    }
    const auto id = take_queue_id(text);
    if (id.empty())
        return;
    set_message(id, event);
    if (text.starts_with("to=<"))
        return parse_status(text, event);
    event.reason = tls_cause(text);
    if (event.reason.empty())
        return;
    event.kind = Kind::failed;
    read_peer(behind(text, "host "), event);
}

void parse_queue(std::string_view text, Event& event) noexcept
{
    const auto id = take_queue_id(text);
    if (id.empty())
        return;
    if (take(text, "from=<")) {
        event.kind = Kind::sender;
        event.domain = domain_of(before(text, ">,"));
    } else if (text == "removed") {
        event.kind = Kind::finished;
    }
    if (event.kind != Kind::other)
        set_message(id, event);
}

} // namespace

void parse_postfix(
    std::string_view service, std::uint64_t process, std::string_view text, Event& event
) noexcept
{
    event.server = Server::postfix;
    event.kind = Kind::other;
    event.connection = process;
    if (service == "smtpd")
        return parse_smtpd(text, event);
    if (service == "smtp")
        return parse_smtp(text, event);
    if (service == "qmgr")
        return parse_queue(text, event);
}

} // namespace maillog
