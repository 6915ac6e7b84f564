#include "probe/rate.hpp"

#include <algorithm>
#include <cmath>

namespace probe
{
namespace
{

using Seconds = std::chrono::duration<double>;

/// A second as it is kept: between a beginning and the first packet of it there may be that much more.
constexpr std::chrono::milliseconds second{1'010};

double whole_or_below_one(double a_second)
{
    return a_second < 1 ? a_second : std::floor(a_second);
}

} // namespace

Rate::Rate(double a_second)
    : most_(static_cast<std::size_t>(std::max(1.0, std::floor(a_second)))),
      spacing_(std::chrono::ceil<Moment::duration>(Seconds(second) / whole_or_below_one(a_second)))
{}

Rate::Moment Rate::next_start(Moment now)
{
    const std::lock_guard lock(mutex_);
    last_start_ = last_start_ == Moment::min() ? now : std::max(now, last_start_ + spacing_);
    return last_start_;
}

std::optional<Rate::Moment> Rate::begin(Moment now)
{
    const std::lock_guard lock(mutex_);
    while (!recent_.empty() && recent_.front() + second <= now)
        recent_.pop_front();
    if (recent_.size() == most_)
        return recent_.front() + second;
    recent_.push_back(now);
    return std::nullopt;
}

} // namespace probe
