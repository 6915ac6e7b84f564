// What this machine, and the files that the command line names, have to give to a run.
#pragma once

#include "probe/command/options.hpp"
#include "probe/rate.hpp"

#include <memory>
#include <optional>
#include <string>

namespace command
{

/// The resolvers of the system where none are given, and as many connections at once as there may be
/// descriptors. Throws std::invalid_argument where there is no resolver to ask.
Options& completed(Options& options);

/// As the system says; empty where it does not.
std::string own_host_name();

/// Of --rate; null: no limit.
std::shared_ptr<probe::Rate> shared_rate(std::optional<double> a_second);

/// Read before the run, so that a bad file is told at once, as std::invalid_argument.
probe::Evidence given_evidence(const Options& options);

} // namespace command
