// Numbers that stand for texts and ids in tables. Who writes into a log cannot foresee them, so that no
// choice of names makes a table slow.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace maillog
{

extern const std::uint64_t mixing_secret; // drawn anew for each run

inline std::uint64_t mixed(std::uint64_t one, std::uint64_t other) noexcept
{
    __extension__ using Wide = unsigned __int128;
    const auto product = static_cast<Wide>(one ^ mixing_secret) * (other ^ 0x9e3779b97f4a7c15U);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t mixed(std::string_view octets) noexcept
{
    std::uint64_t word = 0;
    auto state = mixed(octets.size(), 0);
    if (octets.size() < sizeof word) {
        for (const char octet : octets)
            word = word << 8 | static_cast<unsigned char>(octet);
        return mixed(state, word);
    }
    const auto* last = octets.data() + octets.size() - sizeof word; // it may overlap the one before
    for (const auto* place = octets.data(); place < last; place += sizeof word) {
        std::memcpy(&word, place, sizeof word);
        state = mixed(state, word);
    }
    std::memcpy(&word, last, sizeof word);
    return mixed(state, word);
}

} // namespace maillog
