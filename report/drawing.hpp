// Drawings in SVG that are as wide as the page has room for: places are parts of the whole, and text keeps
// its size. What they show is told in words beside them.
#pragma once

#include "report/markup.hpp"

#include <string>
#include <string_view>

namespace report
{

/// "12.3%", from 0% to 100%.
std::string percent(double share);

/// `height` in pixels.
markup::Markup drawing(int height, const markup::Markup& content);

/// Below a line of time, in a drawing of its own: words that begin at one place, and others that end at the
/// right.
markup::Markup axis(double place, std::string_view begin, std::string_view end);

} // namespace report
