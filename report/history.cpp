#include "report/history.hpp"

#include "report/csv_line.hpp"
#include "report/html_history.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

namespace report
{
namespace
{

using history::Aspect;
using history::Moment;
using history::Seen;
using history::Timeline;

constexpr std::size_t digits_shown = 16; // of a fingerprint: enough to tell two apart

std::string second_of(Moment moment)
{
    return rfc3339(std::chrono::floor<std::chrono::seconds>(moment));
}

std::string_view title(Aspect aspect)
{
    switch (aspect) {
    case Aspect::mx:
        return "MX set";
    case Aspect::policy:
        return "policy id";
    default:
        return name(aspect);
    }
}

std::string label(const history::Place& place)
{
    const auto host = smtp::printable(place.host);
    if (place.address.empty())
        return host;
    const auto address = smtp::printable(place.address);
    const bool is_v6 = address.find(':') != std::string::npos;
    return fmt::format("{} [{}:{}]", host, is_v6 ? "[" + address + "]" : address, place.port);
}

std::string described(const history::Certificate& certificate)
{
    return fmt::format(
        "serial {}, {} key {}, by {}, until {}", smtp::printable(certificate.serial),
        smtp::printable(certificate.key), smtp::printable(certificate.spki_sha256.substr(0, digits_shown)),
        smtp::printable(certificate.issuer), rfc3339(certificate.not_after)
    );
}

std::string_view word_for_none(Aspect aspect)
{
    switch (aspect) {
    case Aspect::factor:
        return "n/a";
    case Aspect::protocol:
        return "no TLS";
    default:
        return "none";
    }
}

std::string value_of(const Seen& seen)
{
    if (seen.certificate)
        return described(*seen.certificate);
    if (seen.fact.value.empty())
        return std::string(word_for_none(seen.fact.aspect));
    return smtp::printable(seen.fact.value);
}

Row row_of(const Seen& seen, Moment last)
{
    const bool holds = !seen.ended && seen.last_seen >= last;
    return {
        {second_of(seen.first_seen)},
        {second_of(seen.last_seen) + (holds ? " *" : "")},
        {std::string(title(seen.fact.aspect))},
        {label(seen.fact.place)},
        {value_of(seen)}};
}

std::string factor_of(const history::Run& run)
{
    return run.factor ? fmt::format(", factor {}", *run.factor) : "";
}

std::string table_of(const Timeline& timeline)
{
    auto text = fmt::format("{}: {}\n\n", legible(timeline.target), span_of(timeline));
    if (timeline.changes.empty())
        return text + "Nothing has changed in the time asked for.\n";
    return text + align(change_rows(timeline), false) + "* in the last run\n";
}

std::string table(std::span<const Timeline> timelines)
{
    std::string text;
    for (const auto& timeline : timelines)
        text += (text.empty() ? "" : "\n") + table_of(timeline);
    return text;
}

void write_certificate(JsonWriter& json, const history::Certificate& certificate)
{
    const auto open = json.object();
    write_facts(json, certificate);
}

void write_change(JsonWriter& json, const Seen& seen)
{
    const auto& [aspect, place, value] = seen.fact;
    const auto open = json.object();
    json.field("what", name(aspect));
    json.text_or_null("host", place.host);
    json.text_or_null("address", place.address);
    json.field("port", place.port == 0 ? std::nullopt : std::optional(place.port));
    json.text_or_null("value", value);
    json.field_or_null("certificate", write_certificate, seen.certificate);
    json.field("first_seen", rfc3339(seen.first_seen));
    json.field("last_seen", rfc3339(seen.last_seen));
    json.field("ended", seen.ended ? std::optional(rfc3339(*seen.ended)) : std::nullopt);
}

void write_timeline(JsonWriter& json, const Timeline& timeline)
{
    const auto open = json.object();
    json.field("schema", "mxtls-history/1");
    json.text("target", timeline.target);
    json.field("runs", timeline.runs);
    json.field("first_run", rfc3339(timeline.first.began));
    json.field("last_run", rfc3339(timeline.last.began));
    json.field("status", name(timeline.last.status));
    json.field("factor", timeline.last.factor);
    json.field("days_left", timeline.last.days_left);
    json.array("changes", timeline.changes, write_change);
}

std::string json(std::span<const Timeline> timelines)
{
    JsonWriter json(JsonWriter::Layout::indented);
    json.array(timelines, write_timeline);
    return std::move(json).finish();
}

std::string csv_header()
{
    constexpr std::array<std::string_view, 14> titles{
        "target",    "what",  "host",   "address", "port",   "value",     "first_seen",
        "last_seen", "ended", "serial", "key",     "issuer", "not_after", "spki_sha256"};
    CsvLine line;
    for (const auto each : titles)
        line.add(each);
    return line.ended();
}

std::string csv_row(const Timeline& timeline, const Seen& seen)
{
    constexpr std::size_t columns_of_certificate = 5;
    const auto& [aspect, place, value] = seen.fact;
    CsvLine line;
    line.add_foreign(legible(timeline.target));
    line.add(name(aspect));
    line.add_foreign(smtp::printable(place.host));
    line.add_foreign(smtp::printable(place.address));
    line.add(place.port == 0 ? "" : std::to_string(place.port));
    line.add_foreign(smtp::printable(value));
    line.add(rfc3339(seen.first_seen));
    line.add(rfc3339(seen.last_seen));
    line.add(seen.ended ? rfc3339(*seen.ended) : "");
    if (!seen.certificate) {
        line.add_nothing(columns_of_certificate);
        return line.ended();
    }
    line.add_foreign(smtp::printable(seen.certificate->serial));
    line.add_foreign(smtp::printable(seen.certificate->key));
    line.add_foreign(smtp::printable(seen.certificate->issuer));
    line.add(rfc3339(seen.certificate->not_after));
    line.add_foreign(smtp::printable(seen.certificate->spki_sha256));
    return line.ended();
}

std::string csv(std::span<const Timeline> timelines)
{
    auto text = csv_header();
    for (const auto& timeline : timelines) {
        for (const auto& seen : timeline.changes)
            text += csv_row(timeline, seen);
    }
    return text;
}

} // namespace

std::string span_of(const Timeline& timeline)
{
    return fmt::format(
        "{} {} from {} to {}, now {}{}", grouped(static_cast<std::uint64_t>(timeline.runs)),
        timeline.runs == 1 ? "run" : "runs", second_of(timeline.first.began), second_of(timeline.last.began),
        name(timeline.last.status), factor_of(timeline.last)
    );
}

std::vector<Row> change_rows(const Timeline& timeline)
{
    std::vector<Row> rows{{{"First seen"}, {"Last seen"}, {"What"}, {"Where"}, {"Value"}}};
    for (const auto& seen : timeline.changes)
        rows.push_back(row_of(seen, timeline.last.began));
    return rows;
}

std::optional<HistoryFormat> history_format_named(std::string_view name) noexcept
{
    if (name == "table")
        return HistoryFormat::table;
    if (name == "json")
        return HistoryFormat::json;
    if (name == "csv")
        return HistoryFormat::csv;
    if (name == "html")
        return HistoryFormat::html;
    return std::nullopt;
}

void write_facts(JsonWriter& json, const history::Certificate& certificate)
{
    json.text("serial", certificate.serial);
    json.text("key", certificate.key);
    json.text("issuer", certificate.issuer);
    json.field("not_after", rfc3339(certificate.not_after));
    json.text("sha256", certificate.sha256);
    json.text("spki_sha256", certificate.spki_sha256);
}

std::string write(std::span<const Timeline> timelines, HistoryFormat format)
{
    switch (format) {
    case HistoryFormat::json:
        return json(timelines);
    case HistoryFormat::csv:
        return csv(timelines);
    case HistoryFormat::html:
        return html_history(timelines);
    case HistoryFormat::table:
        break;
    }
    return table(timelines);
}

} // namespace report
