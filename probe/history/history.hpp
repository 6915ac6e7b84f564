// A history of checks in a file: each run of each target, and since when what it saw has been so.
#pragma once

#include "probe/history/sqlite.hpp"
#include "probe/history/timeline.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace history
{

/// For another process to be done with the file; a recording takes it a millisecond a target, of which a file
/// of targets may have ten thousand.
inline constexpr std::chrono::milliseconds busy_limit{60'000};

/// Any number of processes may have the same file open. All calls throw Unusable: one line, for a file that
/// cannot be read or written to, is damaged, of a newer version, or no history at all; it is then as it was.
class History
{
public:
    using Access = Database::Access;

    History(const std::string& path, Access access, std::chrono::milliseconds patience = busy_limit);

    /// What stands between this and commit() is done whole or not at all, and no other process records
    /// meanwhile: short, therefore.
    Transaction write() const;

    /// What is read while it lasts is of one moment.
    Transaction read() const;

    // In a transaction of write(). `target` is that of a Sighting.

    void record(const Sighting& sighting) const;

    /// Forgets runs that began before, and what was otherwise before; never a target's last run, nor what is
    /// known of it last.
    void prune(Moment before) const;

    /// For whoever tells of changes: under this key, this was told of the target. One value a key; kept for
    /// as long as the target is.
    void notified(const std::string& target, const std::string& key, const Notification& told) const;
    void forget_notified(const std::string& target, const std::string& key) const;

    // In a transaction of either kind. Before record(), "last" is the run before.

    std::optional<Notification> notification(const std::string& target, const std::string& key) const;

    /// None where no run of it was recorded.
    std::optional<State> state(const std::string& target) const;

    /// The latest runs, the newest first.
    std::vector<Run> latest(const std::string& target, std::size_t most) const;

    /// WARNING or CRITICAL since the last OK. A run with status UNKNOWN neither counts nor ends it: nothing
    /// was seen.
    Streak failing(const std::string& target) const;

    /// Alphabetically.
    std::vector<std::string> targets() const;

    /// None where no run of it was recorded. `since`: only what began or ended to be so since then. `points`:
    /// at most so many; where there were more runs, each point is several, with the worst of each.
    std::optional<Timeline>
    timeline(const std::string& target, std::optional<Moment> since, std::size_t points) const;

private:
    std::optional<std::int64_t> find(const std::string& target) const;
    std::int64_t number_next_run(const std::string& target) const;
    void hold(std::int64_t target, const Fact& fact, Moment now) const;
    void end_findings(std::int64_t target, const Sighting& sighting) const;
    void prune_runs(Moment before) const;
    std::vector<Run> points(std::int64_t target, Moment since, std::size_t most) const;

    Database database_;
};

} // namespace history
