// What the reports for people are made of: safe text, its width, columns, colours, durations, moments. Pure,
// and the same under every locale.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace report
{

/// What the user wrote, as it may be shown: UTF-8 letters stay, while every octet of a control character, of
/// an invisible or direction-changing one, and of what is no UTF-8 becomes \xNN. For text from elsewhere use
/// smtp::printable, which leaves nothing but ASCII.
std::string legible(std::string_view utf8);

/// Columns that a terminal needs for legible text: two for a wide character, none for a combining one.
std::size_t width(std::string_view utf8);

/// How many letters have to be put in, left out or changed to make one word of the other (Levenshtein). Takes
/// time by the product of their sizes.
std::size_t letters_apart(std::string_view one, std::string_view other);

enum class Ink : std::uint8_t
{
    plain,
    bold,
    green,
    yellow,
    red,
    magenta
};

std::string_view name(Ink ink) noexcept; // "plain", "bold", "green", …

/// The text between SGR sequences (ECMA-48 §8.3.117), or as it is without colour, plain or empty.
std::string paint(std::string_view text, Ink ink, bool color);

struct Cell
{
    std::string text;
    Ink ink = Ink::plain;
    bool operator==(const Cell&) const = default;
};
using Row = std::vector<Cell>;

/// What paint() put together, in its parts: for where colours are not those of a terminal. The text between
/// is safe, and has no other escape.
std::vector<Cell> unpainted(std::string_view text);

/// One line a row, cells flush left with two spaces between columns and none at the end of a line.
std::string align(std::span<const Row> rows, bool color);

/// "1,203,456".
std::string grouped(std::uint64_t number);

/// "1,203ms", rounded to the nearest.
std::string milliseconds(std::chrono::microseconds duration);

/// "[012.345]", rounded down.
std::string stamp(std::chrono::microseconds since_start);

/// "2026-11-20T12:00:00.123Z" (RFC 3339), rounded down.
std::string rfc3339(std::chrono::system_clock::time_point moment);

/// "2026-11-20".
std::string date(std::chrono::sys_seconds moment);

/// "2026-11-20T12:00:00Z".
std::string rfc3339(std::chrono::sys_seconds moment);

/// "Oct  3 12:35:32 2018 GMT", as OpenSSL writes it.
std::string gmt(std::chrono::sys_seconds moment);

} // namespace report
