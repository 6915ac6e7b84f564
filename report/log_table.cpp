#include "report/log_table.hpp"

#include "report/log_names.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace report
{
namespace
{

using maillog::Counts;
using maillog::Direction;
using maillog::Summary;

std::string percent(const Counts& counts)
{
    const auto share = log_share(counts);
    return share ? fmt::format("{}.{}%", *share / 10, *share % 10) : "-";
}

/// "TLSv1.3 4,000, TLSv1.2 12"
std::string told_versions(const Counts& counts)
{
    std::vector<std::string> told;
    for (const auto version : log_versions) {
        const auto count = counts.by_version[static_cast<std::size_t>(version)];
        if (count > 0)
            told.push_back(fmt::format(
                "{} {}", version == maillog::Version::unknown ? "TLS" : name(version), grouped(count)
            ));
    }
    return told.empty() ? "-" : fmt::format("{}", fmt::join(told, ", "));
}

std::string headline(Direction direction, const Counts& counts)
{
    const auto title = direction == Direction::receiving ? "Receiving" : "Delivery";
    const auto share = fmt::format(" ({})", percent(counts));
    const bool of_messages = counts.messages > 0;
    return fmt::format(
        "{}: messages {}, with TLS {}{}; connections {}, with TLS {}{}, TLS failed {}\n", title,
        grouped(counts.messages), grouped(counts.messages_encrypted), of_messages ? share : "",
        grouped(counts.connections), grouped(counts.connections_encrypted), of_messages ? "" : share,
        grouped(counts.connections_failed)
    );
}

Row row_of(std::string name, const Counts& counts)
{
    return {
        {std::move(name)},
        {grouped(counts.messages)},
        {grouped(counts.messages_encrypted)},
        {percent(counts)},
        {grouped(counts.connections)},
        {grouped(counts.connections_encrypted)},
        {grouped(counts.connections_failed)},
        {told_versions(counts)}};
}

std::string names_table(const Summary& summary, Direction direction, std::size_t top)
{
    const auto told = log_rows(summary.tally, direction, top);
    const auto title = summary.tally.by() == maillog::By::domain ? "Domain" : "Address";
    std::vector<Row> rows{
        {{title},
         {"Messages"},
         {"With TLS"},
         {"Share"},
         {"Connections"},
         {"With TLS"},
         {"Failed"},
         {"Versions"}}};
    for (const auto* row : told.rows)
        rows.push_back(row_of(smtp::printable(row->name), row->counts[static_cast<std::size_t>(direction)]));
    if (!told.others.empty())
        rows.push_back(row_of("(others)", told.others));
    return align(rows, false);
}

std::string failures_table(const Summary& summary, Direction direction, std::size_t top)
{
    auto failures = summary.tally.failures(direction);
    if (failures.empty())
        return "";
    const auto title = summary.tally.by() == maillog::By::domain ? "Domain" : "Address";
    std::vector<Row> rows{{{"Failed"}, {title}, {"Reason"}}};
    const auto shown = top == 0 ? failures.size() : std::min(top, failures.size());
    std::uint64_t others = 0;
    for (std::size_t i = 0; i < failures.size(); ++i) {
        const auto& [its_direction, name, reason, count] = failures[i];
        if (i < shown)
            rows.push_back(
                {{grouped(count)}, {name.empty() ? "(others)" : smtp::printable(name)}, {log_reason(reason)}}
            );
        else
            others += count;
    }
    if (others > 0)
        rows.push_back({{grouped(others)}, {"(others)"}, {"-"}});
    return "\n" + align(rows, false);
}

std::string ciphers_line(const Summary& summary, Direction direction)
{
    std::vector<std::string> told;
    for (const auto& [cipher, count] : summary.tally.ciphers(direction)) {
        if (!cipher.empty())
            told.push_back(fmt::format("{} {}", smtp::printable(cipher), grouped(count)));
    }
    return told.empty() ? "" : fmt::format("Ciphers: {}\n", fmt::join(told, ", "));
}

std::string section(const Summary& summary, Direction direction, std::size_t top)
{
    const auto& total = summary.tally.total(direction);
    if (total.empty())
        return "";
    auto text = "\n" + headline(direction, total);
    if (total.connections_encrypted > 0)
        text += fmt::format("Versions: {}\n", told_versions(total)) + ciphers_line(summary, direction);
    return text + "\n" + names_table(summary, direction, top) + failures_table(summary, direction, top);
}

} // namespace

LogRows log_rows(const maillog::Tally& tally, Direction direction, std::size_t top)
{
    LogRows told{tally.rows(direction), tally.others(direction)};
    if (top == 0 || told.rows.size() <= top)
        return told;
    for (auto row = told.rows.begin() + static_cast<std::ptrdiff_t>(top); row != told.rows.end(); ++row)
        told.others += (*row)->counts[static_cast<std::size_t>(direction)];
    told.rows.resize(top);
    return told;
}

std::string log_table(const Summary& summary, const LogView& view)
{
    auto text = fmt::format("{} line{}", grouped(summary.lines.read), summary.lines.read == 1 ? "" : "s");
    if (!summary.first_stamp.empty())
        text += fmt::format(
            ", from {} to {}", smtp::printable(summary.first_stamp), smtp::printable(summary.last_stamp)
        );
    text += '\n';
    std::string sections;
    for (const auto direction : log_directions) {
        if (view.only.value_or(direction) == direction)
            sections += section(summary, direction, view.top);
    }
    text += sections.empty() ? "\nThe log tells of no connection and of no message.\n" : sections;
    const auto remarks = log_remarks(summary);
    return text +
           fmt::format(
               "{}{}{}", remarks.empty() ? "" : "\n", fmt::join(remarks, "\n"), remarks.empty() ? "" : "\n"
           );
}

} // namespace report
