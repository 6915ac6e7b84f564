// How many connections may begin in a second. Pure but for its lock.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>

namespace probe
{

/// Shared by all gates of a run, on any thread. No second of the run holds more beginnings than it allows:
/// they are evenly spaced, and where some come late, as on a busy machine, those behind them are held back.
/// Below 1 a second, that many of a longer time; a fraction above 1 is left off.
class Rate
{
public:
    using Moment = std::chrono::steady_clock::time_point;

    /// Above 0.
    explicit Rate(double a_second);

    /// The moment of one more connection; no two get the same.
    Moment next_start(Moment now);

    /// Called at that moment: the connection begins now, or, if a moment is returned, nothing has begun and
    /// it is to be tried again then.
    std::optional<Moment> begin(Moment now);

private:
    const std::size_t most_;
    const std::chrono::steady_clock::duration spacing_;
    std::mutex mutex_;
    Moment last_start_ = Moment::min();
    std::deque<Moment> recent_; // beginnings, at most most_
};

} // namespace probe
