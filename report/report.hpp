// Verdicts → text. Only formatting, never judging; nothing here does I/O.
#pragma once

#include "probe/verdict.hpp"
#include "report/nagios.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace report
{

enum class Format
{
    table,
    table_and_detail,
    detail,
    score,
    json,
    ndjson,
    csv,
    nagios,
    openmetrics,
    junit,
    html,
    esa_log,
    tls_report
};

/// "table", "detail", "score", "json", "ndjson", "csv", "nagios", "openmetrics", "junit", "html", "esa-log",
/// "tlsrpt".
std::optional<Format> format_named(std::string_view name) noexcept;

struct Style
{
    bool color = false;    // SGR sequences, table and detail only
    std::string contact{}; // mail address of whoever answers for a TLS report; may be empty
    PluginRun run{};       // nagios only
};

/// What comes before the first record of a format that is one record after the other; mostly nothing.
std::string header(Format format);

/// What is told of one target behind the header, ending in a line end: of csv, ndjson and score a part of the
/// whole, of the others a report of its own.
std::string record(const probe::Verdict& verdict, Format format, const Style& style = {});

/// The whole report of one or more targets, in their order, ending in a line end. Of esa-log it may
/// be empty.
std::string write(std::span<const probe::Verdict> verdicts, Format format, const Style& style = {});

} // namespace report
