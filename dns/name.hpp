// A domain name as text and as octets (RFC 1035 §3.1, §5.1). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dns
{

inline constexpr std::size_t max_label = 63;      // octets (RFC 1035 §2.3.4)
inline constexpr std::size_t max_name_wire = 255; // octets, with the length octets and the root's

/// Text → length-prefixed labels, the root's last. The trailing dot may be there or not; \DDD stands for an
/// octet; case is kept. None for what is no name: a label or the whole too long, an empty label, a bad
/// escape.
std::optional<std::vector<std::uint8_t>> wire_name(std::string_view text);

/// The same behind what is there already. False, with some of it written, for what is no name.
bool append_wire_name(std::vector<std::uint8_t>& octets, std::string_view text);

/// Adds one label to the text of a name: lower-case, every dot, backslash and octet outside 0x21 to 0x7e as
/// \DDD.
void append_label(std::string& text, std::string_view label);

/// The one way in which this library writes a name: lower case, no trailing dot, "." for the root. None where
/// wire_name() has none.
std::optional<std::string> canonical_name(std::string_view text);

} // namespace dns
