// The numbers of a run for a monitoring system, by the OpenMetrics text format 1.0. Every name begins with
// "mxtls_scan_"; every value of a label is a word of this program's own, so that none has to be escaped.
//
// A counter is described there by its name without "_total", which no other family may then have. Whoever
// reads the older text format of Prometheus, as promtool and node_exporter do, has the samples all the same,
// untyped and without help.
#pragma once

#include "probe/tally.hpp"

#include <optional>
#include <string>

namespace report
{

/// `share_read` is how much of the input was read, 0 to 1; none where its length is not known, and then there
/// is no such metric. Ends in "# EOF" and a line end.
std::string openmetrics(const probe::Tally& tally, std::optional<double> share_read);

} // namespace report
