// The one line that bad input gets. Pure.
#pragma once

#include <string_view>

namespace probe
{

/// Throws std::invalid_argument, "'VALUE' WHY", safe to print. `why` says what is wrong and what to give.
[[noreturn]] void refuse(std::string_view value, std::string_view why);

} // namespace probe
