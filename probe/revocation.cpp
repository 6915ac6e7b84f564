#include "probe/revocation.hpp"

#include <openssl/ocsp.h>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace probe
{

namespace
{

constexpr std::size_t told_octets = 200; // of a name
constexpr int revoked = 1;               // of X509_CRL_get0_by_cert; 2: taken back (removeFromCRL)

using Reason = std::unique_ptr<ASN1_ENUMERATED, Deleter<ASN1_ENUMERATED_free>>;

bool is_signed_by(X509_CRL* list, const X509* issuer)
{
    return X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(issuer)) == 0 &&
           X509_CRL_verify(list, X509_get0_pubkey(issuer)) == 1;
}

std::string reason_of(const X509_REVOKED* entry)
{
    const Reason reason(
        static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nullptr, nullptr))
    );
    return reason ? OCSP_crl_reason_str(ASN1_ENUMERATED_get(reason.get())) : "no reason given";
}

std::optional<Finding>
look_up(X509* certificate, std::size_t depth, const RevocationList& list, std::chrono::sys_seconds moment)
{
    X509_REVOKED* entry = nullptr;
    if (X509_CRL_get0_by_cert(list.crl.get(), &entry, certificate) != revoked)
        return std::nullopt;
    const auto since = moment_of(X509_REVOKED_get0_revocationDate(entry));
    if (since > moment)
        return std::nullopt;
    return usual_finding(
        Code::certificate_revoked, fmt::format(
                                       "the certificate {}{} was revoked on {} ({}), as the CRL of {} says",
                                       distinguished_name(X509_get_subject_name(certificate), told_octets),
                                       depth == 0 ? std::string() : fmt::format(" at depth {}", depth),
                                       date_of(since), reason_of(entry), issuer_of(list)
                                   )
    );
}

} // namespace

Revocations
judge_revocation(const Path& path, std::span<const RevocationList> lists, std::chrono::sys_seconds moment)
{
    Revocations revocations;
    for (std::size_t index = 0; index < lists.size(); ++index) {
        bool speaks = false;
        for (std::size_t depth = 0; depth + 1 < path.size(); ++depth) {
            if (!is_signed_by(lists[index].crl.get(), path.at(depth + 1)))
                continue;
            speaks = true;
            auto found = look_up(path.at(depth), depth, lists[index], moment);
            if (!found)
                continue;
            revocations.findings.push_back(std::move(*found));
            revocations.depths.push_back(depth);
        }
        if (speaks)
            revocations.speaking.push_back(index);
    }
    return revocations;
}

} // namespace probe
