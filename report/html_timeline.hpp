// When certificates end, on one line of time.
#pragma once

#include "probe/verdict.hpp"
#include "report/markup.hpp"

namespace report
{

/// A bar for the validity of each certificate that any server presented, those first that end first. Empty
/// where none was seen.
markup::Markup timeline(const probe::Verdict& verdict);

} // namespace report
