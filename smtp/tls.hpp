// The TLS side of a session: the context for probing, and what was seen of a handshake.
#pragma once

#include "smtp/cipher_suites.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct ssl_ctx_st;
struct ssl_session_st;
struct x509_st;

namespace smtp
{

/// A certificate as OpenSSL holds it, shared: keep a chain without copying or parsing it again.
using Certificate = std::shared_ptr<x509_st>;

/// A session as OpenSSL holds it, shared: what a later handshake can resume (RFC 5246 §7.3, RFC 8446 §2.2).
using TlsSession = std::shared_ptr<ssl_session_st>;

/// A handshake that asks for a session to resume, or resumes one, in one version of TLS only.
struct Resumption
{
    ProtocolVersion version = ProtocolVersion::tls13; // TLS 1.0 and up
    TlsSession session{};                             // to resume; empty: a full handshake
    std::string alpn{}; // the protocol to offer (RFC 7301 §3.1), at most 255 octets; empty: none
};

/// What a finished handshake agreed on, and what the server presented.
struct TlsFacts
{
    std::string version; // "TLSv1.0" to "TLSv1.3"
    std::string cipher;  // OpenSSL's name
    int bits = 0;        // of the cipher's key
    std::string group;   // of the key exchange, OpenSSL's name; empty where there is none
    bool forward_secrecy = false;
    std::vector<Certificate> chain;        // as sent, the server's own first; empty with an anonymous cipher
    std::vector<std::uint8_t> ocsp_staple; // DER of the stapled OCSP response (RFC 6066 §8); empty where none
    bool resumed = false;                  // an earlier session: only the first handshake presented a chain
    std::string alpn{};                    // as the server chose, of what was offered; empty: none
};

/// The algorithm of a certificate's key, as --key-types tells them apart.
enum class KeyType : std::uint8_t
{
    rsa, // also RSA-PSS
    ecdsa
};
inline constexpr std::array all_key_types{KeyType::rsa, KeyType::ecdsa};

std::string_view name(KeyType type) noexcept; // "RSA", "ECDSA"

/// None for an Ed25519, Ed448 or DSA key.
std::optional<KeyType> key_type_of(const Certificate& certificate) noexcept;

struct TlsSettings
{
    std::string min_version;  // "1.0" to "1.3"; empty: 1.0
    std::string max_version;  // empty: 1.3
    std::string ciphers;      // TLS 1.2 and below, OpenSSL's list; empty: all but NULL and anonymous
    std::string ciphersuites; // TLS 1.3
    std::string groups;
    std::string client_cert;         // PEM file: the certificate, then its chain
    std::string client_key;          // PEM file; empty: in client_cert
    std::optional<KeyType> only_key; // offer nothing that a certificate of another algorithm could serve
};

/// An SSL_CTX that connects to whatever can be connected to: security level 0, TLS 1.0 and up, no
/// verification (the chain is judged afterwards), an OCSP staple asked for. Shared by all sessions of a run,
/// which share equal certificates in turn.
class TlsContext
{
public:
    /// Throws std::invalid_argument, one line that names the value and what to do, for what cannot be used.
    explicit TlsContext(const TlsSettings& settings);

    ssl_ctx_st* get() const noexcept { return context_.get(); }

private:
    std::shared_ptr<ssl_ctx_st> context_;
};

} // namespace smtp
