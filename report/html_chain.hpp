// A chain of certificates, drawn as a path from the name that is looked for up to what is trusted.
#pragma once

#include "probe/chain.hpp"
#include "report/markup.hpp"

#include <string>

namespace report
{

/// "mx1.example.com", the last common name of the subject; or else its first name, or the whole subject.
std::string short_name(const probe::CertificateFacts& facts);

/// A stop for the name, for each certificate of the path and for what it ends at, each with why the path
/// breaks there, if it does; below it what was sent for nothing. `presented_by`: the endpoints.
markup::Markup chain_path(const probe::ChainVerdict& chain, const std::string& presented_by);

} // namespace report
