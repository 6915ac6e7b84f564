#include "probe/staple.hpp"

#include "probe/chain.hpp"
#include "tests/support/chains.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace
{

using namespace std::chrono_literals;
using pki::Issued;
using pki::Revocation;
using probe::ChainVerdict;
using probe::Code;
using probe::Severity;
using support::authorities;
using support::day;
using support::good;
using support::leaf;
using support::now;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Matcher;

using Staple = std::vector<std::uint8_t>;

const Issued& own()
{
    static const auto made = leaf();
    return made;
}

Staple signed_by(const Issued& signer, Revocation status = Revocation::good, const Issued& about = own())
{
    return pki::ocsp_response(
        about.certificate, authorities().intermediate.certificate, status, now - day, now + day, signer
    );
}

Staple usual(Revocation status)
{
    return signed_by(authorities().intermediate, status);
}

ChainVerdict judged(
    const Staple& staple, std::chrono::sys_seconds received = now, const Issued& about = own(),
    std::chrono::sys_seconds moment = now
)
{
    const std::vector<smtp::Certificate> chain{about.certificate, authorities().intermediate.certificate};
    const std::vector<smtp::Certificate> roots{authorities().root.certificate};
    return probe::judge_chain(
        {.chain = chain,
         .ocsp_staple = staple,
         .reference = "mx.test",
         .received = received,
         .moment = moment},
        probe::TrustStore(roots)
    );
}

void expect_invalid(
    const Staple& staple, const Matcher<std::string>& message, std::chrono::sys_seconds received = now
)
{
    const auto verdict = judged(staple, received);
    ASSERT_EQ(verdict.findings.size(), 1U);
    EXPECT_EQ(verdict.findings[0].code, Code::ocsp_invalid);
    EXPECT_EQ(verdict.findings[0].severity, Severity::warning);
    EXPECT_THAT(verdict.findings[0].message, message);
    EXPECT_TRUE(verdict.cert_ok);
}

TEST(JudgeStaple, AcceptsWhatTheIssuerSigned)
{
    EXPECT_THAT(judged(usual(Revocation::good)).findings, IsEmpty());
}

TEST(JudgeStaple, AcceptsWhomTheIssuerEntrusted)
{
    const auto& issuer = authorities().intermediate;
    const auto responder = pki::issue({.common_name = "Responder", .purpose = "OCSPSigning"}, &issuer, now);
    EXPECT_THAT(judged(signed_by(responder)).findings, IsEmpty());
    EXPECT_FALSE(judged(signed_by(responder, Revocation::revoked)).cert_ok);
}

TEST(JudgeStaple, FindsARevokedCertificate)
{
    const auto verdict = judged(usual(Revocation::revoked));
    ASSERT_EQ(verdict.findings.size(), 1U);
    EXPECT_EQ(verdict.findings[0].code, Code::certificate_revoked);
    EXPECT_EQ(verdict.findings[0].severity, Severity::critical);
    EXPECT_EQ(
        verdict.findings[0].message,
        "the certificate /CN=mx.test was revoked on 2026-11-19T12:00:00Z (keyCompromise)"
    );
    EXPECT_FALSE(verdict.cert_ok);
}

TEST(JudgeStaple, DoesNotTakeUnknownForGood)
{
    expect_invalid(usual(Revocation::unknown), HasSubstr("status of the certificate is unknown"));
}

TEST(JudgeStaple, HoldsOnlyWithinItsTime)
{
    const auto staple = usual(Revocation::good);
    expect_invalid(
        staple, HasSubstr("holds from 2026-11-19T12:00:00Z to 2026-11-21T12:00:00Z, not at"), now + 2 * day
    );
    const auto early = pki::ocsp_response(
        own().certificate, authorities().intermediate.certificate, Revocation::good, now + day, now + 2 * day,
        authorities().intermediate
    );
    expect_invalid(early, HasSubstr("not at 2026-11-20T12:00:00Z"));
    expect_invalid(usual(Revocation::revoked), HasSubstr("holds from"), now + 2 * day);
}

TEST(JudgeStaple, IsJudgedAsOfWhenItCame)
{
    EXPECT_THAT(judged(usual(Revocation::good), now, own(), now + std::chrono::days{30}).findings, IsEmpty())
        << "--at moves the certificates, and no staple lives that long";
}

TEST(JudgeStaple, RefusesOtherSigners)
{
    const auto& issuer = authorities().intermediate;
    expect_invalid(signed_by(authorities().root), HasSubstr("is not signed by"));
    expect_invalid(signed_by(own()), HasSubstr("is not signed by"));
    const auto impostor = pki::issue({.common_name = "Intermediate CA", .authority = true}, nullptr, now);
    expect_invalid(signed_by(impostor), HasSubstr("is not signed by"));
    const auto stranger = pki::issue({.common_name = "Responder", .purpose = "OCSPSigning"}, &impostor, now);
    expect_invalid(signed_by(stranger, Revocation::revoked), HasSubstr("is not signed by"));
    const auto old = pki::issue({.common_name = "R", .until = -1h, .purpose = "OCSPSigning"}, &issuer, now);
    expect_invalid(signed_by(old), HasSubstr("is not signed by"));
}

TEST(JudgeStaple, RefusesWhatIsAboutAnotherCertificate)
{
    expect_invalid(
        signed_by(authorities().intermediate, Revocation::good, leaf()),
        HasSubstr("speaks of another certificate")
    );
}

TEST(JudgeStaple, RefusesWhatCannotBeRead)
{
    expect_invalid({0x00}, HasSubstr("cannot be read"));
    expect_invalid({'g', 'a', 'r', 'b', 'a', 'g', 'e'}, HasSubstr("cannot be read"));

    const auto whole = usual(Revocation::good);
    auto longer = whole;
    longer.push_back(0);
    expect_invalid(longer, HasSubstr("cannot be read"));
    for (std::size_t length = 1; length < whole.size(); length += 7)
        expect_invalid(
            {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)}, HasSubstr("cannot be read")
        );
    auto spoiled = whole;
    spoiled.back() ^= 1;
    expect_invalid(spoiled, HasSubstr("OCSP response"));
}

TEST(JudgeStaple, TellsTheRespondersError)
{
    const Staple try_later{0x30, 0x03, 0x0a, 0x01, 0x03};
    expect_invalid(try_later, HasSubstr("trylater"));
}

TEST(JudgeStaple, MissesOneWhereTheCertificateAsksForIt)
{
    auto recipe = good();
    recipe.extensions = {{"tlsfeature", "status_request"}};
    const auto demanding = leaf(recipe);
    const auto verdict = judged({}, now, demanding);
    ASSERT_EQ(verdict.findings.size(), 1U);
    EXPECT_EQ(verdict.findings[0].code, Code::ocsp_missing);
    EXPECT_EQ(verdict.findings[0].severity, Severity::warning);
    EXPECT_TRUE(verdict.cert_ok);

    const auto staple = signed_by(authorities().intermediate, Revocation::good, demanding);
    EXPECT_THAT(judged(staple, now, demanding).findings, IsEmpty());
}

TEST(JudgeStaple, CannotTellWithoutTheIssuer)
{
    auto* leaf_alone = own().certificate.get();
    EXPECT_EQ(probe::judge_staple(usual(Revocation::revoked), leaf_alone, nullptr, now), std::nullopt);
    EXPECT_TRUE(probe::judge_staple(Staple{0x00}, leaf_alone, nullptr, now).has_value());
}

} // namespace
