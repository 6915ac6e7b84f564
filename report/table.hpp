// The matrix of hosts and stages, with what was found and what it means for mail. For a person.
#pragma once

#include "probe/verdict.hpp"
#include "report/report.hpp"

#include <string>

namespace report
{

std::string table(const probe::Verdict& verdict, const Style& style);

} // namespace report
