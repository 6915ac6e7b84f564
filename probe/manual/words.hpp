// What the completions of both shells take of a manual alike. Pure.
#pragma once

#include "probe/command/manual.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace manual
{

enum class Kind
{
    free,
    choice,
    file,
    folder,
    host,
    program
};

/// What a shell offers for a value, by what the manual calls it.
inline Kind kind_of(std::string_view value, const std::vector<std::string>& choices)
{
    if (!choices.empty())
        return Kind::choice;
    if (value == "FILE")
        return Kind::file;
    if (value == "DIR")
        return Kind::folder;
    if (value == "COMMAND")
        return Kind::program;
    if (value == "TARGET" || value == "DOMAIN" || value.starts_with("HOST"))
        return Kind::host;
    return Kind::free;
}

/// As it is typed.
inline std::string command_word(const command::Manual& manual)
{
    return manual.word.empty() ? "check" : manual.word;
}

} // namespace manual
