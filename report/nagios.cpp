#include "report/nagios.hpp"

#include "report/phrases.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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

std::optional<int> least_days_left(const probe::Verdict& verdict)
{
    std::optional<int> least;
    for (const auto& host : verdict.hosts) {
        for (const auto& endpoint : host.endpoints) {
            for (const auto& each :
                 endpoint.chain ? endpoint.chain->certificates : std::vector<probe::JudgedCertificate>())
                least = std::min(least.value_or(each.days_left), each.days_left);
        }
    }
    return least;
}

bool any_judged(const probe::Verdict& verdict)
{
    return std::ranges::any_of(verdict.hosts, [](const probe::HostVerdict& host) {
        return std::ranges::any_of(host.endpoints, &probe::EndpointVerdict::judged);
    });
}

std::optional<std::chrono::microseconds> slowest(const probe::Verdict& verdict, probe::Column column)
{
    std::optional<std::chrono::microseconds> longest;
    for (const auto& host : verdict.hosts) {
        for (const auto& endpoint : host.endpoints) {
            const auto& took = endpoint.at(column).took;
            if (took && (!longest || *longest < *took))
                longest = took;
        }
    }
    return longest;
}

/// 'label'=value[UOM];[warn];[crit];[min];[max], one behind the other.
class PerformanceData
{
public:
    /// `target`: legible, to tell its labels from others'; empty where there is only one.
    explicit PerformanceData(std::string_view target)
    {
        for (const char octet : target) {
            const bool ends_label = octet == '\'' || octet == '=' || octet == '|';
            target_ += ends_label ? fmt::format("\\x{:02x}", octet) : std::string(1, octet);
        }
    }

    void add(std::string_view label, std::string_view value, std::string_view limits)
    {
        text_ += text_.empty() ? "" : " ";
        text_ += target_.empty() ? std::string(label) : fmt::format("'{} {}'", target_, label);
        text_ += fmt::format("={}{}", value, limits);
    }

    void add_time(std::string_view label, std::optional<std::chrono::microseconds> took)
    {
        const std::chrono::duration<double> seconds = took.value_or(std::chrono::microseconds{});
        add(label, took ? fmt::format("{:.6f}s", seconds.count()) : "U", ";;;0");
    }

    const std::string& text() const noexcept { return text_; }

private:
    std::string target_;
    std::string text_;
};

/// Warning and critical where the factor is below them.
std::string ranges(const probe::Verdict& verdict)
{
    if (!any_judged(verdict))
        return ";";
    const auto bonus = verdict.confidence.bonus();
    return fmt::format(
        "{}:;{}:", verdict.thresholds.warn_below + bonus, verdict.thresholds.fail_below + bonus
    );
}

std::string performance(const probe::Verdict& verdict, std::string_view target)
{
    const auto& confidence = verdict.confidence;
    const auto days = least_days_left(verdict);
    PerformanceData data(target);
    data.add(
        "factor", confidence.factor ? std::to_string(*confidence.factor) : "U",
        fmt::format(";{};0;{}", ranges(verdict), confidence.best)
    );
    data.add(
        "days_left", days ? std::to_string(*days) : "U", fmt::format(";{}:", verdict.thresholds.expiry_days)
    );
    data.add_time("time", verdict.elapsed);
    for (std::size_t index = 0; index < probe::columns; ++index) {
        const auto column = static_cast<probe::Column>(index);
        if (column != probe::Column::to || verdict.rcpt)
            data.add_time(key(column), slowest(verdict, column));
    }
    return data.text();
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
    if (const auto days = least_days_left(verdict))
        text += fmt::format(", {} {} left", *days, *days == 1 ? "day" : "days");
    if (verdict.policy)
        text += fmt::format(
            ", {} under {}", name(verdict.outcomes[static_cast<std::size_t>(*verdict.policy)]),
            name(*verdict.policy)
        );
    return text + worst_found(verdict);
}

/// "factor 41 at the lowest of 3 targets, 1 CRITICAL, 2 OK".
std::string summary(Verdicts verdicts)
{
    using probe::Status;
    std::optional<int> lowest;
    for (const auto& verdict : verdicts) {
        if (const auto& each = verdict.confidence.factor)
            lowest = std::min(lowest.value_or(*each), *each);
    }
    auto text = fmt::format(
        "factor {} at the lowest of {} targets", lowest ? std::to_string(*lowest) : "n/a", verdicts.size()
    );
    for (const auto status : {Status::critical, Status::unknown, Status::warning, Status::ok}) {
        if (const auto number = std::ranges::count(verdicts, status, &probe::Verdict::status))
            text += fmt::format(", {} {}", number, name(status));
    }
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

} // namespace

std::string nagios(Verdicts verdicts, std::optional<probe::Status> status)
{
    if (verdicts.empty())
        return {};
    const bool several = verdicts.size() > 1;
    auto worst = probe::Status::ok;
    std::string data;
    std::string below;
    for (const auto& verdict : verdicts) {
        worst = probe::worse(worst, verdict.status);
        data += (data.empty() ? "" : " ") + performance(verdict, several ? title(verdict) : "");
        if (several)
            below += fmt::format("{} - {}\n", name(verdict.status), summary(verdict));
        below += findings(verdict);
    }
    const auto line = several ? summary(verdicts) : summary(verdicts.front());
    return fmt::format(
        "MXTLS {} - {}|{}\n{}", name(status.value_or(worst)), without_bars(line), data, without_bars(below)
    );
}

std::string nagios_failure(std::string_view why)
{
    return fmt::format("MXTLS {} - {}\n", name(probe::Status::unknown), without_bars(why));
}

} // namespace report
