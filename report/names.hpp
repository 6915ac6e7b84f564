// The names of a server, side by side: of its MX record, its certificate, its greeting, its address.
#pragma once

#include "probe/verdict.hpp"

#include <string>

namespace report
{

/// Names of one certificate that are shown; of the rest, how many they are.
inline constexpr std::size_t max_names_shown = 4;

/// A line a name, with whether it agrees. Empty where no server greeted: then there is nothing to compare.
std::string names(const probe::HostVerdict& host, const probe::EndpointVerdict& endpoint, bool color);

} // namespace report
