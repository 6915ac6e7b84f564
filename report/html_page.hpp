// What every page in HTML has: the frame around it, and its recurring elements.
#pragma once

#include "report/markup.hpp"
#include "report/text.hpp"

#include <string>
#include <string_view>

namespace report
{

/// A whole document in UTF-8 that forbids its reader's program to fetch anything, or to run a script.
std::string page(std::string_view title, const markup::Markup& body);

/// A heading of the third rank with something below it; nothing where there is nothing.
markup::Markup section(std::string_view title, const markup::Markup& content);

/// A word in a frame.
markup::Markup badge(std::string_view word, Ink ink);

/// An item a line of a text that paint() may have coloured.
markup::Markup list_of_lines(std::string_view lines);

/// Part of a whole for an attribute: "12.3%", from 0% to 100%.
std::string percent(double share);

} // namespace report
