#include "smtp/printable.hpp"

namespace smtp
{

std::string printable(std::string_view octets)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(octets.size());
    for (const char octet : octets) {
        if (octet >= 0x20 && octet <= 0x7e) {
            text += octet;
            continue;
        }
        const auto value = static_cast<unsigned char>(octet);
        text += "\\x";
        text += digits[value >> 4];
        text += digits[value & 15];
    }
    return text;
}

std::string excerpt(std::string_view octets)
{
    std::string text;
    for (const char& octet : octets.substr(0, excerpt_limit)) {
        const std::string one = printable({&octet, 1});
        if (text.size() + one.size() > excerpt_limit)
            break;
        text += one;
    }
    return text;
}

} // namespace smtp
