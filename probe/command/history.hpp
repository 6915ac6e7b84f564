// `mxtls history`: what has changed, of what checks recorded with --history.
#pragma once

#include "probe/command/manual.hpp"

#include <chrono>
#include <span>
#include <string>

namespace command
{

/// `arguments`: what stands behind the command's name; `now` is what --since counts from. Prints where they
/// say; returns the exit status: 0, or 3 where a target was never recorded. Throws std::exception, one line,
/// for bad usage, and for a history that cannot be read.
int history(std::span<const std::string> arguments, std::chrono::sys_seconds now);

Manual history_manual();

} // namespace command
