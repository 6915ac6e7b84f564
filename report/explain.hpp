// What `mxtls explain` prints. Plain text, no line wider than 80 columns.
#pragma once

#include "report/pages.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace report
{

/// The whole page of a code, under its headings.
std::string explanation(const Page& page);

/// All codes, a line each, by subject.
std::string list_of_codes();

/// The codes that somebody may have meant who wrote a word that is none, the likeliest first: at most five,
/// perhaps none. A long word is cut.
std::vector<std::string_view> codes_like(std::string_view word);

} // namespace report
