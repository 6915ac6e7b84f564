#include "smtp/tls.hpp"

#include "tests/smtp/conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/conf.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace
{

using namespace smtp_tests;
using smtp::TlsContext;
using smtp::TlsFacts;
using smtp::TlsSettings;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr auto until_tls =
    "S: 220 mx.test\nC: EHLO *\nS: 250-mx.test\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\n";
constexpr auto inside_tls = "\nC: EHLO *\nS: 250 mx.test\nC: MAIL *\nS: 250 ok\nC: QUIT\nS: 221 bye\n";

smtp::Session with(const std::string& tls_line, const TlsSettings& settings = {})
{
    peer::Server server(saying(until_tls + tls_line + inside_tls));
    Client client;
    client.tls = settings;
    return client.converse(server.endpoint());
}

TlsFacts facts(const std::string& tls_line, const TlsSettings& settings = {})
{
    const auto session = with(tls_line, settings);
    if (!session.tls)
        throw std::runtime_error(trace(session) + ": " + session.steps.back().detail);
    return *session.tls;
}

std::vector<std::string> offered_ciphers(const TlsContext& context)
{
    std::vector<std::string> names;
    const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context.get());
    for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i)
        names.emplace_back(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i)));
    return names;
}

/// The words of what the settings are refused with.
std::string complaint(const TlsSettings& settings)
{
    try {
        const TlsContext context(settings);
    } catch (const std::invalid_argument& refused) {
        return refused.what();
    }
    return "none";
}

TEST(TlsContext, SharesEqualCertificatesAmongItsSessions)
{
    for (const auto* const version : {"1.2", "1.3"}) {
        peer::Server good(saying(fmt::format("{}TLS good {}{}", until_tls, version, inside_tls)));
        peer::Server other(saying(fmt::format("{}TLS other {}{}", until_tls, version, inside_tls)));
        const TlsContext context{TlsSettings{}};
        const auto chain = [&](const peer::Server& server) {
            return Client{}.converse(server.endpoint(), context).tls.value().chain;
        };
        const auto first = chain(good);
        ASSERT_THAT(first, SizeIs(2));
        EXPECT_EQ(chain(good), first) << "not only equal, but the same";
        const auto third = chain(other);
        EXPECT_NE(third[0], first[0]);
        EXPECT_EQ(third[1], first[1]) << "both were issued by one authority";
    }
}

TEST(TlsFacts, OfTls13)
{
    const auto seen = facts("TLS good 1.3 ciphersuites=TLS_AES_128_GCM_SHA256 groups=X25519");
    EXPECT_EQ(seen.version, "TLSv1.3");
    EXPECT_EQ(seen.cipher, "TLS_AES_128_GCM_SHA256");
    EXPECT_EQ(seen.bits, 128);
    EXPECT_EQ(seen.group, "X25519");
    EXPECT_TRUE(seen.forward_secrecy);
    EXPECT_THAT(seen.chain, SizeIs(2));
    EXPECT_THAT(seen.ocsp_staple, IsEmpty());
}

TEST(TlsFacts, OfTls12)
{
    const auto seen = facts("TLS good-rsa 1.2 ciphers=ECDHE-RSA-AES256-GCM-SHA384 groups=P-384");
    EXPECT_EQ(seen.version, "TLSv1.2");
    EXPECT_EQ(seen.cipher, "ECDHE-RSA-AES256-GCM-SHA384");
    EXPECT_EQ(seen.bits, 256);
    EXPECT_EQ(seen.group, "secp384r1");
    EXPECT_TRUE(seen.forward_secrecy);
}

TEST(TlsFacts, OfOldVersions)
{
    EXPECT_EQ(facts("TLS good 1.0").version, "TLSv1.0");
    EXPECT_EQ(facts("TLS good-rsa 1.0").version, "TLSv1.0");
    EXPECT_EQ(facts("TLS good-rsa 1.1").version, "TLSv1.1");
}

TEST(TlsFacts, OfKeyExchanges)
{
    EXPECT_EQ(facts("TLS good 1.2 groups=P-256").group, "prime256v1");
    EXPECT_EQ(facts("TLS good 1.2 groups=brainpoolP256r1").group, "brainpoolP256r1");
    EXPECT_EQ(facts("TLS good 1.3 groups=ffdhe2048").group, "ffdhe2048");
    const auto rsa = facts("TLS good-rsa 1.2 ciphers=AES128-SHA");
    EXPECT_EQ(rsa.group, "");
    EXPECT_FALSE(rsa.forward_secrecy);
}

