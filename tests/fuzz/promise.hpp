// What every fuzzer holds its part to: a promise that is broken ends the program, as a crash would.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

namespace fuzz
{

using Octets = std::span<const std::uint8_t>;

inline void require(bool kept, const char* promise)
{
    if (kept)
        return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

inline std::string_view as_text(Octets octets)
{
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// Safe in a terminal, a log, a table: nothing but 0x20 to 0x7e.
inline bool is_printable(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char octet) { return octet >= 0x20 && octet <= 0x7e; });
}

inline char upper(char octet)
{
    return octet >= 'a' && octet <= 'z' ? static_cast<char>(octet - 'a' + 'A') : octet;
}

/// In ASCII only.
inline bool same_but_for_case(std::string_view one, std::string_view other)
{
    return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](char a, char b) {
        return upper(a) == upper(b);
    });
}

} // namespace fuzz
