// A history as a page to look at: factor and days left over time, and what has changed.
#pragma once

#include "probe/history/timeline.hpp"

#include <span>
#include <string>

namespace report
{

/// As many bars as a drawing has room for: Timeline::points need be no more.
inline constexpr std::size_t max_bars = 200;

/// A whole document, of the kind that html() makes.
std::string html_history(std::span<const history::Timeline> timelines);

} // namespace report
