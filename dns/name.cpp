#include "dns/name.hpp"

namespace dns
{
namespace
{

bool is_digit(char octet)
{
    return octet >= '0' && octet <= '9';
}

bool is_plain(unsigned char octet)
{
    return octet > 0x20 && octet < 0x7f && octet != '.' && octet != '\\';
}

char lower(char octet)
{
    return octet >= 'A' && octet <= 'Z' ? static_cast<char>(octet - 'A' + 'a') : octet;
}

/// Takes the DDD of a \DDD off the front.
std::optional<std::uint8_t> take_escape(std::string_view& text)
{
    if (text.size() < 3 || !is_digit(text[0]) || !is_digit(text[1]) || !is_digit(text[2]))
        return std::nullopt;
    const int value = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
    if (value > 255)
        return std::nullopt;
    text.remove_prefix(3);
    return static_cast<std::uint8_t>(value);
}

/// Takes the label up to the next dot, and that dot, off the front.
std::optional<std::vector<std::uint8_t>> take_label(std::string_view& text)
{
    std::vector<std::uint8_t> label;
    while (!text.empty()) {
        const char octet = text.front();
        text.remove_prefix(1);
        if (octet == '.')
            break;
        if (octet != '\\') {
            label.push_back(static_cast<std::uint8_t>(octet));
            continue;
        }
        const auto escaped = take_escape(text);
        if (!escaped)
            return std::nullopt;
        label.push_back(*escaped);
    }
    if (label.empty() || label.size() > max_label)
        return std::nullopt;
    return label;
}

} // namespace

std::optional<std::vector<std::uint8_t>> wire_name(std::string_view text)
{
    if (text.empty())
        return std::nullopt;
    if (text == ".")
        return std::vector<std::uint8_t>{0};
    std::vector<std::uint8_t> wire;
    while (!text.empty()) {
        const auto label = take_label(text);
        if (!label || wire.size() + label->size() + 2 > max_name_wire)
            return std::nullopt;
        wire.push_back(static_cast<std::uint8_t>(label->size()));
        wire.insert(wire.end(), label->begin(), label->end());
    }
    wire.push_back(0);
    return wire;
}

void append_label(std::string& text, std::string_view label)
{
    if (!text.empty())
        text += '.';
    for (const char character : label) {
        const auto octet = static_cast<unsigned char>(character);
        if (is_plain(octet)) {
            text += lower(character);
            continue;
        }
        text += '\\';
        text += static_cast<char>('0' + octet / 100);
        text += static_cast<char>('0' + octet / 10 % 10);
        text += static_cast<char>('0' + octet % 10);
    }
}

std::optional<std::string> canonical_name(std::string_view text)
{
    const auto wire = wire_name(text);
    if (!wire)
        return std::nullopt;
    std::string canonical;
    for (std::size_t at = 0; (*wire)[at] != 0; at += 1u + (*wire)[at])
        append_label(canonical, {reinterpret_cast<const char*>(&(*wire)[at + 1]), (*wire)[at]});
    return canonical.empty() ? "." : canonical;
}

} // namespace dns
