#include "probe/policy.hpp"

namespace probe
{

namespace
{

bool is_encrypted(Offer offer) noexcept
{
    return offer == Offer::verified || offer == Offer::unverified;
}

Outcome outcome_of_setting(Policy policy, Offer offer) noexcept
{
    if (offer == Offer::unknown)
        return Outcome::deferred;
    if (policy == Policy::none)
        return Outcome::plaintext;
    if (!is_encrypted(offer))
        return policy == Policy::preferred || policy == Policy::preferred_verify ? Outcome::plaintext
                                                                                 : Outcome::not_sent;
    if (policy == Policy::preferred || policy == Policy::required)
        return Outcome::encrypted;
    if (offer == Offer::verified)
        return Outcome::encrypted_verified;
    return policy == Policy::required_verify ? Outcome::not_sent : Outcome::encrypted;
}

Outcome outcome_of_demand(Demand demand, Offer offer) noexcept
{
    if (demand == Demand::none)
        return Outcome::not_applicable;
    if (demand == Demand::unsatisfied || !is_encrypted(offer))
        return Outcome::deferred;
    return demand == Demand::satisfied ? Outcome::encrypted_verified : Outcome::encrypted;
}

} // namespace

Outcome outcome(Policy policy, Offer offer, Demands demands) noexcept
{
    if (policy == Policy::dane)
        return outcome_of_demand(demands.dane, offer);
    if (policy == Policy::mta_sts)
        return outcome_of_demand(demands.mta_sts, offer);
    return outcome_of_setting(policy, offer);
}

bool met(Policy policy, Outcome outcome) noexcept
{
    switch (policy) {
    case Policy::none:
    case Policy::preferred:
    case Policy::preferred_verify:
        return true;
    case Policy::required:
        return outcome == Outcome::encrypted || outcome == Outcome::encrypted_verified;
    case Policy::required_verify:
    case Policy::dane:
    case Policy::mta_sts:
        return outcome == Outcome::encrypted_verified;
    }
    return false;
}

std::string_view name(Policy policy) noexcept
{
    switch (policy) {
    case Policy::none:
        return "none";
    case Policy::preferred:
        return "preferred";
    case Policy::required:
        return "required";
    case Policy::preferred_verify:
        return "preferred-verify";
    case Policy::required_verify:
        return "required-verify";
    case Policy::dane:
        return "dane";
    case Policy::mta_sts:
        return "mta-sts";
    }
    return "";
}

std::string_view name(Outcome outcome) noexcept
{
    switch (outcome) {
    case Outcome::encrypted_verified:
        return "encrypted-verified";
    case Outcome::encrypted:
        return "encrypted";
    case Outcome::plaintext:
        return "plaintext";
    case Outcome::deferred:
        return "deferred";
    case Outcome::not_sent:
        return "not-sent";
    case Outcome::not_applicable:
        return "n/a";
    }
    return "";
}

std::optional<Policy> policy_named(std::string_view text) noexcept
{
    for (const auto policy : all_policies) {
        if (name(policy) == text)
            return policy;
    }
    return std::nullopt;
}

} // namespace probe
