#include "probe/finding.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace probe
{

namespace
{

struct Kind
{
    Code code;
    std::string_view name;
    Severity severity;
};

constexpr auto notice = Severity::notice;
constexpr auto warning = Severity::warning;
constexpr auto critical = Severity::critical;

// clang-format off
constexpr std::array kinds{
    Kind{Code::target_invalid,              "target-invalid",              warning},
    Kind{Code::target_abandoned,            "target-abandoned",            warning},
    Kind{Code::excluded,                    "excluded",                    notice},
    Kind{Code::dns_nxdomain,                "dns-nxdomain",                warning},
    Kind{Code::dns_no_answer,               "dns-no-answer",               warning},
    Kind{Code::dnssec_invalid,              "dnssec-invalid",              critical},
    Kind{Code::mx_null,                     "mx-null",                     notice},
    Kind{Code::mx_null_not_alone,           "mx-null-not-alone",           warning},
    Kind{Code::mx_implicit,                 "mx-implicit",                 notice},
    Kind{Code::mx_is_address,               "mx-is-address",               warning},
    Kind{Code::mx_is_alias,                 "mx-is-alias",                 warning},
    Kind{Code::mx_no_address,               "mx-no-address",               warning},
    Kind{Code::mx_loop,                     "mx-loop",                     warning},
    Kind{Code::connect_refused,             "connect-refused",             warning},
    Kind{Code::connect_timeout,             "connect-timeout",             warning},
    Kind{Code::connect_unreachable,         "connect-unreachable",         warning},
    Kind{Code::connect_local,               "connect-local",               warning},
    Kind{Code::connect_closed,              "connect-closed",              warning},
    Kind{Code::greeting_timeout,            "greeting-timeout",            warning},
    Kind{Code::greeting_deferred,           "greeting-deferred",           warning},
    Kind{Code::greeting_refused,            "greeting-refused",            warning},
    Kind{Code::greeting_malformed,          "greeting-malformed",          warning},
    Kind{Code::ehlo_refused,                "ehlo-refused",                warning},
    Kind{Code::ehlo_deferred,               "ehlo-deferred",               warning},
    Kind{Code::ehlo_malformed,              "ehlo-malformed",              warning},
    Kind{Code::reply_too_long,              "reply-too-long",              warning},
    Kind{Code::command_timeout,             "command-timeout",             warning},
    Kind{Code::connection_lost,             "connection-lost",             warning},
    Kind{Code::starttls_not_supported,      "starttls-not-supported",      critical},
    Kind{Code::starttls_refused,            "starttls-refused",            critical},
    Kind{Code::starttls_injection,          "starttls-injection",          critical},
    Kind{Code::starttls_masked,             "starttls-masked",             warning},
    Kind{Code::starttls_repeated,           "starttls-repeated",           warning},
    Kind{Code::plaintext_accepted,          "plaintext-accepted",          notice},
    Kind{Code::tls_handshake_failed,        "tls-handshake-failed",        critical},
    Kind{Code::tls_timeout,                 "tls-timeout",                 critical},
    Kind{Code::tls_not_tls,                 "tls-not-tls",                 critical},
    Kind{Code::tls_version_weak,            "tls-version-weak",            warning},
    Kind{Code::cipher_weak,                 "cipher-weak",                 warning},
    Kind{Code::cipher_no_forward_secrecy,   "cipher-no-forward-secrecy",   notice},
    Kind{Code::chain_incomplete,            "chain-incomplete",            warning},
    Kind{Code::certificate_not_trusted,     "certificate-not-trusted",     warning},
    Kind{Code::certificate_self_signed,     "certificate-self-signed",     warning},
    Kind{Code::certificate_expired,         "certificate-expired",         warning},
    Kind{Code::certificate_not_yet_valid,   "certificate-not-yet-valid",   warning},
    Kind{Code::certificate_host_mismatch,   "certificate-host-mismatch",   warning},
    Kind{Code::certificate_revoked,         "certificate-revoked",         critical},
    Kind{Code::certificate_purpose,         "certificate-purpose",         warning},
    Kind{Code::certificate_constraint,      "certificate-constraint",      warning},
    Kind{Code::certificate_name_in_cn_only, "certificate-name-in-cn-only", notice},
    Kind{Code::certificate_expires_soon,    "certificate-expires-soon",    warning},
    Kind{Code::certificate_key_weak,        "certificate-key-weak",        warning},
    Kind{Code::certificate_signature_weak,  "certificate-signature-weak",  warning},
    Kind{Code::ocsp_invalid,                "ocsp-invalid",                warning},
    Kind{Code::ocsp_missing,                "ocsp-missing",                warning},
    Kind{Code::chain_duplicate,             "chain-duplicate",             notice},
    Kind{Code::chain_misordered,            "chain-misordered",            notice},
    Kind{Code::chain_unrelated,             "chain-unrelated",             notice},
    Kind{Code::chain_root_included,         "chain-root-included",         notice},
    Kind{Code::greeting_name_differs,       "greeting-name-differs",       notice},
    Kind{Code::mail_from_refused,           "mail-from-refused",           warning},
    Kind{Code::mail_from_deferred,          "mail-from-deferred",          notice},
    Kind{Code::rcpt_refused,                "rcpt-refused",                warning},
    Kind{Code::rcpt_deferred,               "rcpt-deferred",               notice},
    Kind{Code::tlsa_invalid,               "tlsa-invalid",               critical},
    Kind{Code::tlsa_unusable,              "tlsa-unusable",              warning},
    Kind{Code::tlsa_insecure,              "tlsa-insecure",              warning},
    Kind{Code::dane_required,              "dane-required",              critical},
    Kind{Code::sts_policy_fetch_error,     "sts-policy-fetch-error",     warning},
    Kind{Code::sts_policy_invalid,         "sts-policy-invalid",         warning},
    Kind{Code::sts_webpki_invalid,         "sts-webpki-invalid",         warning},
    Kind{Code::sts_mx_mismatch,            "sts-mx-mismatch",            warning},
    Kind{Code::sts_record_invalid,         "sts-record-invalid",         warning},
    Kind{Code::sts_required,               "sts-required",               critical},
    Kind{Code::tls_rpt_invalid,            "tls-rpt-invalid",            warning},
};
// clang-format on

constexpr bool in_order()
{
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        if (static_cast<std::size_t>(kinds[i].code) != i)
            return false;
    }
    return true;
}
static_assert(kinds.size() == all_codes && in_order(), "kinds is indexed by Code");

constexpr const Kind* kind(Code code) noexcept
{
    const auto index = static_cast<std::size_t>(code);
    return index < kinds.size() ? &kinds[index] : nullptr;
}

} // namespace

