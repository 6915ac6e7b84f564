#include "probe/dane.hpp"

#include "dane_oracle.hpp"
#include "support/chains.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <openssl/x509.h>

#include <ctime>
#include <random>

namespace
{

using probe::DaneState;
using probe::TlsaState;
using support::authorities;
using support::day;
using support::now;
using Chain = std::vector<smtp::Certificate>;
using Octets = std::vector<std::uint8_t>;
using Records = std::vector<dns::Tlsa>;

const std::string left_out = "senders leave it out beside a stronger digest of the same usage and selector";

Octets description(const smtp::Certificate& certificate, int selector, int matching)
{
    auto* x509 = certificate.get();
    auto* key = X509_get0_pubkey(x509);
    Octets whole(static_cast<std::size_t>(selector == 0 ? i2d_X509(x509, nullptr) : i2d_PUBKEY(key, nullptr))
    );
    auto* at = whole.data();
    selector == 0 ? i2d_X509(x509, &at) : i2d_PUBKEY(key, &at);
    if (matching == 0)
        return whole;
    Octets digest(matching == 1 ? 32 : 64);
    EVP_Digest(
        whole.data(), whole.size(), digest.data(), nullptr, matching == 1 ? EVP_sha256() : EVP_sha512(),
        nullptr
    );
    return digest;
}

dns::Tlsa tlsa(int usage, int selector, int matching, const smtp::Certificate& certificate)
{
    return {
        static_cast<std::uint8_t>(usage), static_cast<std::uint8_t>(selector),
        static_cast<std::uint8_t>(matching), description(certificate, selector, matching)};
}

/// Describes nothing that is ever sent.
dns::Tlsa other(int usage, int selector, int matching)
{
    static const auto stranger = pki::issue({.common_name = "Stranger", .authority = true}, nullptr, now);
    return tlsa(usage, selector, matching, stranger.certificate);
}

probe::DaneVerdict
judge(const Chain& chain, const Records& records, const std::vector<std::string>& names = {"mx.test"})
{
    return probe::judge_dane({.chain = chain, .records = records, .names = names, .moment = now});
}

const smtp::Certificate& root()
{
    return authorities().root.certificate;
}

const smtp::Certificate& intermediate()
{
    return authorities().intermediate.certificate;
}

/// With its intermediate and its root.
Chain chain_of(const smtp::Certificate& own)
{
    return {own, intermediate(), root()};
}

Chain good_chain()
{
    static const auto made = support::leaf();
    return chain_of(made.certificate);
}

TEST(Dane, NamesItsStates)
{
    EXPECT_EQ(name(TlsaState::matched), "matched");
    EXPECT_EQ(name(TlsaState::not_matched), "not-matched");
    EXPECT_EQ(name(TlsaState::unusable), "unusable");
    EXPECT_EQ(name(DaneState::none), "none");
    EXPECT_EQ(name(DaneState::valid), "valid");
    EXPECT_EQ(name(DaneState::invalid), "invalid");
    EXPECT_EQ(name(DaneState::unusable), "unusable");
    EXPECT_EQ(name(DaneState::error), "error");
}

TEST(Dane, IsNoneWithoutRecords)
{
    const auto verdict = judge(good_chain(), {});
    EXPECT_EQ(verdict.state, DaneState::none);
    EXPECT_TRUE(verdict.records.empty());
    EXPECT_EQ(verdict.why, "");
}

TEST(Dane, OneRecordThatMatchesIsEnough)
{
    const auto chain = good_chain();
    const auto verdict = judge(chain, {other(3, 1, 1), other(2, 1, 1), tlsa(3, 1, 1, chain[0])});
    EXPECT_EQ(verdict.state, DaneState::valid);
    EXPECT_EQ(verdict.by, 2u);
    ASSERT_EQ(verdict.records.size(), 3u);
    EXPECT_EQ(verdict.records[0].record, other(3, 1, 1));
    EXPECT_EQ(verdict.records[0].state, TlsaState::not_matched);
    EXPECT_EQ(verdict.records[0].why, "");
    EXPECT_EQ(verdict.records[1].state, TlsaState::not_matched);
    EXPECT_EQ(verdict.records[2].state, TlsaState::matched);
    EXPECT_EQ(verdict.records[2].why, "");
}

TEST(Dane, SaysThatNoRecordMatches)
{
    const auto verdict = judge(good_chain(), {other(3, 1, 1), other(2, 1, 1)});
    EXPECT_EQ(verdict.state, DaneState::invalid);
    EXPECT_EQ(verdict.why, "no record matches the certificates that the server sent");
    EXPECT_FALSE(verdict.by);
}

TEST(DaneEe, LooksAtNothingElse)
{
    auto recipe = support::good();
    recipe.names = {"DNS:other.test"};
    recipe.from = -90 * day, recipe.until = -5 * day;
    recipe.purpose = "clientAuth";
    recipe.extensions = {{"1.2.3.4", "critical,DER:05:00"}, {"keyUsage", "critical,cRLSign"}};
    const auto own = support::leaf(recipe).certificate;
    EXPECT_EQ(judge({own}, {tlsa(3, 1, 1, own)}).state, DaneState::valid);
    EXPECT_EQ(judge({own}, {tlsa(3, 0, 2, own)}, {}).state, DaneState::valid);
}

TEST(DaneEe, DescribesTheServersOwnOnly)
{
    const auto verdict = judge(good_chain(), {tlsa(3, 1, 1, intermediate())});
    EXPECT_EQ(verdict.state, DaneState::invalid);
    EXPECT_EQ(verdict.records[0].state, TlsaState::not_matched);
    EXPECT_EQ(verdict.records[0].why, "it describes an issuer's certificate, which only usage 2 matches");
}

TEST(DaneTa, DescribesIssuersOnly)
{
    const auto own = good_chain()[0];
    for (const Chain& chain : {good_chain(), Chain{own, own, intermediate()}}) {
        const auto verdict = judge(chain, {tlsa(2, 1, 1, own)});
        EXPECT_EQ(verdict.state, DaneState::invalid);
        EXPECT_EQ(verdict.records[0].state, TlsaState::not_matched);
        EXPECT_EQ(
            verdict.records[0].why, "it describes the server's own certificate, which only usage 3 matches"
        );
    }
}

TEST(DaneTa, NeedsNeitherARootNorAPublicOne)
{
    const auto chain = good_chain();
    EXPECT_EQ(judge({chain[0], chain[1]}, {tlsa(2, 0, 1, chain[1])}).state, DaneState::valid);
    EXPECT_EQ(judge({chain[0], chain[1]}, {tlsa(2, 1, 2, chain[1])}).state, DaneState::valid);
    EXPECT_EQ(judge(chain, {tlsa(2, 1, 1, chain[2])}).state, DaneState::valid);
}

TEST(DaneTa, MustBeSentWhereADigestIsPublished)
{
    const auto chain = good_chain();
    const auto verdict = judge({chain[0], chain[1]}, {tlsa(2, 1, 1, root()), tlsa(2, 0, 2, root())});
    EXPECT_EQ(verdict.state, DaneState::invalid);
    EXPECT_EQ(verdict.records[0].state, TlsaState::not_matched);
    EXPECT_EQ(verdict.records[1].state, TlsaState::not_matched);
    EXPECT_EQ(judge({chain[0], chain[1]}, {tlsa(2, 0, 0, root())}).state, DaneState::valid);
    EXPECT_EQ(judge({chain[0], chain[1]}, {tlsa(2, 1, 0, root())}).state, DaneState::valid);
    EXPECT_EQ(judge({chain[0]}, {tlsa(2, 1, 0, intermediate())}).state, DaneState::valid);
    EXPECT_EQ(judge({chain[0]}, {tlsa(2, 0, 0, root())}).state, DaneState::invalid);
}

TEST(DaneTa, MustBeWhereTheServersOwnLeads)
{
    const auto stranger =
        pki::issue({.common_name = "Stranger", .authority = true}, nullptr, now).certificate;
    const auto own = good_chain()[0];
    const auto verdict = judge({own, stranger, intermediate()}, {tlsa(2, 1, 1, stranger)});
    EXPECT_EQ(verdict.state, DaneState::invalid);
    EXPECT_EQ(verdict.records[0].state, TlsaState::matched);
    EXPECT_EQ(
        verdict.records[0].why, "the server's own certificate does not lead to the one that it describes"
    );
    EXPECT_EQ(
        verdict.why,
        "the record 2 1 1 matches, but the server's own certificate does not lead to the one that "
        "it describes"
    );
}

TEST(DaneTa, NeedsOneOfTheNames)
{
    const auto chain = good_chain();
    const Records records{tlsa(2, 1, 1, intermediate())};
    EXPECT_EQ(judge(chain, records, {"mx.test"}).state, DaneState::valid);
    EXPECT_EQ(judge(chain, records, {"MX.test."}).state, DaneState::valid);
    EXPECT_EQ(judge(chain, records, {"base.test", "mx.test", "example.test"}).state, DaneState::valid);
    const auto verdict = judge(chain, records, {"base.test", "x\x1b.test"});
    EXPECT_EQ(verdict.state, DaneState::invalid);
    EXPECT_EQ(verdict.records[0].state, TlsaState::matched);
    EXPECT_EQ(verdict.records[0].why, "the certificate does not name base.test or x\\x1b.test");
    EXPECT_EQ(
        verdict.why, "the record 2 1 1 matches, but the certificate does not name base.test or x\\x1b.test"
    );
    EXPECT_EQ(judge(chain, records, {}).records[0].why, "there is no name that the certificate could carry");
    EXPECT_EQ(judge(chain, records, {".test"}).state, DaneState::invalid);
    EXPECT_EQ(judge(chain, records, {""}).state, DaneState::invalid);
}

TEST(DaneTa, TakesACommonNameWhereThereIsNoOther)
{
    const Records records{tlsa(2, 1, 1, intermediate())};
    const auto only = support::leaf({.common_name = "mx.test"}).certificate;
    EXPECT_EQ(judge(chain_of(only), records).state, DaneState::valid);
    const auto beside = support::leaf({.common_name = "mx.test", .names = {"DNS:other.test"}}).certificate;
    EXPECT_EQ(judge(chain_of(beside), records).state, DaneState::invalid);
    EXPECT_EQ(
        judge(chain_of(support::named("DNS:*.test.example").certificate), records).state, DaneState::invalid
    );
    EXPECT_EQ(
        judge(chain_of(support::named("DNS:*.mail.test").certificate), records, {"mx.mail.test"}).state,
        DaneState::valid
    );
}

TEST(DaneTa, NeedsDates)
{
    auto recipe = support::good();
    recipe.from = -90 * day, recipe.until = -5 * day;
    const auto expired = judge(chain_of(support::leaf(recipe).certificate), {tlsa(2, 1, 1, root())});
    EXPECT_EQ(expired.state, DaneState::invalid);
    EXPECT_EQ(expired.records[0].state, TlsaState::matched);
    EXPECT_EQ(expired.records[0].why, "the certificate /CN=mx.test: certificate has expired");
    recipe.from = 5 * day, recipe.until = 90 * day;
    const auto early = judge(chain_of(support::leaf(recipe).certificate), {tlsa(2, 1, 1, root())});
    EXPECT_EQ(early.records[0].why, "the certificate /CN=mx.test: certificate is not yet valid");
}

TEST(DaneTa, IsJudgedAsOfTheMomentAsked)
{
    const auto chain = good_chain();
    const Records records{tlsa(2, 1, 1, root()), tlsa(3, 1, 1, chain[0])};
    const std::vector<std::string> names{"mx.test"};
    const auto verdict =
        probe::judge_dane({.chain = chain, .records = records, .names = names, .moment = now + 1000 * day});
    EXPECT_EQ(verdict.state, DaneState::valid);
    EXPECT_EQ(verdict.by, 1u);
    EXPECT_THAT(verdict.records[0].why, testing::HasSubstr("certificate has expired"));
}

TEST(Dane, CountsTheStrongestDigestOnly)
{
    const auto chain = good_chain();
    const auto bad = judge(chain, {tlsa(3, 0, 1, chain[0]), other(3, 0, 2)});
    EXPECT_EQ(bad.state, DaneState::invalid);
    EXPECT_EQ(bad.records[0].state, TlsaState::matched);
    EXPECT_EQ(bad.records[0].why, left_out);
    EXPECT_EQ(bad.records[1].state, TlsaState::not_matched);
    EXPECT_EQ(bad.why, "the record 3 0 1 matches, but " + left_out);

    EXPECT_EQ(judge(chain, {tlsa(3, 1, 1, chain[0]), other(3, 0, 2)}).state, DaneState::valid);
    EXPECT_EQ(judge(chain, {tlsa(3, 0, 1, chain[0]), other(2, 0, 2)}).state, DaneState::valid);
    EXPECT_EQ(judge(chain, {tlsa(3, 0, 0, chain[0]), other(3, 0, 2)}).state, DaneState::valid);
    EXPECT_EQ(judge(chain, {tlsa(3, 0, 1, chain[0]), other(3, 0, 0)}).state, DaneState::valid);
    EXPECT_EQ(judge(chain, {tlsa(2, 1, 1, root()), other(2, 1, 2)}).state, DaneState::invalid);
    EXPECT_EQ(judge(chain, {tlsa(3, 0, 1, chain[0]), tlsa(3, 0, 2, chain[0])}).by, 1u);
}

TEST(Dane, LeavesNothingOutBesideAStrongerDigestThatIsUnusable)
{
    const auto chain = good_chain();
    const auto verdict = judge(chain, {tlsa(3, 0, 1, chain[0]), {3, 0, 2, Octets(63)}});
    EXPECT_EQ(verdict.state, DaneState::valid);
    EXPECT_EQ(verdict.records[0].why, "");
    EXPECT_EQ(verdict.records[1].state, TlsaState::unusable);
}

TEST(Dane, TellsOfWhatMatchesBeforeWhatIsLeftOut)
{
    const auto chain = good_chain();
    const auto verdict =
        judge(chain, {tlsa(3, 0, 1, chain[0]), other(3, 0, 2), tlsa(2, 1, 1, root())}, {"other.test"});
    EXPECT_EQ(verdict.why, "the record 2 1 1 matches, but the certificate does not name other.test");
}

TEST(Dane, IsUnusableWhereEveryRecordIs)
{
    const auto chain = good_chain();
    auto right = tlsa(3, 1, 1, chain[0]);
    auto pkix = right;
    pkix.usage = 1;
    const auto verdict = judge(chain, {pkix, {3, 1, 1, {}}, {2, 0, 0, Octets(10)}});
    EXPECT_EQ(verdict.state, DaneState::unusable);
    EXPECT_EQ(verdict.why, "");
    EXPECT_EQ(verdict.records[0].why, "usage 1 (PKIX-EE) is not for SMTP");
    EXPECT_EQ(verdict.records[1].why, "it holds no data");
    EXPECT_EQ(verdict.records[2].why, "its data is no certificate");
    EXPECT_EQ(judge({}, {pkix}).state, DaneState::unusable);
    EXPECT_EQ(judge(chain, {pkix, right}).state, DaneState::valid);
    EXPECT_EQ(judge(chain, {pkix, other(3, 1, 1)}).state, DaneState::invalid);
}

TEST(Dane, IsInvalidWhereNothingWasSent)
{
    const auto verdict = judge({}, {other(3, 1, 1), other(2, 1, 1), other(2, 0, 0), other(2, 1, 0)});
    EXPECT_EQ(verdict.state, DaneState::invalid);
    EXPECT_EQ(verdict.why, "the server sent no certificate");
    for (const auto& judged : verdict.records)
        EXPECT_EQ(judged.state, TlsaState::not_matched);
}

TEST(Dane, LeavesNoErrorForTheNextSession)
{
    judge(good_chain(), {other(2, 0, 0), other(2, 1, 0), {2, 0, 0, Octets(10)}, other(3, 1, 1)});
    EXPECT_EQ(ERR_peek_error(), 0u);
}

/// As many records as fit nowhere, each of the largest size, and as many anchors.
TEST(Dane, IsQuickWithAnyNumberOfRecords)
{
    const auto chain = good_chain();
    Records records;
    for (int i = 0; i < 1000; ++i) {
        records.push_back({3, 0, 0, Octets(65535, 0x30)});
        records.push_back({2, 1, 0, description(root(), 1, 0)});
        records.push_back({2, 1, 1, description(root(), 1, 1)});
        records.push_back(other(2, 0, 0));
    }
    records.push_back(tlsa(3, 1, 1, chain[0]));
    const auto begun = std::clock(); // of this process alone, however busy the machine is
    const auto verdict = judge(chain, records);
    EXPECT_LT(std::clock() - begun, 5 * CLOCKS_PER_SEC);
    EXPECT_EQ(verdict.state, DaneState::valid);
    EXPECT_EQ(verdict.by, records.size() - 1);
    const auto& last = verdict.records[records.size() - 2];
    EXPECT_EQ(last.state, TlsaState::unusable);
    EXPECT_EQ(last.why, "more than 32 trust anchors are not tried");
}

/// Whatever stands in a record, it is judged, and as OpenSSL judges it.
TEST(Dane, IsOfOneMindWithOpenSslAboutSpoiltAnchors)
{
    const auto own = support::leaf();
    const Chain chain{own.certificate, intermediate()};
    const oracle::Server server(chain, own.key);
    const std::vector<std::string> names{"mx.test"};
    std::mt19937 random(20261120);
    for (int round = 0; round < 1000; ++round) {
        auto record = tlsa(2, round % 2, 0, round % 4 < 2 ? root() : intermediate());
        for (auto changes = random() % 3; changes > 0; --changes)
            record.data[random() % record.data.size()] = static_cast<std::uint8_t>(random());
        const auto opinion = oracle::ask(server, {&record, 1}, names, now);
        const auto verdict = judge(chain, {record});
        ASSERT_EQ(verdict.state == DaneState::unusable, opinion.usable == 0) << probe::text(record);
        ASSERT_EQ(verdict.state == DaneState::valid, opinion.authentic) << probe::text(record);
    }
}

Records records_for(const Chain& chain, const std::vector<std::string>& names = {"mx.test"})
{
    return probe::tlsa_records_for({.chain = chain, .names = names, .moment = now});
}

TEST(TlsaRecords, AreOfTheServersOwnAndOfItsIssuers)
{
    const auto chain = good_chain();
    const auto records = records_for(chain);
    EXPECT_EQ(records, (Records{tlsa(3, 1, 1, chain[0]), tlsa(2, 1, 1, chain[1]), tlsa(2, 1, 1, chain[2])}));
    for (const auto& record : records)
        EXPECT_EQ(judge(chain, {record}).state, DaneState::valid);
}

TEST(TlsaRecords, AreNoneOfWhatWouldNotWork)
{
    const auto chain = good_chain();
    const auto stranger =
        pki::issue({.common_name = "Stranger", .authority = true}, nullptr, now).certificate;
    const Records own{tlsa(3, 1, 1, chain[0])};
    EXPECT_EQ(records_for({}), Records{});
    EXPECT_EQ(records_for({chain[0]}), own);
    EXPECT_EQ(records_for({chain[0], chain[0], stranger, root()}), own);
    EXPECT_EQ(records_for(chain, {"other.test"}), own);
    EXPECT_EQ(
        records_for({chain[0], intermediate(), intermediate()}),
        (Records{own[0], tlsa(2, 1, 1, intermediate())})
    );
    auto recipe = support::good();
    recipe.from = -90 * day, recipe.until = -5 * day;
    const auto expired = chain_of(support::leaf(recipe).certificate);
    EXPECT_EQ(records_for(expired), Records{tlsa(3, 1, 1, expired[0])});
}

} // namespace
