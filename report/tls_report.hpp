// The run as a TLS report (RFC 8460 §4), to be laid beside those that senders mail.
//
// One report is about the whole run, and each policy stands in it once, whichever targets it was met under.
// A session is the one that the probe holds with an address as a sender would; what --key-types, --assure and
// --protocols open beside it counts nowhere. Nor does a session that never came to the point where TLS could
// be judged: not reached, turned away, masked, or a TLSA look-up that timed out (§4.3.4).
//
// Each session counts once, under the policy that a sender who knows both goes by:
//
// - "tlsa": the usable TLSA records of the host. The policy domain is the TLSA base domain (§1.1), as Postfix
//   has it; Microsoft names the domain that the mail is for, and counts a session under both policies.
// - "sts": the domain's MTA-STS policy in mode enforce or testing, also one that cannot be had or read: then
// a
//   sender goes on without it (RFC 8461 §3.3), and what kept it away stands among the failures beside the
//   sessions, with their number, and is in no sum.
// - "no-policy-found": neither, or mode none. TLS that comes up is a success there, whatever certificate.
//
// A session that fails has one failure detail, the most basic one, so that these add up to the sum.
#pragma once

#include "probe/verdict.hpp"

#include <span>
#include <string>
#include <string_view>

namespace report
{

/// JSON, indented; empty where there is no verdict, since a report is about a time. `contact` is the mail
/// address of whoever answers for it, which RFC 8460 wants; where it is empty, so is "contact-info".
std::string tls_report(std::span<const probe::Verdict> verdicts, std::string_view contact);

} // namespace report
