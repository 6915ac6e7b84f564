#include "probe/chain.hpp"

#include "probe/path.hpp"
#include "probe/staple.hpp"
#include "probe/x509.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace probe
{

namespace
{

using Findings = std::vector<Finding>;

constexpr int enough_bits = 2048; // of RSA and DSA, NIST SP 800-131A
constexpr int enough_bits_of_curve = 224;

// Of one sentence.
constexpr std::size_t told_names = 5;
constexpr std::size_t told_octets = 200; // of each name

void tell(Findings& findings, Code code, std::string message)
{
    findings.push_back(usual_finding(code, std::move(message)));
}

Code code_of(int error)
{
    switch (error) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return Code::certificate_self_signed;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
        return Code::certificate_expired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
        return Code::certificate_not_yet_valid;
    case X509_V_ERR_INVALID_PURPOSE:
        return Code::certificate_purpose;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
    case X509_V_ERR_INVALID_EXTENSION:
    case X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED:
        return Code::certificate_constraint;
    default:
        return Code::certificate_not_trusted; // whatever else there may be, it is no reason to trust
    }
}

std::string words(std::span<const int> errors)
{
    std::string text;
    for (const int error : errors)
        text += (text.empty() ? "" : "; ") + std::string(X509_verify_cert_error_string(error));
    return text;
}

std::string subject(const X509* certificate)
{
    const auto name = distinguished_name(X509_get_subject_name(certificate), told_octets);
    return name.empty() ? "without a subject" : name;
}

std::string which(const X509* certificate, std::size_t depth)
{
    const auto name = "the certificate " + subject(certificate);
    return depth == 0 ? name : fmt::format("{} at depth {}", name, depth);
}

/// The faults of one certificate that bear the same code: one finding.
struct Group
{
    Code code{};
    std::size_t depth = 0;
    std::vector<int> errors;
};

std::vector<Group> grouped(std::span<const Fault> faults)
{
    std::vector<Group> groups;
    for (const auto& fault : faults) {
        const auto code = code_of(fault.error);
        const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
            return group.code == code && group.depth == fault.depth;
        });
        if (same == groups.end())
            groups.push_back({code, fault.depth, {fault.error}});
        else
            same->errors.push_back(fault.error);
    }
    return groups;
}

std::string not_trusted(const X509* certificate, const std::string& name, std::span<const int> errors)
{
    switch (errors.front()) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        return fmt::format(
            "{} was issued by {}, which was neither sent nor is a trusted root", name,
            distinguished_name(X509_get_issuer_name(certificate), told_octets)
        );
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return fmt::format("the chain ends at the root {}, which is not trusted", subject(certificate));
    default:
        return fmt::format("{} cannot be trusted: {}", name, words(errors));
    }
}

std::string sentence(const Group& group, const X509* certificate, std::chrono::sys_seconds moment)
{
    const auto name = which(certificate, group.depth);
    switch (group.code) {
    case Code::certificate_self_signed:
        return fmt::format("{} is signed by itself, and is not trusted", name);
    case Code::certificate_expired:
        return fmt::format(
            "{} expired on {} (judged as of {})", name, date_of(moment_of(X509_get0_notAfter(certificate))),
            date_of(moment)
        );
    case Code::certificate_not_yet_valid:
        return fmt::format(
            "{} is not valid before {} (judged as of {})", name,
            date_of(moment_of(X509_get0_notBefore(certificate))), date_of(moment)
        );
    case Code::certificate_purpose:
        return fmt::format("{} is not meant for TLS servers", name);
    case Code::certificate_constraint:
        return fmt::format("{} breaks a constraint: {}", name, words(group.errors));
    default:
        return not_trusted(certificate, name, group.errors);
    }
}

void judge_path(Findings& findings, const Path& path, std::chrono::sys_seconds moment)
{
    for (const auto& group : grouped(path.faults()))
        tell(findings, group.code, sentence(group, path.at(group.depth), moment));
}

/// "a, b, c, d, e and 995 more"; empty where a certificate names no host.
std::string presented_names(const X509* certificate)
{
    std::vector<std::string> told;
    std::size_t all = 0;
    const auto names = alternative_names(certificate);
    const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
    for (int i = 0; i < count; ++i) {
        const auto* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DNS && ++all <= told_names)
            told.push_back(shown(octets_of(name->d.dNSName), told_octets));
    }
    if (all == 0)
        return shown(common_name_of(certificate).value_or(""), told_octets);
    const auto list = fmt::format("{}", fmt::join(told, ", "));
    return all > told_names ? fmt::format("{} and {} more", list, all - told_names) : list;
}

void judge_name(Findings& findings, const Identity& identity, const X509* certificate)
{
    if (identity.by == Identity::By::san)
        return;
    if (identity.by == Identity::By::cn)
        return tell(
            findings, Code::certificate_name_in_cn_only,
            fmt::format(
                "only the common name of the certificate is {}: it has no DNS name", *identity.matched
            )
        );
    if (!identity.reference)
        return tell(
            findings, Code::certificate_host_mismatch,
            "an address literal has no name that the certificate could carry: give --reference"
        );
    const auto names = presented_names(certificate);
    if (names.empty())
        return tell(findings, Code::certificate_host_mismatch, "the certificate names no host");
    tell(
        findings, Code::certificate_host_mismatch,
        fmt::format("the certificate names {}, not {}", names, shown(*identity.reference, told_octets))
    );
}

int days_left(const X509* certificate, std::chrono::sys_seconds moment)
{
    const auto left = moment_of(X509_get0_notAfter(certificate)) - moment;
    return static_cast<int>(std::chrono::floor<std::chrono::days>(left).count());
}

