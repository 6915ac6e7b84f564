#include "probe/scan/budget.hpp"

#include <algorithm>

namespace scan
{

/// Whether so many more may be busy, and one more be taken.
bool Budget::has_room_for(std::size_t targets) const noexcept
{
    const auto waiting = std::min(unfinished_, asked_);
    const auto busy = unfinished_ - waiting + held_;
    return busy + targets <= limits_.busy && unfinished_ + unwritten_ < limits_.taken;
}

bool Budget::take()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopped_ || has_room_for(1); });
    if (stopped_)
        return false;
    ++unfinished_;
    return true;
}

template <class Change>
void Budget::change(Change change)
{
    const std::lock_guard lock(mutex_);
    change();
    if (has_room_for(step_) || unfinished_ + unwritten_ == 0)
        changed_.notify_all();
}

void Budget::finish()
{
    change([this] {
        --unfinished_;
        ++unwritten_;
    });
}

void Budget::write(std::size_t results)
{
    change([=, this] { unwritten_ -= results; });
}

void Budget::ask()
{
    change([this] { ++asked_; });
}

void Budget::have()
{
    change([this] { --asked_; });
}

void Budget::begin()
{
    change([this] { ++held_; });
}

void Budget::end()
{
    change([this] { --held_; });
}

void Budget::stop() noexcept
{
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
}

void Budget::wait_until_written()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopped_ || unfinished_ + unwritten_ == 0; });
}

Budget::Load Budget::load() const
{
    const std::lock_guard lock(mutex_);
    return {unfinished_, unwritten_, held_};
}

} // namespace scan
