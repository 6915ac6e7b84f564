// One X509 for each certificate, however many servers present it. Private to smtp/.
#pragma once

#include <openssl/x509.h>

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace smtp
{

/// Servers of one provider present the same certificates again and again, and a parsed one takes kilobytes.
/// For any number of threads.
class CertificatePool
{
public:
    /// At most that many are known; the one that was not seen longest goes first. Whoever shares it keeps it.
    explicit CertificatePool(std::size_t most = 1'024) : most_(most) {}

    /// In the place of each certificate of a chain, puts the first one seen that is equal to it.
    void share(STACK_OF(X509) * chain);

private:
    struct Free
    {
        void operator()(X509* certificate) const noexcept { X509_free(certificate); }
    };
    using Owner = std::unique_ptr<X509, Free>;
    struct Known
    {
        std::string der;
        Owner certificate;
    };
    using Uses = std::list<Known>;

    X509* shared(std::string der, X509* certificate);

    std::mutex mutex_;
    std::size_t most_;
    Uses uses_; // the latest first
    std::unordered_map<std::string_view, Uses::iterator> by_der_;
};

} // namespace smtp
