// How much a scan has on its hands, and whether it may take more.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace scan
{

/// A target is busy unless it waits for a conversation; a conversation is busy while it is held. So those
/// that wait for a busy address, or for what somebody else finds out there, do not hold up the rest.
struct Limits
{
    std::size_t busy = 1000;  // at once
    std::size_t taken = 5096; // targets taken from the input and not yet written, at once
};

/// From any thread.
class Budget
{
public:
    explicit Budget(Limits limits)
        : limits_(limits),
          step_(std::max<std::size_t>(1, std::min<std::size_t>(64, std::min(limits.busy, limits.taken) / 4)))
    {}

    /// Waits until one more target may be taken, and takes it; false once it was stopped.
    bool take();

    void finish();                   // a target: its result is there
    void write(std::size_t results); // so many results are stored
    void ask();                      // for a conversation
    void have();                     // it is over, or it was known
    void begin();                    // to hold one
    void end();

    void stop() noexcept;

    /// Waits until everything that was taken is written, or it was stopped.
    void wait_until_written();

    struct Load
    {
        std::size_t targets = 0; // taken, and not finished
        std::size_t unwritten = 0;
        std::size_t conversations = 0;
    };
    Load load() const;

private:
    bool has_room_for(std::size_t targets) const noexcept;
    template <class Change>
    void change(Change change);

    const Limits limits_;
    const std::size_t step_; // whoever waits to take is woken for so many: those in the way will go
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t unfinished_ = 0;
    std::size_t unwritten_ = 0;
    std::size_t asked_ = 0;
    std::size_t held_ = 0;
    bool stopped_ = false;
};

} // namespace scan