TEST(TlsFacts, OfAnonymousCiphers)
{
    TlsSettings settings;
    settings.ciphers = "aNULL:eNULL";
    const auto anonymous = facts("TLS good 1.2 ciphers=AECDH-AES128-SHA", settings);
    EXPECT_THAT(anonymous.chain, IsEmpty());
    EXPECT_EQ(anonymous.cipher, "AECDH-AES128-SHA");
    EXPECT_EQ(facts("TLS good 1.2 ciphers=ECDHE-ECDSA-NULL-SHA", settings).bits, 0);
}

TEST(TlsFacts, HaveTheStaple)
{
    const std::string staple = "the octets of a staple";
    std::ofstream(Certificates::instance().file("staple.der")) << staple;
    EXPECT_THAT(facts("TLS good 1.2 staple=staple.der").ocsp_staple, ElementsAreArray(staple));
    EXPECT_THAT(facts("TLS good 1.3 staple=staple.der").ocsp_staple, ElementsAreArray(staple));
}

TEST(TlsFacts, OutliveTheConnection)
{
    const auto chain = facts("TLS good").chain;
    ASSERT_THAT(chain, SizeIs(2));
    EXPECT_NE(X509_get_subject_name(chain[0].get()), nullptr);
    EXPECT_EQ(X509_NAME_cmp(X509_get_issuer_name(chain[0].get()), X509_get_subject_name(chain[1].get())), 0);
}

TEST(TlsContext, OffersAllButNullAndAnonymous)
{
    const auto ciphers = offered_ciphers(TlsContext({}));
    EXPECT_THAT(
        ciphers,
        AllOf(
            Contains("AES128-SHA"), Contains("DHE-RSA-CAMELLIA128-SHA"), Contains("TLS_AES_128_CCM_8_SHA256")
        )
    );
    EXPECT_THAT(
        ciphers, Not(testing::AnyOf(
                     Contains(HasSubstr("NULL")), Contains(HasSubstr("ADH")), Contains(HasSubstr("AECDH"))
                 ))
    );
}

TEST(TlsContext, OffersWhatIsAskedFor)
{
    TlsSettings settings;
    settings.ciphers = "AES128-SHA:NULL-SHA";
    settings.ciphersuites = "TLS_AES_256_GCM_SHA384";
    EXPECT_THAT(
        offered_ciphers(TlsContext(settings)),
        testing::ElementsAre("TLS_AES_256_GCM_SHA384", "AES128-SHA", "NULL-SHA")
    );
    settings = {};
    settings.max_version = "1.1";
    EXPECT_EQ(facts("TLS good", settings).version, "TLSv1.1");
    settings = {};
    settings.groups = "P-521";
    EXPECT_EQ(facts("TLS good", settings).group, "secp521r1");
}

TEST(TlsContext, OffersOneAlgorithmOfCertificatesOnly)
{
    using smtp::KeyType;
    for (const std::string versions : {"1.3", "1.2", "1.0"}) {
        for (const auto type : smtp::all_key_types) {
            TlsSettings settings;
            settings.only_key = type;
            const auto shown = facts("TLS good also=good-rsa " + versions, settings);
            EXPECT_EQ(smtp::key_type_of(shown.chain.at(0)), type) << versions;
        }
        TlsSettings settings;
        settings.only_key = KeyType::ecdsa;
        const auto session = with("TLS good-rsa " + versions, settings);
        EXPECT_EQ(session.steps.back().fault, smtp::errc::handshake_failed) << versions;
    }
}

TEST(TlsContext, OffersAClientCertificateOfEitherAlgorithm)
{
    TlsSettings settings;
    settings.only_key = smtp::KeyType::ecdsa;
    settings.client_cert = Certificates::instance().file("good-rsa.pem");
    peer::Server server(saying(until_tls + std::string("TLS good request-client-cert") + inside_tls));
    Client client;
    client.tls = settings;
    EXPECT_TRUE(client.converse(server.endpoint()).tls);
    EXPECT_NE(server.next_run().tls.value().certificate, "");
}

TEST(TlsContext, GetsNowhereWithoutACommonVersion)
{
    TlsSettings settings;
    settings.min_version = "1.3";
    const auto session = with("TLS good 1.2", settings);
    EXPECT_EQ(session.steps.back().fault, smtp::errc::handshake_failed);
    EXPECT_EQ(session.steps.back().detail, "alert protocol version (70)");
    EXPECT_FALSE(session.tls);
}

