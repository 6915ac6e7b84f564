// A path that ends below an issuer that was not sent → the same with that issuer, where a run knows it. Pure.
#pragma once

#include "probe/path.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace probe
{

struct Completion
{
    X509* issuer = nullptr;   // that was missing
    bool given = false;       // by --extra-certs; else it was sent in another chain of this run
    std::size_t versions = 1; // of it that are known: cross-signed, or renewed
    Path path;                // with it, and with what is known above it
};

/// Of the versions of the issuer that are known, the one with which the path verifies, or else the first.
/// None where the path lacks no issuer, or nobody knows it. What counts is who signed: a certificate that
/// only bears the issuer's name is passed over.
std::optional<Completion> complete(const Path& path, const ChainQuestion& question, const TrustStore& trust);

} // namespace probe
