// The stapled OCSP response (RFC 6066 §8) → what it says of the server's certificate. Pure.
#pragma once

#include "probe/finding.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

struct x509_st;

namespace probe
{

/// certificate_revoked, ocsp_invalid, ocsp_missing, or nothing. Without `issuer` (null: it is not known) a
/// response that can be read says nothing for sure, and is passed over.
///
/// The response counts where the issuer signed it, or whom the issuer entrusted with that (RFC 6960
/// §4.2.2.2); whether the issuer is trusted is the chain's matter.
std::optional<Finding> judge_staple(
    std::span<const std::uint8_t> staple, x509_st* certificate, x509_st* issuer,
    std::chrono::sys_seconds moment
);

} // namespace probe
