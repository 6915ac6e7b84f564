// What `mxtls log` prints: who used TLS, who did not, and why; or each connection by itself. Text from the
// log is escaped visibly.
#pragma once

#include "probe/log/reader.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace report
{

enum class LogFormat
{
    table,
    json,
    csv
};

/// None where there is no format of that name.
std::optional<LogFormat> log_format_named(std::string_view name);

struct LogView
{
    LogFormat format = LogFormat::table;
    std::optional<maillog::Direction> only{}; // both
    std::size_t top = 0;                      // names told of each direction, the busiest; 0: all
};

/// The whole report.
std::string log_summary(const maillog::Summary& summary, const LogView& view);

/// What stands above the connections: nothing, but for csv.
std::string log_list_header(LogFormat format);

/// A line of the connection: padded columns, a JSON object, or a line of CSV.
std::string log_list_line(const maillog::Connection& connection, LogFormat format);

} // namespace report
