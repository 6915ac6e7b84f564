#include "probe/tlsa.hpp"

#include "dane_oracle.hpp"
#include "support/chains.hpp"

#include <gtest/gtest.h>

#include <openssl/x509.h>

#include <algorithm>
#include <random>

namespace
{

using probe::text;
using probe::unusable_reason;
using Octets = std::vector<std::uint8_t>;

Octets whole(const pki::Certificate& certificate)
{
    Octets octets(static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr)));
    auto* at = octets.data();
    i2d_X509(certificate.get(), &at);
    return octets;
}

Octets key_of(const pki::Certificate& certificate)
{
    auto* key = X509_get0_pubkey(certificate.get());
    Octets octets(static_cast<std::size_t>(i2d_PUBKEY(key, nullptr)));
    auto* at = octets.data();
    i2d_PUBKEY(key, &at);
    return octets;
}

/// Whether OpenSSL takes the record.
bool taken(const dns::Tlsa& record)
{
    int usable = 0;
    oracle::client({&record, 1}, {}, support::now, usable);
    ERR_clear_error();
    return usable == 1;
}

TEST(Tlsa, OfAGoodRecordThereIsNothingToSay)
{
    for (const auto usage : Octets{2, 3}) {
        EXPECT_EQ(unusable_reason({usage, 0, 1, Octets(32)}), "");
        EXPECT_EQ(unusable_reason({usage, 1, 2, Octets(64)}), "");
        EXPECT_EQ(unusable_reason({usage, 0, 0, whole(support::leaf().certificate)}), "");
        EXPECT_EQ(unusable_reason({usage, 1, 0, key_of(support::leaf().certificate)}), "");
    }
}

TEST(Tlsa, SaysWhySmtpCannotUseARecord)
{
    EXPECT_EQ(unusable_reason({0, 0, 1, Octets(32)}), "usage 0 (PKIX-TA) is not for SMTP");
    EXPECT_EQ(unusable_reason({1, 1, 1, Octets(32)}), "usage 1 (PKIX-EE) is not for SMTP");
    EXPECT_EQ(unusable_reason({4, 1, 1, Octets(32)}), "usage 4 is not known");
    EXPECT_EQ(unusable_reason({255, 1, 1, Octets(32)}), "usage 255 is not known");
    EXPECT_EQ(unusable_reason({3, 2, 1, Octets(32)}), "selector 2 is not known");
    EXPECT_EQ(unusable_reason({3, 1, 3, Octets(32)}), "matching type 3 is not known");
    EXPECT_EQ(unusable_reason({3, 1, 255, Octets(32)}), "matching type 255 is not known");
    EXPECT_EQ(unusable_reason({3, 1, 1, {}}), "it holds no data");
    EXPECT_EQ(unusable_reason({3, 0, 0, {}}), "it holds no data");
    EXPECT_EQ(unusable_reason({3, 1, 1, Octets(31)}), "a SHA-256 digest has 32 octets, this one 31");
    EXPECT_EQ(unusable_reason({3, 1, 1, Octets(64)}), "a SHA-256 digest has 32 octets, this one 64");
    EXPECT_EQ(unusable_reason({2, 1, 2, Octets(32)}), "a SHA-512 digest has 64 octets, this one 32");
    EXPECT_EQ(unusable_reason({3, 1, 2, Octets(65535)}), "a SHA-512 digest has 64 octets, this one 65535");
    EXPECT_EQ(unusable_reason({3, 0, 0, Octets(32)}), "its data is no certificate");
    EXPECT_EQ(unusable_reason({2, 1, 0, Octets(32)}), "its data is no public key");
}

TEST(Tlsa, TakesNoKeyForACertificateNorTheOtherWay)
{
    const auto& root = support::authorities().root.certificate;
    EXPECT_EQ(unusable_reason({2, 0, 0, key_of(root)}), "its data is no certificate");
    EXPECT_EQ(unusable_reason({2, 1, 0, whole(root)}), "its data is no public key");
}

TEST(Tlsa, TakesNothingBehindACertificateOrKey)
{
    auto data = whole(support::authorities().root.certificate);
    data.push_back(0);
    EXPECT_EQ(unusable_reason({2, 0, 0, data}), "its data is no certificate");
    data = key_of(support::authorities().root.certificate);
    data.push_back(0);
    EXPECT_EQ(unusable_reason({2, 1, 0, data}), "its data is no public key");
}

TEST(Tlsa, TakesNoCertificateWhoseKeyCannotBeRead)
{
    const auto made = pki::issue({.common_name = "CA", .authority = true}, nullptr, support::now);
    auto data = whole(made.certificate);
    const auto key = key_of(made.certificate);
    auto place = std::search(data.begin(), data.end(), key.begin(), key.end());
    ASSERT_NE(place, data.end());
    place[static_cast<std::ptrdiff_t>(key.size()) - 1] ^= 1; // a point that is not on the curve
    EXPECT_EQ(unusable_reason({2, 0, 0, data}), "the key of its certificate cannot be read");
    EXPECT_FALSE(taken({2, 0, 0, data}));
}

TEST(Tlsa, IsOfOneMindWithOpenSslAboutNumbersAndLengths)
{
    for (const auto usage : Octets{2, 3, 4, 255}) {
        for (const auto selector : Octets{0, 1, 2, 255}) {
            for (const auto matching : Octets{0, 1, 2, 3, 255}) {
                for (const std::size_t length : {0u, 1u, 20u, 31u, 32u, 33u, 63u, 64u, 65u, 1000u}) {
                    const dns::Tlsa record{usage, selector, matching, Octets(length, 0x30)};
                    EXPECT_EQ(unusable_reason(record).empty(), taken(record)) << text(record);
                }
            }
        }
    }
}

TEST(Tlsa, IsOfOneMindWithOpenSslAboutSpoiltData)
{
    std::mt19937 random(20261120);
    for (const auto selector : Octets{0, 1}) {
        const auto& root = support::authorities().root.certificate;
        const auto good = selector == 0 ? whole(root) : key_of(root);
        for (int round = 0; round < 3000; ++round) {
            auto data = good;
            for (auto changes = random() % 3 + 1; changes > 0; --changes)
                data[random() % data.size()] = static_cast<std::uint8_t>(random());
            if (round % 4 == 0)
                data.resize(random() % data.size());
            const dns::Tlsa record{2, selector, 0, data};
            ASSERT_EQ(unusable_reason(record).empty(), taken(record)) << text(record);
        }
    }
}

TEST(Tlsa, LeavesNoErrorForTheNextSession)
{
    unusable_reason({2, 0, 0, Octets(100, 0x30)});
    unusable_reason({2, 1, 0, Octets(100, 0x30)});
    EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(Tlsa, IsWrittenAsInAZoneFile)
{
    EXPECT_EQ(text({3, 1, 1, {0x01, 0x23, 0xab, 0xff}}), "3 1 1 0123abff");
    EXPECT_EQ(text({255, 0, 2, {0x00}}), "255 0 2 00");
    EXPECT_EQ(text({3, 1, 1, {}}), "3 1 1");
    EXPECT_EQ(text({3, 1, 0, {}, 1}), "\\# 2 0301") << "RFC 3597, for what has no third number";
    EXPECT_EQ(text({0, 0, 0, {}, 3}), "\\# 0");
}

} // namespace
