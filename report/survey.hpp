// What an endpoint offers (--protocols), for people.
#pragma once

#include "probe/survey.hpp"

#include <string>

namespace report
{

/// "accepts TLSv1.3, TLSv1.2, found by 52 connections; suites and groups: -v".
std::string summary(const probe::Survey& survey);

/// A line for each version, its suites and groups below it, then what else was asked, then the notices.
/// `where` is the endpoint. Whole lines.
std::string survey_lines(const probe::Survey& survey, const std::string& where, bool color);

} // namespace report
