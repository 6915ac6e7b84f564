// What to publish in DNS, or to serve, as text to be copied: zone-file lines, and what is to be said beside.
#pragma once

#include "probe/publish.hpp"
#include "probe/verdict.hpp"

#include <string>
#include <vector>

namespace report
{

/// The TLSA records advised for each host, as a fragment of a zone file (RFC 1035 §5.1): what else there is
/// to say stands in comments. Whole lines; empty where none were asked for.
std::string tlsa_records(const probe::Verdict& verdict);

/// Each host or address of which no certificate was seen, and why: a line each, without its end.
std::vector<std::string> unseen(const probe::Verdict& verdict);

/// Where mail would fail the policy that is in force, or what nobody could see: a line for each host or
/// address, without its end.
std::vector<std::string> policy_failures(const probe::Verdict& verdict);

/// What is to be published beside the policy of a domain, as a fragment of a zone file. The id is that of the
/// moment when the hosts were seen. Whole lines.
std::string policy_records(const probe::Verdict& verdict, const probe::PublishedSts& published);

} // namespace report