std::string_view name(Code code) noexcept
{
    const auto* found = kind(code);
    return found ? found->name : "";
}

Severity usual_severity(Code code) noexcept
{
    const auto* found = kind(code);
    return found ? found->severity : Severity::critical;
}

bool lies_with_us(Code code) noexcept
{
    return code == Code::connect_local || code == Code::excluded;
}

std::string_view name(Severity severity) noexcept
{
    switch (severity) {
    case Severity::notice:
        return "notice";
    case Severity::warning:
        return "warning";
    case Severity::critical:
        return "critical";
    }
    return "";
}

std::string_view result_type(Code code) noexcept
{
    switch (code) {
    case Code::ehlo_refused:
    case Code::starttls_not_supported:
    case Code::starttls_refused:
        return "starttls-not-supported";
    case Code::certificate_host_mismatch:
        return "certificate-host-mismatch";
    case Code::certificate_expired:
        return "certificate-expired";
    case Code::chain_incomplete:
    case Code::certificate_not_trusted:
    case Code::certificate_self_signed:
    case Code::certificate_not_yet_valid:
    case Code::certificate_revoked:
    case Code::certificate_purpose:
    case Code::certificate_constraint:
        return "certificate-not-trusted"; // whatever else is wrong with a certificate

    case Code::starttls_injection:
    case Code::tls_handshake_failed:
    case Code::tls_timeout:
    case Code::tls_not_tls:
    case Code::sts_mx_mismatch:
        return "validation-failure";
    case Code::dnssec_invalid:
    case Code::tlsa_invalid:
    case Code::dane_required:
    case Code::sts_policy_fetch_error:
    case Code::sts_policy_invalid:
    case Code::sts_webpki_invalid:
        return name(code);
    default:
        return "";
    }
}

std::string_view result_type(const Finding& finding) noexcept
{
    if (finding.code == Code::connection_lost && finding.severity == Severity::critical)
        return "validation-failure";
    return result_type(finding.code);
}

Finding usual_finding(Code code, std::string message)
{
    return {code, usual_severity(code), std::move(message), {}};
}

} // namespace probe
