#include "probe/chain.hpp"

#include "probe/judged_chains.hpp"
#include "tests/support/chains.hpp"

#include <openssl/x509_vfy.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <initializer_list>

namespace
{

using namespace std::chrono_literals;
using namespace std::string_literals;
using pki::Algorithm;
using pki::Issued;
using pki::Recipe;
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
using testing::Le;
using testing::SizeIs;

using Chain = std::vector<smtp::Certificate>;

Chain chain_of(std::initializer_list<Issued> issued)
{
    Chain chain;
    for (const auto& one : issued)
        chain.push_back(one.certificate);
    return chain;
}

/// The leaf as it is usually sent.
Chain sent(const Issued& own)
{
    return chain_of({own, authorities().intermediate});
}

probe::TrustStore trusting(std::initializer_list<Issued> roots)
{
    return probe::TrustStore(chain_of(roots));
}

const probe::TrustStore& usual_trust()
{
    static const auto trust = trusting({authorities().root});
    return trust;
}

ChainVerdict judged(
    const Chain& chain, const probe::TrustStore& trust = usual_trust(),
    const std::optional<std::string>& reference = "mx.test", std::chrono::sys_seconds moment = now
)
{
    const probe::ChainQuestion question{
        .chain = chain, .ocsp_staple = {}, .reference = reference, .received = moment, .moment = moment};
    auto verdict = probe::judge_chain(question, trust);
    probe::JudgedChains kept;
    kept.judge(question, trust);
    auto again = kept.judge(question, trust);
    again.took = verdict.took;
    EXPECT_EQ(again, verdict) << "kept, a verdict is the same";
    return verdict;
}

std::vector<Code> codes(const ChainVerdict& verdict)
{
    std::vector<Code> all;
    for (const auto& finding : verdict.findings)
        all.push_back(finding.code);
    return all;
}

/// The sentence of a code that was found once.
std::string message(const ChainVerdict& verdict, Code code)
{
    std::string found;
    for (const auto& finding : verdict.findings) {
        if (finding.code == code)
            found += finding.message;
    }
    return found;
}

/// What OpenSSL says without our callback: path, dates, purpose and constraints, but no name.
bool openssl_trusts(const Chain& chain, const probe::TrustStore& trust, std::chrono::sys_seconds moment = now)
{
    const std::unique_ptr<X509_STORE_CTX, void (*)(X509_STORE_CTX*)> context(
        X509_STORE_CTX_new(), X509_STORE_CTX_free
    );
    auto* others = sk_X509_new_null();
    for (const auto& certificate : chain)
        sk_X509_push(others, certificate.get());
    X509_STORE_CTX_init(context.get(), trust.get(), chain.front().get(), others);
    X509_STORE_CTX_set_default(context.get(), "ssl_server");
    X509_STORE_CTX_set_time(context.get(), 0, std::chrono::system_clock::to_time_t(moment));
    const bool trusted = X509_verify_cert(context.get()) == 1;
    sk_X509_free(others);
    return trusted;
}

/// Expects these codes, in this order, for a chain that carries the right name, and that OpenSSL agrees.
void expect(
    const std::vector<Code>& expected, const Chain& chain, const probe::TrustStore& trust = usual_trust(),
    std::chrono::sys_seconds moment = now
)
{
    const auto verdict = judged(chain, trust, "mx.test", moment);
    EXPECT_EQ(codes(verdict), expected);
    EXPECT_EQ(verdict.cert_ok, openssl_trusts(chain, trust, moment));
    EXPECT_EQ(verdict.cert_ok, verdict.cause() == nullptr);
}

TEST(JudgeChain, AcceptsGoodChainsOfEveryKey)
{
    for (const auto algorithm : {Algorithm::rsa_2048, Algorithm::ec_p256, Algorithm::ed25519}) {
        auto recipe = good();
        recipe.algorithm = algorithm;
        const auto chain = sent(leaf(recipe));
        expect({}, chain);
        const auto verdict = judged(chain);
        EXPECT_TRUE(verdict.cert_ok);
        EXPECT_FALSE(verdict.weak);
        ASSERT_THAT(verdict.certificates, SizeIs(2));
        EXPECT_EQ(verdict.certificates[0].verdict, "ok");
        EXPECT_EQ(verdict.certificates[0].days_left, 90);
        EXPECT_EQ(verdict.certificates[1].facts.subject, "/CN=Intermediate CA");
    }
}

TEST(JudgeChain, AcceptsWhateverOrderLeavesAPath)
{
    const auto& [root, intermediate] = authorities();
    const auto lower = pki::issue({.common_name = "Lower CA", .authority = true}, &intermediate, now);
    const auto own = pki::issue(good(), &lower, now);
    expect({}, chain_of({own, lower, intermediate}));
    expect({Code::chain_misordered}, chain_of({own, intermediate, lower}));
    expect({Code::chain_misordered, Code::chain_root_included}, chain_of({own, intermediate, lower, root}));
    const std::vector thrice(3, Code::chain_duplicate);
    expect(thrice, chain_of({own, own, lower, lower, intermediate, intermediate}));
    expect({Code::chain_unrelated}, chain_of({own, leaf(), lower, intermediate}));
}

TEST(JudgeChain, NeedsACertificate)
{
    const auto verdict = judged({});
    EXPECT_THAT(codes(verdict), ElementsAre(Code::certificate_not_trusted));
    EXPECT_EQ(verdict.findings[0].message, "the server sent no certificate");
    EXPECT_FALSE(verdict.cert_ok);
    EXPECT_EQ(verdict.identity.reference, "mx.test");
}

TEST(JudgeChain, NamesTheMissingIssuer)
{
    const auto chain = chain_of({leaf()});
    expect({Code::chain_incomplete}, chain);
    const auto verdict = judged(chain);
    EXPECT_EQ(
        verdict.findings[0].message,
        "the certificate /CN=mx.test was issued by /CN=Intermediate CA, which was neither sent nor is a "
        "trusted root, and is not known here either"
    );
    EXPECT_EQ(verdict.findings[0].severity, Severity::warning);
    EXPECT_EQ(
        verdict.certificates[0].verdict,
        "unable to get local issuer certificate; unable to verify the first certificate"
    );
}

TEST(JudgeChain, NamesTheUntrustedRoot)
{
    const auto other = pki::issue({.common_name = "Other", .authority = true}, nullptr, now);
    const auto trust = trusting({other});
    expect({Code::certificate_not_trusted}, sent(leaf()), trust);
    EXPECT_THAT(
        message(judged(sent(leaf()), trust), Code::certificate_not_trusted),
        HasSubstr("/CN=Intermediate CA at depth 1 was issued by /CN=Root CA, which was neither sent")
    );

    const auto whole = chain_of({leaf(), authorities().intermediate, authorities().root});
    const std::vector with_root{Code::certificate_not_trusted, Code::chain_root_included};
    expect(with_root, whole, trust);
    EXPECT_EQ(
        message(judged(whole, trust), Code::certificate_not_trusted),
        "the chain ends at the root /CN=Root CA, which is not trusted"
    );
    expect(with_root, whole, probe::TrustStore(Chain{}));
}

TEST(JudgeChain, DoesNotTakeAnotherKeyOfTheSameName)
{
    const auto impostor = pki::issue({.common_name = "Root CA", .authority = true}, nullptr, now);
    expect({Code::certificate_not_trusted}, sent(leaf()), trusting({impostor}));

    // Without key identifiers only the signature tells the two apart.
    auto bare = good();
    bare.extensions = {{"authorityKeyIdentifier", "none"}};
    const auto own = pki::issue(bare, &authorities().root, now);
    expect({Code::certificate_not_trusted}, chain_of({own}), trusting({impostor}));
    EXPECT_THAT(
        message(judged(chain_of({own}), trusting({impostor})), Code::certificate_not_trusted),
        HasSubstr("certificate signature failure")
    );
}

TEST(JudgeChain, TellsASelfSignedCertificateApart)
{
    const auto own = pki::issue(good(), nullptr, now);
    expect({Code::certificate_self_signed}, chain_of({own}));
    expect({}, chain_of({own}), trusting({own}));
}

TEST(JudgeChain, WantsARootNotAnIntermediate)
{
    expect({Code::certificate_not_trusted}, sent(leaf()), trusting({authorities().intermediate}));
}

TEST(JudgeChain, FindsExpiredCertificatesAtEveryDepth)
{
    auto old = good();
    old.until = -1h;
    expect({Code::certificate_expired}, sent(leaf(old)));
    EXPECT_EQ(
        message(judged(sent(leaf(old))), Code::certificate_expired),
        "the certificate /CN=mx.test expired on 2026-11-20T11:00:00Z"
    );
    EXPECT_EQ(judged(sent(leaf(old))).certificates[0].days_left, -1);
    EXPECT_EQ(judged(sent(leaf(old))).certificates[0].verdict, "certificate has expired");

    const auto& root = authorities().root;
    const auto intermediate =
        pki::issue({.common_name = "Old CA", .until = -1h, .authority = true}, &root, now);
    const auto below_intermediate = pki::issue(good(), &intermediate, now);
    expect({Code::certificate_expired}, chain_of({below_intermediate, intermediate}));
    EXPECT_THAT(
        message(judged(chain_of({below_intermediate, intermediate})), Code::certificate_expired),
        HasSubstr("/CN=Old CA at depth 1 expired")
    );

    const auto old_root =
        pki::issue({.common_name = "Old Root", .until = -1h, .authority = true}, nullptr, now);
    const auto below_root = pki::issue(good(), &old_root, now);
    expect({Code::certificate_expired}, chain_of({below_root}), trusting({old_root}));
}

TEST(JudgeChain, FindsCertificatesThatAreNotYetValid)
{
    auto early = good();
    early.from = 1h;
    expect({Code::certificate_not_yet_valid}, sent(leaf(early)));
    EXPECT_THAT(
        message(judged(sent(leaf(early))), Code::certificate_not_yet_valid),
        HasSubstr("not valid before 2026-11-20T13:00:00Z")
    );
    early.from = 2h;
    early.until = -2h;
    expect({Code::certificate_expired, Code::certificate_not_yet_valid}, sent(leaf(early)));
}

TEST(JudgeChain, LooksAtTheDatesOfTheTopmostWhereItsIssuerIsMissing)
{
    const auto lower = pki::issue(
        {.common_name = "Old CA", .until = -1h, .authority = true}, &authorities().intermediate, now
    );
    const auto chain = chain_of({pki::issue(good(), &lower, now), lower});
    expect({Code::certificate_not_trusted, Code::certificate_expired}, chain);
}

TEST(JudgeChain, PrefersTheIntermediateThatIsStillValid)
{
    const auto& root = authorities().root;
    const auto key = pki::make_key(Algorithm::ec_p256);
    const auto old = pki::issue({.common_name = "CA", .until = -1h, .authority = true}, &root, now, key);
    const auto fresh = pki::issue({.common_name = "CA", .authority = true}, &root, now, key);
    const auto chain = chain_of({pki::issue(good(), &fresh, now), old, fresh});
    expect({Code::chain_duplicate}, chain);
    EXPECT_EQ(
        judged(chain).certificates[1].verdict,
        "not part of the path; another version of certificate 3; certificate has expired"
    );
    EXPECT_EQ(judged(chain).certificates[2].verdict, "ok");
}

TEST(JudgeChain, VouchesForNothingThatThePathDoesNotHave)
{
    const auto& intermediate = authorities().intermediate;
    const auto stranger = pki::issue({.common_name = "Unknown Root", .authority = true}, nullptr, now);
    const auto chain = chain_of({pki::issue(good(), &intermediate, now), intermediate, stranger});
    expect({Code::chain_unrelated}, chain);
    EXPECT_EQ(judged(chain).certificates[2].verdict, "not part of the path");
}

TEST(JudgeChain, JudgesAsOfTheMoment)
{
    auto recipe = good();
    recipe.until = 50 * day;
    const auto chain = sent(leaf(recipe));
    expect({}, chain);
    expect({Code::certificate_expired}, chain, usual_trust(), now + 60 * day);
    expect(
        {Code::certificate_not_yet_valid, Code::certificate_not_yet_valid, Code::certificate_not_yet_valid},
        chain, usual_trust(), now - 60 * day
    );
}

TEST(JudgeChain, WarnsBeforeACertificateExpires)
{
    const auto findings = [](std::chrono::seconds until) {
        auto recipe = good();
        recipe.until = until;
        return judged(sent(leaf(recipe)));
    };
    EXPECT_THAT(codes(findings(21 * day)), IsEmpty());
    EXPECT_THAT(codes(findings(21 * day - 1s)), ElementsAre(Code::certificate_expires_soon));
    EXPECT_THAT(codes(findings(1s)), ElementsAre(Code::certificate_expires_soon));
    EXPECT_THAT(codes(findings(0s)), ElementsAre(Code::certificate_expired));
    EXPECT_TRUE(findings(1s).cert_ok);
    EXPECT_EQ(findings(1s).findings[0].severity, Severity::warning);
    EXPECT_EQ(
        findings(36h).findings[0].message,
        "the certificate /CN=mx.test expires in 1 day, on 2026-11-22T00:00:00Z"
    );
}

TEST(JudgeChain, RoundsDaysDown)
{
    auto recipe = good();
    recipe.from = -30 * day;
    const auto days = [&](std::chrono::seconds until) {
        recipe.until = until;
        return judged(sent(leaf(recipe))).certificates[0].days_left;
    };
    EXPECT_EQ(days(48h), 2);
    EXPECT_EQ(days(48h - 1s), 1);
    EXPECT_EQ(days(1s), 0);
    EXPECT_EQ(days(-1s), -1);
    EXPECT_EQ(days(-25h), -2);
}

TEST(JudgeChain, FindsTheWrongName)
{
    const auto mismatch = [](const Issued& own, const std::optional<std::string>& reference) {
        const auto verdict = judged(sent(own), usual_trust(), reference);
        EXPECT_THAT(codes(verdict), ElementsAre(Code::certificate_host_mismatch));
        EXPECT_FALSE(verdict.cert_ok);
        EXPECT_EQ(verdict.certificates[0].verdict, "ok");
        return verdict.findings[0].message;
    };
    EXPECT_EQ(mismatch(leaf(), "mx1.test"), "the certificate names mx.test, not mx1.test");
    EXPECT_EQ(
        mismatch(leaf({.common_name = "mx1.test", .names = {"DNS:a.test", "DNS:b.test"}}), "mx1.test"),
        "the certificate names a.test, b.test, not mx1.test"
    );
    EXPECT_EQ(
        mismatch(leaf({.common_name = "My Server"}), "mx.test"),
        "the certificate names My Server, not mx.test"
    );
    EXPECT_EQ(mismatch(leaf({}), "mx.test"), "the certificate names no host");
    EXPECT_EQ(mismatch(leaf({.names = {"IP:127.0.0.1"}}), "127.0.0.1"), "the certificate names no host");
    EXPECT_EQ(
        mismatch(leaf(), std::nullopt),
        "an address literal has no name that the certificate could carry: give --reference"
    );
    EXPECT_EQ(
        mismatch(support::named("DNS:mx.test\0.evil.test"s), "mx.test"),
        R"(the certificate names mx.test\x00.evil.test, not mx.test)"
    );
}

TEST(JudgeChain, TellsAHandfulOfAThousandNames)
{
    Recipe recipe;
    for (int i = 0; i < 1000; ++i)
        recipe.names.push_back("DNS:h" + std::to_string(i) + ".test");
    EXPECT_EQ(
        message(judged(sent(leaf(recipe))), Code::certificate_host_mismatch),
        "the certificate names h0.test, h1.test, h2.test, h3.test, h4.test and 995 more, not mx.test"
    );
}

TEST(JudgeChain, NotesANameThatIsOnlyInTheCommonName)
{
    const auto verdict = judged(sent(leaf({.common_name = "mx.test"})));
    EXPECT_THAT(codes(verdict), ElementsAre(Code::certificate_name_in_cn_only));
    EXPECT_EQ(verdict.findings[0].severity, Severity::notice);
    EXPECT_TRUE(verdict.cert_ok);
}

TEST(JudgeChain, FindsAWrongPurpose)
{
    auto recipe = good();
    recipe.purpose = "clientAuth";
    expect({Code::certificate_purpose}, sent(leaf(recipe)));
    EXPECT_EQ(
        message(judged(sent(leaf(recipe))), Code::certificate_purpose),
        "the certificate /CN=mx.test is not meant for TLS servers"
    );
    recipe.purpose = "";
    expect({}, sent(leaf(recipe)));
    recipe.extensions = {{"keyUsage", "critical,keyCertSign"}};
    expect({Code::certificate_purpose}, sent(leaf(recipe)));

    const Recipe mail{
        .common_name = "Mail CA", .authority = true, .extensions = {{"extendedKeyUsage", "emailProtection"}}};
    const auto intermediate = pki::issue(mail, &authorities().root, now);
    expect({Code::certificate_purpose}, chain_of({pki::issue(good(), &intermediate, now), intermediate}));
}

/// A leaf below an intermediate that is spoiled in one way.
Chain below(const Recipe& recipe)
{
    const auto intermediate = pki::issue(recipe, &authorities().root, now);
    return chain_of({pki::issue(good(), &intermediate, now), intermediate});
}

Recipe spoiled(const std::string& extension, const std::string& value)
{
    return {.common_name = "Spoiled CA", .authority = true, .extensions = {{extension, value}}};
}

TEST(JudgeChain, FindsBrokenConstraints)
{
    const std::vector one{Code::certificate_constraint};
    expect(one, below(spoiled("nameConstraints", "critical,permitted;DNS:other.test")));
    expect(one, below(spoiled("nameConstraints", "critical,excluded;DNS:mx.test")));
    expect({}, below(spoiled("nameConstraints", "critical,permitted;DNS:test")));
    expect(one, below(spoiled("1.2.3.4", "critical,DER:05:00")));
    expect(one, below(spoiled("basicConstraints", "critical,CA:FALSE")));
    expect(one, below(spoiled("keyUsage", "critical,digitalSignature")));
    expect(one, below({.common_name = "No CA", .purpose = "serverAuth"}));
    EXPECT_THAT(
        message(judged(below(spoiled("1.2.3.4", "critical,DER:05:00"))), Code::certificate_constraint),
        "the certificate /CN=Spoiled CA at depth 1 breaks a constraint: it has a critical extension that is "
        "not "
        "known: 1.2.3.4"
    );

    const auto upper =
        pki::issue({.common_name = "Short", .authority = true, .path_length = 0}, &authorities().root, now);
    const auto lower = pki::issue({.common_name = "Long", .authority = true}, &upper, now);
    const auto chain = chain_of({pki::issue(good(), &lower, now), lower, upper});
    expect(one, chain);
    EXPECT_THAT(
        message(judged(chain), Code::certificate_constraint),
        HasSubstr("/CN=Short at depth 2 breaks a constraint: more authorities stand below it than")
    );

    auto recipe = good();
    recipe.extensions = {{"1.2.3.4", "critical,DER:05:00"}};
    expect(one, sent(leaf(recipe)));
}

TEST(JudgeChain, TellsWrongPurposeAlsoOfWhatIsNoAuthority)
{
    const std::vector both{Code::certificate_purpose, Code::certificate_constraint};
    expect(both, below({.common_name = "No CA", .purpose = "clientAuth"}));
}

TEST(JudgeChain, FindsWeakKeysAnywhereOnThePath)
{
    const auto weak = [](const Chain& chain, const probe::TrustStore& trust) {
        const auto verdict = judged(chain, trust);
        EXPECT_THAT(codes(verdict), ElementsAre(Code::certificate_key_weak));
        EXPECT_TRUE(verdict.cert_ok);
        EXPECT_TRUE(verdict.weak);
        EXPECT_EQ(verdict.findings[0].severity, Severity::warning);
        return verdict.findings[0].message;
    };
    auto recipe = good();
    recipe.algorithm = Algorithm::rsa_1024;
    EXPECT_EQ(
        weak(sent(leaf(recipe)), usual_trust()), "the certificate /CN=mx.test has a weak key: RSA 1024"
    );
    recipe.algorithm = Algorithm::ec_p192;
    EXPECT_EQ(
        weak(sent(leaf(recipe)), usual_trust()), "the certificate /CN=mx.test has a weak key: EC P-192"
    );

    const Recipe authority{.common_name = "Weak CA", .algorithm = Algorithm::rsa_1024, .authority = true};
    EXPECT_THAT(weak(below(authority), usual_trust()), HasSubstr("/CN=Weak CA at depth 1"));
    const auto root = pki::issue(authority, nullptr, now);
    EXPECT_THAT(weak(chain_of({pki::issue(good(), &root, now)}), trusting({root})), HasSubstr("/CN=Weak CA"));
}

TEST(JudgeChain, FindsWeakSignaturesButNotOfRoots)
{
    const auto root = pki::issue(
        {.common_name = "Old Root", .algorithm = Algorithm::rsa_2048, .digest = "SHA1", .authority = true},
        nullptr, now
    );
    expect({}, chain_of({pki::issue(good(), &root, now)}), trusting({root}));
    expect({Code::chain_root_included}, chain_of({pki::issue(good(), &root, now), root}), trusting({root}));
    for (const auto* digest : {"SHA1", "MD5"}) {
        auto recipe = good();
        recipe.digest = digest;
        const auto chain = chain_of({pki::issue(recipe, &root, now)});
        expect({Code::certificate_signature_weak}, chain, trusting({root}));
        EXPECT_TRUE(judged(chain, trusting({root})).weak);
    }
    const auto intermediate = pki::issue(
        {.common_name = "Old CA", .algorithm = Algorithm::ec_p256, .digest = "SHA1", .authority = true},
        &root, now
    );
    const auto chain = chain_of({pki::issue(good(), &intermediate, now), intermediate});
    expect({Code::certificate_signature_weak}, chain, trusting({root}));
    EXPECT_THAT(
        message(judged(chain, trusting({root})), Code::certificate_signature_weak),
        "the certificate /CN=Old CA at depth 1 has a weak signature: sha1WithRSAEncryption"
    );
}

TEST(JudgeChain, TellsTheWeakSignatureOfARootThatNobodyTrusts)
{
    auto recipe = good();
    recipe.digest = "SHA1";
    const auto own = pki::issue(recipe, nullptr, now);
    EXPECT_THAT(codes(judged(chain_of({own}))), testing::Contains(Code::certificate_signature_weak));
    EXPECT_THAT(
        codes(judged(chain_of({own}), trusting({own}))),
        testing::Not(testing::Contains(Code::certificate_signature_weak))
    );
}

struct Spoiler
{
    Code code;
    void (*spoil)(Recipe&);
};

TEST(JudgeChain, TellsTwoFaultsOfOneCertificateTogether)
{
    const std::vector<Spoiler> spoilers{
        {Code::certificate_expired, [](Recipe& recipe) { recipe.until = -1h; }},
        {Code::certificate_host_mismatch, [](Recipe& recipe) { recipe.names = {"DNS:other.test"}; }},
        {Code::certificate_purpose, [](Recipe& recipe) { recipe.purpose = "clientAuth"; }},
        {Code::certificate_constraint,
         [](Recipe& recipe) {
             recipe.extensions = {{"1.2.3.4", "critical,DER:05:00"}};
         }},
        {Code::certificate_key_weak, [](Recipe& recipe) { recipe.algorithm = Algorithm::rsa_1024; }},
    };
    for (const auto& one : spoilers) {
        auto recipe = good();
        one.spoil(recipe);
        EXPECT_THAT(codes(judged(sent(leaf(recipe)))), ElementsAre(one.code));
        EXPECT_THAT(codes(judged(chain_of({leaf(recipe)}))), ElementsAre(Code::chain_incomplete, one.code));
        const auto self_signed = chain_of({pki::issue(recipe, nullptr, now)});
        EXPECT_THAT(codes(judged(self_signed)), ElementsAre(Code::certificate_self_signed, one.code));
        for (const auto& other : spoilers) {
            if (other.code <= one.code)
                continue;
            auto both = recipe;
            other.spoil(both);
            EXPECT_THAT(codes(judged(sent(leaf(both)))), ElementsAre(one.code, other.code));
        }
    }
}

TEST(JudgeChain, TellsFaultsOfTwoCertificatesTogether)
{
    const Recipe authority{
        .common_name = "Bad CA",
        .until = -1h,
        .algorithm = Algorithm::rsa_1024,
        .authority = true,
        .extensions = {{"extendedKeyUsage", "emailProtection"}, {"1.2.3.4", "critical,DER:05:00"}}};
    const auto intermediate = pki::issue(authority, &authorities().intermediate, now);
    const auto own =
        pki::issue({.names = {"DNS:other.test"}, .until = -1h, .purpose = "clientAuth"}, &intermediate, now);
    const auto verdict = judged(chain_of({own, intermediate}));
    EXPECT_THAT(
        codes(verdict),
        ElementsAre(
            Code::certificate_not_trusted, Code::certificate_expired, Code::certificate_expired,
            Code::certificate_host_mismatch, Code::certificate_purpose, Code::certificate_purpose,
            Code::certificate_constraint, Code::certificate_key_weak
        )
    );
    EXPECT_EQ(verdict.cause(), &verdict.findings[0]);
    EXPECT_EQ(verdict.certificates[0].verdict, "unsuitable certificate purpose; certificate has expired");
    EXPECT_THAT(verdict.certificates[1].verdict, HasSubstr("unable to get local issuer certificate"));
    EXPECT_THAT(verdict.certificates[1].verdict, HasSubstr("unhandled critical extension"));
    EXPECT_THAT(verdict.certificates[1].verdict, HasSubstr("certificate has expired"));
}

ChainVerdict judged_with(
    const probe::Evidence& evidence, const Chain& chain, const probe::TrustStore& trust = usual_trust()
)
{
    return probe::judge_chain(
        {.chain = chain,
         .ocsp_staple = {},
         .reference = "mx.test",
         .received = now,
         .moment = now,
         .evidence = &evidence},
        trust
    );
}

TEST(JudgeIncompleteChain, IsTriedWithWhatIsKnown)
{
    const auto chain = chain_of({leaf()});
    const auto intermediate = chain_of({authorities().intermediate});
    const auto seen = judged_with({.given = {}, .seen = intermediate, .revocation_lists = {}}, chain);
    EXPECT_THAT(codes(seen), ElementsAre(Code::chain_incomplete));
    EXPECT_FALSE(seen.cert_ok) << "it was not sent";
    EXPECT_THAT(
        seen.findings[0].message,
        testing::EndsWith("the chain would verify with it (sent in another chain of this run)")
    );
    const auto given = judged_with({.given = intermediate, .seen = {}, .revocation_lists = {}}, chain);
    EXPECT_THAT(given.findings[0].message, HasSubstr("would verify with it (given by --extra-certs)"));
}

TEST(JudgeIncompleteChain, IsToldAlsoWhereAnIntermediateWasSent)
{
    const auto lower =
        pki::issue({.common_name = "Lower", .authority = true}, &authorities().intermediate, now);
    const auto chain = chain_of({pki::issue(good(), &lower, now), lower});
    const probe::Evidence nothing;
    EXPECT_THAT(codes(judged_with(nothing, chain)), ElementsAre(Code::certificate_not_trusted));
    const auto known = chain_of({authorities().intermediate});
    const auto verdict = judged_with({.given = {}, .seen = known, .revocation_lists = {}}, chain);
    EXPECT_THAT(codes(verdict), ElementsAre(Code::chain_incomplete));
    EXPECT_THAT(verdict.findings[0].message, HasSubstr("/CN=Lower at depth 1 was issued by /CN=Interm"));
}

TEST(JudgeIncompleteChain, SaysWhyItWouldStillNotVerify)
{
    const auto key = pki::make_key(Algorithm::ec_p256);
    const auto& root = authorities().root;
    const Recipe recipe{.common_name = "CA", .authority = true};
    auto ended = recipe;
    ended.until = -1h;
    const auto old = pki::issue(ended, &root, now, key);
    const auto own = pki::issue(good(), &old, now);
    const auto message_with = [&](const Chain& known) {
        const auto verdict =
            judged_with({.given = known, .seen = {}, .revocation_lists = {}}, {own.certificate});
        EXPECT_THAT(codes(verdict), ElementsAre(Code::chain_incomplete));
        return verdict.findings[0].message;
    };
    EXPECT_THAT(
        message_with(chain_of({old})),
        HasSubstr("would still not verify with it (given by --extra-certs): the "
                  "certificate /CN=CA at depth 1 expired on")
    );
    const auto stranger = pki::issue({.common_name = "Stranger", .authority = true}, nullptr, now);
    const auto crossed = pki::issue(recipe, &stranger, now, key);
    EXPECT_THAT(
        message_with(chain_of({crossed})),
        HasSubstr("not verify with it (given by --extra-certs): the certificate /CN=CA at depth 1 was issued "
                  "by /CN=Stranger, which was neither sent nor is a trusted root")
    );
    EXPECT_THAT(
        message_with(chain_of({crossed, stranger})),
        HasSubstr("the chain ends at the root /CN=Stranger, which is not trusted")
    );
    const auto fresh = pki::issue(recipe, &root, now, key);
    EXPECT_THAT(
        message_with(chain_of({crossed, old, fresh, old})),
        testing::ContainsRegex("the chain would verify with one of the 3 versions of it that are known "
                               "\\(serial [0-9a-f]+, given by --extra-certs\\)")
    );
}

TEST(JudgeIncompleteChain, TakesNobodyWhoOnlyBearsTheName)
{
    const auto impostor = pki::issue({.common_name = "Intermediate CA", .authority = true}, nullptr, now);
    auto bare = good();
    bare.extensions = {{"authorityKeyIdentifier", "none"}};
    for (const auto& own : {leaf(), leaf(bare)}) {
        const auto verdict = judged_with(
            {.given = chain_of({impostor}), .seen = {}, .revocation_lists = {}}, {own.certificate}
        );
        EXPECT_THAT(verdict.findings.at(0).message, HasSubstr("and is not known here either"));
    }
}

TEST(JudgeIncompleteChain, IsNoneWhereOnlyTheRootIsMissing)
{
    const auto other = pki::issue({.common_name = "Other", .authority = true}, nullptr, now);
    const auto roots = chain_of({authorities().root});
    const auto verdict =
        judged_with({.given = roots, .seen = {}, .revocation_lists = {}}, sent(leaf()), trusting({other}));
    EXPECT_THAT(codes(verdict), ElementsAre(Code::certificate_not_trusted));
    EXPECT_THAT(verdict.findings[0].message, HasSubstr("the root /CN=Root CA, which is not trusted"));
}

std::vector<std::string> messages(const ChainVerdict& verdict)
{
    std::vector<std::string> all;
    for (const auto& finding : verdict.findings)
        all.push_back(finding.message);
    return all;
}

TEST(JudgeOrder, TellsEachCertificateOnce)
{
    const auto& [root, intermediate] = authorities();
    const auto own = leaf();
    const auto stranger = pki::issue({.common_name = "Stranger", .authority = true}, nullptr, now);
    const auto verdict = judged(chain_of({own, root, intermediate, stranger, root, stranger, own}));
    EXPECT_TRUE(verdict.cert_ok);
    EXPECT_THAT(
        messages(verdict),
        ElementsAre(
            "certificate 5 of 7, /CN=Root CA, is the same as certificate 2",
            "certificate 6 of 7, /CN=Stranger, is the same as certificate 4",
            "certificate 7 of 7, /CN=mx.test, is the same as certificate 1",
            "certificate 4 of 7, /CN=Stranger, stands on no path from the server's own certificate",
            "certificate 2 of 7, /CN=Root CA, is a root: whoever trusts it has it already, so that sending "
            "it is "
            "harmless but needless"
        )
    );
    EXPECT_EQ(verdict.certificates[0].verdict, "ok");
    EXPECT_EQ(verdict.certificates[1].verdict, "ok");
    EXPECT_EQ(verdict.certificates[4].verdict, "not part of the path; the same as certificate 2");
    EXPECT_EQ(verdict.certificates[5].verdict, "not part of the path; the same as certificate 4");
    EXPECT_EQ(verdict.certificates[6].verdict, "not part of the path; the same as certificate 1");
}

TEST(JudgeOrder, SaysWhichOfTwoVersionsIsWhich)
{
    const auto key = pki::make_key(Algorithm::ec_p256);
    auto recipe = good();
    recipe.until = 10 * day;
    const auto old = pki::issue(recipe, &authorities().intermediate, now, key);
    recipe.until = 100 * day;
    const auto fresh = pki::issue(recipe, &authorities().intermediate, now, key);
    const auto chain = chain_of({fresh, old, authorities().intermediate});
    expect({Code::chain_duplicate}, chain);
    EXPECT_THAT(
        messages(judged(chain)).at(0),
        testing::MatchesRegex(
            "certificate 2 of 3, /CN=mx.test, is another version of certificate 1, with the same "
            "subject and key: certificate 1 \\(serial [0-9a-f]+, until "
            "2027-02-28T12:00:00Z\\) is in use, certificate 2 \\(serial [0-9a-f]+, until "
            "2026-11-30T12:00:00Z\\) is not"
        )
    );
}

TEST(JudgeOrder, TellsACertificateThatWasRenewedElsewhereFromOneOfAStranger)
{
    const auto key = pki::make_key(Algorithm::ec_p256);
    const auto other_root = pki::issue({.common_name = "Other CA", .authority = true}, nullptr, now);
    const auto fresh = pki::issue(good(), &authorities().intermediate, now, key);
    const auto old = pki::issue(good(), &other_root, now, key);
    expect({Code::chain_duplicate}, chain_of({fresh, old, authorities().intermediate}));
}

TEST(JudgeOrder, TakesCrossSignedAuthoritiesForNoFault)
{
    const auto& root = authorities().root;
    const auto old_root = pki::issue({.common_name = "Old Root", .authority = true}, nullptr, now);
    const auto key = pki::make_key(Algorithm::ec_p256);
    const Recipe recipe{.common_name = "CA", .authority = true};
    const auto by_root = pki::issue(recipe, &root, now, key);
    const auto by_old_root = pki::issue(recipe, &old_root, now, key);
    const auto own = pki::issue(good(), &by_root, now);
    expect({}, chain_of({own, by_root, by_old_root}));

    // The long chain by which an old client finds a root that it has: a root of today, signed by that of old.
    const auto bridge = pki::issue({.common_name = "Root CA", .authority = true}, &old_root, now, root.key);
    const auto chain = chain_of({own, by_root, bridge});
    expect({}, chain);
    EXPECT_EQ(judged(chain).certificates[2].verdict, "not part of the path");
    EXPECT_THAT(codes(judged(chain, trusting({old_root}))), IsEmpty());
}

TEST(JudgeOrder, DoesNotTakeTheRestOfABrokenChainForUnrelatedWhereTheLinkIsKnown)
{
    const auto& intermediate = authorities().intermediate;
    const auto lower = pki::issue({.common_name = "Lower", .authority = true}, &intermediate, now);
    const auto chain = chain_of({pki::issue(good(), &lower, now), intermediate});
    const auto verdict = judged_with({.given = chain_of({lower}), .seen = {}, .revocation_lists = {}}, chain);
    EXPECT_THAT(codes(verdict), ElementsAre(Code::chain_incomplete));
    EXPECT_THAT(codes(judged(chain)), ElementsAre(Code::certificate_not_trusted, Code::chain_unrelated));
}

TEST(JudgeOrder, IsBoundedForAThousandCertificates)
{
    // Two names and one key: each may have issued each second other, and the path climbs without end.
    const auto key = pki::make_key(Algorithm::ec_p256);
    const auto named = [&](const char* name, const Issued* issuer) {
        Recipe recipe{.common_name = name, .authority = true};
        recipe.extensions = {{"authorityKeyIdentifier", "none"}};
        return pki::issue(recipe, issuer, now, key);
    };
    const auto one = named("One", nullptr);
    const auto other = named("Other", nullptr);
    auto chain = chain_of({pki::issue(good(), &one, now)});
    for (int i = 0; i < 500; ++i) {
        chain.push_back(named("One", &other).certificate);
        chain.push_back(named("Other", &one).certificate);
    }
    const auto began = std::clock(); // of this process alone, however busy the machine is
    const auto verdict = judged_with({.given = chain, .seen = chain, .revocation_lists = {}}, chain);
    EXPECT_LT(std::clock() - began, 10 * CLOCKS_PER_SEC);
    EXPECT_FALSE(verdict.cert_ok);
    EXPECT_THAT(verdict.certificates, SizeIs(1001));
    EXPECT_THAT(verdict.findings, SizeIs(Le(10U)));
    EXPECT_THAT(message(verdict, Code::chain_unrelated), HasSubstr("were not looked into"));
}

probe::RevocationList
list_by(const Issued& issuer, const Chain& revoked, std::chrono::seconds until = 7 * day)
{
    const auto der = pki::revocation_list(issuer, revoked, now - day, now + until);
    const auto* at = der.data();
    return {{d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())), X509_CRL_free}, "list.crl"};
}

