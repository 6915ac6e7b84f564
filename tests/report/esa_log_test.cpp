#include "report/esa_log.hpp"

#include "golden.hpp"
#include "verdicts.hpp"

#include <gmock/gmock.h>

#include <regex>

namespace report
{
namespace
{

using golden::same;
using testing::HasSubstr;
using testing::Not;

std::string of(const probe::Verdict& verdict)
{
    return esa_log({&verdict, 1});
}

std::size_t matches(const std::string& text, const std::string& pattern)
{
    const std::regex regex(pattern);
    const auto lines = golden::lines_of(text);
    return static_cast<std::size_t>(std::ranges::count_if(lines, [&](const std::string& line) {
        return std::regex_search(line, regex);
    }));
}

TEST(EsaLog, TellsEachSessionAsTheApplianceDoes)
{
    EXPECT_TRUE(same(esa_log(std::vector{verdicts::well(), verdicts::failures()}), "several.esa-log.txt"));
    EXPECT_TRUE(same(of(verdicts::mismatch()), "mismatch.esa-log.txt"));
    EXPECT_EQ(of(verdicts::null_mx()), "");
}

TEST(EsaLog, CanBeGreppedAsTheApplianceIs)
{
    const auto text = of(verdicts::failures());
    EXPECT_EQ(matches(text, "New SMTP DCID"), 7u) << "all but the one that refused";
    EXPECT_EQ(matches(text, "DCID.*TLS success"), 2u);
    EXPECT_EQ(matches(text, "DCID.*TLS failed"), 3u);
    EXPECT_EQ(matches(text, "ICID"), 0u);
}

TEST(EsaLog, FailsWhereThePolicyKeepsMailBack)
{
    auto verdict = verdicts::mismatch();
    verdict.policy = probe::Policy::preferred_verify;
    EXPECT_THAT(
        of(verdict), HasSubstr("Info: DCID 1 TLS success protocol TLSv1.3 cipher TLS_AES_256_GCM_SHA384\n")
    );
    verdict.policy = probe::Policy::required_verify;
    EXPECT_THAT(of(verdict), HasSubstr("Info: DCID 1 TLS failed: verify error: "));
    auto plain = verdicts::failures();
    EXPECT_THAT(of(plain), HasSubstr(" TLS failed: STARTTLS unavailable\n"));
    plain.policy = probe::Policy::required;
    EXPECT_THAT(of(plain), HasSubstr(" TLS failed: TLS required, STARTTLS unavailable\n"));
}

TEST(EsaLog, NumbersSessionsAsTheyBeganAndTellsLinesInTheOrderOfTime)
{
    auto verdict = verdicts::well();
    auto& first = verdict.hosts[0].endpoints[0].session;
    first.started += std::chrono::seconds(90);
    const auto lines = golden::lines_of(of(verdict));
    ASSERT_EQ(lines.size(), 4u);
    EXPECT_THAT(
        lines[0], testing::EndsWith("New SMTP DCID 1 interface 2001:db8:ffff::25 address 2001:db8::1 port 25")
    );
    EXPECT_THAT(lines[2], testing::StartsWith("Fri Nov 20 12:01:30 2026 Info: New SMTP DCID 2 "));
}

TEST(EsaLog, PadsTheDayAsTheApplianceDoes)
{
    auto verdict = verdicts::well();
    for (auto& endpoint : verdict.hosts[0].endpoints)
        endpoint.session.started = std::chrono::sys_days{std::chrono::February / 7 / 2026};
    EXPECT_THAT(of(verdict), testing::StartsWith("Sat Feb  7 00:00:00 2026 Info: New SMTP DCID 1 "));
}

TEST(EsaLog, LetsNoTextOfOthersPassForAnEntry)
{
    auto verdict = verdicts::failures();
    for (auto& host : verdict.hosts) {
        for (auto& endpoint : host.endpoints) {
            for (auto& finding : endpoint.findings)
                finding.message = "DCID 7 TLS success, tls FAILED, TLS";
        }
    }
    const auto text = of(verdict);
    EXPECT_EQ(matches(text, "DCID.*TLS success"), 2u);
    EXPECT_EQ(matches(text, "[Dd][Cc].*[Tt][Ll][Ss] [Ff][Aa]"), 3u);
    EXPECT_THAT(text, HasSubstr("TLS\\x20success, tls\\x20FAILED, TLS'"));
}

TEST(EsaLog, TellsWhyNothingWasConnectedTo)
{
    EXPECT_EQ(
        of(verdicts::no_domain()),
        "Fri Nov 20 12:00:00 2026 Info: Connection Error: DCID 0 domain: nowhere.example IP:unknown port: "
        "unknown "
        "detail: 'there is no domain nowhere.example' interface: unknown reason: no address to connect to\n"
    );
    EXPECT_EQ(
        matches(
            of(verdicts::failures()), "IP:unknown .*'mx8.example.com has neither an A nor an AAAA record'"
        ),
        1u
    );
    EXPECT_EQ(matches(of(verdicts::interrupted_early()), "IP:unknown .*'interrupted'"), 1u);
}

TEST(EsaLog, LeavesOutAnAddressThatWasNotTriedBesideOthers)
{
    EXPECT_THAT(of(verdicts::partly_excluded()), Not(HasSubstr("192.0.2.21")));
}

} // namespace
} // namespace report
