// A scan that is one of many workers: targets from a Redis stream with a consumer group, results to another
// stream.
//
// At least once: an entry is acknowledged in the same atomic step that stores its result, or finds that a
// result of the same run and target is stored already. An entry that a worker does not finish is taken over
// by another: at once where the worker ended in an orderly way, after `take-over` seconds where it did not.
#pragma once

#include "probe/scan/stream.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace command
{

struct QueueEnds
{
    std::unique_ptr<scan::Source> source;
    std::unique_ptr<scan::Sink> sink;
};

/// Gets one line where the server is lost in mid-run, and one where it is back. From any thread, one at a
/// time.
using QueueTell = std::function<void(const std::string& line)>;

/// A password that the URL lacks is taken from REDISCLI_AUTH. Throws std::invalid_argument for the URL, and
/// std::runtime_error where the server cannot be worked with now; one line each.
///
/// Later on, a server that is away is waited for, until stop(): next() and put() throw only what trying again
/// does not mend, and put() where it was stopped before all was stored. A Redis 7 or later, or one that does
/// the same.
QueueEnds open_queue(const std::string& url, QueueTell tell);

} // namespace command
