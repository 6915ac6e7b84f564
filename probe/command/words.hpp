// What each command that takes the options of a check says of itself, beside these.
#pragma once

#include "probe/command/manual.hpp"
#include "probe/command/options.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace command
{

struct Words
{
    Manual manual{};                    // without the options
    std::string_view nothing_given{};   // where there is no target
    std::vector<std::string> without{}; // the options that it has no use for
};

const Words& words_of(Command command);

} // namespace command
