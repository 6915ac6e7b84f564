#include "report/report.hpp"

#include "report/csv.hpp"
#include "report/detail.hpp"
#include "report/esa_log.hpp"
#include "report/html.hpp"
#include "report/json.hpp"
#include "report/junit.hpp"
#include "report/openmetrics.hpp"
#include "report/phrases.hpp"
#include "report/table.hpp"
#include "report/text.hpp"
#include "report/tls_report.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace report
{
namespace
{

std::string score(const probe::Verdict& verdict)
{
    return factor(verdict.confidence) + ' ' + legible(verdict.target) + '\n';
}

std::string table_and_detail(const probe::Verdict& verdict, const Style& style)
{
    const auto below = transcripts(verdict, style);
    return table(verdict, style) + (below.empty() ? "" : '\n' + below);
}

/// With a last line that says where there is more to read of what was found.
std::string with_hint(const std::string& text, const probe::Verdict& verdict, probe::Severity least)
{
    const auto last = hint(verdict, least);
    return last.empty() ? text : text + '\n' + last;
}

/// Of the formats in which targets do not stand one behind the other, each by itself.
std::string whole(std::span<const probe::Verdict> verdicts, Format format, const Style& style)
{
    switch (format) {
    case Format::json:
        return json(verdicts);
    case Format::nagios:
        return nagios(verdicts, style.run);
    case Format::openmetrics:
        return openmetrics(verdicts);
    case Format::junit:
        return junit(verdicts);
    case Format::html:
        return html(verdicts);
    case Format::esa_log:
        return esa_log(verdicts);
    case Format::tls_report:
        return tls_report(verdicts, style.contact);
    default:
        return {};
    }
}

bool is_whole(Format format)
{
    constexpr std::array all{Format::json, Format::nagios,  Format::openmetrics, Format::junit,
                             Format::html, Format::esa_log, Format::tls_report};
    return std::ranges::find(all, format) != all.end();
}

bool is_for_people(Format format)
{
    return format == Format::table || format == Format::table_and_detail || format == Format::detail;
}

} // namespace

std::optional<Format> format_named(std::string_view name) noexcept
{
    using namespace std::string_view_literals;
    constexpr std::array formats{
        std::pair{"table"sv, Format::table},     std::pair{"detail"sv, Format::detail},
        std::pair{"score"sv, Format::score},     std::pair{"json"sv, Format::json},
        std::pair{"ndjson"sv, Format::ndjson},   std::pair{"csv"sv, Format::csv},
        std::pair{"nagios"sv, Format::nagios},   std::pair{"openmetrics"sv, Format::openmetrics},
        std::pair{"junit"sv, Format::junit},     std::pair{"html"sv, Format::html},
        std::pair{"esa-log"sv, Format::esa_log}, std::pair{"tlsrpt"sv, Format::tls_report}};
    for (const auto& [known, format] : formats) {
        if (known == name)
            return format;
    }
    return std::nullopt;
}

std::string header(Format format)
{
    return format == Format::csv ? csv_header() : "";
}

std::string record(const probe::Verdict& verdict, Format format, const Style& style)
{
    switch (format) {
    case Format::table:
        return with_hint(table(verdict, style), verdict, probe::Severity::warning);
    case Format::table_and_detail:
        return with_hint(table_and_detail(verdict, style), verdict, probe::Severity::notice);
    case Format::detail:
        return with_hint(detail(verdict, style), verdict, probe::Severity::notice);
    case Format::score:
        return score(verdict);
    case Format::ndjson:
        return ndjson(verdict);
    case Format::csv:
        return csv_rows(verdict);
    default:
        return whole({&verdict, 1}, format, style);
    }
}

std::string write(std::span<const probe::Verdict> verdicts, Format format, const Style& style)
{
    if (is_whole(format))
        return whole(verdicts, format, style);
    auto text = header(format);
    for (const auto& verdict : verdicts) {
        if (!text.empty() && is_for_people(format))
            text += '\n';
        text += record(verdict, format, style);
    }
    return text;
}

} // namespace report