ChainVerdict judged_by(const probe::RevocationList& list, const Chain& chain)
{
    return judged_with({.given = {}, .seen = {}, .revocation_lists = {list}}, chain);
}

TEST(JudgeRevocation, FindsWhatAGivenListRevokes)
{
    const auto& [root, intermediate] = authorities();
    const auto own = leaf();
    const auto verdict = judged_by(list_by(intermediate, {own.certificate}), sent(own));
    EXPECT_THAT(codes(verdict), ElementsAre(Code::certificate_revoked));
    EXPECT_FALSE(verdict.cert_ok);
    EXPECT_EQ(verdict.findings[0].severity, Severity::critical);
    EXPECT_EQ(
        verdict.findings[0].message, "the certificate /CN=mx.test was revoked on 2026-11-19T12:00:00Z "
                                     "(keyCompromise), as the CRL of /CN=Intermediate CA says"
    );
    EXPECT_THAT(verdict.revocation_lists, ElementsAre(0U));
    EXPECT_EQ(verdict.certificates[0].verdict, "certificate revoked");
    EXPECT_EQ(verdict.certificates[1].verdict, "ok");

    const auto above = judged_by(list_by(root, {intermediate.certificate}), sent(own));
    EXPECT_THAT(
        message(above, Code::certificate_revoked), HasSubstr("/CN=Intermediate CA at depth 1 was revoked on")
    );
}

