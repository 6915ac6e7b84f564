#include "observation_builder.hpp"
#include "probe/strength.hpp"

#include <gmock/gmock.h>

namespace
{

using probe::judge_strength;
using probe::weak_version;
using probe::weakness_of;
using seen::Code;
using testing::ElementsAre;

TEST(Strength, VersionsBelowTls12AreWeak)
{
    for (const auto* version : {"SSLv3", "TLSv1.0", "TLSv1.1"})
        EXPECT_TRUE(weak_version(version)) << version;
    for (const auto* version : {"TLSv1.2", "TLSv1.3"})
        EXPECT_FALSE(weak_version(version)) << version;
}

TEST(Strength, WeakCiphersAreKnownByTheirPartsOfSpeech)
{
    const std::vector<std::pair<std::string, std::string>> weak{
        {"NULL-SHA256", "which does not encrypt"},
        {"ECDHE-RSA-NULL-SHA", "which does not encrypt"},
        {"AECDH-NULL-SHA", "which does not encrypt"},
        {"ADH-AES256-GCM-SHA384", "which authenticates nobody"},
        {"AECDH-AES256-SHA", "which authenticates nobody"},
        {"EXP-DES-CBC-SHA", "whose keys are of export strength"},
        {"EXP1024-RC4-SHA", "whose keys are of export strength"},
        {"ECDHE-RSA-RC4-SHA", "which is RC4"},
        {"RC4-MD5", "which is RC4"},
        {"DES-CBC3-SHA", "which is 3DES"},
        {"ECDHE-ECDSA-DES-CBC3-SHA", "which is 3DES"},
        {"EDH-RSA-DES-CBC-SHA", "which is DES"},
        {"IDEA-CBC-MD5", "which relies on MD5"},
    };
    for (const auto& [cipher, why] : weak)
        EXPECT_EQ(weakness_of(cipher), why) << cipher;
}

TEST(Strength, OtherCiphersAreGoodEnough)
{
    for (const auto* cipher :
         {"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
          "AES128-SHA", "DHE-RSA-CAMELLIA256-SHA", "IDEA-CBC-SHA", "SEED-SHA", "PSK-AES128-CBC-SHA", ""})
        EXPECT_EQ(weakness_of(cipher), "") << cipher;
}

TEST(Strength, NothingIsSaidOfAStrongHandshake)
{
    EXPECT_TRUE(judge_strength(seen::tls_with({}), seen::mx1).empty());
}

TEST(Strength, EachWeaknessIsAFindingOfItsOwn)
{
    auto tls = seen::tls_with({});
    tls.version = "TLSv1.1";
    tls.cipher = "DES-CBC3-SHA";
    tls.forward_secrecy = false;

    const auto findings = judge_strength(tls, seen::mx1);

    ASSERT_THAT(
        seen::codes(findings),
        ElementsAre(Code::tls_version_weak, Code::cipher_weak, Code::cipher_no_forward_secrecy)
    );
    EXPECT_EQ(findings[0].message, "mx1.example.com chose TLSv1.1, which is below TLS 1.2");
    EXPECT_EQ(findings[1].message, "mx1.example.com chose DES-CBC3-SHA, which is 3DES");
    EXPECT_EQ(findings[2].message, "mx1.example.com chose DES-CBC3-SHA, which has no forward secrecy");
    EXPECT_EQ(findings[0].severity, seen::Severity::warning);
    EXPECT_EQ(findings[1].severity, seen::Severity::warning);
    EXPECT_EQ(findings[2].severity, seen::Severity::notice);
}

} // namespace
