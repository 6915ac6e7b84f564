// The report for programs, by the schema "mxtls/1": every key always there, in its order; what is not known
// is null.
#pragma once

#include "probe/verdict.hpp"

#include <span>
#include <string>

namespace report
{

/// An array of all targets, indented.
std::string json(std::span<const probe::Verdict> verdicts);

/// One target, on a line of its own.
std::string ndjson(const probe::Verdict& verdict);

} // namespace report
