#include "probe/command/queue_entry.hpp"

#include "probe/command/queue_url.hpp"
#include "probe/command/values.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace command
{
namespace
{

constexpr std::string_view blanks = " \t\r\n";
constexpr std::size_t most_results = 64;
constexpr std::size_t most_octets = 4 * 1024 * 1024; // of their text

/// Empty where it has none.
std::string target_fault(const std::optional<std::string>& given, std::string_view target)
{
    const auto is_control = [](char one) { return static_cast<unsigned char>(one) < ' ' || one == '\x7f'; };
    if (!given)
        return "has no field 'target'";
    if (target.empty())
        return "has an empty target";
    if (target.size() > longest_queued_target)
        return fmt::format(
            "has a target of more than {} octets: '{}'", longest_queued_target, smtp::excerpt(target)
        );
    if (std::ranges::any_of(target, is_control))
        return fmt::format("has control characters in its target: '{}'", smtp::excerpt(target));
    return {};
}

std::string entry_fault(const QueueEntry& entry, std::string_view target)
{
    if (entry.run && !is_name(*entry.run, longest_name))
        return fmt::format(
            "has the run '{}': give 1 to {} printable characters without blanks", smtp::excerpt(*entry.run),
            longest_name
        );
    return target_fault(entry.target, target);
}

} // namespace

scan::Task queue_task(const QueueEntry& entry, const std::string& default_run)
{
    const auto target = entry.target ? trimmed(*entry.target, blanks) : std::string_view();
    const auto fault = entry_fault(entry, target);
    scan::Task task;
    if (!fault.empty()) {
        task.ticket = fmt::format("{} {}", entry.id, default_run);
        task.fault = fmt::format("entry {} {}", entry.id, fault);
        return task;
    }
    task.ticket = fmt::format("{} {}", entry.id, entry.run.value_or(default_run));
    task.target = target;
    task.is_abandoned = entry.deliveries > most_deliveries;
    if (task.is_abandoned)
        task.fault = fmt::format(
            "entry {} was given to workers {} times, and none of them finished it", entry.id,
            entry.deliveries - 1
        );
    return task;
}

QueueTicket queue_ticket(const scan::Task& task)
{
    const auto blank = task.ticket.find(' ');
    auto id = task.ticket.substr(0, blank);
    auto run = blank == task.ticket.npos ? std::string() : task.ticket.substr(blank + 1);
    auto done = task.target.empty() ? "entry " + id : task.target;
    return {std::move(id), std::move(run), std::move(done)};
}

std::size_t sent_at_once(std::span<const scan::Result> results) noexcept
{
    std::size_t count = 0;
    std::size_t octets = 0;
    for (const auto& result : results.first(std::min(results.size(), most_results))) {
        octets += result.text.size();
        if (octets > most_octets && count > 0)
            break;
        ++count;
    }
    return count;
}

} // namespace command
