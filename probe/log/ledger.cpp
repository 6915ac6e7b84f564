#include "probe/log/ledger.hpp"

#include "probe/log/words.hpp"

#include <algorithm>
#include <charconv>

namespace maillog
{
namespace
{

constexpr std::size_t longest_text = 255;
constexpr std::size_t longest_list = 512; // of recipients, or of the messages of a connection
constexpr std::size_t most_kept = 256;

void set(std::string& text, std::string_view told)
{
    text.assign(told.substr(0, longest_text));
}

void set_if_empty(std::string& text, std::string_view told)
{
    if (text.empty())
        set(text, told);
}

bool is_loopback(std::string_view address) noexcept
{
    return address.starts_with("127.") || address == "::1";
}

template <class Number>
void append_number(std::string& text, Number number)
{
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    text.append(digits.data(), end);
}

void append_message(std::string& messages, const Event& event)
{
    if (messages.size() > longest_list - 32)
        return;
    if (!messages.empty())
        messages += ' ';
    if (event.queue_id.empty())
        append_number(messages, event.message);
    else
        messages += event.queue_id;
}

/// The domain that was noted for a recipient, or the first of all where that one was not noted.
std::string_view domain_of_recipient(std::string_view recipients, std::uint64_t wanted) noexcept
{
    std::string_view first;
    while (!recipients.empty()) {
        auto line = before(recipients, "\n");
        recipients.remove_prefix(line.size() + 1);
        const auto number = take_number(line, " ");
        if (number == wanted)
            return line;
        if (first.empty())
            first = line;
    }
    return first;
}

/// Minutes tell two attempts at the same delivery apart.
bool is_same_minute(std::string_view one, std::string_view other) noexcept
{
    constexpr std::size_t minute = 16; // "2026-02-14 19:20"
    return one.substr(0, minute) == other.substr(0, minute);
}

} // namespace

Ledger::Ledger(Tally& tally, Told told, LedgerBounds bounds)
    : tally_(tally), told_(std::move(told)), connections_(bounds.connections), messages_(bounds.messages)
{}

void Ledger::enter(const Event& event)
{
    switch (event.kind) {
    case Kind::unrecognised:
    case Kind::other:
        return;
    case Kind::continued:
        return continue_line(event);
    case Kind::opened:
        return open(event);
    case Kind::secured:
        return secure(event);
    case Kind::failed:
        return fail(event);
    case Kind::explained:
        return explain(event);
    case Kind::named:
        return name(event);
    case Kind::closed:
        return close(event);
    case Kind::begun:
        return begin_message(event);
    case Kind::sender:
        return take_sender(event);
    case Kind::recipient:
        return take_recipient(event);
    case Kind::copied:
        return copy(event);
    case Kind::delivered:
        return deliver(event);
    case Kind::refused:
        return refuse(event);
    case Kind::finished:
        return finish_message(event);
    case Kind::received:
    case Kind::sent:
        return take_whole(event);
    }
}

void Ledger::finish()
{
    messages_.for_each([this](Message& message) {
        if (message.is_pending)
            count_message(message, {});
    });
    connections_.for_each([this](Open& connection) { count(connection); });
    messages_ = BoundedTable<Message>(1);
    connections_ = BoundedTable<Open>(1);
}

/// The host that logged the line, which is mostly that of the line before.
std::uint64_t Ledger::origin_of(const Event& event)
{
    if (event.origin != last_origin_) {
        last_origin_ = event.origin;
        mixed_origin_ = mixed(event.origin);
    }
    return mixed_origin_;
}

/// Exim names no connection: of what failed there, the message and the address are one.
std::uint64_t Ledger::connection_key(const Event& event)
{
    const auto kind =
        static_cast<std::uint64_t>(event.server) * 2 + static_cast<std::uint64_t>(event.direction);
    const auto origin = event.origin.empty() ? kind : mixed(mixed(event.origin), kind);
    if (event.server != Server::exim)
        return mixed(origin, event.connection);
    return mixed(mixed(origin, event.message), mixed(event.address));
}

std::uint64_t Ledger::message_key(const Event& event, std::uint64_t message)
{
    return mixed(origin_of(event) ^ static_cast<std::uint64_t>(event.server), message);
}

Ledger::Open& Ledger::find_or_begin(const Event& event)
{
    if (auto* known = connections_.find(connection_key(event)))
        return *known;
    return begin_anew(event);
}

namespace
{

/// `whole`: with what only those are told who are told of each connection.
void begin(Connection& connection, const Event& event, bool whole)
{
    connection.server = event.server;
    connection.direction = event.direction;
    connection.protection = Protection::plaintext;
    connection.version = Version::unknown;
    connection.id = event.connection;
    connection.count = 0;
    set(connection.stamp, whole ? event.stamp : std::string_view());
    set(connection.host, whole ? event.host : std::string_view());
    set(connection.address, event.address);
    for (auto* text :
         {&connection.domain, &connection.cipher, &connection.trust, &connection.reason,
          &connection.messages})
        text->clear();
}

void protect(Connection& connection, const Event& event)
{
    connection.protection = Protection::encrypted;
    connection.version = event.version;
    set(connection.cipher, event.cipher);
    set(connection.trust, event.trust);
}

} // namespace

Ledger::Open& Ledger::begin_anew(const Event& event)
{
    const auto key = connection_key(event);
    end_of(key);
    auto& connection = connections_.insert(key, [this](const Open& old) { count(old); });
    begin(connection, event, static_cast<bool>(told_) || event.server == Server::exim);
    connection.key = key;
    connection.number = ++begun_;
    connection.row = 0;
    connection.is_opened = false;
    connection.is_reused = false;
    connection.last_message = 0;
    connection.kept.clear();
    return connection;
}

void Ledger::end(Open& connection)
{
    count(connection);
    for (const auto key : connection.kept) {
        const auto* message = messages_.find(key);
        if (message && message->is_finished)
            messages_.erase(key);
    }
    connections_.erase(connection.key);
}

void Ledger::end_of(std::uint64_t key)
{
    if (auto* known = connections_.find(key))
        end(*known);
}

void Ledger::count(const Open& connection)
{
    if (is_loopback(connection.address)) {
        remarks_.local_connections += connection.is_reused ? 0 : 1;
        return;
    }
    if (!connection.is_reused) {
        const auto row =
            connection.row != 0 ? connection.row : tally_.row_of(connection.domain, connection.address);
        tally_.add_connection(
            row, connection.direction, connection.protection, connection.version, connection.cipher
        );
        if (connection.protection == Protection::failed)
            tally_.add_failure(row, connection.direction, connection.reason);
    }
    if (told_)
        told_(connection);
}

/// A message goes over the connection.
void Ledger::carry(Open& connection, const Event& event)
{
    ++connection.count;
    if (told_ && event.has_message)
        append_message(connection.messages, event);
    connection.last_message = event.message;
}

/// What its first message is counted under, so is the connection.
void Ledger::take_domain(Open& connection, std::string_view domain, std::size_t row)
{
    if (!connection.domain.empty() || domain.empty())
        return;
    set(connection.domain, domain);
    connection.row = row;
}

void Ledger::open(const Event& event)
{
    // The appliance may tell of the TLS of a delivery before it tells of the connection.
    auto* known = connections_.find(connection_key(event));
    auto& connection = known && !known->is_opened ? *known : begin_anew(event);
    connection.is_opened = true;
    set_if_empty(connection.address, event.address);
    set_if_empty(connection.host, event.host);
    broken_off_ = event.address.empty() ? connection.key : 0;
}

void Ledger::secure(const Event& event)
{
    const bool is_new = event.server == Server::postfix && event.direction == Direction::delivery;
    auto& connection = is_new ? begin_anew(event) : find_or_begin(event);
    connection.is_opened = connection.is_opened || is_new;
    connection.is_reused = event.reused;
    protect(connection, event);
    set_if_empty(connection.address, event.address);
    remarks_.postfix_delivery_tls += is_new ? 1 : 0;
}

void Ledger::fail(const Event& event)
{
    auto* known = connections_.find(connection_key(event));
    if (known && event.direction == Direction::receiving && known->protection == Protection::encrypted)
        return;
    const bool is_other_address =
        known && !event.address.empty() && !known->address.empty() && known->address != event.address;
    const bool is_other_message = known && event.direction == Direction::delivery && event.has_message &&
                                  known->last_message != 0 && known->last_message != event.message;
    const bool is_later = known && event.server == Server::exim && !known->domain.empty() &&
                          !is_same_minute(known->stamp, event.stamp);
    const bool is_whole = event.server == Server::exim && !event.has_message; // all that Exim says of it
    const bool is_retried = known && event.server == Server::postfix &&
                            event.direction == Direction::delivery &&
                            !event.has_message; // Postfix tells of the handshake first
    const bool is_same =
        known && !is_other_address && !is_other_message && !is_later && !is_whole && !is_retried;

    auto& connection = is_same ? *known : begin_anew(event);
    connection.protection = Protection::failed;
    connection.last_message = event.has_message ? event.message : 0;
    set_if_empty(connection.reason, event.reason);
    set_if_empty(connection.address, event.address);
    set_if_empty(connection.domain, event.domain);
}

void Ledger::explain(const Event& event)
{
    auto* known = connections_.find(connection_key(event));
    if (known && known->protection == Protection::failed)
        set_if_empty(known->reason, event.reason);
}

void Ledger::name(const Event& event)
{
    auto* known = connections_.find(connection_key(event));
    if (!known)
        return;
    set_if_empty(known->domain, event.domain);
    set_if_empty(known->address, event.address);
}

void Ledger::continue_line(const Event& event)
{
    if (auto* known = broken_off_ == 0 ? nullptr : connections_.find(broken_off_))
        set_if_empty(known->address, event.address);
    broken_off_ = 0;
}

void Ledger::close(const Event& event)
{
    auto* known = connections_.find(connection_key(event));
    if (!known)
        return;
    if (event.encrypted && known->protection == Protection::plaintext)
        correct(*known);
    end(*known);
}

/// A server that logs no TLS says only at the end of a connection that there was some.
void Ledger::correct(Open& connection)
{
    connection.protection = Protection::encrypted;
    for (const auto key : connection.kept) {
        auto* message = messages_.find(key);
        if (!message || message->is_encrypted)
            continue;
        message->is_encrypted = true;
        if (!message->is_pending)
            tally_.correct_message(message->row, Direction::receiving);
    }
}

Ledger::Message& Ledger::new_message(std::uint64_t key)
{
    messages_.erase(key);
    auto& message = messages_.insert(key, [this](Message& old) {
        if (old.is_pending)
            count_message(old, {});
    });
    message.key = key;
    message.connection = message.number = 0;
    message.is_pending = message.is_encrypted = message.is_finished = false;
    message.address.clear();
    message.recipients.clear();
    return message;
}

void Ledger::count_message(Message& message, std::string_view domain)
{
    message.is_pending = false;
    if (is_loopback(message.address)) {
        ++remarks_.local;
        return;
    }
    message.row = tally_.row_of(domain, message.address);
    tally_.add_message(message.row, Direction::receiving, message.is_encrypted);
}

void Ledger::begin_message(const Event& event)
{
    if (event.server == Server::appliance && event.connection == 0) { // made by the appliance itself
        ++remarks_.local;
        new_message(message_key(event, event.message));
        return;
    }
    auto* known = connections_.find(connection_key(event));
    remarks_.headless += known ? 0 : 1;
    auto& connection = known ? *known : begin_anew(event);
    connection.is_opened = true;
    carry(connection, event);
    const auto key =
        event.has_message ? message_key(event, event.message) : mixed(connection.number, connection.count);
    auto& message = new_message(key);
    message.connection = connection.key;
    message.number = connection.number;
    message.is_pending = true;
    message.is_encrypted = connection.protection == Protection::encrypted;
    message.address = connection.address;
    if (!message.is_encrypted && event.server == Server::postfix && connection.kept.size() < most_kept)
        connection.kept.push_back(key);
    if (!event.has_message) // nothing more is told of it
        finish_message(message, key);
}

void Ledger::take_sender(const Event& event)
{
    auto* message = messages_.find(message_key(event, event.message));
    if (!message || !message->is_pending)
        return;
    count_message(*message, event.domain);
    // A process of Postfix may be at its next connection by then.
    auto* connection = connections_.find(message->connection);
    if (connection && connection->number == message->number)
        take_domain(*connection, event.domain, message->row);
}

void Ledger::take_recipient(const Event& event)
{
    const auto key = message_key(event, event.message);
    auto* known = messages_.find(key);
    auto& message = known ? *known : new_message(key);
    const auto domain = event.domain.substr(0, longest_text);
    if (message.recipients.size() + domain.size() > longest_list)
        return;
    append_number(message.recipients, event.recipient);
    message.recipients += ' ';
    message.recipients += domain;
    message.recipients += '\n';
}

void Ledger::copy(const Event& event)
{
    const auto* from = messages_.find(message_key(event, event.message));
    if (!from)
        return;
    const auto recipients = from->recipients;
    new_message(message_key(event, event.other_message)).recipients = recipients;
}

Ledger::Open& Ledger::connection_of_delivery(const Event& event)
{
    auto* known = connections_.find(connection_key(event));
    const bool is_postfix = event.server == Server::postfix;
    const bool serves =
        known &&
        (!is_postfix || (known->protection != Protection::failed && known->address == event.address &&
                         (event.reused || known->last_message == 0 || known->last_message == event.message)));
    if (is_postfix && known && known->protection == Protection::failed)
        set_if_empty(known->domain, event.domain);
    if (!is_postfix && !known)
        ++remarks_.headless;
    auto& connection = serves ? *known : begin_anew(event);
    if (is_postfix && !serves)
        connection.is_reused = event.reused;
    connection.is_opened = true;
    return connection;
}

void Ledger::deliver(const Event& event)
{
    const bool is_postfix = event.server == Server::postfix;
    remarks_.postfix_deliveries += is_postfix ? 1 : 0;
    auto& connection = connection_of_delivery(event);
    carry(connection, event);

    const auto* message = is_postfix ? nullptr : messages_.find(message_key(event, event.message));
    const auto domain = message ? domain_of_recipient(message->recipients, event.recipient) : event.domain;
    if (is_loopback(connection.address)) {
        ++remarks_.local;
        return;
    }
    const auto row = tally_.row_of(domain, connection.address);
    take_domain(connection, domain, row);
    tally_.add_message(row, Direction::delivery, connection.protection == Protection::encrypted);
}

/// There was a connection all the same.
void Ledger::refuse(const Event& event)
{
    auto& connection = connection_of_delivery(event);
    connection.last_message = event.message;
    take_domain(connection, event.domain, tally_.row_of(event.domain, connection.address));
}

void Ledger::finish_message(const Event& event)
{
    const auto key = message_key(event, event.message);
    if (auto* message = messages_.find(key))
        finish_message(*message, key);
}

void Ledger::finish_message(Message& message, std::uint64_t key)
{
    if (message.is_pending)
        count_message(message, {});
    // Whether TLS protected it may be told at the end of its connection only.
    const auto* connection = message.is_encrypted ? nullptr : connections_.find(message.connection);
    const bool waits = connection && std::ranges::find(connection->kept, key) != connection->kept.end();
    if (waits)
        message.is_finished = true;
    else
        messages_.erase(key);
}

void Ledger::take_whole(const Event& event)
{
    const bool sent = event.kind == Kind::sent;
    if (auto* failed = sent ? connections_.find(connection_key(event)) : nullptr) {
        set_if_empty(failed->domain, event.domain);
        end(*failed);
    }
    if (is_loopback(event.address)) {
        ++remarks_.local;
        remarks_.local_connections += event.reused ? 0 : 1;
        return;
    }
    const auto direction = sent ? Direction::delivery : Direction::receiving;
    const auto row = tally_.row_of(event.domain, event.address);
    tally_.add_message(row, direction, event.encrypted);
    begin(whole_, event, static_cast<bool>(told_));
    whole_.direction = direction;
    whole_.is_reused = event.reused;
    if (event.encrypted)
        protect(whole_, event);
    set(whole_.domain, event.domain);
    whole_.row = row;
    carry(whole_, event);
    count(whole_);
}

} // namespace maillog
