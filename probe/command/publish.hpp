// `mxtls tlsa` and `mxtls sts-policy`: what to publish, so that it holds for what is seen now.
#pragma once

#include "probe/command/options.hpp"

namespace command
{

/// Each prints where the options say, and single lines about what is amiss to standard error; returns the
/// exit status that its --help tells. Throws std::invalid_argument, one line, where nothing can be done.
int tlsa(Options options);
int sts_policy(Options options);

} // namespace command
