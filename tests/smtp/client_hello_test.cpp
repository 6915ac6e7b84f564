#include "smtp/client_hello.hpp"

#include "tests/smtp/hello_octets.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace
{

using namespace smtp_tests;
using smtp::Offer;
using smtp::ProtocolVersion;

constexpr ProtocolVersion all_versions[]{
    ProtocolVersion::ssl3, ProtocolVersion::tls10, ProtocolVersion::tls11, ProtocolVersion::tls12,
    ProtocolVersion::tls13};

smtp::HelloNonce nonce()
{
    smtp::HelloNonce octets{};
    octets.fill('n');
    return octets;
}

Offer whole_offer(ProtocolVersion version)
{
    Offer offer{.version = version};
    for (const auto& suite : smtp::all_cipher_suites()) {
        if (usable(suite, version) && offer.suites.size() < smtp::max_suites_offered)
            offer.suites.push_back(suite.id);
    }
    for (const auto& group : smtp::all_groups()) {
        if (usable(group, version))
            offer.groups.push_back(group.id);
    }
    return offer;
}

TEST(ClientHello, OfSsl3IsTheOldForm)
{
    const Offer offer{.version = ProtocolVersion::ssl3, .suites = {0x0005, 0x000A}, .groups = {0x0017}};
    const auto body =
        octets({3, 0}) + std::string(32, 'n') + octets({0, 0, 6, 0, 5, 0, 10, 0, 0xFF, 2, 1, 0});
    EXPECT_EQ(client_hello(offer, "mx.test", nonce()), record(22, message(1, body), 0x0300));
}

TEST(ClientHello, HasTheSizesThatServersMind)
{
    for (const auto version : all_versions) {
        if (version == ProtocolVersion::ssl3)
            continue;
        for (std::size_t suites = 1; suites <= smtp::max_suites_offered; ++suites) {
            Offer offer{.version = version, .suites = std::vector<std::uint16_t>(suites, 0x002F)};
            const auto hello = client_hello(offer, "mx.test", nonce());
            EXPECT_EQ((hello.size() - 5) % 256, 0) << suites;
            EXPECT_GE(hello.size() - 5, 512);
        }
    }
}

TEST(ClientHello, SaysInTheRecordWhatEveryServerTakes)
{
    EXPECT_EQ(client_hello(whole_offer(ProtocolVersion::ssl3), "", nonce()).substr(0, 3), octets({22, 3, 0}));
    EXPECT_EQ(
        client_hello(whole_offer(ProtocolVersion::tls13), "", nonce()).substr(0, 3), octets({22, 3, 1})
    );
}

TEST(Farewell, IsTwoWarnings)
{
    const auto said = octets({21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0});
    EXPECT_EQ(smtp::farewell(ProtocolVersion::tls12), said);
    EXPECT_EQ(smtp::farewell(ProtocolVersion::tls13), said);
    EXPECT_EQ(smtp::farewell(ProtocolVersion::ssl3).substr(0, 3), octets({21, 3, 0}));
}

/// What OpenSSL read of a hello, as a server that then refuses it.
struct Read
{
    std::string server_name;
    std::vector<std::uint16_t> suites;
    std::vector<int> extensions;
    std::string compressions;
    bool has_come = false;
};

int keep(SSL* ssl, int*, void* argument)
{
    auto& seen = *static_cast<Read*>(argument);
    seen.has_come = true;
    const unsigned char* octets = nullptr;
    const auto suites = SSL_client_hello_get0_ciphers(ssl, &octets);
    for (std::size_t i = 0; i + 1 < suites; i += 2)
        seen.suites.push_back(static_cast<std::uint16_t>(octets[i] << 8 | octets[i + 1]));
    const auto methods = SSL_client_hello_get0_compression_methods(ssl, &octets);
    seen.compressions.assign(octets, octets + methods);
    std::size_t size = 0;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &octets, &size) == 1 && size > 5)
        seen.server_name.assign(octets + 5, octets + size);
    int* extensions = nullptr;
    if (SSL_client_hello_get1_extensions_present(ssl, &extensions, &size) == 1)
        seen.extensions.assign(extensions, extensions + size);
    OPENSSL_free(extensions);
    return SSL_CLIENT_HELLO_ERROR;
}

Read read_by_openssl(const std::string& hello)
{
    Read seen;
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_server_method()), SSL_CTX_free
    );
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_client_hello_cb(context.get(), keep, &seen);
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
    BIO* const in = BIO_new(BIO_s_mem());
    BIO* const out = BIO_new(BIO_s_mem());
    BIO_write(in, hello.data(), static_cast<int>(hello.size()));
    SSL_set_bio(ssl.get(), in, out);
    SSL_accept(ssl.get());
    return seen;
}

TEST(ClientHello, IsReadAsItIsMeant)
{
    for (const auto version : all_versions) {
        if (version == ProtocolVersion::ssl3)
            continue; // which this OpenSSL does not read
        const auto offer = whole_offer(version);
        const auto seen = read_by_openssl(client_hello(offer, "mx.test", nonce()));
        ASSERT_TRUE(seen.has_come) << name(version);
        EXPECT_EQ(seen.suites, offer.suites) << name(version);
        EXPECT_EQ(seen.server_name, "mx.test");
        const bool is_tls13 = version == ProtocolVersion::tls13;
        EXPECT_EQ(seen.compressions, is_tls13 ? octets({0}) : octets({1, 0}));
        const auto has = [&](int type) { return std::ranges::count(seen.extensions, type) == 1; };
        EXPECT_EQ(has(TLSEXT_TYPE_renegotiate), !is_tls13);
        EXPECT_EQ(has(TLSEXT_TYPE_extended_master_secret), !is_tls13);
        EXPECT_EQ(has(TLSEXT_TYPE_session_ticket), !is_tls13);
        EXPECT_EQ(has(TLSEXT_TYPE_supported_versions), is_tls13);
        EXPECT_EQ(has(TLSEXT_TYPE_key_share), is_tls13);
        EXPECT_TRUE(has(TLSEXT_TYPE_supported_groups));
        EXPECT_EQ(has(TLSEXT_TYPE_signature_algorithms), version >= ProtocolVersion::tls12);
    }
    const auto nameless = client_hello(whole_offer(ProtocolVersion::tls12), "", nonce());
    EXPECT_EQ(read_by_openssl(nameless).server_name, "");
}

} // namespace
