// The versions of TLS, its cipher suites and its key-exchange groups: their numbers on the wire and the names
// that OpenSSL has for them, also of what today's OpenSSL can do no more. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace smtp
{

enum class ProtocolVersion : std::uint16_t
{
    ssl3 = 0x0300,
    tls10 = 0x0301,
    tls11 = 0x0302,
    tls12 = 0x0303,
    tls13 = 0x0304
};

/// "SSLv3", "TLSv1.0" to "TLSv1.3"; "0x0305" for another.
std::string name(ProtocolVersion version);

/// What a server's ServerKeyExchange holds, if it sends one.
enum class KeyExchange : std::uint8_t
{
    rsa,
    dh,    // with the key of the certificate: no ServerKeyExchange
    dhe,   // also anonymous
    ecdh,  // with the key of the certificate
    ecdhe, // also anonymous
    any    // TLS 1.3, where suite and key exchange do not depend on each other
};

struct CipherSuite
{
    std::uint16_t id = 0; // as registered with IANA
    std::string_view name;
    ProtocolVersion since{}; // the oldest version that it may be used in; TLS 1.3 has its own, and only those
    KeyExchange exchange{};
};

/// All that servers without pre-shared keys, SRP, Kerberos or GOST have ever had: those of TLS 1.3, then by
/// what they are worth, then what is rarely met.
std::span<const CipherSuite> all_cipher_suites() noexcept;

/// Null where it is not among them.
const CipherSuite* cipher_suite(std::uint16_t id) noexcept;

bool usable(const CipherSuite& suite, ProtocolVersion version) noexcept;

struct Group
{
    std::uint16_t id = 0; // as registered with IANA
    std::string_view name;
    int bits = 0; // as OpenSSL counts them; 0 for a hybrid, which has no one size
};

/// Elliptic curves, the finite fields of RFC 7919 and the hybrids with ML-KEM: the most common first.
std::span<const Group> all_groups() noexcept;

/// Null where it is not among them.
const Group* group(std::uint16_t id) noexcept;

/// Of RFC 7919: a finite field.
bool finite_field(const Group& group) noexcept;

/// Whether a version can do with it: the hybrids are of TLS 1.3, the curves that RFC 8446 gave up are not.
bool usable(const Group& group, ProtocolVersion version) noexcept;

} // namespace smtp
