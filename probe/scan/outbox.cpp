#include "probe/scan/outbox.hpp"

#include <chrono>
#include <utility>

namespace scan
{
namespace
{

// To wake a thread for each result costs more than most else that a result takes.
constexpr std::size_t batch = 64;
constexpr std::chrono::milliseconds linger{5};

} // namespace

void Outbox::add(Result result)
{
    const std::lock_guard lock(mutex_);
    const auto before = ready_.size();
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
    const bool is_first = before == 0 && !ready_.empty();
    if (is_first || (before < batch && ready_.size() >= batch))
        changed_.notify_one();
}

std::vector<Result> Outbox::take()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !ready_.empty(); });
    changed_.wait_for(lock, linger, [this] { return closed_ || ready_.size() >= batch; });
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
