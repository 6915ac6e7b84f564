// Where the targets of a scan come from and where their results go: a file and a pipe, or a queue.
#pragma once

#include "probe/verdict.hpp"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace scan
{

/// One target of the input, as it was written there.
struct Task
{
    std::uint64_t number =
        0;              // from 0, of those that are to be done, in the order of the input: the scan's to set
    std::string target; // a line, without its end and the blanks around it; may be no target at all
    std::string ticket{}; // what a queue knows the task by; empty elsewhere
    std::string fault{}; // why it cannot be probed, where its source says so: its result is UNKNOWN with this
    bool is_abandoned = false; // the fault is that it was begun often enough
};

/// Gives every task once. Used by one thread, but for stop().
class Source
{
public:
    virtual ~Source() = default;

    /// Waits for the next task; none where there are no more, or once it was stopped. Throws
    /// std::runtime_error, one line, where the input cannot be read any further.
    virtual std::optional<Task> next() = 0;

    /// Ends a wait, and every later one at once. From any thread, also more than once.
    virtual void stop() noexcept = 0;

    /// How much of the input has been given, 0 to 1; none where its length is not known. From any thread.
    virtual std::optional<double> share_read() const noexcept = 0;
};

/// What came of a task.
struct Result
{
    Task task;
    probe::Status status{};
    std::string text; // in the format asked for, with its line end
};

/// Nobody wants any more results: a scan ends without a word.
class ReaderGone : public std::runtime_error
{
public:
    ReaderGone() : std::runtime_error("the reader of the results has gone") {}
};

/// Takes the results. Used by one thread, but for stop().
class Sink
{
public:
    virtual ~Sink() = default;

    /// Waits until all are stored, each of them whole. Throws std::runtime_error, one line, where that cannot
    /// be, ReaderGone where nobody wants them: those of the batch that were stored before are stored, and the
    /// rest is lost.
    virtual void put(const std::vector<Result>& batch) = 0;

    /// Ends a wait for a reader that does not read. From any thread, also more than once.
    virtual void stop() noexcept = 0;
};

} // namespace scan
