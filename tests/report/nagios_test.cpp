#include "report/nagios.hpp"

#include "golden.hpp"
#include "verdicts.hpp"

#include <gmock/gmock.h>

namespace report
{
namespace
{

using golden::same;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string of(const probe::Verdict& verdict)
{
    return nagios({&verdict, 1}, {});
}

TEST(Nagios, IsALineWithPerformanceDataAndTheFindingsBelow)
{
    EXPECT_TRUE(same(of(verdicts::well()), "well.nagios.txt"));
    EXPECT_TRUE(same(of(verdicts::mismatch()), "mismatch.nagios.txt"));
    EXPECT_TRUE(same(of(verdicts::failures()), "failures.nagios.txt"));
    EXPECT_TRUE(same(of(verdicts::interrupted()), "interrupted.nagios.txt"));
    EXPECT_TRUE(same(of(verdicts::no_domain()), "no-domain.nagios.txt"));
}

TEST(Nagios, SumsUpSeveralTargets)
{
    const std::vector several{verdicts::well(), verdicts::mismatch(), verdicts::no_domain()};
    EXPECT_TRUE(same(nagios(several, {}), "several.nagios.txt"));
    EXPECT_EQ(nagios({}, {}), "");
}

TEST(Nagios, CallsTargetsByTheirLabels)
{
    std::vector twice{verdicts::well(), verdicts::well()};
    twice[1].label = "the | other's";
    const auto text = nagios(twice, {});
    EXPECT_THAT(text, HasSubstr("'example.com factor'="));
    EXPECT_THAT(text, HasSubstr(" 'the \\x7c other\\x27s factor'="));
    EXPECT_THAT(text, HasSubstr("\nOK - factor 100, the \\x7c other's, "));
}

TEST(Nagios, TellsTheStatusThatTheRunEndsWith)
{
    const auto verdict = verdicts::well();
    EXPECT_THAT(
        nagios({&verdict, 1}, {.status = probe::Status::unknown}), StartsWith("MXTLS UNKNOWN - factor 100, ")
    );
    EXPECT_THAT(of(verdict), StartsWith("MXTLS OK - factor 100, "));
}

TEST(Nagios, SaysFirstWhatWentWrongWithTheRun)
{
    const auto verdict = verdicts::well();
    const PluginRun run{.status = probe::Status::unknown, .faults = {"the history could not be written"}};
    EXPECT_THAT(
        nagios({&verdict, 1}, run),
        StartsWith("MXTLS UNKNOWN - the history could not be written; factor 100, example.com, 61 days left|")
    );
}

TEST(Nagios, NamesTheWorstTargetInTheLineAndBelowItFirst)
{
    std::vector several{verdicts::well(), verdicts::no_domain(), verdicts::interrupted()};
    several[0].target = "well.example";
    const auto text = nagios(several, {});
    EXPECT_THAT(
        text, StartsWith("MXTLS UNKNOWN - factor 66 at the lowest of 3 targets, 2 UNKNOWN, 1 OK; "
                         "user@nowhere.example, dns-nxdomain at nowhere.example|")
    );
    EXPECT_LT(text.find("\nUNKNOWN - factor 66, "), text.find("\nOK - factor 100, well.example, "));
    const std::vector turned{several[2], several[1]};
    EXPECT_THAT(nagios(turned, {}), HasSubstr(" 2 UNKNOWN; example.com, interrupted|"));
    const std::vector good{several[0], several[0]};
    EXPECT_THAT(nagios(good, {}), StartsWith("MXTLS OK - factor 100 at the lowest of 2 targets, 2 OK|"));
}

TEST(Nagios, ToldToBeQuietIsSilentOfWhatIsWellBelowTheLine)
{
    std::vector several{verdicts::well(), verdicts::mismatch()};
    several[0].target = "well.example";
    several[0].findings = {{probe::Code::mx_implicit, probe::Severity::notice, "there is no MX", ""}};
    const PluginRun quiet{.quiet = true};
    const auto text = nagios(several, quiet);
    EXPECT_THAT(text, HasSubstr("'well.example factor'=100;"));
    EXPECT_THAT(text, Not(HasSubstr("\nOK - ")));
    EXPECT_THAT(text, HasSubstr("\nCRITICAL - factor 90, user@example.com, "));
    EXPECT_THAT(text, Not(HasSubstr("mx-implicit")));
    const auto one = nagios({several.data(), 1}, quiet);
    EXPECT_EQ(std::count(one.begin(), one.end(), '\n'), 1);
}

TEST(Nagios, SaysThatACertificateHasExpired)
{
    auto verdict = verdicts::well();
    verdict.hosts[0].endpoints[0].chain->certificates[1].days_left = -1;
    EXPECT_THAT(of(verdict), StartsWith("MXTLS OK - factor 100, example.com, a certificate has expired|"));
    verdict.hosts[0].endpoints[0].chain->certificates[1].days_left = 0;
    EXPECT_THAT(of(verdict), HasSubstr(", less than a day left|"));
}

// Cut by Nagios, the last value would be a wrong one.
TEST(Nagios, IsNoLongerThanNagiosReads)
{
    auto verdict = verdicts::failures();
    verdict.hosts.resize(3);
    for (const std::size_t number : {1U, 20U, 60U, 500U}) {
        std::vector<probe::Verdict> many(number, verdict);
        for (std::size_t index = 0; index < number; ++index)
            many[index].target = "domain" + std::to_string(index) + ".example.com";
        const auto text = nagios(many, {});
        EXPECT_LE(text.size(), most_of_a_plugin);
        EXPECT_THAT(text, StartsWith("MXTLS CRITICAL - factor 41"));
        EXPECT_THAT(text, HasSubstr("WARNING mx1.example.com [192.0.2.11:25]: connect-refused: "));
        EXPECT_TRUE(text.ends_with('\n'));
        EXPECT_EQ(text.find("more: too long for a plugin") != text.npos, number > 1) << number;
    }
}

TEST(Nagios, CutsALineThatALabelMakesTooLong)
{
    auto verdict = verdicts::well();
    verdict.label = std::string(700, 'a') + ' ' + std::string(700, 'b');
    const auto text = of(verdict);
    EXPECT_THAT(text, StartsWith("MXTLS OK - factor 100, aaa"));
    EXPECT_THAT(text, HasSubstr("aaa ...|factor=100;"));
    verdict.label = std::string(1200, 'a');
    EXPECT_THAT(of(verdict), StartsWith("MXTLS OK - factor 100, ...|factor=100;"));
}

TEST(Nagios, SaysWhyThereIsNoVerdict)
{
    EXPECT_EQ(nagios_failure("cannot read 'a|b'"), "MXTLS UNKNOWN - cannot read 'a\\x7cb'\n");
}

TEST(Nagios, LetsNoTextOfOthersBeginPerformanceData)
{
    auto verdict = verdicts::failures();
    verdict.target = "a|b'c=d@example.com";
    verdict.hosts[1].endpoints[0].findings[0].text = "421 |factor=100";
    const auto text = of(verdict);
    EXPECT_EQ(std::count(text.begin(), text.end(), '|'), 1);
    EXPECT_THAT(text, HasSubstr("421 \\x7cfactor=100"));
    const auto both = nagios(std::vector{verdict, verdict}, {});
    EXPECT_EQ(std::count(both.begin(), both.end(), '|'), 1);
    EXPECT_THAT(both, HasSubstr("'a\\x7cb\\x27c\\x3dd@example.com factor'=41;100:;90:;0;120"));
}

} // namespace
} // namespace report
