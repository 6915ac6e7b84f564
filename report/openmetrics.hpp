// The verdicts for Prometheus: OpenMetrics 1.0, which node_exporter's textfile collector and promtool read
// too.
//
// Names, labels and values are those of blackbox_exporter where it has the like ("probe_…"), so that rules
// and dashboards that are there already go on; the rest begins with "mxtls_". Every sample bears the label
// target; what is about a host, host too; what is about an endpoint, address and port. All are gauges: each
// run stands for itself. A state is a sample for each that could be, 1 for the one that is, 0 for the others.
#pragma once

#include "probe/verdict.hpp"

#include <span>
#include <string>

namespace report
{

/// Ends in "# EOF" and a line end. Of targets that were given alike, the worst counts.
std::string openmetrics(std::span<const probe::Verdict> verdicts);

} // namespace report
