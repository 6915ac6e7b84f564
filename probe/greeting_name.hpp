// The names by which a server calls itself, beside the name that its MX record gives it. Pure.
#pragma once

#include "probe/finding.hpp"
#include "smtp/session.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace probe
{

/// None where the server did not say that, or where what it said begins with no name. As sent, but for a
/// trailing dot.
struct OwnNames
{
    std::optional<std::string> greeting; // the Domain that a 220 begins with (RFC 5321 §4.2)
    std::optional<std::string> ehlo;     // the Domain of the EHLO reply (RFC 5321 §4.1.1.1)
    std::optional<std::string> ehlo_tls; // the same inside TLS
};

/// A first word counts as a name where it has a dot and is written as host names are (RFC 1123 §2.1,
/// underscores passed over). Without a dot it may be any word ("220 ESMTP ready"), and counts only as
/// "localhost", or where greeting and EHLO reply both begin with it. An address literal is no name.
OwnNames own_names(const smtp::Session& session);

/// Whether two names are one: case-blind, trailing dots aside.
bool same_name(std::string_view one, std::string_view other) noexcept;

/// The name that a server's own are compared with: the MX host's, whatever its certificate must carry. An
/// address has none but the `reference` given for it, if any.
std::optional<std::string> mx_name_of(const std::string& host, const std::optional<std::string>& reference);

/// greeting-name-differs, a notice. Without an mx_name there is nothing to compare. `host` is how the message
/// calls the server.
std::optional<Finding>
judge_own_names(const OwnNames& names, const std::optional<std::string>& mx_name, const std::string& host);

} // namespace probe
