#include "dns/reverse.hpp"

#include <cstdint>
#include <ranges>
#include <string_view>

namespace dns
{

std::string reverse_name(const asio::ip::address& address)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name;
    if (address.is_v4()) {
        const auto octets = address.to_v4().to_bytes();
        for (const std::uint8_t octet : octets | std::views::reverse)
            name += std::to_string(octet) + '.';
        return name + "in-addr.arpa";
    }
    const auto octets = address.to_v6().to_bytes();
    for (const std::uint8_t octet : octets | std::views::reverse) {
        name += {digits[octet & 0x0fu], '.', digits[octet >> 4], '.'};
    }
    return name + "ip6.arpa";
}

} // namespace dns
