// What `mxtls history` prints: what has changed, and since when it has been so.
#pragma once

#include "probe/history/timeline.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace report
{

enum class HistoryFormat
{
    table,
    json,
    csv
};

/// "table", "json", "csv".
std::optional<HistoryFormat> history_format_named(std::string_view name) noexcept;

/// All of it, ending in a line end. What holds as of a target's last run is marked in the table, and has no
/// "ended" in JSON and CSV.
std::string write(std::span<const history::Timeline> timelines, HistoryFormat format);

} // namespace report
