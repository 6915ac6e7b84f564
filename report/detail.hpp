// The conversation with every address, as it went: timed, with the certificates. For a person.
#pragma once

#include "probe/verdict.hpp"
#include "report/report.hpp"

#include <string>
#include <vector>

namespace report
{

/// Header, findings about the domain, transcripts.
std::string detail(const probe::Verdict& verdict, const Style& style);

struct Conversation
{
    std::string about{}; // "mx1.example.com [192.0.2.1:25]", or a host
    std::string text{};  // whole lines
};

/// What there is to tell of each host beside its addresses, and of each address.
std::vector<Conversation> conversations(const probe::Verdict& verdict, bool color);

/// The transcripts alone, to stand below a table. Empty where there is no host.
std::string transcripts(const probe::Verdict& verdict, const Style& style);

} // namespace report
