// What `mxtls history` prints: what has changed, and since when it has been so.
#pragma once

#include "probe/history/timeline.hpp"
#include "report/json_writer.hpp"
#include "report/text.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace report
{

enum class HistoryFormat
{
    table,
    json,
    csv,
    html
};

/// "table", "json", "csv", "html".
std::optional<HistoryFormat> history_format_named(std::string_view name) noexcept;

/// All of it, ending in a line end. What holds as of a target's last run is marked in the table, and has no
/// "ended" in JSON and CSV. HTML draws the points.
std::string write(std::span<const history::Timeline> timelines, HistoryFormat format);

// Parts of the table, for a report that lays them out in another way.

/// "1,234 runs from … to …, now CRITICAL, factor 50".
std::string span_of(const history::Timeline& timeline);

/// The titles, and a row a change.
std::vector<Row> change_rows(const history::Timeline& timeline);

/// Of an object that is open: what tells a certificate from others.
void write_facts(JsonWriter& json, const history::Certificate& certificate);

} // namespace report
