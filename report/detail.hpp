// The conversation with every address, as it went: timed, with the certificates. For a person.
#pragma once

#include "probe/verdict.hpp"
#include "report/report.hpp"

#include <string>

namespace report
{

/// Header, findings about the domain, transcripts.
std::string detail(const probe::Verdict& verdict, const Style& style);

/// The transcripts alone, to stand below a table. Empty where there is no host.
std::string transcripts(const probe::Verdict& verdict, const Style& style);

} // namespace report
