// What a sender's TLS setting would do with a message (RFC 3207, RFC 7435; the settings of the usual
// gateways; RFC 7672, RFC 8461). Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace probe
{

enum class Policy : std::uint8_t
{
    none,
    preferred,
    required,
    preferred_verify,
    required_verify,
    dane,   // RFC 7672: by the host's TLSA records
    mta_sts // RFC 8461: by the domain's policy
};
enum class Outcome : std::uint8_t
{
    encrypted_verified,
    encrypted,
    plaintext,
    deferred,
    not_sent,
    not_applicable
};

inline constexpr std::array all_policies{
    Policy::none, Policy::preferred, Policy::required, Policy::preferred_verify, Policy::required_verify,
    Policy::dane, Policy::mta_sts};

/// One outcome for each of all_policies, indexed by it.
using Outcomes = std::array<Outcome, all_policies.size()>;

/// What one endpoint offers to a sender.
enum class Offer : std::uint8_t
{
    verified,   // TLS up, chain and name verify
    unverified, // TLS up
    plain,      // STARTTLS not offered, or refused
    broken,     // the handshake, or the EHLO behind it, failed after the 220
    unknown     // no session could be opened, or what it offers could not be seen
};

/// What a policy that a domain publishes makes of one endpoint with TLS.
enum class Demand : std::uint8_t
{
    none,        // nothing is published: the sender goes on as if it did not know of such policies
    encryption,  // TLS is demanded, and nobody authenticated
    satisfied,   // the endpoint is authenticated
    unsatisfied, // it is not, or what is published cannot be found out
};

struct Demands
{
    Demand dane = Demand::none;
    Demand mta_sts = Demand::none;
};

Outcome outcome(Policy policy, Offer offer, Demands demands) noexcept;

/// Whether a domain's outcome is what the policy asks for.
bool met(Policy policy, Outcome outcome) noexcept;

std::string_view name(Policy policy) noexcept;   // "required-verify"
std::string_view name(Outcome outcome) noexcept; // "encrypted-verified", …, "n/a"
std::optional<Policy> policy_named(std::string_view name) noexcept;

} // namespace probe
