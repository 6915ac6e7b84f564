// The faults of a path → findings in plain words. Pure.
#pragma once

#include "probe/missing_issuer.hpp"
#include "probe/path.hpp"

#include <span>
#include <string>
#include <vector>

namespace probe
{

/// "the certificate /CN=mx.test"; behind the server's own with " at depth 1".
std::string which(const X509* certificate, std::size_t depth);

/// " (judged as of 2026-11-20T12:00:00Z)"; empty where that was the moment of the session, within a day.
std::string as_of(const ChainQuestion& question);

/// X509_V_ERR_… in OpenSSL's words, joined by "; ".
std::string words(std::span<const int> errors);

/// In the order in which they were found; one of a code and certificate. `completion` is what is known of an
/// issuer that the path lacks; null: nothing.
std::vector<Finding>
judge_faults(const Path& path, const ChainQuestion& question, const Completion* completion);

} // namespace probe