TEST(JudgeRevocation, StillCountsTheEntriesOfAListThatHasEnded)
{
    const auto own = leaf();
    const auto stale = list_by(authorities().intermediate, {own.certificate}, -1h);
    EXPECT_THAT(codes(judged_by(stale, sent(own))), ElementsAre(Code::certificate_revoked));
}

TEST(JudgeRevocation, LeavesOtherCertificatesAlone)
{
    const auto verdict = judged_by(list_by(authorities().intermediate, {leaf().certificate}), sent(leaf()));
    EXPECT_THAT(codes(verdict), IsEmpty());
    EXPECT_THAT(verdict.revocation_lists, ElementsAre(0U)) << "it speaks of what its issuer issued";
}

TEST(JudgeRevocation, BelievesNobodyButTheIssuer)
{
    const auto own = leaf();
    const auto impostor = pki::issue({.common_name = "Intermediate CA", .authority = true}, nullptr, now);
    for (const auto& issuer : {impostor, authorities().root, own}) {
        const auto verdict = judged_by(list_by(issuer, {own.certificate}), sent(own));
        EXPECT_THAT(codes(verdict), IsEmpty());
    }
    const auto verdict = judged_by(list_by(impostor, {own.certificate}), sent(own));
    EXPECT_THAT(verdict.revocation_lists, IsEmpty());
}

