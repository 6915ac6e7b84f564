// The report for programs, by the schema "mxtls/1": every key always there, in its order; what is not known
// is null.
//
// "offered" of an endpoint is what --protocols found; null where it was not asked for, or STARTTLS did not
// work:
//
//   { "versions": [ { "version": "TLSv1.3", "state": "accepted|refused|closed|unknown", "reason": "alert …",
//                     "preference": "server|client|null", "ciphers": [], "ciphers_complete": true,
//                     "groups": [ { "name": "X25519", "bits": 253 } ], "groups_complete": true,
//                     "resumption": true } ],
//     "dh_bits": [2048], "secure_renegotiation": true, "compression": false, "extended_master_secret": true,
//     "session_tickets": true, "alpn": "none|smtp|refused|null", "connections": 57, "stopped": null,
//     "notices": ["a sentence"] }
//
// The newest version first, always all five; "ciphers" and "groups" in the order in which they were chosen. A
// version is "closed" where the connection was closed in place of an answer and another version is accepted.
#pragma once

#include "probe/verdict.hpp"

#include <span>
#include <string>

namespace report
{

/// An array of all targets, indented.
std::string json(std::span<const probe::Verdict> verdicts);

/// One target, on a line of its own.
std::string ndjson(const probe::Verdict& verdict);

} // namespace report
