// The certificates as sent, held against the path: which are there twice, in the wrong place, or for nothing.
// Pure.
#pragma once

#include "probe/path.hpp"

#include <span>
#include <string>
#include <vector>

namespace probe
{

/// Of more different certificates than this only the first are compared with each other.
inline constexpr std::size_t max_compared = 50;

struct Order
{
    /// chain_duplicate, chain_misordered, chain_unrelated, chain_root_included; each certificate is the
    /// matter of one of them at most.
    std::vector<Finding> findings;

    /// Of each certificate as sent, "the same as certificate 2"; empty where it is no duplicate.
    std::vector<std::string> remarks;
};

/// RFC 5246 §7.4.2: each certificate is followed by the one that certifies it; RFC 8446 §4.4.2 bears with any
/// order. `path` may use more than was sent. Versions of an authority that different issuers cross-signed are
/// no duplicates, whether or not this path uses them.
Order judge_order(std::span<const smtp::Certificate> chain, const Path& path);

} // namespace probe
