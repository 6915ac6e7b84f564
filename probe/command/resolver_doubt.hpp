// What is to be said of a resolver that was to be believed. Pure.
#pragma once

#include "dns/resolver.hpp"

#include <optional>
#include <string>

namespace command
{

/// Why what it says of DNSSEC does not count, though its AD bit was to be trusted: one line, with its port
/// where that is not the usual one. None where it counts, and where nobody was to trust or ask it.
std::optional<std::string> doubt_about(const dns::ServerValidation& resolver);

} // namespace command
