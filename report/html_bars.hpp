// How long each stage took, as bars.
#pragma once

#include "probe/verdict.hpp"
#include "report/markup.hpp"

namespace report
{

/// A table an endpoint, all to one scale. Empty where no stage was reached.
markup::Markup stage_bars(const probe::Verdict& verdict);

} // namespace report
