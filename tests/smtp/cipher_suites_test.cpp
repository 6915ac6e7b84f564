#include "smtp/cipher_suites.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <memory>
#include <set>

namespace
{

using smtp::KeyExchange;
using smtp::ProtocolVersion;

constexpr ProtocolVersion all_versions[]{
    ProtocolVersion::ssl3, ProtocolVersion::tls10, ProtocolVersion::tls11, ProtocolVersion::tls12,
    ProtocolVersion::tls13};

TEST(Version, HasTheNameOfTheContract)
{
    EXPECT_EQ(smtp::name(ProtocolVersion::ssl3), "SSLv3");
    EXPECT_EQ(smtp::name(ProtocolVersion::tls10), "TLSv1.0");
    EXPECT_EQ(smtp::name(ProtocolVersion::tls13), "TLSv1.3");
    EXPECT_EQ(smtp::name(ProtocolVersion{0x0305}), "0x0305");
    EXPECT_EQ(smtp::name(ProtocolVersion{0x0002}), "0x0002");
}

TEST(CipherSuites, AreEachThereOnce)
{
    std::set<std::uint16_t> ids;
    std::set<std::string_view> names;
    for (const auto& suite : smtp::all_cipher_suites()) {
        EXPECT_TRUE(ids.insert(suite.id).second) << suite.name;
        EXPECT_TRUE(names.insert(suite.name).second) << suite.name;
        EXPECT_EQ(smtp::cipher_suite(suite.id), &suite);
    }
    EXPECT_EQ(smtp::cipher_suite(0x00FF), nullptr); // a signal, and no suite
    EXPECT_EQ(smtp::cipher_suite(0x5600), nullptr);
}

/// The key exchange, by OpenSSL.
KeyExchange exchange_of(const SSL_CIPHER* cipher)
{
    switch (SSL_CIPHER_get_kx_nid(cipher)) {
    case NID_kx_ecdhe:
        return KeyExchange::ecdhe;
    case NID_kx_dhe:
        return KeyExchange::dhe;
    case NID_kx_any:
        return KeyExchange::any;
    default:
        return KeyExchange::rsa;
    }
}

ProtocolVersion since(const SSL_CIPHER* cipher)
{
    const std::string_view version = SSL_CIPHER_get_version(cipher);
    if (version == "TLSv1.3")
        return ProtocolVersion::tls13;
    return version == "TLSv1.2" ? ProtocolVersion::tls12 : ProtocolVersion::ssl3;
}

/// What this OpenSSL knows, it knows by the same name and to the same end.
TEST(CipherSuites, AgreeWithOpenSsl)
{
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_client_method()), SSL_CTX_free
    );
    SSL_CTX_set_security_level(context.get(), 0);
    ASSERT_EQ(SSL_CTX_set_cipher_list(context.get(), "ALL:COMPLEMENTOFALL:!PSK:!SRP"), 1);
    const auto* known = SSL_CTX_get_ciphers(context.get());
    int compared = 0;
    for (int i = 0; i < sk_SSL_CIPHER_num(known); ++i) {
        const auto* cipher = sk_SSL_CIPHER_value(known, i);
        const auto* suite = smtp::cipher_suite(SSL_CIPHER_get_protocol_id(cipher));
        ASSERT_NE(suite, nullptr) << SSL_CIPHER_get_name(cipher);
        EXPECT_EQ(suite->name, SSL_CIPHER_get_name(cipher));
        EXPECT_EQ(suite->exchange, exchange_of(cipher)) << suite->name;
        // OpenSSL keeps what needs an extension from SSL 3; servers of old did not.
        const auto by_openssl = since(cipher);
        EXPECT_EQ(suite->since, by_openssl) << suite->name;
        ++compared;
    }
    EXPECT_GT(compared, 90);
}

TEST(CipherSuites, HaveWhatOpenSslHasNoMore)
{
    EXPECT_EQ(smtp::cipher_suite(0x0005)->name, "RC4-SHA");
    EXPECT_EQ(smtp::cipher_suite(0x000A)->name, "DES-CBC3-SHA");
    EXPECT_EQ(smtp::cipher_suite(0x0009)->name, "DES-CBC-SHA");
    EXPECT_EQ(smtp::cipher_suite(0x0003)->name, "EXP-RC4-MD5");
    EXPECT_EQ(smtp::cipher_suite(0x0064)->name, "EXP1024-RC4-SHA");
    EXPECT_EQ(smtp::cipher_suite(0x0007)->name, "IDEA-CBC-SHA");
    EXPECT_EQ(smtp::cipher_suite(0x0096)->name, "SEED-SHA");
    EXPECT_EQ(smtp::cipher_suite(0xC031)->exchange, KeyExchange::ecdh);
    EXPECT_EQ(smtp::cipher_suite(0x0018)->exchange, KeyExchange::dhe); // anonymous
}

TEST(CipherSuites, BelongToTheirVersions)
{
    const auto* old = smtp::cipher_suite(0x002F);
    const auto* gcm = smtp::cipher_suite(0xC02F);
    const auto* newest = smtp::cipher_suite(0x1301);
    for (const auto version : all_versions) {
        EXPECT_EQ(smtp::usable(*old, version), version != ProtocolVersion::tls13) << name(version);
        EXPECT_EQ(smtp::usable(*gcm, version), version == ProtocolVersion::tls12) << name(version);
        EXPECT_EQ(smtp::usable(*newest, version), version == ProtocolVersion::tls13) << name(version);
    }
}

TEST(Groups, AreEachThereOnceAndBelongToTheirVersions)
{
    std::set<std::uint16_t> ids;
    for (const auto& group : smtp::all_groups()) {
        EXPECT_TRUE(ids.insert(group.id).second) << group.name;
        EXPECT_EQ(smtp::group(group.id), &group);
        EXPECT_TRUE(usable(group, ProtocolVersion::tls12) || usable(group, ProtocolVersion::tls13));
    }
    const auto both = [](std::uint16_t id) {
        const auto& group = *smtp::group(id);
        return usable(group, ProtocolVersion::tls12) && usable(group, ProtocolVersion::tls13);
    };
    EXPECT_TRUE(both(0x001D));  // X25519
    EXPECT_TRUE(both(0x0017));  // prime256v1
    EXPECT_TRUE(both(0x0100));  // ffdhe2048
    EXPECT_FALSE(both(0x0016)); // secp256k1
    EXPECT_FALSE(both(0x001A)); // brainpoolP256r1
    EXPECT_FALSE(both(0x11EC)); // X25519MLKEM768
    EXPECT_TRUE(finite_field(*smtp::group(0x0104)));
    EXPECT_FALSE(finite_field(*smtp::group(0x001D)));
    EXPECT_EQ(smtp::group(0), nullptr);
}

} // namespace
