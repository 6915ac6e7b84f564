#include "report/drawing.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace report
{

using markup::block;
using markup::Markup;

namespace
{

Markup label(std::string_view anchor, const std::string& place, std::string_view words)
{
    return block(
        "text", {{"x", place}, {"y", "14"}, {"text-anchor", std::string(anchor)}}, markup::text(words)
    );
}

} // namespace

std::string percent(double share)
{
    return fmt::format("{:.1f}%", 100 * std::clamp(share, 0.0, 1.0));
}

Markup drawing(int height, const Markup& content)
{
    return block(
        "svg", {{"width", "100%"}, {"height", std::to_string(height)}, {"aria-hidden", "true"}}, content
    );
}

Markup axis(double place, std::string_view begin, std::string_view end)
{
    return drawing(18, label("start", percent(place), begin) + label("end", "100%", end));
}

} // namespace report
