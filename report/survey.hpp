// What an endpoint offers (--protocols), for people.
#pragma once

#include "probe/survey.hpp"

#include <string>

namespace report
{

/// A line for each version, its suites and groups below it, then what else was asked, then the notices.
/// `where` is the endpoint. Whole lines.
std::string survey_lines(const probe::Survey& survey, const std::string& where, bool color);

} // namespace report
