#include "smtp/certificate_pool.hpp"

#include <utility>

namespace smtp
{
namespace
{

/// Empty where it cannot be encoded.
std::string der_of(const X509* certificate)
{
    const int size = i2d_X509(certificate, nullptr);
    std::string der(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
    auto* into = reinterpret_cast<unsigned char*>(der.data());
    if (size > 0)
        i2d_X509(certificate, &into);
    return der;
}

} // namespace

void CertificatePool::share(STACK_OF(X509) * chain)
{
    for (int place = 0; place < sk_X509_num(chain); ++place) {
        auto* certificate = sk_X509_value(chain, place);
        auto der = der_of(certificate);
        if (der.empty())
            continue;
        sk_X509_set(chain, place, shared(std::move(der), certificate));
        X509_free(certificate);
    }
}

/// For the caller to free.
X509* CertificatePool::shared(std::string der, X509* certificate)
{
    const std::lock_guard lock(mutex_);
    if (const auto found = by_der_.find(der); found != by_der_.end()) {
        uses_.splice(uses_.begin(), uses_, found->second);
    } else {
        if (uses_.size() == most_) {
            by_der_.erase(uses_.back().der);
            uses_.pop_back();
        }
        X509_up_ref(certificate);
        uses_.push_front({std::move(der), Owner(certificate)});
        by_der_.emplace(uses_.front().der, uses_.begin());
    }
    auto* known = uses_.front().certificate.get();
    X509_up_ref(known);
    return known;
}

} // namespace smtp
