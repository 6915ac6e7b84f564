#include "probe/judged_chains.hpp"

#include "probe/judge.hpp"
#include "tests/probe/observation_builder.hpp"
#include "tests/support/chains.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace
{

using probe::ChainQuestion;
using probe::JudgedChains;
using support::authorities;
using support::day;
using support::now;
using testing::IsEmpty;
using testing::SizeIs;

using Chain = std::vector<smtp::Certificate>;

const probe::TrustStore& trust()
{
    static const probe::TrustStore store(Chain{authorities().root.certificate});
    return store;
}

Chain good_chain()
{
    return {support::leaf().certificate, authorities().intermediate.certificate};
}

/// What is asked is told apart by how many verdicts there are afterwards.
class Judged : public testing::Test
{
protected:
    std::size_t kept_after(const ChainQuestion& question)
    {
        auto kept = chains_.judge(question, trust());
        auto made = probe::judge_chain(question, trust());
        kept.took = made.took;
        EXPECT_EQ(kept, made);
        return chains_.size();
    }

    const Chain chain_ = good_chain();
    const ChainQuestion question_{
        .chain = chain_, .ocsp_staple = {}, .reference = "mx.test", .received = now, .moment = now};
    JudgedChains chains_;
};

TEST_F(Judged, IsWhatWasAskedBefore)
{
    const auto& first = chains_.judge(question_, trust());
    EXPECT_TRUE(first.cert_ok);
    auto later = question_;
    later.received = now + std::chrono::hours(5);
    const auto copy = chain_;
    later.chain = copy;
    EXPECT_EQ(&chains_.judge(later, trust()), &first)
        << "the same certificates, presented in another session";
    EXPECT_EQ(chains_.size(), 1U);
}

TEST_F(Judged, IsNothingElse)
{
    EXPECT_EQ(kept_after(question_), 1U);
    auto other = question_;
    other.reference = "mx2.test";
    EXPECT_EQ(kept_after(other), 2U);
    other.reference.reset();
    EXPECT_EQ(kept_after(other), 3U);

    other = question_;
    other.moment = now + 80 * day;
    EXPECT_EQ(kept_after(other), 4U);
    other.received = other.moment; // nothing is "judged as of" then
    EXPECT_EQ(kept_after(other), 5U);

    other = question_;
    other.expiry_days = 100;
    EXPECT_EQ(kept_after(other), 6U);

    const auto another = good_chain();
    other = question_;
    other.chain = another;
    EXPECT_EQ(kept_after(other), 7U);
    other.chain = std::span(chain_).first(1);
    EXPECT_EQ(kept_after(other), 8U);
}

TEST_F(Judged, DependsOnWhenAStapleCame)
{
    const std::vector<std::uint8_t> staple = pki::ocsp_response(
        chain_[0], chain_[1], pki::Revocation::good, now - day, now + day, authorities().intermediate
    );
    auto stapled = question_;
    stapled.ocsp_staple = staple;
    EXPECT_EQ(kept_after(stapled), 1U);
    EXPECT_THAT(chains_.judge(stapled, trust()).findings, IsEmpty());
    stapled.received = now + 2 * day;
    EXPECT_EQ(kept_after(stapled), 2U);
    EXPECT_THAT(chains_.judge(stapled, trust()).findings, SizeIs(1));
    EXPECT_EQ(kept_after(question_), 3U);
}

TEST_F(Judged, WithoutAnIssuerHangOnWhatWasSeenWithThem)
{
    const auto above = authorities().intermediate.certificate;
    const auto lower =
        pki::issue({.common_name = "Lower CA", .authority = true}, &authorities().intermediate, now);
    const auto own = pki::issue(support::good(), &lower, now).certificate;
    const Chain broken{own, lower.certificate};
    probe::Evidence evidence;
    auto question = question_;
    question.chain = broken;
    question.evidence = &evidence;
    const auto cause_with = [&](const Chain& seen) {
        evidence.seen = seen;
        kept_after(question);
        return chains_.judge(question, trust()).cause()->code;
    };
    const auto another = support::leaf({.common_name = "Another CA", .authority = true}).certificate;
    for (int time = 0; time < 2; ++time) {
        EXPECT_EQ(cause_with({}), probe::Code::certificate_not_trusted);
        EXPECT_EQ(cause_with({another}), probe::Code::certificate_not_trusted);
        EXPECT_EQ(cause_with({above}), probe::Code::chain_incomplete)
            << "as many as before, but the right one";
        EXPECT_EQ(cause_with({another}), probe::Code::certificate_not_trusted);
    }
    EXPECT_EQ(chains_.size(), 1U);
}

TEST_F(Judged, AsTheyStandAreTheSameWhateverElseWasSeen)
{
    probe::Evidence evidence;
    auto question = question_;
    question.evidence = &evidence;
    const auto& first = chains_.judge(question, trust());
    evidence.seen.push_back(authorities().intermediate.certificate);
    EXPECT_EQ(&chains_.judge(question, trust()), &first);
    EXPECT_EQ(kept_after(question), 1U);
}

TEST_F(Judged, AreBoundedAndForgetTheOneThatNobodyAsksFor)
{
    JudgedChains two(2);
    const auto ask = [&](const std::string& name) {
        auto question = question_;
        question.reference = name;
        return &two.judge(question, trust());
    };
    const auto* first = ask("one.test");
    ask("two.test");
    EXPECT_EQ(ask("one.test"), first);
    ask("three.test"); // in place of two.test
    EXPECT_EQ(two.size(), 2U);
    EXPECT_EQ(ask("one.test"), first);
    EXPECT_EQ(ask("one.test")->identity.reference, "one.test");
    EXPECT_EQ(two.size(), 2U);
}

TEST_F(Judged, KeepTheirCertificates)
{
    auto chain = good_chain();
    auto question = question_;
    question.chain = chain;
    chains_.judge(question, trust());
    const std::weak_ptr<x509_st> own = chain[0];
    chain.clear();
    EXPECT_FALSE(own.expired()) << "another certificate could come to lie where it was";
}

TEST_F(Judged, GiveAWholeTargetTheSameVerdict)
{
    const probe::Trust once(seen::trust);
    const probe::Trust with(seen::trust, &chains_);
    auto observation = seen::domain_with(seen::whole(seen::chain_for(seen::mx1)));
    const auto expected = probe::judge(observation, seen::criteria(), once);
    const auto first = probe::judge(observation, seen::criteria(), with);
    EXPECT_EQ(chains_.size(), 1U);
    const auto second = probe::judge(observation, seen::criteria(), with);
    EXPECT_EQ(chains_.size(), 1U);
    const auto& endpoint = second.hosts.at(0).endpoints.at(0);
    EXPECT_EQ(endpoint.chain->certificates, expected.hosts.at(0).endpoints.at(0).chain->certificates);
    EXPECT_EQ(endpoint.findings, expected.hosts.at(0).endpoints.at(0).findings);
    EXPECT_EQ(second.status, expected.status);
    EXPECT_EQ(
        endpoint.at(probe::Column::cert).took, first.hosts.at(0).endpoints.at(0).at(probe::Column::cert).took
    ) << "told is what verifying took, not what remembering takes";
}

} // namespace
