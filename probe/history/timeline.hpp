// What a history tells of a target. Data only.
#pragma once

#include "probe/history/sighting.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace history
{

/// A fact, and for how long it held.
struct Seen
{
    Fact fact{};
    std::optional<Certificate> certificate{}; // where the fact is one
    Moment first_seen{};
    Moment last_seen{};
    std::optional<Moment> ended{}; // when it was first seen otherwise; none: it holds, as far as is known
};

/// As the last run left it.
struct State
{
    Run last{};
    std::vector<Seen> seen{}; // what holds; what the last run could not see has an older last_seen
};

/// Runs in a row that found fault.
struct Streak
{
    std::int64_t runs = 0;
    std::optional<Moment> since{}; // the first of them; none where there is none
};

struct Notification
{
    std::string value{};
    Moment sent{};
};

struct Timeline
{
    std::string target{};
    std::int64_t runs = 0; // of which there still is a record, as of what follows
    Run first{};
    Run last{};
    std::vector<Seen> changes{}; // by first_seen, then aspect and place
    std::vector<Run> points{};   // by time: factor and days left, for a drawing
};

} // namespace history
