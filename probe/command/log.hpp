// `mxtls log`: which connections and messages of a mail log used TLS.
#pragma once

#include "probe/command/manual.hpp"

#include <span>
#include <string>

namespace command
{

/// `arguments`: what stands behind the command's name. The exit status: 0, or 3 where a file could not be
/// read. Throws std::invalid_argument, one line, for arguments that are none, or where the report cannot be
/// written.
int log(std::span<const std::string> arguments);

Manual log_manual();

} // namespace command
