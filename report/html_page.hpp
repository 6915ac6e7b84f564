// What every page in HTML has: the frame around it, and its recurring elements.
#pragma once

#include "probe/verdict.hpp"
#include "report/markup.hpp"
#include "report/text.hpp"

#include <span>
#include <string>
#include <string_view>

namespace report
{

/// What a page tells of one target.
struct Part
{
    std::string target{}; // legible
    probe::Status status{};
    std::string summary{}; // for the list at the top
    markup::Markup body{};
};

/// A whole document in UTF-8, which forbids its reader's program to fetch anything or to run a script. Of
/// several parts there is a list at the top, which leads to each.
std::string page(std::string_view heading, std::span<const Part> parts);

/// A heading of the third rank with something below it; nothing where there is nothing.
markup::Markup section(std::string_view title, const markup::Markup& content);

/// A word in a frame.
markup::Markup badge(std::string_view word, Ink ink);

/// The first row are titles, the first cell of each other row is what that is about. Where there is no room
/// for columns, each cell bears its title.
markup::Markup data_table(std::string_view kind, std::span<const Row> rows);

/// An item a line of a text that paint() may have coloured.
markup::Markup list_of_lines(std::string_view lines);

} // namespace report
