// The report for spreadsheets and databases: RFC 4180, a header, a row an endpoint.
#pragma once

#include "probe/verdict.hpp"

#include <string>

namespace report
{

/// The names of the columns, ending in CRLF.
std::string csv_header();

/// A row for every endpoint, for every host without one, and for a target without a host; each ends in CRLF.
/// What is not known is empty. Factor and status are the target's. Outcomes are the endpoint's; the target's
/// where that has no endpoint at all. Codes are those about the target, the host and the endpoint, each once.
/// The label tells two apart that look at one target in several ways (--targets).
///
/// No cell begins as a formula does: the =, +, - or @ at the front of what was read elsewhere becomes \xNN.
std::string csv_rows(const probe::Verdict& verdict);

} // namespace report
