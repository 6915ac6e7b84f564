// Chain + name + moment + trusted roots → every fault of the chain. Pure: whoever calls says what time it is.
// Only what the verifying takes is read from a clock.
#pragma once

#include "probe/certificate.hpp"
#include "probe/evidence.hpp"
#include "probe/finding.hpp"
#include "probe/identity.hpp"
#include "smtp/tls.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

struct x509_store_st;

namespace probe
{

/// The roots that are believed, loaded once and shared. Empty paths: those of the system.
class TrustStore
{
public:
    /// Throws std::invalid_argument, one line that names the file or folder and what to do, where it cannot
    /// be read or holds no certificate. The system's roots are looked up by need, so that only a missing
    /// folder is an error.
    TrustStore(const std::string& ca_file, const std::string& ca_path);

    /// Roots that are at hand already.
    explicit TrustStore(std::span<const smtp::Certificate> roots);

    x509_store_st* get() const noexcept { return store_.get(); }

private:
    std::shared_ptr<x509_store_st> store_;
};

struct ChainQuestion
{
    std::span<const smtp::Certificate> chain;  // as sent, the server's own first
    std::span<const std::uint8_t> ocsp_staple; // DER; empty where none came
    std::optional<std::string> reference;      // the name it must carry; none: no name can match
    std::chrono::sys_seconds received{};       // when the session took place: a staple is judged as of then
    std::chrono::sys_seconds moment{};         // as of when
    int expiry_days = 21;                      // certificate-expires-soon below this
    const Evidence* evidence = nullptr;        // what is known beside the chain; null: nothing
};

/// The verdict on a certificate that was sent and that nothing verified begins with this.
inline const std::string not_on_path = "not part of the path";

struct JudgedCertificate
{
    CertificateFacts facts;
    int days_left = 0;   // whole days from the moment to not_after, rounded down; negative once it is over
    std::string verdict; // "ok", or the faults of this certificate: OpenSSL's words, joined by "; "
    bool operator==(const JudgedCertificate&) const = default;
};

struct ChainVerdict
{
    bool cert_ok = false; // what the stage `cert` shows: path, dates, name, purpose, constraints, not revoked
    bool weak = false;    // a weak key or signature anywhere a path uses
    Identity identity;
    std::vector<JudgedCertificate> certificates; // as sent
    std::vector<Finding> findings; // all, the most basic first; those that fail Cert are warning or worse
    bool lacks_issuer = false;     // someone signed the last of the path who was neither sent nor is trusted
    std::vector<std::size_t> revocation_lists{}; // of the evidence, by index: those signed by an issuer here
    std::chrono::microseconds took{};            // to verify

    /// The first finding that fails Cert, or null where cert_ok.
    const Finding* cause() const noexcept;

    bool operator==(const ChainVerdict&) const = default;
};

/// Whether a finding of this code fails the stage `cert`.
bool fails_cert(Code code) noexcept;

/// Where no certificate was sent, as with an anonymous cipher: there are no roots to ask.
ChainVerdict judge_no_chain(const std::optional<std::string>& reference);

ChainVerdict judge_chain(const ChainQuestion& question, const TrustStore& trust);

} // namespace probe
