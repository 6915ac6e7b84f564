#include "probe/staple.hpp"

#include "probe/x509.hpp"

#include <openssl/ocsp.h>

#include <fmt/format.h>

namespace probe
{

namespace
{

using Response = std::unique_ptr<OCSP_RESPONSE, Deleter<OCSP_RESPONSE_free>>;
using Basic = std::unique_ptr<OCSP_BASICRESP, Deleter<OCSP_BASICRESP_free>>;
using Id = std::unique_ptr<OCSP_CERTID, Deleter<OCSP_CERTID_free>>;
using Features = std::unique_ptr<TLS_FEATURE, Deleter<TLS_FEATURE_free>>;

constexpr long status_request = 5;             // the TLS extension that asks for a staple (RFC 6066 §8)
constexpr std::chrono::minutes clock_error(5); // of a responder that runs ahead of us

Finding invalid(std::string_view what)
{
    return usual_finding(Code::ocsp_invalid, fmt::format("the stapled OCSP response {}", what));
}

bool must_staple(X509* certificate)
{
    const Features features(
        static_cast<TLS_FEATURE*>(X509_get_ext_d2i(certificate, NID_tlsfeature, nullptr, nullptr))
    );
    const int count = features ? sk_ASN1_INTEGER_num(features.get()) : 0;
    for (int i = 0; i < count; ++i) {
        if (ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features.get(), i)) == status_request)
            return true;
    }
    return false;
}

Response read(std::span<const std::uint8_t> staple)
{
    const auto* at = staple.data();
    Response response(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(staple.size())));
    return at == staple.data() + staple.size() ? std::move(response) : nullptr;
}

bool within(const ASN1_TIME* from, const ASN1_TIME* until, std::chrono::sys_seconds moment)
{
    auto late = std::chrono::system_clock::to_time_t(moment + clock_error);
    auto early = std::chrono::system_clock::to_time_t(moment);
    return X509_cmp_time(from, &late) < 0 && (until == nullptr || X509_cmp_time(until, &early) > 0);
}

/// RFC 6960 §4.2.2.2: issued by the issuer itself, and for this.
bool entrusted(X509* signer, X509* issuer, std::chrono::sys_seconds moment)
{
    return X509_check_issued(issuer, signer) == X509_V_OK &&
           X509_verify(signer, X509_get0_pubkey(issuer)) == 1 &&
           (X509_get_extension_flags(signer) & EXFLAG_XKUSAGE) != 0 &&
           (X509_get_extended_key_usage(signer) & XKU_OCSP_SIGN) != 0 &&
           within(X509_get0_notBefore(signer), X509_get0_notAfter(signer), moment);
}

bool rightly_signed(OCSP_BASICRESP* basic, X509* issuer, std::chrono::sys_seconds moment)
{
    const Borrowed candidates(sk_X509_new_null());
    sk_X509_push(candidates.get(), issuer);
    X509* signer = nullptr;
    return OCSP_resp_get0_signer(basic, &signer, candidates.get()) == 1 &&
           OCSP_basic_verify(basic, candidates.get(), nullptr, OCSP_NOVERIFY) == 1 &&
           (X509_cmp(signer, issuer) == 0 || entrusted(signer, issuer, moment));
}

/// Whether this answer is about the certificate. Its id may be made with any digest.
bool is_about(OCSP_SINGLERESP* single, X509* certificate, X509* issuer)
{
    auto* id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(single)); // read, but OpenSSL wants it so
    ASN1_OBJECT* algorithm = nullptr;
    OCSP_id_get0_info(nullptr, &algorithm, nullptr, nullptr, id);
    const auto* digest = EVP_get_digestbyobj(algorithm);
    const Id expected(digest ? OCSP_cert_to_id(digest, certificate, issuer) : nullptr);
    return expected && OCSP_id_cmp(expected.get(), id) == 0;
}

OCSP_SINGLERESP* answer_about(OCSP_BASICRESP* basic, X509* certificate, X509* issuer)
{
    for (int i = 0; i < OCSP_resp_count(basic); ++i) {
        auto* single = OCSP_resp_get0(basic, i);
        if (is_about(single, certificate, issuer))
            return single;
    }
    return nullptr;
}

std::optional<Finding>
judge_answer(OCSP_SINGLERESP* single, X509* certificate, std::chrono::sys_seconds moment)
{
    int reason = OCSP_REVOKED_STATUS_NOSTATUS;
    ASN1_GENERALIZEDTIME* revoked = nullptr;
    ASN1_GENERALIZEDTIME* from = nullptr;
    ASN1_GENERALIZEDTIME* until = nullptr;
    const int status = OCSP_single_get0_status(single, &reason, &revoked, &from, &until);
    if (!within(from, until, moment)) {
        const auto end = until ? date_of(moment_of(until)) : std::string("any time");
        return invalid(
            fmt::format("holds from {} to {}, not at {}", date_of(moment_of(from)), end, date_of(moment))
        );
    }
    if (status == V_OCSP_CERTSTATUS_GOOD)
        return std::nullopt;
    if (status != V_OCSP_CERTSTATUS_REVOKED)
        return invalid("says that the status of the certificate is unknown");

    const auto why = reason == OCSP_REVOKED_STATUS_NOSTATUS ? "no reason given" : OCSP_crl_reason_str(reason);
    return usual_finding(
        Code::certificate_revoked,
        fmt::format(
            "the certificate {} was revoked on {} ({})",
            distinguished_name(X509_get_subject_name(certificate), 200), date_of(moment_of(revoked)), why
        )
    );
}

} // namespace

std::optional<Finding> judge_staple(
    std::span<const std::uint8_t> staple, x509_st* certificate, x509_st* issuer,
    std::chrono::sys_seconds moment
)
{
    if (staple.empty() && must_staple(certificate))
        return usual_finding(
            Code::ocsp_missing, "the certificate asks for a stapled OCSP response (RFC 7633), and none came"
        );
    if (staple.empty())
        return std::nullopt;

    const auto response = read(staple);
    if (!response)
        return invalid("cannot be read");
    const int status = OCSP_response_status(response.get());
    if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        return invalid(fmt::format("is an error: {}", OCSP_response_status_str(status)));
    const Basic basic(OCSP_response_get1_basic(response.get()));
    if (!basic)
        return invalid("cannot be read");

    if (issuer == nullptr)
        return std::nullopt;
    if (!rightly_signed(basic.get(), issuer, moment))
        return invalid("is not signed by the certificate's issuer, nor by whom the issuer entrusted with it");
    auto* answer = answer_about(basic.get(), certificate, issuer);
    if (answer == nullptr)
        return invalid("speaks of another certificate");
    return judge_answer(answer, certificate, moment);
}

} // namespace probe
