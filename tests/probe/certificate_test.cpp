#include "probe/certificate.hpp"

#include "tests/support/chains.hpp"

#include <openssl/x509.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace
{

using namespace std::string_literals;
using probe::CertificateFacts;
using testing::ElementsAre;
using testing::EndsWith;
using testing::Le;
using testing::MatchesRegex;
using testing::SizeIs;

CertificateFacts facts_of(const pki::Recipe& recipe)
{
    return probe::describe(support::leaf(recipe).certificate);
}

TEST(Describe, TellsWhatReportsShow)
{
    const auto facts = facts_of(support::good());
    EXPECT_EQ(facts.subject, "/CN=mx.test");
    EXPECT_EQ(facts.issuer, "/CN=Intermediate CA");
    EXPECT_EQ(facts.common_name, "mx.test");
    EXPECT_THAT(facts.serial, MatchesRegex("[0-9a-f]{30}"));
    EXPECT_EQ(facts.not_before, support::now - support::day);
    EXPECT_EQ(facts.not_after, support::now + 90 * support::day);
    EXPECT_EQ(facts.key, "EC P-256");
    EXPECT_EQ(facts.signature, "ecdsa-with-SHA256");
    EXPECT_THAT(facts.names, ElementsAre("DNS:mx.test"));
}

TEST(Describe, NamesKeysAndSignatures)
{
    EXPECT_EQ(facts_of({.algorithm = pki::Algorithm::rsa_2048}).key, "RSA 2048");
    EXPECT_EQ(facts_of({.algorithm = pki::Algorithm::rsa_1024}).key, "RSA 1024");
    EXPECT_EQ(facts_of({.algorithm = pki::Algorithm::ec_p192}).key, "EC P-192");
    EXPECT_EQ(facts_of({.algorithm = pki::Algorithm::ed25519}).key, "Ed25519");

    const auto rsa =
        pki::issue({.algorithm = pki::Algorithm::rsa_2048, .authority = true}, nullptr, support::now);
    EXPECT_EQ(probe::describe(rsa.certificate).signature, "sha256WithRSAEncryption");
    const auto old = pki::issue({.digest = "MD5"}, &rsa, support::now);
    EXPECT_EQ(probe::describe(old.certificate).signature, "md5WithRSAEncryption");
    const auto edwards = pki::issue({.algorithm = pki::Algorithm::ed25519}, nullptr, support::now);
    EXPECT_EQ(probe::describe(edwards.certificate).signature, "ED25519");
}

TEST(Describe, GivesFingerprintsAsOpenSslDoes)
{
    const auto certificate = support::leaf().certificate;
    const auto facts = probe::describe(certificate);

    std::string expected;
    unsigned char digest[32];
    X509_digest(certificate.get(), EVP_sha256(), digest, nullptr);
    for (const auto octet : digest) {
        char text[3];
        std::snprintf(text, sizeof text, "%02x", octet);
        expected += text;
    }
    EXPECT_EQ(facts.sha256, expected);
    EXPECT_THAT(facts.spki_sha256, MatchesRegex("[0-9a-f]{64}"));
}

TEST(Describe, TellsTheSameKeyByItsFingerprint)
{
    const auto key = pki::make_key(pki::Algorithm::ec_p256);
    const auto one = probe::describe(pki::issue({}, nullptr, support::now, key).certificate);
    const auto other = probe::describe(pki::issue({}, nullptr, support::now, key).certificate);
    EXPECT_NE(one.sha256, other.sha256);
    EXPECT_EQ(one.spki_sha256, other.spki_sha256);
}

TEST(Describe, ShowsEveryKindOfName)
{
    const auto facts = facts_of(
        {.names = {"DNS:mx.test", "IP:192.0.2.1", "IP:2001:db8::1", "email:a@mx.test", "URI:smtp://mx.test"}}
    );
    EXPECT_THAT(
        facts.names,
        ElementsAre("DNS:mx.test", "IP:192.0.2.1", "IP:2001:db8::1", "email:a@mx.test", "URI:smtp://mx.test")
    );
}

TEST(Describe, EscapesWhatMayNotBeShown)
{
    const auto facts =
        facts_of({.common_name = "mx\x1b[31m\n", .names = {"DNS:mx.test\0.evil"s, "DNS:\xc3\xa4"}});
    EXPECT_EQ(facts.subject, R"(/CN=mx\x1b[31m\x0a)");
    EXPECT_EQ(facts.common_name, R"(mx\x1b[31m\x0a)");
    EXPECT_THAT(facts.names, ElementsAre(R"(DNS:mx.test\x00.evil)", R"(DNS:\xc3\xa4)"));
}

TEST(Describe, BoundsHugeNames)
{
    const auto facts =
        facts_of({.common_name = std::string(20'000, '\x01'), .names = {"DNS:" + std::string(20'000, 'a')}});
    EXPECT_THAT(facts.subject, SizeIs(Le(1000U)));
    EXPECT_THAT(facts.subject, EndsWith("..."));
    EXPECT_THAT(facts.common_name, SizeIs(Le(1000U)));
    EXPECT_THAT(facts.names, ElementsAre(SizeIs(Le(1000U))));
}

TEST(Describe, BoundsTheNumberOfNames)
{
    pki::Recipe recipe;
    for (int i = 0; i < 1000; ++i)
        recipe.names.push_back("DNS:host" + std::to_string(i) + ".test");
    EXPECT_THAT(facts_of(recipe).names, SizeIs(100));
}

TEST(Describe, HasEmptyTextWhereNothingStands)
{
    const auto facts = facts_of({});
    EXPECT_EQ(facts.subject, "");
    EXPECT_EQ(facts.common_name, "");
    EXPECT_THAT(facts.names, SizeIs(0));
}

TEST(Describe, ReadsDatesAfter2050)
{
    const auto facts = facts_of({.until = 10'000 * support::day});
    EXPECT_EQ(facts.not_after, support::now + 10'000 * support::day);
}

} // namespace
