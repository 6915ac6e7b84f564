#include "report/log.hpp"

#include "report/csv_line.hpp"
#include "report/json_writer.hpp"
#include "report/log_names.hpp"
#include "report/log_table.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

namespace report
{
namespace
{

using maillog::Connection;
using maillog::Counts;
using maillog::Direction;
using maillog::Protection;
using maillog::Summary;

/// The most frequent first.
struct Reasons
{
    std::map<std::string, std::vector<const maillog::Failure*>, std::less<>> by_name;
    std::vector<maillog::Failure> all;

    Reasons(const maillog::Tally& tally, Direction direction) : all(tally.failures(direction))
    {
        for (const auto& failure : all)
            by_name[failure.name].push_back(&failure);
    }

    const std::vector<const maillog::Failure*>& of(std::string_view name) const
    {
        static const std::vector<const maillog::Failure*> none;
        const auto found = by_name.find(name);
        return found == by_name.end() ? none : found->second;
    }
};

/// Percent, to a tenth.
void write_share(JsonWriter& json, const Counts& counts)
{
    json.key("share");
    const auto share = log_share(counts);
    share ? json.tenths(*share) : json.null();
}

void write_counts(JsonWriter& json, const Counts& counts)
{
    json.field("messages", counts.messages);
    json.field("messages_tls", counts.messages_encrypted);
    write_share(json, counts);
    json.field("connections", counts.connections);
    json.field("connections_tls", counts.connections_encrypted);
    json.field("connections_failed", counts.connections_failed);
    json.key("versions");
    const auto versions = json.object();
    for (const auto version : log_versions)
        json.field(name(version), counts.by_version[static_cast<std::size_t>(version)]);
}

void write_failure(JsonWriter& json, const maillog::Failure* failure)
{
    const auto open = json.object();
    json.text_or_null("reason", failure->reason);
    json.field("count", failure->count);
}

void write_row(JsonWriter& json, std::string_view name, const Counts& counts, const Reasons& reasons)
{
    const auto open = json.object();
    json.text_or_null("name", name);
    write_counts(json, counts);
    json.array("failures", reasons.of(name), write_failure);
}

void write_direction(JsonWriter& json, const Summary& summary, Direction direction, std::size_t top)
{
    const auto& tally = summary.tally;
    const Reasons reasons(tally, direction);
    const auto told = log_rows(tally, direction, top);
    const auto open = json.object();
    write_counts(json, tally.total(direction));
    json.array("ciphers", tally.ciphers(direction), [](JsonWriter& each, const auto& cipher) {
        const auto item = each.object();
        each.text_or_null("cipher", cipher.name);
        each.field("connections", cipher.count);
    });
    json.key("names");
    const auto names = json.array();
    for (const auto* row : told.rows)
        write_row(json, row->name, row->counts[static_cast<std::size_t>(direction)], reasons);
    if (!told.others.empty())
        write_row(json, "", told.others, reasons);
}

std::string as_json(const Summary& summary, const LogView& view)
{
    JsonWriter json(JsonWriter::Layout::indented);
    {
        const auto open = json.object();
        json.field("schema", "mxtls-log/1");
        json.field("by", name(summary.tally.by()));
        json.text_or_null("first", summary.first_stamp);
        json.text_or_null("last", summary.last_stamp);
        json.field("lines", summary.lines.read);
        json.field("lines_unrecognised", summary.unrecognised);
        json.field("lines_too_long", summary.lines.too_long);
        json.field("messages_local", summary.remarks.local);
        json.field("connections_local", summary.remarks.local_connections);
        json.field("connections_headless", summary.remarks.headless);
        for (const auto direction : log_directions) {
            if (view.only.value_or(direction) == direction)
                json.field(name(direction), write_direction, summary, direction, view.top);
        }
        json.array("remarks", log_remarks(summary), [](JsonWriter& each, const auto& remark) {
            each.value(std::string_view(remark));
        });
    }
    return std::move(json).finish();
}

std::string csv_names()
{
    CsvLine line;
    for (const auto title :
         {"direction", "name", "messages", "messages_tls", "share", "connections", "connections_tls",
          "connections_failed"})
        line.add(title);
    for (const auto version : log_versions)
        line.add(name(version));
    line.add("failures");
    return line.ended();
}

std::string
csv_row(Direction direction, std::string_view row_name, const Counts& counts, const Reasons& reasons)
{
    CsvLine line;
    line.add(name(direction));
    line.add_foreign(smtp::printable(row_name));
    const auto share = log_share(counts);
    for (const auto count : {counts.messages, counts.messages_encrypted})
        line.add(std::to_string(count));
    line.add(share ? fmt::format("{}.{}", *share / 10, *share % 10) : "");
    for (const auto count : {counts.connections, counts.connections_encrypted, counts.connections_failed})
        line.add(std::to_string(count));
    for (const auto version : log_versions)
        line.add(std::to_string(counts.by_version[static_cast<std::size_t>(version)]));
    std::vector<std::string> failures;
    for (const auto* failure : reasons.of(row_name))
        failures.push_back(fmt::format("{} {}", failure->count, log_reason(failure->reason)));
    line.add_foreign(fmt::format("{}", fmt::join(failures, "; ")));
    return line.ended();
}

std::string as_csv(const Summary& summary, const LogView& view)
{
    auto text = csv_names();
    for (const auto direction : log_directions) {
        if (view.only.value_or(direction) != direction)
            continue;
        const Reasons reasons(summary.tally, direction);
        const auto told = log_rows(summary.tally, direction, view.top);
        for (const auto* row : told.rows)
            text += csv_row(direction, row->name, row->counts[static_cast<std::size_t>(direction)], reasons);
        if (!told.others.empty())
            text += csv_row(direction, "", told.others, reasons);
    }
    return text;
}

/// "TLSv1.3 TLS_AES_256_GCM_SHA384", "plaintext", "failed: why"
std::string outcome(const Connection& connection)
{
    if (connection.protection == Protection::plaintext)
        return "plaintext";
    if (connection.protection == Protection::failed)
        return "failed: " + log_reason(connection.reason);
    std::string text(connection.version == maillog::Version::unknown ? "TLS" : name(connection.version));
    for (const auto& part : {connection.cipher, connection.trust})
        text += (part.empty() ? "" : " ") + smtp::printable(part);
    return text;
}

std::string table_line(const Connection& connection)
{
    const auto who = connection.address.empty() ? "-" : smtp::printable(connection.address);
    const auto domain = connection.domain.empty() ? "-" : smtp::printable(connection.domain);
    return fmt::format(
        "{:<24}  {:<9}  {:<15}  {:<15}  {:<24}  {:<44}  {} message{}{}{}\n",
        smtp::printable(connection.stamp), name(connection.direction), log_id(connection), who, domain,
        outcome(connection), connection.count, connection.count == 1 ? "" : "s",
        connection.messages.empty() ? "" : ": ", smtp::printable(connection.messages)
    );
}

std::string json_line(const Connection& connection)
{
    JsonWriter json(JsonWriter::Layout::line);
    {
        const auto open = json.object();
        json.text_or_null("time", connection.stamp);
        json.field("direction", name(connection.direction));
        json.field("server", name(connection.server));
        json.text_or_null("connection", log_id(connection));
        json.text_or_null("address", connection.address);
        json.text_or_null("host", connection.host);
        json.text_or_null("domain", connection.domain);
        json.field("result", name(connection.protection));
        const bool encrypted = connection.protection == Protection::encrypted;
        json.key("version");
        if (encrypted && connection.version != maillog::Version::unknown)
            json.value(name(connection.version));
        else
            json.null();
        json.text_or_null("cipher", connection.cipher);
        json.text_or_null("trust", connection.trust);
        json.text_or_null("reason", connection.reason);
        json.field("messages", connection.count);
        json.text_or_null("ids", connection.messages);
    }
    return std::move(json).finish();
}

std::string csv_line(const Connection& connection)
{
    CsvLine line;
    line.add_foreign(smtp::printable(connection.stamp));
    line.add(name(connection.direction));
    line.add(name(connection.server));
    line.add(log_id(connection));
    for (const auto& text : {connection.address, connection.host, connection.domain})
        line.add_foreign(smtp::printable(text));
    line.add(name(connection.protection));
    const bool has_version = connection.version != maillog::Version::unknown;
    line.add(has_version ? name(connection.version) : "");
    for (const auto& text : {connection.cipher, connection.trust, connection.reason})
        line.add_foreign(smtp::printable(text));
    line.add(std::to_string(connection.count));
    line.add_foreign(smtp::printable(connection.messages));
    return line.ended();
}

} // namespace

std::optional<LogFormat> log_format_named(std::string_view name)
{
    constexpr std::array<std::pair<std::string_view, LogFormat>, 3> formats{
        {{"table", LogFormat::table}, {"json", LogFormat::json}, {"csv", LogFormat::csv}}};
    const auto found = std::ranges::find(formats, name, &std::pair<std::string_view, LogFormat>::first);
    if (found == formats.end())
        return std::nullopt;
    return found->second;
}

std::string log_summary(const Summary& summary, const LogView& view)
{
    switch (view.format) {
    case LogFormat::json:
        return as_json(summary, view);
    case LogFormat::csv:
        return as_csv(summary, view);
    case LogFormat::table:
        break;
    }
    return log_table(summary, view);
}

std::string log_list_header(LogFormat format)
{
    if (format != LogFormat::csv)
        return "";
    CsvLine line;
    for (const auto title :
         {"time", "direction", "server", "connection", "address", "host", "domain", "result", "version",
          "cipher", "trust", "reason", "messages", "ids"})
        line.add(title);
    return line.ended();
}

std::string log_list_line(const Connection& connection, LogFormat format)
{
    switch (format) {
    case LogFormat::json:
        return json_line(connection);
    case LogFormat::csv:
        return csv_line(connection);
    case LogFormat::table:
        break;
    }
    return table_line(connection);
}

} // namespace report
