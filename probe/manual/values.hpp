// What a shell offers for a value, by what the manual calls it. Pure.
#pragma once

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

} // namespace manual
