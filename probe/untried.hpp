// The verdict on what was never tried: what is no target, what --exclude names, and what had no turn. Pure.
#pragma once

#include "probe/verdict.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace probe
{

/// `given` is the target as it was read; `why` says what is wrong with it. UNKNOWN, and without a domain.
Verdict judge_refusal(std::string given, std::string why, std::chrono::system_clock::time_point now);

/// A target that nobody probes any more, and why, as one line.
Verdict judge_abandonment(std::string given, std::string why, std::chrono::system_clock::time_point now);

/// Of an interrupted run, what was never begun: UNKNOWN, and not finished.
Verdict judge_unbegun(const Target& target, std::chrono::system_clock::time_point now);

/// `rule` is the line of --exclude that names the target's domain. UNKNOWN.
Verdict
judge_exclusion(const Target& target, std::string_view rule, std::chrono::system_clock::time_point now);

/// `name` is the domain, the host or the address that was not contacted.
Finding exclusion_of(std::string_view name, std::string_view rule);

} // namespace probe
