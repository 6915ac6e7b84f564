// What a worker makes of an entry of a queue, which anybody may have written. Pure.
#pragma once

#include "probe/scan/stream.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace command
{

struct QueueEntry
{
    std::string id;
    long long deliveries = 1; // this one included
    std::optional<std::string> target{};
    std::optional<std::string> run{};
};

inline constexpr std::size_t longest_queued_target = 1000; // octets
inline constexpr long long most_deliveries = 5;

/// The task, whose ticket is the entry's. Of an entry that is none the target is empty and the fault says
/// why; one that was delivered too often keeps its target beside its fault.
scan::Task queue_task(const QueueEntry& entry, const std::string& default_run);

struct QueueTicket
{
    std::string id;
    std::string run;
    std::string done; // what has one result in a run: the target, or the entry itself where it has none
};

QueueTicket queue_ticket(const scan::Task& task);

/// How many of the results, from the first on, are sent to the server together: no more than 64, and no more
/// than 4 MiB of text unless one alone has more.
std::size_t sent_at_once(std::span<const scan::Result> results) noexcept;

} // namespace command
