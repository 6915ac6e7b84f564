// The one place where octets from elsewhere become text that may be shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smtp
{

/// Every octet outside printable ASCII (0x20 to 0x7e) as \xNN, lower-case hexadecimal; the rest as it is.
/// What comes out is safe in a terminal, a log, a table and a JSON string, also after `jq -r`.
std::string printable(std::string_view octets);

inline constexpr std::size_t excerpt_limit = 200;

/// The beginning of it, printable() and of at most excerpt_limit characters; no escape is cut in two.
std::string excerpt(std::string_view octets);

} // namespace smtp
