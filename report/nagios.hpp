// The report of a monitoring plugin, by the Monitoring Plugins Development Guidelines: one line with the
// status and, behind a bar, performance data; below it the findings. The program's exit status is theirs
// already.
//
// Several targets are summed up in the line, which names the worst of them; below it each has a line, the
// worst first. Nagios keeps no more than 8 KB of all this: what does not find room is left out here, by whole
// lines and whole performance data, and never the status.
#pragma once

#include "probe/verdict.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace report
{

/// Octets that Nagios reads of an output (MAX_PLUGIN_OUTPUT_LENGTH, with a NUL behind them).
inline constexpr std::size_t most_of_a_plugin = 8191;

/// What is to be told beside the verdicts.
struct PluginRun
{
    std::optional<probe::Status> status{}; // that the run ends with; none: the worst of the verdicts
    std::vector<std::string> faults{};     // why it is UNKNOWN though the targets are not: safe to show
    bool quiet = false;                    // nothing below the line of a target that is OK
};

/// Empty where there is no verdict. No bar of others' gets in.
std::string nagios(std::span<const probe::Verdict> verdicts, const PluginRun& run);

/// The line of a run that has no verdict to tell: UNKNOWN, and why, which is one line and safe to show.
std::string nagios_failure(std::string_view why);

} // namespace report
