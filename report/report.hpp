// Verdicts → text. Only formatting, never judging; nothing here does I/O.
#pragma once

#include "probe/verdict.hpp"

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
    tls_report
};

/// "table", "detail", "score", "json", "ndjson", "tlsrpt".
std::optional<Format> format_named(std::string_view name) noexcept;

struct Style
{
    bool color = false;    // SGR sequences, table and detail only
    std::string contact{}; // mail address of whoever answers for a TLS report; may be empty
};

/// The whole report of one or more targets, in their order, ending in a line end.
std::string write(std::span<const probe::Verdict> verdicts, Format format, const Style& style = {});

} // namespace report
