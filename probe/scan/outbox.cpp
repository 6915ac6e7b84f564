#include "probe/scan/outbox.hpp"

#include <utility>

namespace scan
{

void Outbox::add(Result result)
{
    const std::lock_guard lock(mutex_);
    if (!ordered_) {
        ready_.push_back(std::move(result));
    } else {
        const auto number = result.task.number;
        early_.emplace(number, std::move(result));
        for (auto first = early_.begin(); first != early_.end() && first->first == next_; ++next_) {
            ready_.push_back(std::move(first->second));
            first = early_.erase(first);
        }
    }
    if (!ready_.empty())
        changed_.notify_one();
}

std::vector<Result> Outbox::take()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !ready_.empty(); });
    return std::exchange(ready_, {});
}

void Outbox::close()
{
    const std::lock_guard lock(mutex_);
    for (auto& [number, result] : early_)
        ready_.push_back(std::move(result));
    early_.clear();
    closed_ = true;
    changed_.notify_one();
}

} // namespace scan
