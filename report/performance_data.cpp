#include "report/performance_data.hpp"

#include "probe/confidence.hpp"
#include "report/phrases.hpp"
#include "report/remarks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string_view>
#include <vector>

namespace report
{
namespace
{

using Verdicts = std::span<const probe::Verdict>;

/// How much is told of each target.
enum class Extent
{
    stages,
    target,
    factor
};

struct Datum
{
    std::string label{};
    std::string value{}; // with its unit
    std::string limits{};
};

/// Of a value with its unit and limits, and of what parts it from others: "=86400.000000s;;;0 ".
constexpr std::size_t widest_value = 28;

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

/// Warning and critical where the factor is below them.
std::string ranges(const probe::Verdict& verdict)
{
    if (!probe::any_judged(verdict.hosts))
        return ";";
    const auto bonus = verdict.confidence.bonus();
    return fmt::format(
        "{}:;{}:", verdict.thresholds.warn_below + bonus, verdict.thresholds.fail_below + bonus
    );
}

Datum time_of(std::string_view label, std::optional<std::chrono::microseconds> took)
{
    const std::chrono::duration<double> seconds = took.value_or(std::chrono::microseconds{});
    return {std::string(label), took ? fmt::format("{:.6f}s", seconds.count()) : "U", ";;;0"};
}

std::vector<Datum> data_of(const probe::Verdict& verdict, Extent extent)
{
    const auto& confidence = verdict.confidence;
    std::vector<Datum> data;
    data.push_back(
        {"factor", confidence.factor ? std::to_string(*confidence.factor) : "U",
         fmt::format(";{};0;{}", ranges(verdict), confidence.best)}
    );
    if (extent == Extent::factor)
        return data;
    const auto days = least_days_left(verdict);
    data.push_back(
        {"days_left", days ? std::to_string(*days) : "U", fmt::format(";{}:", verdict.thresholds.expiry_days)}
    );
    data.push_back(time_of("time", verdict.elapsed));
    for (std::size_t index = 0; index < probe::columns && extent == Extent::stages; ++index) {
        const auto column = static_cast<probe::Column>(index);
        if (column != probe::Column::to || verdict.rcpt)
            data.push_back(time_of(key(column), slowest(verdict, column)));
    }
    return data;
}

/// A title without what would end a label.
std::string label_of(const probe::Verdict& verdict)
{
    std::string label;
    for (const char octet : title(verdict)) {
        const bool ends_label = octet == '\'' || octet == '=' || octet == '|';
        label += ends_label ? fmt::format("\\x{:02x}", octet) : std::string(1, octet);
    }
    return label;
}

/// Each of its own; empty where there is one target only.
std::vector<std::string> labels_of(Verdicts verdicts)
{
    if (verdicts.size() == 1)
        return {""};
    std::map<std::string, std::size_t> seen;
    std::vector<std::string> labels;
    for (const auto& verdict : verdicts) {
        auto label = label_of(verdict);
        const auto number = ++seen[label];
        labels.push_back(number == 1 ? label : fmt::format("{} ({})", label, number));
    }
    return labels;
}

/// Of a target, each with the label of that before its own.
std::vector<Datum> labelled(const std::string& label, std::vector<Datum> data)
{
    for (auto& datum : data) {
        if (!label.empty())
            datum.label = fmt::format("'{} {}'", label, datum.label);
    }
    return data;
}

std::size_t room_for(const std::vector<Datum>& data)
{
    std::size_t room = 0;
    for (const auto& datum : data)
        room += datum.label.size() + widest_value;
    return room;
}

std::vector<std::vector<Datum>> told(Verdicts verdicts, const std::vector<std::string>& labels, Extent extent)
{
    std::vector<std::vector<Datum>> all;
    for (std::size_t index = 0; index < verdicts.size(); ++index)
        all.push_back(labelled(labels[index], data_of(verdicts[index], extent)));
    return all;
}

/// As much as there is room for.
std::vector<std::vector<Datum>> fitting(Verdicts verdicts, std::size_t room)
{
    const auto labels = labels_of(verdicts);
    std::vector<std::vector<Datum>> all;
    for (const auto extent : {Extent::stages, Extent::target, Extent::factor}) {
        all = told(verdicts, labels, extent);
        std::size_t needed = 0;
        const auto end = std::ranges::find_if(all, [&](const auto& data) {
            needed += room_for(data);
            return needed > room;
        });
        if (end == all.end() || extent == Extent::factor) {
            all.erase(end, all.end());
            break;
        }
    }
    return all;
}

} // namespace

std::string performance_data(Verdicts verdicts, std::size_t room)
{
    std::string text;
    for (const auto& data : fitting(verdicts, room)) {
        for (const auto& [label, value, limits] : data)
            text += fmt::format("{}{}={}{}", text.empty() ? "" : " ", label, value, limits);
    }
    return text;
}

std::optional<int> least_days_left(const probe::Verdict& verdict)
{
    std::optional<int> least;
    const auto look_at = [&least](const std::optional<probe::ChainVerdict>& chain) {
        for (const auto& each :
             chain ? std::span(chain->certificates) : std::span<const probe::JudgedCertificate>()) {
            if (is_on_path(each))
                least = std::min(least.value_or(each.days_left), each.days_left);
        }
    };
    for (const auto& host : verdict.hosts) {
        for (const auto& endpoint : host.endpoints) {
            look_at(endpoint.chain);
            for (const auto& other : endpoint.other_keys)
                look_at(other.chain);
        }
    }
    return least;
}

} // namespace report
