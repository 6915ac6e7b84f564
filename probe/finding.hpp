// The findings: one code for each thing an operator would act on differently.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace probe
{

enum class Severity : std::uint8_t
{
    notice,
    warning,
    critical
};

// In the order in which they are told: the most basic first.
enum class Code : std::uint8_t
{
    // what was not tried
    target_invalid,
    target_abandoned,
    excluded,
    // DNS
    dns_nxdomain,
    dns_no_answer,
    dnssec_invalid,
    mx_null,
    mx_null_not_alone,
    mx_implicit,
    mx_is_address,
    mx_is_alias,
    mx_no_address,
    mx_loop,
    // reaching
    connect_refused,
    connect_timeout,
    connect_unreachable,
    connect_local,
    connect_closed,
    // greeting
    greeting_timeout,
    greeting_deferred,
    greeting_refused,
    greeting_malformed,
    // EHLO
    ehlo_refused,
    ehlo_deferred,
    ehlo_malformed,
    reply_too_long,
    command_timeout,
    connection_lost,
    // STARTTLS
    starttls_not_supported,
    starttls_refused,
    starttls_injection,
    starttls_masked,
    starttls_repeated,
    plaintext_accepted,
    // handshake
    tls_handshake_failed,
    tls_timeout,
    tls_not_tls,
    tls_version_weak,
    cipher_weak,
    cipher_no_forward_secrecy,
    // certificate
    chain_incomplete,
    certificate_not_trusted,
    certificate_self_signed,
    certificate_expired,
    certificate_not_yet_valid,
    certificate_host_mismatch,
    certificate_revoked,
    certificate_purpose,
    certificate_constraint,
    certificate_name_in_cn_only,
    certificate_expires_soon,
    certificate_key_weak,
    certificate_signature_weak,
    ocsp_invalid,
    ocsp_missing,
    // chain
    chain_duplicate,
    chain_misordered,
    chain_unrelated,
    chain_root_included,
    // names
    greeting_name_differs,
    // session
    mail_from_refused,
    mail_from_deferred,
    rcpt_refused,
    rcpt_deferred,
    // DANE
    tlsa_invalid,
    tlsa_unusable,
    tlsa_insecure,
    dane_required,
    // MTA-STS, TLS-RPT
    sts_policy_fetch_error,
    sts_policy_invalid,
    sts_webpki_invalid,
    sts_mx_mismatch,
    sts_record_invalid,
    sts_required,
    tls_rpt_invalid
};
inline constexpr std::size_t all_codes = static_cast<std::size_t>(Code::tls_rpt_invalid) + 1;

/// As it is written in reports: "starttls-not-supported".
std::string_view name(Code code) noexcept;
std::string_view name(Severity severity) noexcept;

/// What contract and habit give a code where nothing in the case at hand says otherwise.
Severity usual_severity(Code code) noexcept;

/// Whether a finding of this code tells of this side alone, so that what it kept from being seen is held
/// against nobody.
bool lies_with_us(Code code) noexcept;

struct Finding
{
    Code code{};
    Severity severity = Severity::notice;
    std::string message; // one sentence with the names and values in it, no full stop; safe to print
    std::string text;    // what the server said, where it said something; printable() already
    bool operator==(const Finding&) const = default;
};

/// What a TLS report calls a failure of this code (RFC 8460 §4.3); empty where that knows no such failure.
std::string_view result_type(Code code) noexcept;

/// The same of a finding: a connection that is lost is a failure of TLS only where that was under way.
std::string_view result_type(const Finding& finding) noexcept;

/// A finding with its usual severity, where the server said nothing worth quoting.
Finding usual_finding(Code code, std::string message);

} // namespace probe
