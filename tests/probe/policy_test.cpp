#include "probe/policy.hpp"

#include <gtest/gtest.h>

namespace
{

using probe::all_policies;
using probe::Demand;
using probe::Offer;
using probe::Outcome;
using probe::Policy;

struct Row
{
    Policy policy;
    Outcome verified;
    Outcome unverified;
    Outcome plain;
    Outcome broken;
};

// Contract, section 7: the table.
constexpr std::array rows{
    Row{Policy::none, Outcome::plaintext, Outcome::plaintext, Outcome::plaintext, Outcome::plaintext},
    Row{Policy::preferred, Outcome::encrypted, Outcome::encrypted, Outcome::plaintext, Outcome::plaintext},
    Row{Policy::required, Outcome::encrypted, Outcome::encrypted, Outcome::not_sent, Outcome::not_sent},
    Row{Policy::preferred_verify, Outcome::encrypted_verified, Outcome::encrypted, Outcome::plaintext,
        Outcome::plaintext},
    Row{Policy::required_verify, Outcome::encrypted_verified, Outcome::not_sent, Outcome::not_sent,
        Outcome::not_sent},
};

TEST(Policy, OutcomesAreThoseOfTheContract)
{
    for (const auto& row : rows) {
        SCOPED_TRACE(name(row.policy));
        EXPECT_EQ(outcome(row.policy, Offer::verified, {}), row.verified);
        EXPECT_EQ(outcome(row.policy, Offer::unverified, {}), row.unverified);
        EXPECT_EQ(outcome(row.policy, Offer::plain, {}), row.plain);
        EXPECT_EQ(outcome(row.policy, Offer::broken, {}), row.broken);
    }
}

TEST(Policy, ASessionThatCannotBeOpenedIsDeferredUnderEveryPolicy)
{
    for (const auto demand : {Demand::encryption, Demand::satisfied, Demand::unsatisfied}) {
        for (const auto policy : all_policies)
            EXPECT_EQ(outcome(policy, Offer::unknown, {demand, demand}), Outcome::deferred) << name(policy);
    }
}

struct DemandRow
{
    Demand demand;
    Outcome with_tls;
    Outcome without;
};

// The lines of dane and mta-sts: what is published decides, and never whether WebPKI would do.
constexpr std::array demand_rows{
    DemandRow{Demand::none, Outcome::not_applicable, Outcome::not_applicable},
    DemandRow{Demand::encryption, Outcome::encrypted, Outcome::deferred},
    DemandRow{Demand::satisfied, Outcome::encrypted_verified, Outcome::deferred},
    DemandRow{Demand::unsatisfied, Outcome::deferred, Outcome::deferred},
};

TEST(Policy, WhatIsPublishedDecidesForThoseWhoAskForIt)
{
    for (const auto& row : demand_rows) {
        for (const auto offer : {Offer::verified, Offer::unverified}) {
            EXPECT_EQ(outcome(Policy::dane, offer, {.dane = row.demand}), row.with_tls);
            EXPECT_EQ(outcome(Policy::mta_sts, offer, {.mta_sts = row.demand}), row.with_tls);
        }
        for (const auto offer : {Offer::plain, Offer::broken, Offer::unknown}) {
            EXPECT_EQ(outcome(Policy::dane, offer, {.dane = row.demand}), row.without);
            EXPECT_EQ(outcome(Policy::mta_sts, offer, {.mta_sts = row.demand}), row.without);
        }
    }
}

TEST(Policy, OneThatIsPublishedSaysNothingOfTheOther)
{
    EXPECT_EQ(
        outcome(Policy::dane, Offer::verified, {.mta_sts = Demand::satisfied}), Outcome::not_applicable
    );
    EXPECT_EQ(
        outcome(Policy::mta_sts, Offer::verified, {.dane = Demand::unsatisfied}), Outcome::not_applicable
    );
}

TEST(Policy, AnyOutcomeMeetsAPolicyThatRequiresNothing)
{
    for (const auto policy : {Policy::none, Policy::preferred, Policy::preferred_verify}) {
        for (int i = 0; i <= static_cast<int>(Outcome::not_applicable); ++i)
            EXPECT_TRUE(met(policy, static_cast<Outcome>(i))) << name(policy);
    }
}

TEST(Policy, RequiredIsMetByEncryptedOrBetter)
{
    EXPECT_TRUE(met(Policy::required, Outcome::encrypted));
    EXPECT_TRUE(met(Policy::required, Outcome::encrypted_verified));
    for (const auto outcome :
         {Outcome::plaintext, Outcome::deferred, Outcome::not_sent, Outcome::not_applicable})
        EXPECT_FALSE(met(Policy::required, outcome)) << name(outcome);
}

TEST(Policy, ThoseWhoVerifyAreMetByNothingLessThanVerified)
{
    for (const auto policy : {Policy::required_verify, Policy::dane, Policy::mta_sts}) {
        EXPECT_TRUE(met(policy, Outcome::encrypted_verified));
        for (const auto outcome :
             {Outcome::encrypted, Outcome::plaintext, Outcome::deferred, Outcome::not_sent,
              Outcome::not_applicable})
            EXPECT_FALSE(met(policy, outcome)) << name(policy) << ' ' << name(outcome);
    }
}

TEST(Policy, NamesAreReadAsTheyAreWritten)
{
    for (const auto policy : all_policies)
        EXPECT_EQ(probe::policy_named(name(policy)), policy);
    EXPECT_EQ(probe::policy_named("required-verify"), Policy::required_verify);
    EXPECT_EQ(probe::policy_named("Required"), std::nullopt);
    EXPECT_EQ(probe::policy_named(""), std::nullopt);
}

TEST(Policy, OutcomesHaveTheirNames)
{
    EXPECT_EQ(name(Outcome::encrypted_verified), "encrypted-verified");
    EXPECT_EQ(name(Outcome::encrypted), "encrypted");
    EXPECT_EQ(name(Outcome::plaintext), "plaintext");
    EXPECT_EQ(name(Outcome::deferred), "deferred");
    EXPECT_EQ(name(Outcome::not_sent), "not-sent");
    EXPECT_EQ(name(Outcome::not_applicable), "n/a");
}

} // namespace
