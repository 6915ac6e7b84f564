#include "probe/log/event.hpp"
#include "probe/log/words.hpp"

namespace maillog
{
namespace
{

/// "ICID " or "DCID ", and the number of the connection.
bool take_connection(std::string_view& text, Event& event) noexcept
{
    const bool receiving = text.starts_with('I');
    if (!take(text, "ICID ") && !take(text, "DCID "))
        return false;
    event.direction = receiving ? Direction::receiving : Direction::delivery;
    const auto number = take_number(text);
    event.connection = number.value_or(0);
    take(text, " ");
    return number.has_value();
}

bool take_message(std::string_view& text, Event& event) noexcept
{
    auto rest = text;
    if (!take(rest, "MID "))
        return false;
    const auto number = take_number(rest);
    take(rest, " ");
    event.message = number.value_or(0);
    event.has_message = number.has_value();
    text = number ? rest : text;
    return number.has_value();
}

/// "New SMTP ICID 5 interface Data 1 (192.168.1.1) address 10.0.0.1 reverse dns host mail.example.com
/// verified yes"
void parse_new(std::string_view text, Event& event) noexcept
{
    if (!take(text, "New SMTP ") && !take(text, "New smtp "))
        return;
    if (!take_connection(text, event))
        return;
    event.kind = Kind::opened;
    auto address = behind(text, " address ");
    event.address = take_word(address);
    if (take(address, "reverse dns host "))
        event.host = take_word(address);
    if (event.host == "unknown")
        event.host = {};
}

/// "success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384 the.cpq.host", "success", "failed: why".
void parse_tls(std::string_view text, Event& event) noexcept
{
    const auto whole = text;
    take(text, "TLS ");
    if (take(text, "success")) {
        event.kind = Kind::secured;
        auto protocol = behind(text, "protocol ");
        event.version = version_of(take_word(protocol));
        auto cipher = behind(text, " cipher ");
        event.cipher = take_word(cipher);
        return;
    }
    event.kind = Kind::failed;
    if (take(text, "failed: ") || take(text, "deferring: "))
        event.reason = reason_of(text);
    else if (!text.starts_with("failed"))
        event.reason = whole;
}

/// Behind the number of a connection.
void parse_connection(std::string_view text, Event& event) noexcept
{
    if (text == "close") {
        event.kind = Kind::closed;
        return;
    }
    auto rest = text;
    if (take(rest, "IP ")) {
        event.address = take_word(rest);
        text = rest;
    }
    const bool said = text.starts_with("TLS success") || text.starts_with("TLS failed") ||
                      text.starts_with("TLS deferring") || text.starts_with("TLS was required");
    if (said)
        parse_tls(text, event);
}

/// Behind the number of a message.
void parse_message(std::string_view text, Event& event) noexcept
{
    auto rest = text;
    if (take(rest, "rewritten to MID ") || take(rest, "was split creating MID ")) {
        const auto other = take_number(rest);
        event.other_message = other.value_or(0);
        event.kind = other ? Kind::copied : Kind::other;
        return;
    }
    if (!take_connection(text, event))
        return;
    if (take(text, "From: ")) {
        event.kind = Kind::sender;
        event.domain = domain_of(text);
        return;
    }
    const auto recipient = take(text, "RID ") ? take_number(text, " To: ") : std::nullopt;
    if (!recipient)
        return;
    event.kind = Kind::recipient;
    event.recipient = *recipient;
    event.domain = domain_of(text);
}

/// "DCID 7 MID 6 to RID [0, 1]"
void parse_delivery(std::string_view text, Event& event) noexcept
{
    if (!take_connection(text, event) || !take_message(text, event))
        return;
    event.kind = Kind::delivered;
    auto first = behind(text, "RID [");
    event.recipient = take_number(first).value_or(0);
}

/// "Connection Error: DCID 7 domain: example.com IP:10.0.0.1 port: 25 …"
void parse_error(std::string_view text, Event& event) noexcept
{
    if (!take_connection(text, event))
        return;
    event.kind = Kind::named;
    auto domain = behind(text, "domain: ");
    event.domain = take_word(domain);
    auto address = behind(text, "IP:");
    take(address, " ");
    event.address = take_word(address);
}

void parse_start(std::string_view text, Event& event) noexcept
{
    if (take_message(text, event) && take_connection(text, event))
        event.kind = Kind::begun;
}

void parse_m(std::string_view text, Event& event) noexcept
{
    if (take_message(text, event))
        return parse_message(text, event);
    if ((take(text, "Message finished ") || take(text, "Message aborted ")) && take_message(text, event))
        event.kind = Kind::finished;
}

} // namespace

void parse_appliance(std::string_view text, Event& event) noexcept
{
    event.server = Server::appliance;
    event.kind = Kind::other;
    if (text.empty())
        return;
    switch (text.front()) {
    case 'N':
        return parse_new(text, event);
    case 'I':
        if (take_connection(text, event))
            parse_connection(text, event);
        return;
    case 'D':
        if (take(text, "Delivery start "))
            return parse_delivery(text, event);
        if (take_connection(text, event))
            parse_connection(text, event);
        return;
    case 'S':
        if (take(text, "Start "))
            parse_start(text, event);
        return;
    case 'M':
        return parse_m(text, event);
    case 'C':
        if (take(text, "Connection Error: "))
            parse_error(text, event);
        return;
    default:
        return;
    }
}

} // namespace maillog
