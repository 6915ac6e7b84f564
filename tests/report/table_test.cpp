#include "report/table.hpp"

#include "golden.hpp"
#include "report/text.hpp"
#include "verdicts.hpp"

#include <gmock/gmock.h>

namespace report
{
namespace
{

using golden::same;
using testing::HasSubstr;
using testing::Not;

TEST(Table, TellsThatAllIsWell)
{
    EXPECT_TRUE(same(table(verdicts::well(), {}), "well.table.txt"));
}

TEST(Table, TellsAMismatchWithToAndPolicy)
{
    EXPECT_TRUE(same(table(verdicts::mismatch(), {}), "mismatch.table.txt"));
}

TEST(Table, IsColoredWhereAskedFor)
{
    EXPECT_TRUE(same(table(verdicts::mismatch(), {.color = true}), "mismatch.table.color.txt"));
}

TEST(Table, TellsWhatTheDomainPublishes)
{
    EXPECT_TRUE(same(table(verdicts::published(), {}), "published.table.txt"));
}

TEST(Table, TellsEveryWayToFail)
{
    EXPECT_TRUE(same(table(verdicts::failures(), {}), "failures.table.txt"));
}

TEST(Table, TellsWhatWasKnownWhenInterrupted)
{
    EXPECT_TRUE(same(table(verdicts::interrupted(), {}), "interrupted.table.txt"));
}

TEST(Table, IsHeadedByLabelAndContact)
{
    auto verdict = verdicts::well();
    verdict.label = "Partner\x1b[31m";
    verdict.contact = "Ann <ann@example.org>";
    EXPECT_THAT(table(verdict, {}), HasSubstr("OK\nPartner\\x1b[31m\nContact: Ann <ann@example.org>\n\n"));
}

TEST(Table, HasNoMatrixWithoutHosts)
{
    EXPECT_TRUE(same(table(verdicts::null_mx(), {}), "null-mx.table.txt"));
    EXPECT_TRUE(same(table(verdicts::no_domain(), {}), "no-domain.table.txt"));
    EXPECT_TRUE(same(table(verdicts::dns_failed(), {}), "dns-failed.table.txt"));
    EXPECT_TRUE(same(table(verdicts::no_hosts(), {}), "no-hosts.table.txt"));
    EXPECT_TRUE(same(table(verdicts::interrupted_early(), {}), "interrupted-early.table.txt"));
}

TEST(Table, TellsWhatWasNotTried)
{
    EXPECT_TRUE(same(table(verdicts::invalid(), {}), "invalid.table.txt"));
    EXPECT_TRUE(same(table(verdicts::partly_excluded(), {}), "excluded.table.txt"));
}

TEST(Table, TellsAnAddressWithoutNameOrPreference)
{
    EXPECT_TRUE(same(table(verdicts::given_address(), {}), "given-address.table.txt"));
}

TEST(Table, AlignsTwelveEndpoints)
{
    EXPECT_TRUE(same(table(verdicts::twelve(), {}), "twelve.table.txt"));
}

TEST(Table, HasOneRowForEachEndpointBetweenTitlesAndAverage)
{
    const auto lines = golden::lines_of(table(verdicts::twelve(), {}));
    EXPECT_THAT(lines.at(2), testing::StartsWith("MX Server"));
    EXPECT_THAT(lines.at(15), testing::StartsWith("Average"));
    for (std::size_t row = 2; row <= 15; ++row)
        EXPECT_EQ(width(lines.at(row).substr(0, lines.at(2).find("Answer"))), lines.at(2).find("Answer"));
}

TEST(Table, ShowsToOnlyWhereRcptWasAskedFor)
{
    EXPECT_THAT(table(verdicts::mismatch(), {}), HasSubstr("  From       To\n"));
    EXPECT_THAT(table(verdicts::well(), {}), HasSubstr("  From\n"));
}

TEST(Table, RoundsAveragesDownAndCountsOnlyWhoReachedTheColumn)
{
    auto verdict = verdicts::twelve();
    verdict.hosts.resize(2); // four endpoints
    auto& first = verdict.hosts[0].endpoints;
    verdicts::set_stages(first[0], probe::Column::answer, probe::Result::fail);
    for (std::size_t column = 1; column < probe::columns; ++column)
        first[0].stages[column] = {};
    first[1].stages[static_cast<std::size_t>(probe::Column::cert)].result = probe::Result::fail;

    const auto text = table(verdict, {});
    const auto average = text.substr(text.find("\nAverage"));
    EXPECT_THAT(average, testing::ContainsRegex("^\nAverage +75% +100% +100% +100% +66% +100% +100%\n"));
}

TEST(Table, NamesWhatDoesNotCountInTheFactor)
{
    auto verdict = verdicts::well();
    EXPECT_THAT(table(verdict, {}), Not(HasSubstr("Left out")));
    verdict.hosts[0].endpoints[1].counted = false;
    EXPECT_THAT(
        table(verdict, {}), HasSubstr("\n\nLeft out of the factor: mx1.example.com [[2001:db8::1]:25]\n\n")
    );
}

TEST(Table, SaysWhetherThePolicyIsMet)
{
    auto verdict = verdicts::mismatch();
    EXPECT_THAT(
        table(verdict, {}), HasSubstr("required-verify   not-sent   the policy asked for: not met\n")
    );
    verdict.policy = probe::Policy::required;
    EXPECT_THAT(table(verdict, {}), HasSubstr("required          encrypted  the policy asked for: met\n"));
    verdict.policy.reset();
    EXPECT_THAT(table(verdict, {}), Not(HasSubstr("policy asked for")));
}

} // namespace
} // namespace report
