#include "report/html_history.hpp"

#include "report/drawing.hpp"
#include "report/history.hpp"
#include "report/html_page.hpp"
#include "report/phrases.hpp"
#include "report/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace report
{

using markup::alone;
using markup::block;
using markup::Markup;
using markup::text;

namespace
{

using history::Run;
using history::Timeline;

/// What a drawing shows of each run.
struct Curve
{
    std::string_view title;
    std::optional<int> Run::*value = nullptr;
    int least_top = 0; // of the scale, which more may widen
    int limit = 0;     // a line to hold it against
};

constexpr std::array curves{
    Curve{"Confidence factor", &Run::factor, 120, 100},
    Curve{"Days left of the certificate that ends first", &Run::days_left, 60, 21}};

std::vector<int> values_of(std::span<const Run> runs, const Curve& curve)
{
    std::vector<int> values;
    for (const auto& run : runs) {
        if (const auto value = run.*curve.value)
            values.push_back(*value);
    }
    return values;
}

/// From a run to the next one, as high as the value; of a run without one a mark at the bottom.
Markup bar(const Run& run, std::optional<int> value, std::pair<double, double> place, int top)
{
    constexpr double gap = 0.0005;
    constexpr double least = 0.02;
    const auto height = std::max(static_cast<double>(value.value_or(0)) / top, least);
    return alone(
        "rect", {{"class", std::string(name(value ? ink(run.status) : Ink::magenta))},
                 {"x", percent(place.first)},
                 {"y", percent(1 - height)},
                 {"width", percent(place.second - place.first - gap)},
                 {"height", percent(height)}}
    );
}

/// Where on the line of time each of the runs begins, and where the last ends: as far behind it as runs are
/// apart.
std::vector<double> places_of(std::span<const Run> runs)
{
    const auto whole = runs.back().began - runs.front().began;
    const auto count = static_cast<double>(runs.size());
    const double scale = runs.size() > 1 ? (count - 1) / count : 0;
    std::vector<double> places;
    for (const auto& run : runs) {
        const auto since = static_cast<double>((run.began - runs.front().began).count());
        places.push_back(whole.count() > 0 ? scale * since / static_cast<double>(whole.count()) : 0);
    }
    places.push_back(1);
    return places;
}

Markup limit_line(const Curve& curve, int top)
{
    const auto height = percent(1 - static_cast<double>(curve.limit) / top);
    return alone("line", {{"class", "limit"}, {"x1", "0"}, {"x2", "100%"}, {"y1", height}, {"y2", height}});
}

std::string day_of(const Run& run)
{
    return date(std::chrono::floor<std::chrono::seconds>(run.began));
}

Markup figure(std::span<const Run> runs, const Curve& curve)
{
    const auto values = values_of(runs, curve);
    if (values.empty())
        return {};
    const auto [lowest, highest] = std::ranges::minmax(values);
    const int top = std::max(curve.least_top, highest);
    const auto places = places_of(runs);
    Markup content;
    for (std::size_t index = 0; index < runs.size(); ++index)
        content += bar(runs[index], runs[index].*curve.value, {places[index], places[index + 1]}, top);
    const auto said = fmt::format(
        "Lowest {}, highest {}, last {}. The dashed line is {}, the top {}.", lowest, highest, values.back(),
        curve.limit, top
    );
    return block(
        "figure", {},
        block("figcaption", {}, text(curve.title)) + drawing(120, content + limit_line(curve, top)) +
            axis(0, day_of(runs.front()), day_of(runs.back())) + block("p", {{"class", "dim"}}, text(said))
    );
}

Markup drawings(const Timeline& timeline)
{
    Markup figures;
    for (const auto& curve : curves) {
        if (!timeline.points.empty())
            figures += figure(timeline.points, curve);
    }
    if (figures.empty())
        return figures;
    const auto key = "A bar is a run or several, with the worst of each, until the next: green OK, yellow "
                     "WARNING, red CRITICAL. A low one in purple is a run that could not judge.";
    return block("div", {{"class", "grid wide"}}, figures) + block("p", {{"class", "dim"}}, text(key));
}

Markup changes(const Timeline& timeline)
{
    if (timeline.changes.empty())
        return block("p", {}, text("Nothing has changed in the time asked for."));
    return data_table("changes", change_rows(timeline)) +
           block("p", {{"class", "dim"}}, text("* in the last run"));
}

Part part(const Timeline& timeline)
{
    const auto& last = timeline.last;
    const auto factor = last.factor ? fmt::format("factor {}", *last.factor) : "factor n/a";
    return {
        .target = legible(timeline.target),
        .status = last.status,
        .summary = factor,
        .body = block("p", {}, text(span_of(timeline))) + section("Over time", drawings(timeline)) +
                section("What has changed", changes(timeline))};
}

} // namespace

std::string html_history(std::span<const Timeline> timelines)
{
    std::vector<Part> parts;
    for (const auto& timeline : timelines)
        parts.push_back(part(timeline));
    return page(
        parts.size() == 1 ? "History of a mail domain"
                          : fmt::format("History of {} mail domains", parts.size()),
        parts
    );
}

} // namespace report
