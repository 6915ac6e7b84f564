// The time stamps of mail logs. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace maillog
{

/// "Tue Apr 17 00:57:53 2018", "Apr 17 00:57:53", "2018-04-17T00:57:53.123+02:00", "2018-04-17 00:57:53": as
/// if it were UTC, to the second. Where it has no year, the last such day that is not after `latest`.
std::optional<std::chrono::sys_seconds>
moment_of(std::string_view stamp, std::chrono::sys_seconds latest) noexcept;

} // namespace maillog
