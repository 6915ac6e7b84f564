// The report of a monitoring plugin, by the Monitoring Plugins Development Guidelines: one line with the
// status and, behind a bar, performance data; below it the findings. The program's exit status is theirs
// already.
//
// Performance data of a target: the factor, the least number of days that a certificate has left, the seconds
// of the whole, and of each stage, where of several addresses the slowest counts. Their order and number are
// the same at every run; what is not known is U. Several targets are summed up in the line, and each label is
// then the target's, in quotes.
#pragma once

#include "probe/verdict.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace report
{

/// `status`: of the whole run; none: the worst of the verdicts. Empty where there is no verdict.
///
/// The ranges of the factor are raised by its extras, against which no limit is held; it has none where no
/// endpoint could be judged. No bar of others' gets in.
std::string nagios(std::span<const probe::Verdict> verdicts, std::optional<probe::Status> status);

/// The line of a run that has no verdict to tell: UNKNOWN, and why, which is one line and safe to show.
std::string nagios_failure(std::string_view why);

} // namespace report
