// What the records and policies of MTA-STS and TLS-RPT are made of (RFC 8461 §3, RFC 8460 §3): names and
// values. Pure.
#pragma once

#include "dns/records.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace probe
{

// Of ASCII, whatever the locale says.
char to_lower(char octet) noexcept;
std::string lower(std::string_view text);
bool is_digit(char octet) noexcept;
bool is_letter_or_digit(char octet) noexcept;

/// Those of a text, in lower case: "maxage" of "Max-Age".
std::string letters_and_digits(std::string_view text);

/// SP or HTAB (RFC 5234 §B.1).
bool is_blank(char octet) noexcept;

std::string_view without_blanks_before(std::string_view text) noexcept;
std::string_view without_blanks_behind(std::string_view text) noexcept;

/// In quotation marks, printable, and cut short where it is long.
std::string quoted(std::string_view text);

/// 1 to 32 letters, digits, "_", "-" and ".", of which the first is a letter or a digit.
bool is_field_name(std::string_view name) noexcept;

/// A Domain of RFC 5321 §4.1.2 that no address is: labels of at most 63 letters, digits and inner hyphens,
/// together at most 253 octets, the last not all digits, no trailing dot.
bool is_host_name(std::string_view name) noexcept;

/// Either the record, or why there is none, or neither, where no record was meant to be one.
struct TxtSelection
{
    std::optional<std::string_view> fields; // what stands behind the version and its semicolon
    std::string fault;                      // a clause, printable
};

/// The only record that begins with `version`, such as "v=STSv1", and a semicolon. Points into `records`.
TxtSelection select_record(std::span<const dns::Text> records, std::string_view version);

struct TxtField
{
    std::string_view name; // is_field_name()
    std::string_view value;
};

struct TxtFields
{
    std::vector<TxtField> all; // in their order
    std::string fault;         // what is wrong with them: a clause, printable; empty where nothing is
};

/// `text` is what stands behind the version and its semicolon. Points into it.
TxtFields read_fields(std::string_view text);

/// What is wrong with the value of a field that nobody knows: a clause, printable; empty where nothing is.
std::string fault_of_extension(const TxtField& field);

} // namespace probe
