#include "report/html_bars.hpp"

#include "report/drawing.hpp"
#include "report/phrases.hpp"
#include "report/text.hpp"

#include <algorithm>
#include <chrono>

namespace report
{

using markup::alone;
using markup::block;
using markup::element;
using markup::Markup;
using markup::text;

namespace
{

using std::chrono::microseconds;

microseconds longest(const probe::Verdict& verdict)
{
    microseconds most{};
    for (const auto& host : verdict.hosts) {
        for (const auto& endpoint : host.endpoints) {
            for (const auto& stage : endpoint.stages)
                most = std::max(most, stage.took.value_or(microseconds()));
        }
    }
    return most;
}

Markup bar(double share, bool is_ok)
{
    constexpr double least = 0.004;
    const auto rect = alone(
        "rect",
        {{"class", is_ok ? "plain" : "red"}, {"width", percent(std::max(share, least))}, {"height", "10"}}
    );
    return drawing(10, rect);
}

Markup row(probe::Column column, const probe::StageVerdict& stage, microseconds most)
{
    const bool is_ok = stage.result == probe::Result::ok;
    const auto share = static_cast<double>(stage.took->count()) / static_cast<double>(most.count());
    const auto words = milliseconds(*stage.took) + (is_ok ? "" : " FAIL");
    return block(
        "tr", {},
        element("th", {{"scope", "row"}}, text(title(column))) + element("td", {}, bar(share, is_ok)) +
            element("td", {{"class", is_ok ? "" : "red"}}, text(words))
    );
}

} // namespace

Markup stage_bars(const probe::Verdict& verdict)
{
    const auto most = longest(verdict);
    Markup tables;
    for (const auto& host : verdict.hosts) {
        for (const auto& endpoint : host.endpoints) {
            Markup rows;
            for (std::size_t index = 0; index < probe::columns && most.count() > 0; ++index) {
                const auto column = static_cast<probe::Column>(index);
                if (endpoint.at(column).took)
                    rows += row(column, endpoint.at(column), most);
            }
            if (!rows.empty())
                tables += block(
                    "table", {{"class", "bars"}}, block("caption", {}, text(label(host, endpoint))) + rows
                );
        }
    }
    return tables.empty() ? tables : block("div", {{"class", "grid"}}, tables);
}

} // namespace report
