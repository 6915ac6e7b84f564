// `mxtls check`: probe the targets, judge them, report, and say how it went.
#pragma once

#include "probe/command/options.hpp"

#include <string>

namespace command
{

/// Returns the exit status (contract: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN). Reports go to where the
/// options say, single lines about what could not be done to standard error. Throws std::invalid_argument,
/// one line, where nothing can be done at all; nothing has been written then.
int check(Options options);

} // namespace command
