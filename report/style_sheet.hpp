// How pages in HTML look.
#pragma once

#include <string_view>

namespace report
{

/// CSS. The inks of paint() are classes, and so are the parts of the drawings.
std::string_view style_sheet() noexcept;

} // namespace report
