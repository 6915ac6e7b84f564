#include "probe/target.hpp"

#include "probe/refuse.hpp"

#include <fmt/format.h>
#include <idn2.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <memory>

namespace probe
{
namespace
{

constexpr std::size_t max_name = 253;      // RFC 1035 §2.3.4, without the root's octet
constexpr std::size_t max_label = 63;      // RFC 1035 §2.3.4
constexpr std::size_t max_local_part = 64; // RFC 5321 §4.5.3.1.1

bool is_ascii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char octet) {
        return static_cast<unsigned char>(octet) < 0x80;
    });
}

std::string lower(std::string_view text)
{
    std::string result(text);
    for (char& octet : result) {
        if (octet >= 'A' && octet <= 'Z')
            octet = static_cast<char>(octet - 'A' + 'a');
    }
    return result;
}

/// Libraries in C would see but what stands before it.
bool has_nul(std::string_view text)
{
    return text.find('\0') != std::string_view::npos;
}

/// IDNA2008 (RFC 5891) after the mapping of UTS 46, so that "BÜCHER.example" is what its writer means.
std::string to_a_labels(std::string_view name)
{
    if (has_nul(name))
        refuse(name, "is not a domain name");
    char* converted = nullptr;
    const int result =
        idn2_to_ascii_8z(std::string(name).c_str(), &converted, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    const std::unique_ptr<char, decltype(&std::free)> owner(converted, &std::free);
    if (result != IDN2_OK)
        refuse(name, fmt::format("is not an internationalized domain name ({})", idn2_strerror(result)));
    return converted;
}

bool is_label(std::string_view label)
{
    // Underscores are no host name's (RFC 952), yet found in mail domains.
    const auto allowed = [](char octet) {
        return (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') || octet == '-' ||
               octet == '_';
    };
    return !label.empty() && label.size() <= max_label && std::all_of(label.begin(), label.end(), allowed);
}

bool is_name(std::string_view name)
{
    if (name.size() > max_name)
        return false;
    for (std::size_t start = 0; start <= name.size();) {
        const auto dot = std::min(name.find('.', start), name.size());
        if (!is_label(name.substr(start, dot - start)))
            return false;
        start = dot + 1;
    }
    return true;
}

/// The interface of a link-local address, by its name or number (RFC 4007 §11.2). Asio takes anything, as
/// none.
bool is_zone(std::string_view zone, const asio::ip::address& address)
{
    const auto scope = address.is_v6() ? address.to_v6().scope_id() : 0;
    const auto named = address.to_string();
    return scope != 0 && (zone == std::to_string(scope) || zone == named.substr(named.find('%') + 1));
}

std::optional<asio::ip::address> parse_address(std::string_view text)
{
    if (has_nul(text))
        return std::nullopt;
    std::error_code fault;
    const auto address = asio::ip::make_address(std::string(text), fault);
    const auto percent = text.find('%');
    if (fault || (percent != std::string_view::npos && !is_zone(text.substr(percent + 1), address)))
        return std::nullopt;
    return address;
}

/// "192.0.2.1" and "IPv6:2001:db8::1", what stands between the brackets of a literal (RFC 5321 §4.1.3).
std::optional<asio::ip::address> parse_literal(std::string_view text)
{
    constexpr std::string_view tag = "ipv6:";
    if (lower(text.substr(0, tag.size())) == tag)
        text.remove_prefix(tag.size());
    return parse_address(text);
}

std::string literal_text(const asio::ip::address& address)
{
    return (address.is_v6() ? "[IPv6:" : "[") + address.to_string() + "]";
}

/// RFC 5321 §4.1.2 and RFC 6531 §3.3: what an atom of a local part may hold.
bool is_atext(char octet)
{
    constexpr std::string_view marks = "!#$%&'*+-/=?^_`{|}~";
    const bool letter = (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z');
    const bool digit = octet >= '0' && octet <= '9';
    return letter || digit || static_cast<unsigned char>(octet) >= 0x80 ||
           marks.find(octet) != std::string_view::npos;
}

bool is_dot_string(std::string_view text)
{
    char before = '.';
    for (const char octet : text) {
        if (octet == '.' ? before == '.' : !is_atext(octet))
            return false;
        before = octet;
    }
    return before != '.';
}

bool is_quoted_string(std::string_view text)
{
    if (text.size() < 2 || text.front() != '"' || text.back() != '"')
        return false;
    const auto inside = text.substr(1, text.size() - 2);
    for (std::size_t at = 0; at < inside.size(); ++at) {
        if (inside[at] == '"')
            return false;
        if (inside[at] == '\\' && ++at == inside.size())
            return false;
        if (static_cast<unsigned char>(inside[at]) < 0x20 || inside[at] == 0x7f)
            return false;
    }
    return true;
}

bool is_local_part(std::string_view text)
{
    return text.size() <= max_local_part && (is_dot_string(text) || is_quoted_string(text));
}

std::uint16_t parse_port(std::string_view whole, std::string_view digits)
{
    unsigned port = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (fault != std::errc{} || end != digits.data() + digits.size() || port == 0 || port > 65535)
        refuse(whole, "has no usable port: give a number from 1 to 65535");
    return static_cast<std::uint16_t>(port);
}

HostPort host_of(std::string_view text)
{
    HostPort result;
    result.literal = parse_literal(text);
    result.host = result.literal ? result.literal->to_string() : parse_host_name(text);
    return result;
}

} // namespace

std::string parse_host_name(std::string_view text)
{
    if (text.empty())
        refuse(text, "is empty: give a domain name");
    std::string name = lower(is_ascii(text) ? std::string(text) : to_a_labels(text));
    if (name.ends_with('.'))
        name.pop_back();
    if (!is_name(name))
        refuse(text, "is not a domain name");
    if (parse_address(name))
        refuse(text, "is an address where a domain name is expected");
    return name;
}

std::optional<std::string> Target::mailbox() const
{
    if (!local_part || !is_ascii(*local_part))
        return std::nullopt;
    return *local_part + "@" + domain;
}

Target parse_target(std::string_view text)
{
    Target target;
    target.given = text;
    auto domain = text;
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        domain = text.substr(at + 1);
        if (!is_local_part(text.substr(0, at)))
            refuse(text, "is not a mail address: expected user@example.com");
        target.local_part = text.substr(0, at);
    }
    if (domain.empty())
        refuse(text, "has no domain: expected example.com or user@example.com");
    if (domain.starts_with('[')) {
        target.literal =
            domain.ends_with(']') ? parse_literal(domain.substr(1, domain.size() - 2)) : std::nullopt;
        if (!target.literal)
            refuse(text, "is not an address literal: expected [192.0.2.1] or [IPv6:2001:db8::1]");
        target.domain = literal_text(*target.literal);
        return target;
    }
    if (parse_address(domain))
        refuse(text, "is a bare address: write it as a literal, [192.0.2.1] or [IPv6:2001:db8::1]");
    if (domain.find_first_of(":/") != std::string_view::npos)
        refuse(
            text, "is not a domain or mail address: give example.com, and a host or port with --mx HOST:PORT"
        );
    target.domain = parse_host_name(domain);
    return target;
}

Target parse_target_host(std::string_view text)
{
    Target target;
    target.given = text;
    target.host = parse_host_port(text);
    target.literal = target.host->literal;
    target.domain = target.literal ? literal_text(*target.literal) : target.host->host;
    return target;
}

HostPort parse_host_port(std::string_view text)
{
    if (text.find_first_of("/@") != std::string_view::npos)
        refuse(text, "is not a host: expected NAME, NAME:PORT, ADDRESS or [ADDRESS]:PORT");
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        const auto inside = text.substr(1, close == std::string_view::npos ? close : close - 1);
        const auto rest = close == std::string_view::npos ? text : text.substr(close + 1);
        if (!parse_literal(inside) || (!rest.empty() && rest.front() != ':'))
            refuse(text, "is not a host: expected NAME, NAME:PORT, ADDRESS or [ADDRESS]:PORT");
        HostPort result = host_of(inside);
        if (!rest.empty())
            result.port = parse_port(text, rest.substr(1));
        return result;
    }
    const auto colon = text.find(':');
    const bool one_colon =
        colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos;
    if (!one_colon)
        return host_of(text);
    HostPort result = host_of(text.substr(0, colon));
    result.port = parse_port(text, text.substr(colon + 1));
    return result;
}

} // namespace probe
