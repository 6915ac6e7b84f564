// While waiting on a terminal: which hosts are still at which stage.
#pragma once

#include "probe/observation.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace command
{

/// One line of at most `width` columns, without control characters: "2 of 5 sessions done; mx1.example.com:
/// waiting for the greeting, …". Sessions that have not begun to speak are counted, not named.
std::string progress_line(std::span<const probe::Observation> observations, std::size_t width);

/// Shows a line on standard error in place of the one before, where it is a terminal; takes it away when it
/// goes.
class ProgressLine
{
public:
    ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ~ProgressLine();

    bool visible() const noexcept { return visible_; }
    std::size_t width() const noexcept;
    void show(const std::string& line);
    void clear();

private:
    bool visible_;
    bool shown_ = false;
};

} // namespace command
