#include "dns/name.hpp"

#include <algorithm>
#include <cstddef>

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

/// Whether a name is what canonical_name() would make of it, told without making it: so are most. False also
/// of some that are.
bool is_canonical(std::string_view text)
{
    if (text.size() + 2 > max_name_wire)
        return false;
    std::size_t label = 0;
    for (const char octet : text) {
        const bool is_usual =
            (octet >= 'a' && octet <= 'z') || is_digit(octet) || octet == '-' || octet == '_';
        if (octet == '.' ? label == 0 : !is_usual || label == max_label)
            return false;
        label = octet == '.' ? 0 : label + 1;
    }
    return label > 0;
}

/// Takes the label up to the next dot, and that dot, off the front, and writes it behind its length.
bool take_label(std::string_view& text, std::vector<std::uint8_t>& wire)
{
    const auto begin = wire.size();
    wire.push_back(0); // its length, once it is known
    const auto is_special = [](char octet) { return octet == '.' || octet == '\\'; };
    for (;;) {
        const auto special = std::ranges::find_if(text, is_special);
        wire.insert(wire.end(), text.begin(), special);
        const bool is_last = special == text.end() || *special == '.';
        text.remove_prefix(std::min<std::size_t>(special - text.begin() + 1u, text.size()));
        if (is_last)
            break;
        const auto escaped = take_escape(text);
        if (!escaped)
            return false;
        wire.push_back(*escaped);
    }
    const auto size = wire.size() - begin - 1;
    wire[begin] = static_cast<std::uint8_t>(size);
    return size > 0 && size <= max_label;
}

} // namespace

bool append_wire_name(std::vector<std::uint8_t>& octets, std::string_view text)
{
    const auto before = octets.size();
    if (text.empty())
        return false;
    if (text == ".")
        text = {};
    while (!text.empty()) {
        if (!take_label(text, octets) || octets.size() - before + 1 > max_name_wire)
            return false;
    }
    octets.push_back(0);
    return true;
}

std::optional<std::vector<std::uint8_t>> wire_name(std::string_view text)
{
    std::vector<std::uint8_t> wire;
    wire.reserve(std::min(text.size() + 2, max_name_wire));
    if (!append_wire_name(wire, text))
        return std::nullopt;
    return wire;
}

void append_label(std::string& text, std::string_view label)
{
    if (!text.empty())
        text += '.';
    if (std::all_of(label.begin(), label.end(), is_plain)) {
        const auto begin = static_cast<std::ptrdiff_t>(text.size());
        text.append(label);
        std::transform(text.begin() + begin, text.end(), text.begin() + begin, lower);
        return;
    }
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
    if (is_canonical(text))
        return std::string(text);
    const auto wire = wire_name(text);
    if (!wire)
        return std::nullopt;
    std::string canonical;
    canonical.reserve(text.size());
    for (std::size_t at = 0; (*wire)[at] != 0; at += 1u + (*wire)[at])
        append_label(canonical, {reinterpret_cast<const char*>(&(*wire)[at + 1]), (*wire)[at]});
    return canonical.empty() ? "." : canonical;
}

} // namespace dns
