// What a check writes into its history (--history), and the alerts that come of it.
#pragma once

#include "probe/command/notify.hpp"
#include "probe/command/options.hpp"
#include "probe/history/history.hpp"
#include "probe/verdict.hpp"

#include <optional>
#include <vector>

namespace command
{

/// Whatever is amiss with the file is a line on standard error, and keeps no report from being made.
class Recorder
{
public:
    /// Opens the file before the run, so that the line comes at once. The options outlive it.
    explicit Recorder(const Options& options);

    /// All targets that are done, at once, and forgets what is too old. Returns false where a history was
    /// asked for, and has not got them.
    bool record(const std::vector<probe::Verdict>& verdicts) const;

    /// Of what was recorded, what is worth an alert, with a line on standard error for each that could not be
    /// sent. Returns false where there is one.
    bool notify(const std::vector<probe::Verdict>& verdicts) const;

private:
    void write(const std::vector<probe::Verdict>& verdicts) const;

    const Options& options_;
    Notifier notifier_;
    std::optional<history::History> history_;
};

} // namespace command
