// What a sender's TLS setting would do with a message (RFC 3207, RFC 7435; the settings of the usual
// gateways).
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
    required_verify
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
    Policy::none, Policy::preferred, Policy::required, Policy::preferred_verify, Policy::required_verify};

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

Outcome outcome(Policy policy, Offer offer) noexcept;

/// Whether a domain's outcome is what the policy asks for.
bool met(Policy policy, Outcome outcome) noexcept;

std::string_view name(Policy policy) noexcept;   // "required-verify"
std::string_view name(Outcome outcome) noexcept; // "encrypted-verified", …, "n/a"
std::optional<Policy> policy_named(std::string_view name) noexcept;

} // namespace probe
