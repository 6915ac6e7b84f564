// `mxtls scan`: any number of targets, read and told one by one.
#pragma once

#include "probe/command/options.hpp"

namespace command
{

/// The exit status. Throws std::invalid_argument, one line, where the scan cannot begin.
int scan(Options options);

} // namespace command
