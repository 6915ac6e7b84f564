#include "report/csv_line.hpp"

#include <fmt/format.h>

namespace report
{
namespace
{

std::string quoted(std::string_view text)
{
    std::string result = "\"";
    for (const char octet : text)
        result += octet == '"' ? "\"\"" : std::string(1, octet);
    return result + '"';
}

} // namespace

void CsvLine::add(std::string_view text)
{
    line_ += begun_ ? "," : "";
    line_ += text;
    begun_ = true;
}

void CsvLine::add_foreign(std::string text)
{
    constexpr std::string_view begins_formula = "=+-@";
    if (!text.empty() && begins_formula.find(text.front()) != std::string_view::npos)
        text.replace(0, 1, fmt::format("\\x{:02x}", text.front()));
    add(text.find_first_of(",\"") == std::string::npos ? text : quoted(text));
}

void CsvLine::add_nothing(std::size_t cells)
{
    for (; cells > 0; --cells)
        add("");
}

} // namespace report
