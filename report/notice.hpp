// What alerts say of a target: to a person, to a program, and to a script.
#pragma once

#include "probe/history/notice.hpp"
#include "probe/history/timeline.hpp"
#include "probe/verdict.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace report
{

struct Alert
{
    const probe::Verdict& verdict;
    const history::Notice& notice;
    history::Streak failing{};
};

inline constexpr std::size_t max_alert = 1024 * 1024; // octets of json()

/// One line: "example.com CRITICAL: STARTTLS is not offered by mx1.example.com". A target with a label is
/// "our relay (example.com)".
std::string subject(const Alert& alert);

/// What has happened, then the table. Whole lines.
std::string text(const Alert& alert);

/// What has happened, with the whole report by the schema "mxtls/1" under "report", or null there where it is
/// too large:
///
///   { "schema": "mxtls-alert/1", "text": "the subject", "target": "example.com", "label": null,
///     "events": ["worse", "unknown", "recovery", "key", "certificate", "expiry"],
///     "status": "CRITICAL", "previous_status": "OK", "factor": 0, "codes": ["starttls-not-supported"],
///     "failing_runs": 3, "failing_since": "2026-11-20T12:00:00.123Z",
///     "expiry_days": 14, "not_after": "…",
///     "certificates": [ { "host": "", "serial": "", "key": "", "issuer": "", "not_after": "",
///                         "sha256": "", "spki_sha256": "" } ],
///     "report": {} }
std::string alert_json(const Alert& alert);

/// Environment variables: MXTLS_TARGET, MXTLS_STATUS and so on. All are always there; what is not known is
/// empty.
std::vector<std::pair<std::string, std::string>> facts(const Alert& alert);

} // namespace report