TEST(JudgeRevocation, KnowsTheIssuerAlsoWhereItWasNotSent)
{
    const auto own = leaf();
    const auto& intermediate = authorities().intermediate;
    const auto verdict = judged_with(
        {.given = chain_of({intermediate}),
         .seen = {},
         .revocation_lists = {list_by(intermediate, {own.certificate})}},
        chain_of({own})
    );
    EXPECT_THAT(codes(verdict), ElementsAre(Code::chain_incomplete, Code::certificate_revoked));
}

TEST(JudgeChain, FailsCertForWhatTheContractSaysAndNothingElse)
{
    for (const auto code :
         {Code::chain_incomplete, Code::certificate_not_trusted, Code::certificate_self_signed,
          Code::certificate_expired, Code::certificate_not_yet_valid, Code::certificate_host_mismatch,
          Code::certificate_revoked, Code::certificate_purpose, Code::certificate_constraint})
        EXPECT_TRUE(probe::fails_cert(code)) << name(code);
    for (const auto code :
         {Code::certificate_name_in_cn_only, Code::certificate_expires_soon, Code::certificate_key_weak,
          Code::certificate_signature_weak, Code::ocsp_invalid, Code::ocsp_missing, Code::chain_duplicate,
          Code::chain_misordered, Code::chain_unrelated, Code::chain_root_included, Code::cipher_weak,
          Code::starttls_not_supported})
        EXPECT_FALSE(probe::fails_cert(code)) << name(code);
}

TEST(JudgeChain, SaysNothingThatCannotBeShown)
{
    const auto hostile = std::string(5'000, '\x1b') + "\n\xe2\x80\xae";
    const auto bad = pki::issue(
        {.common_name = hostile, .names = {"DNS:" + hostile}, .until = -1h, .purpose = "clientAuth"}, nullptr,
        now
    );
    const auto verdict = judged(chain_of({pki::issue({.common_name = hostile}, &bad, now), bad}));
    EXPECT_THAT(verdict.findings, testing::Not(IsEmpty()));
    for (const auto& finding : verdict.findings) {
        EXPECT_THAT(finding.message, SizeIs(Le(1000U)));
        for (const char octet : finding.message)
            EXPECT_TRUE(octet >= 0x20 && octet <= 0x7e) << finding.message;
    }
}

} // namespace
