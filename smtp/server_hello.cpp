#include "smtp/server_hello.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <bit>

namespace smtp
{
namespace
{

// Record and message types (RFC 8446 §5.1, §4; RFC 5246 §7.4).
constexpr std::uint8_t alert_record = 21;
constexpr std::uint8_t handshake_record = 22;
constexpr std::uint8_t server_hello_message = 2;
constexpr std::uint8_t server_key_exchange_message = 12;
constexpr std::uint8_t server_hello_done_message = 14;

constexpr std::size_t record_header = 5;
constexpr std::size_t max_record = 16'384;
constexpr std::size_t message_header = 4;
constexpr std::size_t random_size = 32;
constexpr std::size_t max_session_id = 32;

constexpr std::uint16_t extended_master_secret_extension = 23;
constexpr std::uint16_t session_ticket_extension = 35;
constexpr std::uint16_t versions_extension = 43;
constexpr std::uint16_t key_share_extension = 51;
constexpr std::uint16_t renegotiation_extension = 0xFF01;

/// SHA-256 of "HelloRetryRequest", in place of a random (RFC 8446 §4.1.3).
constexpr std::string_view retry_random("\xCF\x21\xAD\x74\xE5\x9A\x61\x11\xBE\x1D\x8C\x02\x1E\x65\xB8\x91"
                                        "\xC2\xA2\x11\x16\x7A\xBB\x8C\x5E\x07\x9E\x09\xE2\xC8\xA8\x33\x9C");

/// Reads forward. The first read beyond the end breaks it: from then on every read gives nothing, so that
/// only the end has to be checked.
class Cursor
{
public:
    explicit Cursor(std::string_view octets) : rest_(octets) {}

    bool good() const noexcept { return good_; }
    bool at_end() const noexcept { return good_ && rest_.empty(); }

    std::string_view octets(std::size_t size) noexcept
    {
        good_ = good_ && size <= rest_.size();
        if (!good_)
            return {};
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    std::uint8_t number8() noexcept
    {
        const auto taken = octets(1);
        return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken[0]);
    }

    std::uint16_t number16() noexcept
    {
        const auto high = number8();
        return static_cast<std::uint16_t>(high << 8 | number8());
    }

    std::size_t number24() noexcept
    {
        const std::size_t high = number8();
        return high << 16 | number16();
    }

