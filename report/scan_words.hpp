// What a scan says on standard error: a line while it goes on, and a last one.
#pragma once

#include "probe/tally.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace report
{

/// "12,345 done, 17 failed (CRITICAL or UNKNOWN), 523/s, 4 min left", in at most `width` columns: what does
/// not fit is left out, the last first, but for the time left, which outlasts what "failed" means. The rate
/// is that of the whole run. The time left is told where `share_read`, how much of the input was read, 0 to
/// 1, is known.
std::string scan_progress(const probe::Tally& tally, std::optional<double> share_read, std::size_t width);

/// "1,000,000 targets, 5,003 connections: 900,123 OK, 50,000 WARNING, 30,000 CRITICAL, 19,877 UNKNOWN in 812
/// s, 1,231 targets a second".
std::string scan_summary(const probe::Tally& tally);

} // namespace report
