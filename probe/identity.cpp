#include "probe/identity.hpp"

#include "probe/x509.hpp"

#include <algorithm>

namespace probe
{

namespace
{

bool is_digit(char octet) noexcept
{
    return octet >= '0' && octet <= '9';
}

/// Letters, digits, hyphen (RFC 1123 §2.1), and the underscore, which no host name has but some do.
bool is_host_octet(char octet) noexcept
{
    const char lower = static_cast<char>(octet | 0x20);
    return (lower >= 'a' && lower <= 'z') || is_digit(octet) || octet == '-' || octet == '_';
}

bool same_octet(char one, char other) noexcept
{
    const auto lower = [](char octet) { return octet >= 'A' && octet <= 'Z' ? octet + 0x20 : +octet; };
    return lower(one) == lower(other);
}

std::string_view without_dot(std::string_view name) noexcept
{
    if (name.ends_with('.'))
        name.remove_suffix(1);
    return name;
}

/// Labels of host octets, none empty, the last not all digits: that would be an IPv4 address (RFC 1123 §2.1).
bool is_host_name(std::string_view name) noexcept
{
    bool begun = false;
    bool numeric = true;
    for (const char octet : name) {
        if (octet == '.' && begun) {
            begun = false;
            numeric = true;
            continue;
        }
        if (!is_host_octet(octet))
            return false;
        begun = true;
        numeric = numeric && is_digit(octet);
    }
    return begun && !numeric;
}

bool equal(std::string_view one, std::string_view other) noexcept
{
    return std::equal(one.begin(), one.end(), other.begin(), other.end(), same_octet);
}

/// "*.example.com", and never a whole top-level domain.
bool wildcard_names(std::string_view presented, std::string_view reference) noexcept
{
    const auto parent = presented.substr(2);
    const auto dot = reference.find('.');
    return parent.find('.') != std::string_view::npos && dot != std::string_view::npos &&
           equal(parent, reference.substr(dot + 1));
}

} // namespace

bool names_host(std::string_view presented, std::string_view reference) noexcept
{
    presented = without_dot(presented);
    reference = without_dot(reference);
    if (!is_host_name(reference))
        return false;
    if (presented.starts_with("*."))
        return wildcard_names(presented, reference);
    return equal(presented, reference);
}

Identity identify(const smtp::Certificate& certificate, const std::optional<std::string>& reference)
{
    Identity identity{.reference = reference, .matched = std::nullopt, .by = Identity::By::none};
    if (!reference)
        return identity;
    const auto matches = [&](std::string_view presented, Identity::By by) {
        if (!names_host(presented, *reference))
            return false;
        identity.matched = presented;
        identity.by = by;
        return true;
    };

    bool dns_name = false;
    const auto names = alternative_names(certificate.get());
    const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
    for (int i = 0; i < count; ++i) {
        const auto* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_DNS)
            continue;
        dns_name = true;
        if (matches(octets_of(name->d.dNSName), Identity::By::san))
            return identity;
    }

    // A subjectAltName that cannot be read may hold a DNS name: the CN does not count beside it either.
    const bool unreadable = !names && X509_get_ext_by_NID(certificate.get(), NID_subject_alt_name, -1) >= 0;
    const auto common_name = dns_name || unreadable ? std::nullopt : common_name_of(certificate.get());
    if (common_name)
        matches(*common_name, Identity::By::cn);
    return identity;
}

} // namespace probe
