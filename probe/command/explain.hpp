// `mxtls explain`: what the finding codes mean, and what to do. Pure.
#pragma once

#include "probe/command/manual.hpp"

#include <span>
#include <string>
#include <vector>

namespace command
{

struct Explanation
{
    std::string text;                 // for standard output
    std::vector<std::string> refused; // why some words are no codes, a line each
};

/// `arguments`: what stands behind the command's name: codes, as reports write them or nearly so; none for a
/// list of all, --help for how to use it. Throws std::invalid_argument, one line, for an option that it does
/// not know.
Explanation explain(std::span<const std::string> arguments);

Manual explain_manual();

} // namespace command
