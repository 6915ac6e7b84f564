// A certificate, described: what reports show of it. Pure.
#pragma once

#include "smtp/tls.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace probe
{

/// All text is printable() already, and bounded.
struct CertificateFacts
{
    std::string subject; // "/C=US/O=Example/CN=mx.example.com"
    std::string issuer;
    std::string serial; // hexadecimal, lower case
    std::chrono::sys_seconds not_before{};
    std::chrono::sys_seconds not_after{};
    std::string key;                // "RSA 2048", "EC P-256", "Ed25519"
    std::string signature;          // "sha256WithRSAEncryption"
    std::vector<std::string> names; // "DNS:mx.example.com", "IP:192.0.2.1", …: subjectAltName, as it stands
    std::string common_name;        // the last CN of the subject; empty where there is none
    std::string sha256;             // of the DER, lower-case hexadecimal
    std::string spki_sha256;        // of the SubjectPublicKeyInfo
    bool operator==(const CertificateFacts&) const = default;
};

CertificateFacts describe(const smtp::Certificate& certificate);

} // namespace probe
