// What table and detail say in the same words. Everything that comes from elsewhere is made safe here.
#pragma once

#include "probe/verdict.hpp"
#include "report/text.hpp"

#include <string>
#include <vector>

namespace report
{

Ink ink(probe::Status status) noexcept;
Ink ink(probe::Severity severity) noexcept;

/// `CheckTLS-style confidence factor for "example.com": 90 of 100  (best 120)   CRITICAL`, and where there is
/// need of it its label and whom to write to, what the target is in A-labels, and that it was interrupted.
/// Whole lines.
std::string header(const probe::Verdict& verdict, bool color);

/// What tells a target from others: its label, or as it was given. Legible.
std::string title(const probe::Verdict& verdict);
/// Its lines behind the first.
std::vector<Cell> caveats(const probe::Verdict& verdict);

/// The domain; the target as it was given where that has none.
std::string label(const probe::Verdict& verdict);

/// "mx1.example.com [192.0.2.1:25]", "mx1.example.com [[2001:db8::1]:25]".
std::string label(const probe::HostVerdict& host, const probe::EndpointVerdict& endpoint);

/// "mx2.example.com [no address]", or "[address unknown]" where DNS did not say, or had no time to, or
/// "[excluded]".
std::string label_without_address(const probe::HostVerdict& host, bool finished);

/// "5", or "-" for a host that no MX record named.
std::string preference(const probe::HostVerdict& host);

/// The message, and what the server said where the message does not have it already.
std::string sentence(const probe::Finding& finding);

/// What a published policy is called in a sentence: "DANE", "MTA-STS".
std::string_view title(probe::Policy policy) noexcept;

/// The factor, or "n/a".
std::string factor(const probe::Confidence& confidence);

/// Whether a session came to its turn at all.
bool began(const smtp::Session& session) noexcept;

/// Of a session that did not come to its end: "interrupted while …", "not tried: …". `finished`: of the whole
/// target, which otherwise was interrupted.
std::string unfinished(const smtp::Session& session, bool finished);

/// "What to do: mxtls explain CODE…": what was found, of at least this severity, each once, the worst first.
/// A whole line, or empty.
std::string hint(const probe::Verdict& verdict, probe::Severity least);

/// What is out of the usual, a line each: that the session was shared; what was asked: "certificates: RSA ok,
/// ECDSA none", "mail in clear: refused, 530 5.7.0 …".
std::vector<std::string> answers(const probe::EndpointVerdict& endpoint);

} // namespace report
