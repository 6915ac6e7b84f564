#include "report/html_timeline.hpp"

#include "verdicts.hpp"

#include <gmock/gmock.h>

namespace report
{
namespace
{

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

probe::JudgedCertificate& own(probe::Verdict& verdict)
{
    return verdict.hosts[0].endpoints[0].chain->certificates[0];
}

TEST(TimeLine, HasABarACertificate)
{
    const auto text = timeline(verdicts::well()).str();
    EXPECT_THAT(
        text,
        HasSubstr(
            "<strong>mx1.example.com</strong>, ends 2027-01-20: <span class=\"green\">61 days left</span>"
        )
    );
    EXPECT_THAT(text, HasSubstr("<strong>Example TLS CA 2</strong>, an issuer, ends 2028-10-03"));
    EXPECT_THAT(text, HasSubstr("The upright line is 2026-11-20"));
    EXPECT_LT(text.find("mx1.example.com"), text.find("Example TLS CA 2"));
}

TEST(TimeLine, SaysWhatHasEndedOrIsAboutTo)
{
    auto verdict = verdicts::well();
    own(verdict).days_left = 5;
    own(verdict).facts.not_after = verdicts::noon + 5 * 24h + 1h;
    EXPECT_THAT(timeline(verdict).str(), HasSubstr("<rect class=\"yellow\""));
    own(verdict).days_left = -3;
    own(verdict).facts.not_after = verdicts::noon - 2 * 24h - 5h;
    EXPECT_THAT(timeline(verdict).str(), HasSubstr("ended 2026-11-18: <span class=\"red\">expired</span>"));
    own(verdict) = verdicts::leaf("mx1.example.com");
    own(verdict).facts.not_before = verdicts::noon + 24h;
    EXPECT_THAT(timeline(verdict).str(), HasSubstr("<span class=\"red\">not valid before 2026-11-21</span>"));
}

TEST(TimeLine, IsAsOfTheMomentThatDaysAreCountedFrom)
{
    auto verdict = verdicts::well();
    for (auto& endpoint : verdict.hosts[0].endpoints) {
        for (auto& certificate : endpoint.chain->certificates)
            certificate.days_left -= 30;
    }
    EXPECT_THAT(timeline(verdict).str(), HasSubstr("The upright line is 2026-12-20"));
}

TEST(TimeLine, StaysWithinReach)
{
    auto verdict = verdicts::well();
    own(verdict).facts.not_before = {};
    own(verdict).facts.not_after = verdicts::noon + 400'000 * 24h;
    own(verdict).days_left = 400'000;
    const auto text = timeline(verdict).str();
    EXPECT_THAT(text, HasSubstr("<text x=\"100%\" y=\"14\" text-anchor=\"end\">2032-"));
    EXPECT_THAT(text, Not(HasSubstr("inf")));
    EXPECT_THAT(text, Not(HasSubstr("-0.")));
}

TEST(TimeLine, IsEmptyWhereNoCertificateWasSeen)
{
    EXPECT_TRUE(timeline(verdicts::null_mx()).empty());
    EXPECT_TRUE(timeline(verdicts::interrupted_early()).empty());
}

} // namespace
} // namespace report
