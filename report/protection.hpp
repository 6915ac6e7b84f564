// What DNSSEC, DANE, MTA-STS and TLS-RPT make of a domain and its hosts, in a line each.
#pragma once

#include "probe/verdict.hpp"
#include "report/remarks.hpp"

#include <string>
#include <vector>

namespace report
{

/// "mx1.example.com: DNSSEC secure · DANE valid (3 1 1) · MTA-STS enforce, covered", a line for each host
/// that was looked up, and behind them what is to be said of the domain itself. Whole lines; empty where
/// nobody looked.
std::string protection(const probe::Verdict& verdict, bool color);

/// "TLSA 3 1 1 0123…: matched": a remark for each record, for the transcript. Nothing without records.
std::vector<Remark> records_of(const std::optional<probe::DaneVerdict>& dane);

} // namespace report
