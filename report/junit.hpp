// The report as test results: JUnit XML as Jenkins, GitLab and Surefire read it, by the schema in
// fixtures/junit.xsd.
//
// A test suite a target. Its first test case is the domain, with what was found of it and of its hosts; then
// comes a test case an endpoint. A finding of severity warning or worse is a failure, the worst first, since
// some readers show no more than that. Notices, and what TLS agreed on, stand in system-out. What was not
// tried, or not to its end, is skipped. A target that is not OK without any such finding, as where the factor
// is below a limit, fails as the domain.
#pragma once

#include "probe/verdict.hpp"

#include <span>
#include <string>

namespace report
{

/// A whole document in UTF-8, also without any verdict.
std::string junit(std::span<const probe::Verdict> verdicts);

} // namespace report
