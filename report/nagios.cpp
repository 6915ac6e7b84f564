#include "report/nagios.hpp"

#include "report/performance_data.hpp"
#include "report/phrases.hpp"
#include "report/remarks.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace report
{
namespace
{

using Verdicts = std::span<const probe::Verdict>;

/// What stands before the performance data, and below it: without what would begin some.
std::string without_bars(std::string_view text)
{
    std::string result;
    for (const char octet : text)
        result += octet == '|' ? "\\x7c" : std::string(1, octet);
    return result;
}

struct Found
{
    std::string about;
    const probe::Finding& finding;
};

std::vector<Found> all_found(const probe::Verdict& verdict)
{
    std::vector<Found> all;
    const auto add = [&all](const std::string& about, const std::vector<probe::Finding>& findings) {
        for (const auto& finding : findings)
            all.push_back({about, finding});
    };
    add(label(verdict), verdict.findings);
    for (const auto& host : verdict.hosts) {
        add(smtp::printable(host.name), host.findings);
        for (const auto& endpoint : host.endpoints)
            add(label(host, endpoint), endpoint.findings);
    }
    return all;
}

/// ", certificate-expired at mx1.example.com [192.0.2.1:25] and 2 more": the worst that calls for something.
std::string worst_found(const probe::Verdict& verdict)
{
    const auto all = all_found(verdict);
    const Found* worst = nullptr;
    std::size_t number = 0;
    for (const auto& each : all) {
        if (each.finding.severity == probe::Severity::notice)
            continue;
        ++number;
        if (!worst || worst->finding.severity < each.finding.severity)
            worst = &each;
    }
    if (!worst)
        return {};
    const auto more = number > 1 ? fmt::format(" and {} more", number - 1) : "";
    return fmt::format(", {} at {}{}", name(worst->finding.code), worst->about, more);
}

/// "factor 90, example.com, 61 days left, …".
std::string summary(const probe::Verdict& verdict)
{
    auto text = fmt::format("factor {}, {}", factor(verdict.confidence), title(verdict));
    if (!verdict.finished)
        text += ", interrupted";
    if (const auto left = least_days_left(verdict))
        text += fmt::format(", {}{}", *left < 0 ? "a certificate has " : "", days(*left));
    if (verdict.policy)
        text += fmt::format(
            ", {} under {}", name(verdict.outcomes[static_cast<std::size_t>(*verdict.policy)]),
            name(*verdict.policy)
        );
    return text + worst_found(verdict);
}

using Ordered = std::vector<const probe::Verdict*>;

/// The worst first.
Ordered by_status(Verdicts verdicts)
{
    Ordered order;
    for (const auto status :
         {probe::Status::critical, probe::Status::unknown, probe::Status::warning, probe::Status::ok}) {
        for (const auto& verdict : verdicts) {
            if (verdict.status == status)
                order.push_back(&verdict);
        }
    }
    return order;
}

/// "factor 41 at the lowest of 3 targets, 1 CRITICAL, 2 OK; example.net, certificate-expired at …".
std::string summary_of_several(const Ordered& verdicts)
{
    std::optional<int> lowest;
    std::string numbers;
    for (auto begin = verdicts.begin(); begin != verdicts.end();) {
        const auto status = (*begin)->status;
        const auto end =
            std::find_if(begin, verdicts.end(), [&](auto* each) { return each->status != status; });
        numbers += fmt::format(", {} {}", end - begin, name(status));
        begin = end;
    }
    for (const auto* verdict : verdicts) {
        if (const auto& each = verdict->confidence.factor)
            lowest = std::min(lowest.value_or(*each), *each);
    }
    auto text = fmt::format(
        "factor {} at the lowest of {} targets{}", lowest ? std::to_string(*lowest) : "n/a", verdicts.size(),
        numbers
    );
    const auto& worst = *verdicts.front();
    if (worst.status != probe::Status::ok)
        text +=
            fmt::format("; {}{}{}", title(worst), worst.finished ? "" : ", interrupted", worst_found(worst));
    return text;
}

std::string told(probe::Severity severity)
{
    return severity == probe::Severity::critical  ? "CRITICAL"
           : severity == probe::Severity::warning ? "WARNING"
                                                  : "NOTICE";
}

std::string findings(const probe::Verdict& verdict)
{
    std::string lines;
    for (const auto& [about, finding] : all_found(verdict))
        lines += fmt::format(
            "{} {}: {}: {}\n", told(finding.severity), about, name(finding.code), sentence(finding)
        );
    for (const auto& host : verdict.hosts) {
        for (const auto& endpoint : host.endpoints) {
            if (!endpoint.session.finished && endpoint.stopped_by != probe::Code::excluded)
                lines += fmt::format(
                    "{}: {}\n", label(host, endpoint), unfinished(endpoint.session, verdict.finished)
                );
        }
    }
    return lines;
}

/// At a blank, with a sign that it was.
std::string cut(std::string text, std::size_t most)
{
    constexpr std::string_view sign = " ...";
    if (text.size() <= most)
        return text;
    text.resize(text.rfind(' ', most - sign.size()));
    return text.append(sign);
}

/// By whole lines; the last one then says how many are gone.
std::string cut_lines(std::string text, std::size_t most)
{
    constexpr std::size_t last = 80;
    if (text.size() <= most)
        return text;
    const auto end = most > last ? text.rfind('\n', most - last) + 1 : 0;
    const auto gone = std::count(text.begin() + static_cast<std::ptrdiff_t>(end), text.end(), '\n');
    text.resize(end);
    return text + fmt::format("and {} more: too long for a plugin, but not for --format table\n", gone);
}

std::string lines_below(const Ordered& verdicts, bool quiet)
{
    std::string lines;
    for (const auto* verdict : verdicts) {
        if (quiet && verdict->status == probe::Status::ok)
            continue;
        if (verdicts.size() > 1)
            lines += fmt::format("{} - {}\n", name(verdict->status), summary(*verdict));
        lines += findings(*verdict);
    }
    return without_bars(lines);
}

} // namespace

std::string nagios(Verdicts verdicts, const PluginRun& run)
{
    constexpr std::size_t most_of_line = 1000;
    constexpr std::size_t most_of_data = 6000;
    if (verdicts.empty())
        return {};
    const auto order = by_status(verdicts);
    auto line = fmt::format("MXTLS {} - ", name(run.status.value_or(order.front()->status)));
    for (const auto& fault : run.faults)
        line += fault + "; ";
    line += order.size() > 1 ? summary_of_several(order) : summary(*order.front());
    line = cut(without_bars(line), most_of_line);
    line += fmt::format("|{}\n", performance_data(verdicts, most_of_data));
    return line + cut_lines(lines_below(order, run.quiet), most_of_a_plugin - line.size());
}

std::string nagios_failure(std::string_view why)
{
    return fmt::format("MXTLS {} - {}\n", name(probe::Status::unknown), without_bars(why));
}

} // namespace report