    std::string_view counted8() noexcept { return octets(number8()); }
    std::string_view counted16() noexcept { return octets(number16()); }

private:
    std::string_view rest_;
    bool good_ = true;
};

/// Of a record that this reader knows, as far as it has come.
bool begins_record(std::string_view octets) noexcept
{
    constexpr char major = 3;
    if (octets.empty())
        return true;
    const auto type = static_cast<std::uint8_t>(octets[0]);
    if (type != alert_record && type != handshake_record)
        return false;
    return octets.size() == 1 || octets[1] == major;
}

std::size_t bits_of(std::string_view number) noexcept
{
    number.remove_prefix(std::min(number.find_first_not_of('\0'), number.size()));
    if (number.empty())
        return 0;
    const auto first = static_cast<std::uint8_t>(number.front());
    return (number.size() - 1) * 8 + static_cast<std::size_t>(std::bit_width(first));
}

} // namespace

bool FlightReader::take(std::string_view octets)
{
    if (is_over())
        return false;
    flight_.malformed = records_.size() + octets.size() > max_flight;
    records_ += flight_.malformed ? std::string_view() : octets;
    while (!is_over() && take_record()) {
        while (!is_over() && take_message()) {
        }
    }
    return !is_over();
}

/// False where it has not come yet. A wrong beginning is known before the rest has come.
bool FlightReader::take_record()
{
    const auto rest = std::string_view(records_).substr(records_read_);
    if (!begins_record(rest)) {
        flight_.malformed = true;
        return false;
    }
    Cursor cursor(rest);
    const auto type = cursor.number8();
    cursor.number16(); // the version, which is the ServerHello's to tell
    const auto size = cursor.number16();
    const auto body = cursor.octets(size);
    flight_.malformed = rest.size() >= record_header && (size == 0 || size > max_record);
    if (flight_.malformed || !cursor.good())
        return false;
    records_read_ += record_header + size;
    if (type == alert_record)
        read_alert(body);
    else
        messages_ += body;
    return true;
}

/// A warning says nothing: some servers have one for a server name that they do not know (RFC 6066 §3).
void FlightReader::read_alert(std::string_view body)
{
    constexpr std::uint8_t fatal = 2;
    constexpr std::uint8_t close_notify = 0;
    Cursor cursor(body);
    const auto level = cursor.number8();
    const auto alert = cursor.number8();
    flight_.malformed = !cursor.at_end() || messages_read_ < messages_.size();
    if (!flight_.malformed && (level == fatal || alert == close_notify))
        flight_.alert = alert;
}

/// False where it has not come yet.
bool FlightReader::take_message()
{
    Cursor cursor(std::string_view(messages_).substr(messages_read_));
    const auto type = cursor.number8();
    const auto size = cursor.number24();
    const auto body = cursor.octets(size);
    flight_.malformed = size > max_flight;
    if (!cursor.good())
        return false;
    messages_read_ += message_header + size;
    read_message(type, body);
    return true;
}

void FlightReader::read_message(std::uint8_t type, std::string_view body)
{
    const bool is_hello = type == server_hello_message;
    flight_.malformed = is_hello == flight_.hello.has_value(); // it is the first, and the only one
    if (flight_.malformed)
        return;
    if (is_hello)
        read_server_hello(body);
    if (type == server_key_exchange_message)
        read_key_exchange(body);
    if (type == server_hello_done_message)
        flight_.complete = true;
}

void FlightReader::read_server_hello(std::string_view body)
{
    Cursor cursor(body);
    auto& hello = flight_.hello.emplace();
    hello.version = ProtocolVersion{cursor.number16()};
    hello.retry = cursor.octets(random_size) == retry_random;
    const auto session_id = cursor.counted8();
    hello.session_id_size = static_cast<std::uint8_t>(session_id.size());
    hello.suite = cursor.number16();
    hello.compression = cursor.number8();
    if (!cursor.at_end()) {
        Cursor extensions(cursor.counted16());
        while (extensions.good() && !extensions.at_end()) {
            const auto type = extensions.number16();
            read_extension(type, extensions.counted16());
        }
        flight_.malformed = flight_.malformed || !extensions.good();
    }
    flight_.malformed = flight_.malformed || !cursor.at_end() || session_id.size() > max_session_id;
    if (flight_.malformed)
        flight_.hello.reset();
    else
        flight_.complete = hello.version >= ProtocolVersion::tls13; // all else is encrypted, or our turn
}

void FlightReader::read_extension(std::uint16_t type, std::string_view body)
{
    Cursor cursor(body);
    auto& hello = *flight_.hello;
    if (type == renegotiation_extension)
        hello.secure_renegotiation = true;
    if (type == extended_master_secret_extension)
        hello.extended_master_secret = true;
    if (type == session_ticket_extension)
        hello.session_ticket = true;
    if (type == versions_extension)
        hello.version = ProtocolVersion{cursor.number16()};
    if (type == key_share_extension)
        flight_.group = cursor.number16();
    flight_.malformed = flight_.malformed || !cursor.good();
}

/// RFC 8422 §5.4, RFC 5246 §7.4.3. What follows, the signature too, is not looked at.
void FlightReader::read_key_exchange(std::string_view body)
{
    constexpr std::uint8_t named_curve = 3;
    const auto* suite = cipher_suite(flight_.hello->suite);
    Cursor cursor(body);
    if (suite && suite->exchange == KeyExchange::ecdhe && cursor.number8() == named_curve)
        flight_.group = cursor.number16();
    if (suite && suite->exchange == KeyExchange::dhe)
        flight_.dh_bits = bits_of(cursor.counted16());
    flight_.malformed = !cursor.good();
}

std::string alert_name(std::uint8_t alert)
{
    return fmt::format("{} ({})", SSL_alert_desc_string_long(alert), alert);
}

} // namespace smtp
