// Does a certificate name a host? RFC 6125 §6.4, RFC 9525 §6.3, as mail uses them. Pure.
#pragma once

#include "smtp/tls.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace probe
{

struct Identity
{
    enum class By
    {
        none,
        san,
        cn
    };

    std::optional<std::string>
        reference; // the name that the certificate must carry; none for an address literal
    std::optional<std::string> matched; // the presented name that did
    By by = By::none;
    bool operator==(const Identity&) const = default;
};

/// One presented name against one reference name: case-blind, trailing dots ignored, "*" only as the whole
/// left-most label, which stands for exactly one label. An empty reference, one with an empty label, or an IP
/// literal matches nothing.
bool names_host(std::string_view presented, std::string_view reference) noexcept;

/// DNS names of subjectAltName first; the subject's CN only where there is no DNS name in it. Names with a
/// NUL or any other octet that no host name has match nothing.
Identity identify(const smtp::Certificate& certificate, const std::optional<std::string>& reference);

} // namespace probe
