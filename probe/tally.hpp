// What a run has done so far, in numbers. Data only: whoever shares one between threads guards it.
#pragma once

#include "probe/verdict.hpp"

#include <array>
#include <chrono>
#include <cstdint>

namespace probe
{

struct Tally
{
    std::array<std::uint64_t, statuses> targets{}; // that are done, indexed by Status
    std::uint64_t targets_invalid = 0;             // among them: lines that are no target
    std::uint64_t targets_excluded = 0;            // among them: those that --exclude names
    std::uint64_t sessions_held = 0;               // connections tried, whatever came of them
    std::uint64_t sessions_shared = 0;             // told once more, for a further target

    /// Of the sessions that were held to judge an endpoint; indexed by Column, then by Result.
    std::array<std::array<std::uint64_t, results>, columns> stages{};

    std::array<std::uint64_t, all_codes> findings{}; // as they were told, indexed by Code

    std::uint64_t dns_questions = 0; // that were sent to a resolver
    std::uint64_t dns_cached = 0;    // that were answered without
    std::uint64_t policies_fetched = 0;
    std::uint64_t octets_sent = 0; // by the sessions that were held, over TCP, TLS records included
    std::uint64_t octets_received = 0;

    std::uint64_t targets_skipped = 0; // an earlier scan has their results
    std::uint64_t targets_under_way = 0;
    std::uint64_t sessions_under_way = 0;
    std::chrono::microseconds elapsed{};

    /// What a verdict says of targets, sessions, stages, findings and octets; the rest nobody knows from it.
    /// Connections of a survey count, and their octets do not.
    void count(const Verdict& verdict);

    /// Of two parts of one run: everything adds up, but for the time, of which the longer counts.
    Tally& operator+=(const Tally& other);

    /// All that are done.
    std::uint64_t targets_done() const noexcept;
    std::uint64_t at(Status status) const noexcept { return targets[static_cast<std::size_t>(status)]; }
    std::uint64_t at(Code code) const noexcept { return findings[static_cast<std::size_t>(code)]; }
    std::uint64_t at(Column column, Result result) const noexcept
    {
        return stages[static_cast<std::size_t>(column)][static_cast<std::size_t>(result)];
    }
};

} // namespace probe
