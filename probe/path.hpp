// The path from a server's certificate towards a trusted root, as OpenSSL builds it, and every fault of it.
// Only the files of probe/ that judge chains need it.
#pragma once

#include "probe/chain.hpp"
#include "probe/x509.hpp"

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

namespace probe
{

/// X509_V_ERR_…, of one certificate of the path.
struct Fault
{
    std::size_t depth = 0; // 0: the server's own
    int error = X509_V_OK;
};

/// What the dates of a certificate have against a moment.
std::vector<int> date_errors(const X509* certificate, std::chrono::sys_seconds moment);

class Path
{
public:
    /// `chain` is not empty, and outlives the path; so does `further`, which it may use behind the chain.
    Path(
        std::span<const smtp::Certificate> chain, std::span<X509* const> further, const TrustStore& trust,
        std::chrono::sys_seconds moment
    );

    /// The server's own certificate first, whose path always has it; the last may come from the trusted
    /// roots.
    std::span<X509* const> certificates() const noexcept { return certificates_; }
    X509* at(std::size_t depth) const noexcept { return certificates_[depth]; }
    X509* top() const noexcept { return certificates_.back(); }
    std::size_t size() const noexcept { return certificates_.size(); }
    bool uses(const X509* certificate) const noexcept;

    /// In the order in which they were found, each but once.
    std::span<const Fault> faults() const noexcept { return faults_; }

    /// Whether the topmost has an issuer that was neither sent nor is trusted.
    bool lacks_issuer() const noexcept;

private:
    static int collect(int ok, X509_STORE_CTX* context) noexcept;

    void verify(X509* own, const TrustStore& trust, std::chrono::sys_seconds moment);
    void add(Fault fault);
    bool has(Fault fault) const noexcept;
    bool follows_from_invalid_ca(Fault fault) const noexcept;

    Borrowed untrusted_;
    std::unique_ptr<X509_STORE_CTX, Deleter<X509_STORE_CTX_free>> context_;
    std::vector<X509*> certificates_; // owned by the chain and the context
    std::vector<Fault> faults_;
};

} // namespace probe
