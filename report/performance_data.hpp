// What a monitoring system draws: 'label'=value[UOM];[warn];[crit];[min];[max], by the Monitoring Plugins
// Development Guidelines.
//
// Of a target: the factor, the least number of days that a certificate of a path has left, the seconds of the
// whole, and of each stage, where of several addresses the slowest counts. Their order and number are the
// same at every run; what is not known is U. Of several targets each label begins with the target's title, in
// quotes; a title that another target has already bears a number.
#pragma once

#include "probe/verdict.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace report
{

/// Of at most `room` octets, since a value that is cut in two would be a wrong one: where there is too little
/// room for all, stages are left out, then all but the factors, then the last targets. Which ones depends on
/// the targets alone, and not on what was found.
///
/// The ranges of the factor are raised by its extras, against which no limit is held; it has none where no
/// endpoint could be judged. No bar of others' gets in.
std::string performance_data(std::span<const probe::Verdict> verdicts, std::size_t room);

/// Of the certificates on a path, which are those that a limit is held against; none where none was sent.
std::optional<int> least_days_left(const probe::Verdict& verdict);

} // namespace report
