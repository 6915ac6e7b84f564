#include "probe/command/resolver_doubt.hpp"

#include <gmock/gmock.h>

namespace
{

using dns::Validation;
using testing::Optional;

std::optional<std::string>
doubt(Validation validation, const std::string& address = "127.0.0.1", std::uint16_t port = 53)
{
    return command::doubt_about({{asio::ip::make_address(address), port}, validation});
}

TEST(ResolverDoubt, IsToldOfAResolverThatWasToBeBelieved)
{
    EXPECT_THAT(
        doubt(Validation::not_validating),
        Optional(std::string("the resolver 127.0.0.1 does not validate: what it says of DNSSEC is told as "
                             "unknown"))
    );
    EXPECT_THAT(
        doubt(Validation::no_answer),
        Optional(std::string("the resolver 127.0.0.1 did not answer when asked whether it validates: what it "
                             "says of DNSSEC is told as unknown"))
    );
}

TEST(ResolverDoubt, NamesAnUnusualPort)
{
    EXPECT_THAT(
        doubt(Validation::not_validating, "127.0.0.1", 5353),
        Optional(testing::StartsWith("the resolver 127.0.0.1:5353 does"))
    );
    EXPECT_THAT(
        doubt(Validation::not_validating, "::1", 5353),
        Optional(testing::StartsWith("the resolver [::1]:5353 does"))
    );
    EXPECT_THAT(
        doubt(Validation::not_validating, "::1"), Optional(testing::StartsWith("the resolver ::1 does"))
    );
}

TEST(ResolverDoubt, IsSilentWhereItValidatesOrNobodyAsked)
{
    for (const auto validation : {Validation::proved, Validation::not_trusted, Validation::untried})
        EXPECT_EQ(doubt(validation), std::nullopt);
}

} // namespace
