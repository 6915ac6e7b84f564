// Observation → Verdict. Pure: criteria, moment and trust are arguments.
#pragma once

#include "probe/chain.hpp"
#include "probe/observation.hpp"
#include "probe/verdict.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace probe
{

struct Criteria
{
    std::optional<std::string> reference; // --reference: in place of the MX name
    std::chrono::sys_seconds moment{};    // certificates are judged as of this
    int expiry_days = 21;
    int warn_below = 100;
    int fail_below = 90;
    bool ignore_unreachable = false;
    bool rcpt = false;
    bool advise_tlsa = false;
    std::optional<Policy> policy;
    Evidence evidence{}; // for all chains
};

/// Asked for only once there is a chain to judge, so that a run without one never loads any root.
using Trust = std::function<const TrustStore&()>;

Verdict judge(Observation observation, const Criteria& criteria, const Trust& trust);

} // namespace probe
