#include "observation_builder.hpp"
#include "probe/refuse.hpp"
#include "probe/untried.hpp"

#include <gmock/gmock.h>

namespace
{

using probe::Route;
using probe::Status;
using probe::Verdict;
using seen::Code;
using seen::codes;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

void expect_untried(const Verdict& verdict)
{
    EXPECT_EQ(verdict.status, Status::unknown);
    EXPECT_EQ(verdict.route, Route::untried);
    EXPECT_EQ(verdict.started, seen::noon);
    EXPECT_TRUE(verdict.finished);
    EXPECT_EQ(verdict.confidence.factor, std::nullopt);
    EXPECT_THAT(verdict.hosts, IsEmpty());
    EXPECT_THAT(verdict.outcomes, Each(probe::Outcome::not_applicable));
    EXPECT_EQ(name(verdict.route), "");
}

TEST(Untried, ALineThatIsNoTarget)
{
    std::string why;
    try {
        probe::parse_target("exa mple.com");
    } catch (const std::invalid_argument& refusal) {
        why = refusal.what();
    }
    const auto verdict = probe::judge_refusal("exa mple.com", why, seen::noon);
    expect_untried(verdict);
    EXPECT_EQ(verdict.target, "exa mple.com");
    EXPECT_EQ(verdict.domain, "");
    ASSERT_THAT(codes(verdict.findings), ElementsAre(Code::target_invalid));
    EXPECT_EQ(verdict.findings[0].message, "'exa mple.com' is not a domain name");
    EXPECT_EQ(verdict.findings[0].severity, probe::Severity::warning);
}

TEST(Untried, ATargetThatNobodyFinished)
{
    const auto verdict =
        probe::judge_abandonment("mail.test", "entry 1-0 was given to workers 5 times", seen::noon);
    expect_untried(verdict);
    EXPECT_EQ(verdict.target, "mail.test");
    ASSERT_THAT(codes(verdict.findings), ElementsAre(Code::target_abandoned));
    EXPECT_EQ(verdict.findings[0].message, "entry 1-0 was given to workers 5 times");
}

TEST(Untried, ATargetThatIsExcluded)
{
    const auto verdict =
        probe::judge_exclusion(probe::parse_target("user@Mail.example.com"), "*.example.com", seen::noon);
    expect_untried(verdict);
    EXPECT_EQ(verdict.target, "user@Mail.example.com");
    EXPECT_EQ(verdict.domain, "mail.example.com");
    ASSERT_THAT(codes(verdict.findings), ElementsAre(Code::excluded));
    EXPECT_EQ(
        verdict.findings[0].message, "mail.example.com was not contacted: --exclude has \"*.example.com\""
    );
}

TEST(Untried, ATargetThatHadNoTurn)
{
    const auto verdict = probe::judge_unbegun(probe::parse_target("user@Mail.example.com"), seen::noon);
    EXPECT_FALSE(verdict.finished);
    EXPECT_EQ(verdict.status, Status::unknown);
    EXPECT_EQ(verdict.target, "user@Mail.example.com");
    EXPECT_EQ(verdict.domain, "mail.example.com");
    EXPECT_THAT(verdict.outcomes, Each(probe::Outcome::not_applicable));
    EXPECT_THAT(verdict.findings, IsEmpty());
}

TEST(Untried, WhatStandsInAFileIsSafeToPrint)
{
    EXPECT_EQ(
        probe::exclusion_of("a\nb", "\x1b[2J").message,
        "a\\x0ab was not contacted: --exclude has \"\\x1b[2J\""
    );
}

} // namespace
