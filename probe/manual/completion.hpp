// Manuals as what a shell completes by. Pure.
#pragma once

#include "probe/command/manual.hpp"

#include <span>
#include <string>

namespace manual
{

/// A script that bash sources. It stands without the package bash-completion, too.
std::string bash_completion(std::span<const command::Manual> all);

/// The file _mxtls, for a folder of zsh's fpath.
std::string zsh_completion(std::span<const command::Manual> all);

} // namespace manual
