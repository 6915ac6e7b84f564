// The matrix of hosts and stages, with what was found and what it means for mail. For a person.
#pragma once

#include "probe/verdict.hpp"
#include "report/report.hpp"
#include "report/text.hpp"

#include <string>
#include <vector>

namespace report
{

std::string table(const probe::Verdict& verdict, const Style& style);

// The parts of it, for a report that lays them out in another way.

/// The titles, a row an endpoint or a host without any, the averages.
std::vector<Row> stage_rows(const probe::Verdict& verdict);

/// What there is to say of an endpoint beside its stages and findings, a line each.
std::vector<std::string> notes(const probe::EndpointVerdict& endpoint, bool finished);

/// What the factor is made of, where that is not plain to see. Whole lines.
std::string reasons(const probe::Verdict& verdict);

/// A row a policy: its name, what becomes of mail, and whether that was asked for. Without any host only the
/// policy that was asked for has something to say.
std::vector<Row> outcome_rows(const probe::Verdict& verdict);

} // namespace report
