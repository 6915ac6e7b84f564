// The report as one page to look at: HTML with its style sheet and drawings inside, no script, and nothing
// that is fetched from elsewhere. Light or dark as its reader has it, for a screen of any width, and for
// paper.
#pragma once

#include "probe/verdict.hpp"

#include <span>
#include <string>

namespace report
{

/// A whole document. Of several targets there is a list at its top, which leads to each.
std::string html(std::span<const probe::Verdict> verdicts);

} // namespace report
