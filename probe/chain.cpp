#include "probe/chain.hpp"

#include "probe/order.hpp"
#include "probe/path_faults.hpp"
#include "probe/revocation.hpp"
#include "probe/staple.hpp"
#include "probe/x509.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>

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

std::string number_of_days(int days)
{
    if (days == 0)
        return "less than a day";
    return fmt::format("{} {}", days, days == 1 ? "day" : "days");
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
                "{} expires in {}, on {}{}", which(certificate, depth), number_of_days(days),
                date_of(moment_of(X509_get0_notAfter(certificate))), as_of(question)
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

/// MD5 and SHA-1, and what came before them.
bool is_weakly_signed(X509* certificate)
{
    int digest = NID_undef;
    X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr);
    const bool weak = digest == NID_md2 || digest == NID_md4 || digest == NID_md5 || digest == NID_md5_sha1 ||
                      digest == NID_sha1;
    return weak;
}

/// Nobody relies on the signature that a trusted root made for itself.
bool is_trusted_root(const Path& path, std::size_t depth)
{
    const auto is_untrusted = [depth](const Fault& fault) {
        return fault.depth == depth && (fault.error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
                                        fault.error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
    };
    return (X509_get_extension_flags(path.at(depth)) & EXFLAG_SS) != 0 &&
           std::ranges::none_of(path.faults(), is_untrusted);
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
        if (is_weakly_signed(certificate) && !is_trusted_root(path, depth))
            tell(
                findings, Code::certificate_signature_weak,
                fmt::format(
                    "{} has a weak signature: {}", which(certificate, depth), signature_of(certificate)
                )
            );
    }
}

/// What reports show beside a certificate as sent. Nothing vouches for one that the path does not have, nor
/// for a second copy.
std::string
verdict_of(X509* certificate, const std::string& remark, const Path& path, std::chrono::sys_seconds moment)
{
    const auto& on_path = path.certificates();
    const auto place = std::find_if(on_path.begin(), on_path.end(), [&](X509* other) {
        return X509_cmp(certificate, other) == 0;
    });
    if (place == on_path.end() || !remark.empty()) {
        auto verdict = remark.empty() ? not_on_path : fmt::format("{}; {}", not_on_path, remark);
        if (const auto errors = date_errors(certificate, moment); !errors.empty())
            verdict += "; " + words(errors);
        return verdict;
    }
    std::vector<int> errors;
    for (const auto& fault : path.faults()) {
        if (fault.depth == static_cast<std::size_t>(place - on_path.begin()))
            errors.push_back(fault.error);
    }
    return errors.empty() ? "ok" : words(errors);
}

std::vector<JudgedCertificate>
judge_certificates(const ChainQuestion& question, std::span<const std::string> remarks, const Path& path)
{
    std::vector<JudgedCertificate> judged;
    judged.reserve(question.chain.size());
    for (const auto& certificate : question.chain) {
        auto* x509 = certificate.get();
        const auto& remark = remarks[judged.size()];
        judged.push_back(
            {describe(certificate), days_left(x509, question.moment),
             verdict_of(x509, remark, path, question.moment)}
        );
    }
    return judged;
}

/// Wherever it stands among the certificates as sent.
void mark_revoked(ChainVerdict& verdict, const ChainQuestion& question, X509* revoked)
{
    for (std::size_t place = 0; place < question.chain.size(); ++place) {
        auto& text = verdict.certificates[place].verdict;
        if (X509_cmp(question.chain[place].get(), revoked) == 0)
            text = text == "ok" ? words(std::array{X509_V_ERR_CERT_REVOKED})
                                : fmt::format("{}; {}", text, words(std::array{X509_V_ERR_CERT_REVOKED}));
    }
}

void judge_revocation(ChainVerdict& verdict, const ChainQuestion& question, const Path& path)
{
    auto* issuer = path.size() > 1 ? path.at(1) : nullptr;
    if (auto finding = judge_staple(question.ocsp_staple, path.at(0), issuer, question.received)) {
        if (finding->code == Code::certificate_revoked)
            mark_revoked(verdict, question, path.at(0));
        verdict.findings.push_back(std::move(*finding));
    }
    if (question.evidence == nullptr)
        return;
    auto revocations = judge_revocation(path, question.evidence->revocation_lists, question.moment);
    std::move(revocations.findings.begin(), revocations.findings.end(), std::back_inserter(verdict.findings));
    for (const auto depth : revocations.depths)
        mark_revoked(verdict, question, path.at(depth));
    verdict.revocation_lists = std::move(revocations.speaking);
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
    case Code::chain_incomplete:
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

ChainVerdict judge_no_chain(const std::optional<std::string>& reference)
{
    ChainVerdict verdict;
    verdict.identity.reference = reference;
    tell(verdict.findings, Code::certificate_not_trusted, "the server sent no certificate");
    return verdict;
}

ChainVerdict judge_chain(const ChainQuestion& question, const TrustStore& trust)
{
    if (question.chain.empty())
        return judge_no_chain(question.reference);

    const auto began = std::chrono::steady_clock::now();
    ChainVerdict verdict;
    auto& findings = verdict.findings;
    const Path path(question.chain, {}, trust, question.moment);
    const auto completion = complete(path, question, trust);
    verdict.lacks_issuer = path.lacks_issuer();
    const auto& longest = completion ? completion->path : path;
    auto order = judge_order(question.chain, longest);
    verdict.identity = identify(question.chain.front(), question.reference);
    verdict.certificates = judge_certificates(question, order.remarks, path);

    findings = judge_faults(path, question, completion ? &*completion : nullptr);
    judge_name(findings, verdict.identity, path.at(0));
    judge_expiry(findings, path, question);
    judge_strength(findings, path);
    judge_revocation(verdict, question, longest);
    std::move(order.findings.begin(), order.findings.end(), std::back_inserter(findings));

    std::stable_sort(findings.begin(), findings.end(), [](const Finding& one, const Finding& other) {
        return one.code < other.code;
    });
    verdict.cert_ok = verdict.cause() == nullptr;
    verdict.weak = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.code == Code::certificate_key_weak || finding.code == Code::certificate_signature_weak;
    });
    ERR_clear_error(); // of what could not be read: left there, it would look like the next session's
    const auto ended = std::chrono::steady_clock::now();
    verdict.took = std::chrono::duration_cast<std::chrono::microseconds>(ended - began);
    return verdict;
}

} // namespace probe
