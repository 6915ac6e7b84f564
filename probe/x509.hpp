// Small readers of OpenSSL's certificates, for the files of probe/ that look into them; no other header has
// it.
#pragma once

#include <openssl/x509v3.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace probe
{

/// Frees what a std::unique_ptr holds as its C library wants it.
template <auto Free>
struct Deleter
{
    void operator()(auto* handle) const noexcept { Free(handle); }
};

inline void free_stack(STACK_OF(X509) * stack) noexcept
{
    sk_X509_free(stack);
}

using GeneralNames = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;
using Borrowed = std::unique_ptr<STACK_OF(X509), Deleter<free_stack>>; // a stack of what others own

inline constexpr std::size_t max_text = 1000; // octets of one text: a certificate may be as large as it likes

/// Safe to print, and at most `limit` octets.
std::string shown(std::string_view octets, std::size_t limit = max_text);

/// The octets of any ASN.1 string, as they stand.
std::string_view octets_of(const ASN1_STRING* string) noexcept;

/// Two lower-case digits an octet.
std::string hexadecimal(std::string_view octets);

/// "CN", "serverAuth"; dotted numbers where OpenSSL knows no name.
std::string object_name(const ASN1_OBJECT* object);

/// The epoch where the field holds no date.
std::chrono::sys_seconds moment_of(const ASN1_TIME* time);

/// "2026-11-20T12:00:00Z", RFC 3339.
std::string date_of(std::chrono::sys_seconds moment);

/// The names of subjectAltName; null where there is none, where it is there twice, or cannot be read.
GeneralNames alternative_names(const X509* certificate);

/// The octets of the subject's last CN, as UTF-8 where its type is a wider one; none where there is no CN.
std::optional<std::string> common_name_of(const X509* certificate);

/// Whether it signed itself, as a root does.
bool is_root(const X509* certificate) noexcept;

/// "/C=US/O=Example/CN=mx.example.com".
std::string distinguished_name(const X509_NAME* name, std::size_t limit = max_text);

/// "03a1f2": hexadecimal, lower case; what is above the limit is cut off.
std::string serial_of(const X509* certificate, std::size_t limit = max_text);

/// "RSA 2048", "EC P-256", "Ed25519".
std::string key_of(const X509* certificate);

/// "sha256WithRSAEncryption".
std::string signature_of(const X509* certificate);

} // namespace probe
