#include "probe/policy.hpp"

#include <gtest/gtest.h>

namespace
{

using probe::all_policies;
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
        EXPECT_EQ(outcome(row.policy, Offer::verified), row.verified);
        EXPECT_EQ(outcome(row.policy, Offer::unverified), row.unverified);
        EXPECT_EQ(outcome(row.policy, Offer::plain), row.plain);
        EXPECT_EQ(outcome(row.policy, Offer::broken), row.broken);
    }
}

TEST(Policy, ASessionThatCannotBeOpenedIsDeferredUnderEveryPolicy)
{
    for (const auto policy : all_policies)
        EXPECT_EQ(outcome(policy, Offer::unknown), Outcome::deferred) << name(policy);
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

TEST(Policy, RequiredVerifyIsMetByNothingLessThanVerified)
{
    EXPECT_TRUE(met(Policy::required_verify, Outcome::encrypted_verified));
    for (const auto outcome :
         {Outcome::encrypted, Outcome::plaintext, Outcome::deferred, Outcome::not_sent,
          Outcome::not_applicable})
        EXPECT_FALSE(met(Policy::required_verify, outcome)) << name(outcome);
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
