#include "smtp/tls.hpp"

#include "smtp/certificate_pool.hpp"
#include "smtp/library_context.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <utility>

namespace smtp
{
namespace
{

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// The defaults say all that OpenSSL can do, also what it would only offer on request: what is weak is seen
// and then judged, not missed. They are always set, so that nothing in an openssl.cnf speaks for us.
constexpr const char* all_ciphers = "ALL:!aNULL:!eNULL:!PSK:!SRP";
constexpr const char* all_ciphersuites =
    "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:"
    "TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256";
constexpr const char* all_groups =
    "X25519:P-256:X448:P-384:P-521:ffdhe2048:ffdhe3072:ffdhe4096:ffdhe6144:ffdhe8192:"
    "brainpoolP256r1:brainpoolP384r1:brainpoolP512r1:secp256k1:secp224r1:prime192v1";
constexpr const char* all_signatures =
    "ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:ecdsa_secp521r1_sha512:ed25519:ed448:"
    "rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:"
    "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:"
    "rsa_pkcs1_sha256:rsa_pkcs1_sha384:rsa_pkcs1_sha512:"
    "ECDSA+SHA224:ECDSA+SHA1:RSA+SHA224:RSA+SHA1:DSA+SHA256:DSA+SHA384:DSA+SHA512:DSA+SHA224:DSA+SHA1";

/// What is offered for one algorithm of certificates.
struct KeyOffer
{
    const char* signatures;    // RFC 8446 §4.2.3
    std::string_view no_other; // takes the ciphers of other certificates out of a list; OpenSSL's form
};

constexpr KeyOffer rsa_offer{
    "rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:"
    "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:"
    "rsa_pkcs1_sha256:rsa_pkcs1_sha384:rsa_pkcs1_sha512:RSA+SHA224:RSA+SHA1",
    ":!aECDSA:!aDSS:!aNULL"};
// RSA authorities sign ECDSA certificates: PKCS #1 is for their signatures only, since TLS 1.3 has no other
// use for it, and below no cipher for an RSA key is offered.
constexpr KeyOffer ecdsa_offer{
    "ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:ecdsa_secp521r1_sha512:ECDSA+SHA224:ECDSA+SHA1:"
    "rsa_pkcs1_sha256:rsa_pkcs1_sha384:rsa_pkcs1_sha512:RSA+SHA1",
    ":!aRSA:!aDSS:!aNULL"};

const KeyOffer& offer_of(KeyType type) noexcept
{
    return type == KeyType::rsa ? rsa_offer : ecdsa_offer;
}

constexpr std::array<std::pair<std::string_view, int>, 4> versions{
    {{"1.0", TLS1_VERSION}, {"1.1", TLS1_1_VERSION}, {"1.2", TLS1_2_VERSION}, {"1.3", TLS1_3_VERSION}}};

int version_named(const std::string& name, int otherwise)
{
    if (name.empty())
        return otherwise;
    for (const auto& [known, version] : versions) {
        if (known == name)
            return version;
    }
    throw std::invalid_argument(fmt::format("no TLS version \"{}\": use 1.0, 1.1, 1.2 or 1.3", name));
}

const char* either(const std::string& given, const char* otherwise)
{
    return given.empty() ? otherwise : given.c_str();
}

/// Verification takes place elsewhere, afterwards: here it would only be done twice. But it is here that
/// OpenSSL holds the chain as it parsed it, and nothing refers to that yet.
int accept_any_chain(X509_STORE_CTX* context, void* pool)
{
    auto* chain = X509_STORE_CTX_get0_untrusted(context);
    static_cast<CertificatePool*>(pool)->share(chain);
    X509_STORE_CTX_set_cert(context, sk_X509_value(chain, 0));
    return 1;
}

/// A program without a person before it never asks for a passphrase.
int no_passphrase(char*, int, int, void*)
{
    return 0;
}

void set_habits(SSL_CTX* context)
{
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_clear_options(context, SSL_CTX_get_options(context));
    SSL_CTX_set_options(
        context, SSL_OP_ALL | SSL_OP_ENABLE_MIDDLEBOX_COMPAT | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                     SSL_OP_NO_RENEGOTIATION | SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF
    );
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_max_send_fragment(context, 2048); // the size of a buffer, which has room for a ClientHello
    SSL_CTX_set_read_ahead(context, 1);           // a whole flight with one system call
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp);
    SSL_CTX_set1_sigalgs_list(context, all_signatures);
}

void set_versions(SSL_CTX* context, const TlsSettings& settings)
{
    const int min = version_named(settings.min_version, TLS1_VERSION);
    const int max = version_named(settings.max_version, TLS1_3_VERSION);
    if (min > max) {
        throw std::invalid_argument(fmt::format(
            "the lowest TLS version, {}, is above the highest, {}: swap them",
            either(settings.min_version, "1.0"), either(settings.max_version, "1.3")
        ));
    }
    SSL_CTX_set_min_proto_version(context, min);
    SSL_CTX_set_max_proto_version(context, max);
}

void set_offer(SSL_CTX* context, const TlsSettings& settings)
{
    if (SSL_CTX_set_cipher_list(context, either(settings.ciphers, all_ciphers)) != 1) {
        throw std::invalid_argument(fmt::format(
            "no cipher for TLS 1.2 and below in \"{}\": see \"openssl ciphers -v ALL:COMPLEMENTOFALL\"",
            settings.ciphers
        ));
    }
    if (SSL_CTX_set_ciphersuites(context, either(settings.ciphersuites, all_ciphersuites)) != 1) {
        throw std::invalid_argument(fmt::format(
            "no cipher suite for TLS 1.3 in \"{}\": see \"openssl ciphers -s -tls1_3\"", settings.ciphersuites
        ));
    }
    if (SSL_CTX_set1_groups_list(context, either(settings.groups, all_groups)) != 1) {
        throw std::invalid_argument(fmt::format(
            "a group in \"{}\" is unknown: name them as in \"X25519:P-256:ffdhe2048\"", settings.groups
        ));
    }
}

/// Narrows what set_offer has set.
void set_only_key(SSL_CTX* context, const TlsSettings& settings)
{
    const auto& offer = offer_of(*settings.only_key);
    const auto list = either(settings.ciphers, all_ciphers) + std::string(offer.no_other);
    if (SSL_CTX_set_cipher_list(context, list.c_str()) != 1) {
        throw std::invalid_argument(fmt::format(
            "no cipher for {} certificates in \"{}\": name some, or leave --key-types out",
            name(*settings.only_key), settings.ciphers
        ));
    }
    SSL_CTX_set1_sigalgs_list(context, offer.signatures);
    SSL_CTX_set1_client_sigalgs_list(context, all_signatures); // our own certificate may be of either
}

/// A library context of a thread's own reads none. Null where there is none.
Key private_key_in(const std::string& file)
{
    const std::unique_ptr<BIO, decltype(&BIO_free)> octets(BIO_new_file(file.c_str(), "r"), BIO_free);
    auto* everything = OSSL_LIB_CTX_get0_global_default();
    if (!octets)
        return {nullptr, EVP_PKEY_free};
    return {
        PEM_read_bio_PrivateKey_ex(octets.get(), nullptr, no_passphrase, nullptr, everything, nullptr),
        EVP_PKEY_free};
}

bool set_client_key(SSL_CTX* context, const std::string& file)
{
    const auto key = private_key_in(file);
    if (key && SSL_CTX_use_PrivateKey(context, key.get()) == 1)
        return SSL_CTX_check_private_key(context) == 1; // they may differ in kind, too
    const auto error = ERR_peek_last_error();
    if (ERR_GET_LIB(error) == ERR_LIB_X509 && ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH)
        return false;
    throw std::invalid_argument(fmt::format(
        "no private key that can be read in {}: give a PEM file with one, without passphrase", file
    ));
}

void set_client_certificate(SSL_CTX* context, const TlsSettings& settings)
{
    if (settings.client_cert.empty() && settings.client_key.empty())
        return;
    if (settings.client_cert.empty()) {
        throw std::invalid_argument(
            fmt::format("the client key {} has no certificate: name it too", settings.client_key)
        );
    }
    if (SSL_CTX_use_certificate_chain_file(context, settings.client_cert.c_str()) != 1) {
        throw std::invalid_argument(fmt::format(
            "cannot read the client certificate {}: give a PEM file that begins with it", settings.client_cert
        ));
    }
    const auto& key = settings.client_key.empty() ? settings.client_cert : settings.client_key;
    if (!set_client_key(context, key)) {
        throw std::invalid_argument(fmt::format(
            "the key in {} is not that of the client certificate {}: give the one it was made with", key,
            settings.client_cert
        ));
    }
}

} // namespace

std::string_view name(KeyType type) noexcept
{
    return type == KeyType::rsa ? "RSA" : "ECDSA";
}

std::optional<KeyType> key_type_of(const Certificate& certificate) noexcept
{
    const auto* key = X509_get0_pubkey(certificate.get());
    switch (key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
        return KeyType::rsa;
    case EVP_PKEY_EC:
        return KeyType::ecdsa;
    default:
        return std::nullopt;
    }
}

TlsContext::TlsContext(const TlsSettings& settings)
{
    keep_configuration_out();
    const auto pool = std::make_shared<CertificatePool>();
    context_ = {SSL_CTX_new(TLS_client_method()), [pool](SSL_CTX* context) { SSL_CTX_free(context); }};
    if (!context_)
        throw std::bad_alloc();

    ERR_clear_error();
    SSL_CTX_set_cert_verify_callback(context_.get(), accept_any_chain, pool.get());
    set_habits(context_.get());
    set_versions(context_.get(), settings);
    set_offer(context_.get(), settings);
    if (settings.only_key)
        set_only_key(context_.get(), settings);
    set_client_certificate(context_.get(), settings);
    ERR_clear_error();
}

} // namespace smtp
