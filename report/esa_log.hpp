// The sessions in the manner of the mail log of a Cisco Secure Email gateway (ESA), so that what is grepped
// from that can be grepped from this:
//
//   New SMTP DCID n interface A address B port P          the connection opened
//   DCID n TLS success protocol V cipher C                TLS came up, and mail would have gone through it
//   DCID n TLS failed: REASON                             it did not, or a --policy keeps mail back
//   Connection Error: DCID n domain: D IP:B port: P …     TLS could not be looked at
//
// A DCID is a number of this report, in the order in which the sessions began; 0 where no connection opened.
// A host without an address, and a target of which no host is known, have a Connection Error without an
// address: who looks for what went wrong would else find nothing. A null MX has no line at all. Lines stand
// in the order of time. The clock is UTC: the appliance's own is its local time.
#pragma once

#include "probe/verdict.hpp"

#include <span>
#include <string>

namespace report
{

/// Whole lines; empty where there is none.
std::string esa_log(std::span<const probe::Verdict> verdicts);

} // namespace report
