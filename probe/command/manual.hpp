// What each command that takes the options of a check says of itself in --help.
#pragma once

#include "probe/command/options.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace command
{

struct Manual
{
    std::string_view word;            // as it is called, and a space; empty for check
    const char* summary;              // above the options
    const char* ending;               // below them
    std::string_view nothing_given;   // where there is no target
    std::vector<std::string> without; // the options that it has no use for
};

const Manual& manual_of(Command command);

} // namespace command
