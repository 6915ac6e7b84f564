// Observation → Verdict. Pure: criteria, moment and trust are arguments.
#pragma once

#include "probe/chain.hpp"
#include "probe/judged_chains.hpp"
#include "probe/observation.hpp"
#include "probe/verdict.hpp"

#include <chrono>
#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace probe
{

struct Criteria
{
    std::optional<std::string> reference; // --reference: in place of the MX name
    std::chrono::sys_seconds moment{};    // certificates are judged as of this
    bool moment_is_now = false;           // which nobody asked for: see moment_for()
    int expiry_days = 21;
    int warn_below = 100;
    int fail_below = 90;
    bool ignore_unreachable = false;
    bool rcpt = false;
    bool advise_tlsa = false;
    std::optional<Policy> policy;
    Evidence evidence{}; // for all chains
};

/// What chains are judged by.
class Trust
{
public:
    /// Asked for only once there is a chain to judge, so that a run without one never loads any.
    using Roots = std::function<const TrustStore&()>;

    Trust() = default;

    /// `chains`: the verdicts that were made by these roots and outlive this; null: every chain is judged
    /// anew.
    template <std::convertible_to<Roots> Function>
    Trust(Function function, JudgedChains* chains = nullptr) : roots_(std::move(function)), judged_(chains)
    {}

    const TrustStore& roots() const { return roots_(); }
    JudgedChains* judged() const noexcept { return judged_; }

private:
    Roots roots_;
    JudgedChains* judged_ = nullptr;
};

Verdict judge(Observation observation, const Criteria& criteria, const Trust& trust);

} // namespace probe
