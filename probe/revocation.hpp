// Given revocation lists (RFC 5280 §5) → which certificates of a path they revoke. Pure.
#pragma once

#include "probe/path.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace probe
{

struct Revocations
{
    std::vector<Finding> findings;     // certificate_revoked
    std::vector<std::size_t> depths;   // of the certificates that they are about
    std::vector<std::size_t> speaking; // the lists, by index, that an issuer on the path signed
};

/// A list counts where the issuer's key signed it, and its entries count also once it is stale: nothing that
/// was revoked for good comes back. What is revoked after the moment does not count.
Revocations
judge_revocation(const Path& path, std::span<const RevocationList> lists, std::chrono::sys_seconds moment);

} // namespace probe
