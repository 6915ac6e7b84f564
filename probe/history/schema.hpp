// The tables of a history, and how those of an older version become those of this one.
#pragma once

#include "probe/history/sqlite.hpp"

#include <span>

namespace history
{

inline constexpr std::int64_t application_id = 0x6d78746c; // "mxtl": what file(1) and we know a history by

/// What makes version N + 1 of version N, in SQL; the first makes version 1 of an empty file.
std::span<const char* const> steps();

/// Takes the file through those of the steps that it has not seen, in one transaction. Throws Unusable for
/// the database of another program, and for a version that is newer than the steps lead to.
void bring_up(const Database& database, std::span<const char* const> steps);

} // namespace history
