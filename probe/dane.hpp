// TLSA records and the chain as sent → what DANE makes of them: RFC 6698, RFC 7671, RFC 7672 §3. Pure.
//
// Whether the records may be believed is for the caller to know: they are those of a secure answer.
#pragma once

#include "dns/records.hpp"
#include "probe/tlsa.hpp"
#include "smtp/tls.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace probe
{

enum class TlsaState : std::uint8_t
{
    matched,     // it describes what was sent, whatever else there may be against it
    not_matched, // usable, and describes something else
    unusable     // SMTP passes over it
};

std::string_view name(TlsaState state) noexcept; // "matched", "not-matched", "unusable"

/// A record by itself.
struct JudgedTlsa
{
    dns::Tlsa record{};
    TlsaState state = TlsaState::unusable;

    /// Of an unusable one: why. Of a matched one: why that authenticates nobody. Of one that does not match:
    /// what it describes instead, where that was sent. Safe to print; empty where there is nothing to say.
    std::string why{};
};

enum class DaneState : std::uint8_t
{
    none,     // no records
    valid,    // at least one of them authenticates the server: the names and dates of a DANE-EE(3) one are
              // not looked at
    invalid,  // there are usable ones, and none does
    unusable, // none is usable: a sender must encrypt, and authenticates nobody (RFC 7672 §2.2)
    error     // the look-up failed: never given here
};

std::string_view name(DaneState state) noexcept; // "none", "valid", "invalid", "unusable", "error"

struct DaneQuestion
{
    std::span<const smtp::Certificate> chain{}; // as sent, the server's own first; may be empty
    std::span<const dns::Tlsa> records{};       // of a secure answer

    /// The names of which the certificate must carry one for a DANE-TA(2) record (RFC 7672 §3.2.2): the TLSA
    /// base domain, and where the MX answer is secure the next-hop domain, before and after its aliases.
    std::span<const std::string> names{};

    std::chrono::sys_seconds moment{}; // as of when
};

struct DaneVerdict
{
    DaneState state = DaneState::none;
    std::vector<JudgedTlsa> records{}; // all, as asked
    std::optional<std::size_t> by{};   // of `records`: the one that authenticates the server; where valid
    std::string why{};                 // where invalid: a part of a sentence, safe to print
};

/// Judges the set as OpenSSL does, and with it Postfix and most senders with DANE: DANE-EE(3) first, a digest
/// left out beside a stronger one of its usage and selector (RFC 7671 §9), trusted roots never asked. The
/// dates of a trust anchor count only where it issued itself. It takes time in proportion to the octets of
/// records and chain: of the anchors for which a path must be built, `tried_anchors` are tried, and any more
/// unusable.
DaneVerdict judge_dane(const DaneQuestion& question);

inline constexpr std::size_t tried_anchors = 32; // nobody publishes as many

/// Whether a record that SMTP can use describes this certificate, whoever's it is.
bool describes(const dns::Tlsa& usable, const smtp::Certificate& certificate);

/// The records that would authenticate the server with the chain that it sends now (question.records are not
/// looked at): 3 1 1 of its own certificate, the one to publish (RFC 7672 §3.1.1), which lasts as long as its
/// key; then 2 1 1 of each issuer that was sent, in that order, where its path, names and dates hold. None
/// for an empty chain.
std::vector<dns::Tlsa> tlsa_records_for(const DaneQuestion& question);

} // namespace probe
