// What the parsers of lines share: taking a line apart from front to end. Pure; no allocation.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace maillog
{

inline bool take(std::string_view& text, std::string_view prefix) noexcept
{
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// What stands before `mark`, which is taken along; none, and nothing taken, where it is not in the text.
inline std::optional<std::string_view> take_until(std::string_view& text, std::string_view mark) noexcept
{
    const auto place = text.find(mark);
    if (place == std::string_view::npos)
        return std::nullopt;
    const auto before = text.substr(0, place);
    text.remove_prefix(place + mark.size());
    return before;
}

/// The text before `mark`, or all of it.
inline std::string_view before(std::string_view text, std::string_view mark) noexcept
{
    return text.substr(0, text.find(mark));
}

/// The text behind `mark`, or nothing.
inline std::string_view behind(std::string_view text, std::string_view mark) noexcept
{
    const auto place = text.find(mark);
    return place == std::string_view::npos ? std::string_view() : text.substr(place + mark.size());
}

/// The text up to the next blank; it is taken with that blank.
inline std::string_view take_word(std::string_view& text) noexcept
{
    const auto word = before(text, " ");
    text.remove_prefix(word.size() < text.size() ? word.size() + 1 : word.size());
    return word;
}

inline bool is_digit(char octet) noexcept
{
    return octet >= '0' && octet <= '9';
}

/// The decimal number at the front; none where there is no digit, or too many of them.
inline std::optional<std::uint64_t> take_number(std::string_view& text) noexcept
{
    constexpr std::size_t most_digits = 19;
    std::uint64_t number = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && is_digit(text[digits]); ++digits) {
        if (digits == most_digits)
            return std::nullopt;
        number = number * 10 + static_cast<std::uint64_t>(text[digits] - '0');
    }
    if (digits == 0)
        return std::nullopt;
    text.remove_prefix(digits);
    return number;
}

/// "<number><mark>", both taken; none, and nothing taken, where it is anything else.
inline std::optional<std::uint64_t> take_number(std::string_view& text, std::string_view mark) noexcept
{
    auto rest = text;
    const auto number = take_number(rest);
    if (!number || !take(rest, mark))
        return std::nullopt;
    text = rest;
    return number;
}

/// Of an address of mail, with or without angle brackets; "<>" for the null one, nothing where there is no @.
inline std::string_view domain_of(std::string_view address) noexcept
{
    if (address.starts_with('<'))
        address = before(address.substr(1), ">");
    if (address.empty())
        return "<>";
    const auto at = address.rfind('@');
    return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

} // namespace maillog
