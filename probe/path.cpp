#include "probe/path.hpp"

#include <algorithm>

namespace probe
{

std::vector<int> date_errors(const X509* certificate, std::chrono::sys_seconds moment)
{
    std::vector<int> errors;
    auto time = std::chrono::system_clock::to_time_t(moment);
    const int begun = X509_cmp_time(X509_get0_notBefore(certificate), &time);
    if (begun == 0)
        errors.push_back(X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD);
    if (begun > 0)
        errors.push_back(X509_V_ERR_CERT_NOT_YET_VALID);
    const int over = X509_cmp_time(X509_get0_notAfter(certificate), &time);
    if (over == 0)
        errors.push_back(X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD);
    if (over < 0)
        errors.push_back(X509_V_ERR_CERT_HAS_EXPIRED);
    return errors;
}

Path::Path(
    std::span<const smtp::Certificate> chain, std::span<X509* const> further, const TrustStore& trust,
    std::chrono::sys_seconds moment
)
    : untrusted_(sk_X509_new_null()), context_(X509_STORE_CTX_new())
{
    for (const auto& certificate : chain.subspan(1))
        sk_X509_push(untrusted_.get(), certificate.get());
    for (auto* certificate : further)
        sk_X509_push(untrusted_.get(), certificate);
    verify(chain.front().get(), trust, moment);

    const auto* built = X509_STORE_CTX_get0_chain(context_.get());
    for (int i = 0; i < sk_X509_num(built); ++i)
        certificates_.push_back(sk_X509_value(built, i));
    if (certificates_.empty())
        certificates_.push_back(chain.front().get());

    // Where the issuer of the topmost is missing, OpenSSL passes over its dates.
    for (std::size_t depth = 0; depth < certificates_.size(); ++depth) {
        for (const int error : date_errors(certificates_[depth], moment))
            add({depth, error});
    }
    std::erase_if(faults_, [this](Fault fault) { return follows_from_invalid_ca(fault); });
}

void Path::verify(X509* own, const TrustStore& trust, std::chrono::sys_seconds moment)
{
    // OpenSSL reads the extensions when it first needs them. Where it stumbles over the key before that, it
    // passes over them, unless someone else had it read them: the same chain would be judged in two ways.
    X509_get_extension_flags(own);

    auto* context = context_.get();
    X509_STORE_CTX_init(context, trust.get(), own, untrusted_.get());
    X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
    X509_STORE_CTX_set_time(context, 0, std::chrono::system_clock::to_time_t(moment));
    X509_STORE_CTX_set_app_data(context, this);
    X509_STORE_CTX_set_verify_cb(context, collect);

    // Our callback forgives everything, so that only what OpenSSL itself could not go on with ends here.
    if (X509_verify_cert(context) != 1)
        add({0, X509_STORE_CTX_get_error(context)});
}

int Path::collect(int ok, X509_STORE_CTX* context) noexcept
{
    auto* path = static_cast<Path*>(X509_STORE_CTX_get_app_data(context));
    const auto depth = static_cast<std::size_t>(X509_STORE_CTX_get_error_depth(context));
    if (ok != 1)
        path->add({depth, X509_STORE_CTX_get_error(context)});
    return 1;
}

bool Path::uses(const X509* certificate) const noexcept
{
    return std::any_of(certificates_.begin(), certificates_.end(), [&](const X509* other) {
        return X509_cmp(certificate, other) == 0;
    });
}

bool Path::lacks_issuer() const noexcept
{
    const auto depth = size() - 1;
    return has({depth, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT}) ||
           has({depth, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY});
}

bool Path::has(Fault fault) const noexcept
{
    return std::any_of(faults_.begin(), faults_.end(), [&](Fault known) {
        return known.depth == fault.depth && known.error == fault.error;
    });
}

void Path::add(Fault fault)
{
    if (!has(fault))
        faults_.push_back(fault);
}

/// Whoever may not issue certificates may not issue those of TLS servers either: OpenSSL says both.
bool Path::follows_from_invalid_ca(Fault fault) const noexcept
{
    if (fault.error != X509_V_ERR_INVALID_PURPOSE || !has({fault.depth, X509_V_ERR_INVALID_CA}))
        return false;
    auto* certificate = at(fault.depth);
    const bool limited = (X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) != 0;
    return !limited || (X509_get_extended_key_usage(certificate) & XKU_SSL_SERVER) != 0;
}

} // namespace probe