TEST(TlsContext, AcceptsEverySetting)
{
    TlsSettings settings;
    settings.min_version = settings.max_version = "1.2";
    settings.client_cert = Certificates::instance().file("good.crt");
    settings.client_key = Certificates::instance().file("good.key");
    EXPECT_EQ(complaint(settings), "none");
    settings.client_cert = Certificates::instance().file("good.pem");
    settings.client_key.clear();
    EXPECT_EQ(complaint(settings), "none");
}

TEST(TlsContext, SaysWhatIsWrong)
{
    const auto& files = Certificates::instance();
    const auto setting = [](std::string TlsSettings::*member, const std::string& value) {
        TlsSettings settings;
        settings.*member = value;
        return settings;
    };
    EXPECT_THAT(
        complaint(setting(&TlsSettings::min_version, "1.4")), AllOf(HasSubstr("\"1.4\""), HasSubstr("1.3"))
    );
    EXPECT_THAT(complaint(setting(&TlsSettings::max_version, "SSLv3")), HasSubstr("\"SSLv3\""));
    EXPECT_THAT(complaint(setting(&TlsSettings::ciphers, "FOO")), HasSubstr("\"FOO\""));
    EXPECT_THAT(complaint(setting(&TlsSettings::ciphersuites, "FOO")), HasSubstr("\"FOO\""));
    EXPECT_THAT(complaint(setting(&TlsSettings::groups, "X25519:FOO")), HasSubstr("\"X25519:FOO\""));
    EXPECT_THAT(complaint(setting(&TlsSettings::client_cert, "/none.pem")), HasSubstr("/none.pem"));
    EXPECT_THAT(complaint(setting(&TlsSettings::client_cert, files.file("good.key"))), HasSubstr("good.key"));
    EXPECT_THAT(
        complaint(setting(&TlsSettings::client_cert, files.file("good.crt"))), HasSubstr("no private key")
    );
    EXPECT_THAT(
        complaint(setting(&TlsSettings::client_key, files.file("good.key"))), HasSubstr("no certificate")
    );

    auto narrow = setting(&TlsSettings::ciphers, "ECDHE-RSA-AES128-GCM-SHA256");
    narrow.only_key = smtp::KeyType::ecdsa;
    EXPECT_THAT(complaint(narrow), AllOf(HasSubstr("ECDSA"), HasSubstr("ECDHE-RSA-AES128-GCM-SHA256")));

    auto settings = setting(&TlsSettings::min_version, "1.3");
    settings.max_version = "1.1";
    EXPECT_THAT(complaint(settings), AllOf(HasSubstr("1.3"), HasSubstr("1.1")));
}

TEST(TlsContext, WantsTheKeyOfTheCertificate)
{
    TlsSettings settings;
    settings.client_cert = Certificates::instance().file("good.crt");
    for (const auto* key : {"other.key", "good-rsa.key"}) {
        settings.client_key = Certificates::instance().file(key);
        EXPECT_THAT(
            complaint(settings), AllOf(HasSubstr(key), HasSubstr("is not that of"), HasSubstr("good.crt"))
        );
    }
}

/// In a process of its own, since OpenSSL keeps its configuration for good.
int version_under_strict_configuration()
{
    const auto file = Certificates::instance().file("openssl.cnf");
    std::ofstream(file
    ) << "openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = strict\n[strict]\n"
         "MinProtocol = TLSv1.3\nCipherString = ECDHE+AESGCM:@SECLEVEL=5\nGroups = P-521\n"
         "SignatureAlgorithms = RSA+SHA512\nOptions = NoRenegotiation\n";
    const TlsContext before({});
    if (CONF_modules_load_file(file.c_str(), nullptr, 0) != 1)
        return 2;
    const TlsContext after({});
    const auto is_the_same = offered_ciphers(before) == offered_ciphers(after) &&
                             SSL_CTX_get_security_level(after.get()) == 0 &&
                             SSL_CTX_get_min_proto_version(after.get()) == TLS1_VERSION &&
                             SSL_CTX_get_options(before.get()) == SSL_CTX_get_options(after.get());
    return is_the_same ? 0 : 1;
}

TEST(TlsContext, IsNotSwayedByOpensslCnf)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(std::exit(version_under_strict_configuration()), testing::ExitedWithCode(0), "");
}

} // namespace