void judge_expiry(Findings& findings, const Path& path, const ChainQuestion& question)
{
    for (std::size_t depth = 0; depth < path.size(); ++depth) {
        const auto* certificate = path.at(depth);
        const int days = days_left(certificate, question.moment);
        if (days < 0 || days >= question.expiry_days || !date_errors(certificate, question.moment).empty())
            continue;
        tell(
            findings, Code::certificate_expires_soon,
            fmt::format(
                "{} expires on {}, {} {} after {}", which(certificate, depth),
                date_of(moment_of(X509_get0_notAfter(certificate))), days, days == 1 ? "day" : "days",
                date_of(question.moment)
            )
        );
    }
}

bool is_weak(const EVP_PKEY* key)
{
    switch (key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
    case EVP_PKEY_DSA:
        return EVP_PKEY_get_bits(key) < enough_bits;
    case EVP_PKEY_EC:
        return EVP_PKEY_get_bits(key) < enough_bits_of_curve;
    default:
        return false;
    }
}

/// MD5 and SHA-1, and what came before them. Nobody relies on the signature that a root makes for itself.
bool is_weakly_signed(X509* certificate)
{
    int digest = NID_undef;
    X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr);
    const bool weak = digest == NID_md2 || digest == NID_md4 || digest == NID_md5 || digest == NID_md5_sha1 ||
                      digest == NID_sha1;
    return weak && (X509_get_extension_flags(certificate) & EXFLAG_SS) == 0;
}

void judge_strength(Findings& findings, const Path& path)
{
    for (std::size_t depth = 0; depth < path.size(); ++depth) {
        auto* certificate = path.at(depth);
        if (is_weak(X509_get0_pubkey(certificate)))
            tell(
                findings, Code::certificate_key_weak,
                fmt::format("{} has a weak key: {}", which(certificate, depth), key_of(certificate))
            );
        if (is_weakly_signed(certificate))
            tell(
                findings, Code::certificate_signature_weak,
                fmt::format(
                    "{} has a weak signature: {}", which(certificate, depth), signature_of(certificate)
                )
            );
    }
}

/// What reports show beside a certificate as sent. Nothing vouches for one that the path does not have.
std::string verdict_of(X509* certificate, const Path& path, std::chrono::sys_seconds moment)
{
    std::vector<int> errors;
    const auto& on_path = path.certificates();
    const auto place = std::find_if(on_path.begin(), on_path.end(), [&](X509* other) {
        return X509_cmp(certificate, other) == 0;
    });
    if (place == on_path.end()) {
        errors = date_errors(certificate, moment);
        return errors.empty() ? not_on_path : fmt::format("{}; {}", not_on_path, words(errors));
    }
    for (const auto& fault : path.faults()) {
        if (fault.depth == static_cast<std::size_t>(place - on_path.begin()))
            errors.push_back(fault.error);
    }
    return errors.empty() ? "ok" : words(errors);
}

std::vector<JudgedCertificate> judge_certificates(const ChainQuestion& question, const Path& path)
{
    std::vector<JudgedCertificate> judged;
    judged.reserve(question.chain.size());
    for (const auto& certificate : question.chain) {
        auto* x509 = certificate.get();
        judged.push_back(
            {describe(certificate), days_left(x509, question.moment), verdict_of(x509, path, question.moment)}
        );
    }
    return judged;
}

ChainVerdict nothing_sent(const ChainQuestion& question)
{
    ChainVerdict verdict;
    verdict.identity.reference = question.reference;
    tell(verdict.findings, Code::certificate_not_trusted, "the server sent no certificate");
    return verdict;
}

} // namespace

const Finding* ChainVerdict::cause() const noexcept
{
    const auto first = std::find_if(findings.begin(), findings.end(), [](const Finding& finding) {
        return fails_cert(finding.code);
    });
    return first == findings.end() ? nullptr : &*first;
}

bool fails_cert(Code code) noexcept
{
    switch (code) {
    case Code::certificate_not_trusted:
    case Code::certificate_self_signed:
    case Code::certificate_expired:
    case Code::certificate_not_yet_valid:
    case Code::certificate_host_mismatch:
    case Code::certificate_revoked:
    case Code::certificate_purpose:
    case Code::certificate_constraint:
        return true;
    default:
        return false;
    }
}

ChainVerdict judge_chain(const ChainQuestion& question, const TrustStore& trust)
{
    if (question.chain.empty())
        return nothing_sent(question);

    ChainVerdict verdict;
    auto& findings = verdict.findings;
    const Path path(question.chain, trust, question.moment);
    verdict.identity = identify(question.chain.front(), question.reference);
    verdict.certificates = judge_certificates(question, path);

    judge_path(findings, path, question.moment);
    judge_name(findings, verdict.identity, path.at(0));
    judge_expiry(findings, path, question);
    judge_strength(findings, path);
    auto* issuer = path.size() > 1 ? path.at(1) : nullptr;
    if (auto finding = judge_staple(question.ocsp_staple, path.at(0), issuer, question.received))
        findings.push_back(std::move(*finding));

    std::stable_sort(findings.begin(), findings.end(), [](const Finding& one, const Finding& other) {
        return one.code < other.code;
    });
    verdict.cert_ok = verdict.cause() == nullptr;
    verdict.weak = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.code == Code::certificate_key_weak || finding.code == Code::certificate_signature_weak;
    });
    ERR_clear_error(); // of what could not be read: left there, it would look like the next session's
    return verdict;
}

} // namespace probe
