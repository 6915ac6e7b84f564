#include "smtp/client_hello.hpp"

#include <algorithm>

namespace smtp
{
namespace
{

// Record and message types (RFC 8446 §5.1, §4).
constexpr std::uint8_t alert_record = 21;
constexpr std::uint8_t handshake_record = 22;
constexpr std::uint8_t client_hello_message = 1;

constexpr std::size_t random_size = 32;
constexpr std::uint16_t renegotiation_suite = 0x00FF; // RFC 5746 §3.3, for SSL 3, which has no extensions

// Extensions (RFC 6066 §3, RFC 8422 §5.1, RFC 8446 §4.2, RFC 7685, RFC 7627, RFC 5077, RFC 5746).
constexpr std::uint16_t server_name_extension = 0;
constexpr std::uint16_t groups_extension = 10;
constexpr std::uint16_t point_formats_extension = 11;
constexpr std::uint16_t signatures_extension = 13;
constexpr std::uint16_t padding_extension = 21;
constexpr std::uint16_t extended_master_secret_extension = 23;
constexpr std::uint16_t session_ticket_extension = 35;
constexpr std::uint16_t versions_extension = 43;
constexpr std::uint16_t key_share_extension = 51;
constexpr std::uint16_t renegotiation_extension = 0xFF01;

/// All that OpenSSL would take, so that no certificate is left out for its signature (RFC 8446 §4.2.3).
constexpr std::array<std::uint16_t, 26> signatures{
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080A, 0x080B, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501,
    0x0601, 0x081A, 0x081B, 0x081C, 0x0303, 0x0203, 0x0301, 0x0201, 0x0402, 0x0502, 0x0602, 0x0302, 0x0202};

constexpr std::size_t padded_to = 256;
constexpr std::size_t least_padded = 512;
constexpr std::size_t padding_header = 4;

std::string number8(std::size_t value)
{
    return std::string(1, static_cast<char>(value));
}

std::string number16(std::size_t value)
{
    return number8(value >> 8) + number8(value);
}

/// What it is, with its length before it.
std::string counted8(const std::string& octets)
{
    return number8(octets.size()) + octets;
}

std::string counted16(const std::string& octets)
{
    return number16(octets.size()) + octets;
}

template <class Numbers>
std::string list(const Numbers& numbers)
{
    std::string octets;
    for (const auto number : numbers)
        octets += number16(number);
    return octets;
}

std::string extension(std::uint16_t type, const std::string& body)
{
    return number16(type) + counted16(body);
}

/// `version` is the one that the record bears.
std::string record(std::uint8_t type, ProtocolVersion version, const std::string& body)
{
    return number8(type) + number16(static_cast<std::size_t>(version)) + counted16(body);
}

std::string server_name_list(std::string_view name)
{
    constexpr std::size_t host_name = 0;
    return counted16(number8(host_name) + counted16(std::string(name)));
}

/// None is empty at the end: some servers do not like that.
std::string extensions_of(const Offer& offer, std::string_view server_name)
{
    const bool is_tls13 = offer.version == ProtocolVersion::tls13;
    std::string all;
    if (!server_name.empty())
        all += extension(server_name_extension, server_name_list(server_name));
    if (!is_tls13) {
        all += extension(renegotiation_extension, counted8({}));
        all += extension(extended_master_secret_extension, {});
        all += extension(session_ticket_extension, {});
        all += extension(point_formats_extension, counted8(std::string(1, '\0')));
    }
    if (!offer.groups.empty())
        all += extension(groups_extension, counted16(list(offer.groups)));
    if (offer.version >= ProtocolVersion::tls12)
        all += extension(signatures_extension, counted16(list(signatures)));
    if (is_tls13) {
        const auto version = number16(static_cast<std::size_t>(offer.version));
        all += extension(versions_extension, counted8(version));
        all += extension(key_share_extension, counted16({}));
    }
    return all;
}

/// The padding that makes `size` octets and the extension's own header a multiple of padded_to.
std::string padding_behind(std::size_t size)
{
    const auto least = std::max(size + padding_header + 1, least_padded);
    const auto whole = (least + padded_to - 1) / padded_to * padded_to;
    return extension(padding_extension, std::string(whole - size - padding_header, '\0'));
}

std::string message(const std::string& body)
{
    return number8(client_hello_message) + number8(0) + counted16(body);
}

} // namespace

std::string client_hello(const Offer& offer, std::string_view server_name, const HelloNonce& nonce)
{
    constexpr std::size_t message_header = 4;
    constexpr std::size_t length_of_extensions = 2;
    const bool is_ssl3 = offer.version == ProtocolVersion::ssl3;
    const bool is_tls13 = offer.version == ProtocolVersion::tls13;
    const std::string octets(nonce.begin(), nonce.end());

    auto suites = list(offer.suites);
    if (is_ssl3)
        suites += number16(renegotiation_suite);
    auto body = number16(static_cast<std::size_t>(std::min(offer.version, ProtocolVersion::tls12)));
    body += octets.substr(0, random_size);
    body += counted8(is_tls13 ? octets.substr(random_size) : std::string());
    body += counted16(suites);
    body +=
        counted8(is_tls13 ? std::string(1, '\0') : std::string("\1\0", 2)); // DEFLATE (RFC 3749), and none
    if (!is_ssl3) {
        auto extensions = extensions_of(offer, server_name);
        extensions += padding_behind(message_header + body.size() + length_of_extensions + extensions.size());
        body += counted16(extensions);
    }
    // As RFC 8446 §5.1 has it: some servers mind a version here that they do not know.
    return record(handshake_record, std::min(offer.version, ProtocolVersion::tls10), message(body));
}

std::string farewell(ProtocolVersion version)
{
    constexpr std::size_t warning = 1;
    constexpr std::size_t user_canceled = 90;
    constexpr std::size_t close_notify = 0;
    const auto shown = std::min(version, ProtocolVersion::tls12); // RFC 8446 §5.1
    return record(alert_record, shown, number8(warning) + number8(user_canceled)) +
           record(alert_record, shown, number8(warning) + number8(close_notify));
}

} // namespace smtp
