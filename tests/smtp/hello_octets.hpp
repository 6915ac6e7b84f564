// Octets of TLS, made by hand: records and messages as a server would send them.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace smtp_tests
{

inline std::string octets(std::initializer_list<int> values)
{
    std::string text;
    for (const int value : values)
        text += static_cast<char>(value);
    return text;
}

inline std::string number(std::size_t value, int size)
{
    std::string text;
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
        text += static_cast<char>(value >> shift);
    return text;
}

inline std::string counted(const std::string& text, int size)
{
    return number(text.size(), size) + text;
}

inline std::string record(int type, const std::string& body, int version = 0x0303)
{
    return number(static_cast<std::size_t>(type), 1) + number(static_cast<std::size_t>(version), 2) +
           counted(body, 2);
}

inline std::string message(int type, const std::string& body)
{
    return number(static_cast<std::size_t>(type), 1) + counted(body, 3);
}

inline std::string extension(int type, const std::string& body)
{
    return number(static_cast<std::size_t>(type), 2) + counted(body, 2);
}

struct HelloParts
{
    int version = 0x0303;
    std::string random = std::string(32, 'r');
    std::string session_id{};
    int suite = 0xC02F;
    int compression = 0;
    std::string extensions{};
};

inline std::string server_hello(const HelloParts& parts = {})
{
    auto body = number(static_cast<std::size_t>(parts.version), 2) + parts.random;
    body += counted(parts.session_id, 1) + number(static_cast<std::size_t>(parts.suite), 2) +
            number(static_cast<std::size_t>(parts.compression), 1);
    if (!parts.extensions.empty())
        body += counted(parts.extensions, 2);
    return message(2, body);
}

inline const std::string& retry_random()
{
    static const auto random = octets({0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C,
                                       0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB,
                                       0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C});
    return random;
}

inline std::string alert(int level, int description)
{
    return record(21, octets({level, description}));
}

inline const std::string& hello_done()
{
    static const auto done = message(14, {});
    return done;
}

} // namespace smtp_tests
