// `mxtls config`: whether a file of targets is well; and a check of the targets of one.
#pragma once

#include "probe/command/options.hpp"

#include <span>
#include <string>

namespace command
{

/// `arguments`: those behind the command. Returns the exit status: 0, or 3 where the file has errors, each of
/// which is a line on standard error. Throws std::invalid_argument, one line, where there is nothing to look
/// at.
int config(std::span<const std::string> arguments, std::chrono::sys_seconds now);

Manual config_manual();

/// The requests of `options.target_file`, those that were chosen, into the options. Returns false where the
/// file has errors, which are told as above: nothing is to be checked then.
bool take_targets_of_file(Options& options, TargetOptions&& each);

} // namespace command
