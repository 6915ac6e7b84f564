// Results on their way from the loops to whoever stores them.
#pragma once

#include "probe/scan/stream.hpp"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace scan
{

/// From any thread. How many results it holds is the Budget's to bound.
class Outbox
{
public:
    /// With `ordered`, a result waits here for those of all tasks before it.
    explicit Outbox(bool ordered) : ordered_(ordered) {}

    void add(Result result);

    /// Waits for results, and takes those that may go; none once it is closed and holds nothing more.
    std::vector<Result> take();

    /// Nothing will be added. What waits for a task that will never be done may go then.
    void close();

private:
    const bool ordered_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Result> ready_;
    std::map<std::uint64_t, Result> early_; // ordered: by the number of the task
    std::uint64_t next_ = 0;
    bool closed_ = false;
};

} // namespace scan
