#include "report/junit.hpp"

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

std::string of(const probe::Verdict& verdict)
{
    return junit({&verdict, 1});
}

TEST(JUnit, IsASuiteATargetAndACaseAnEndpoint)
{
    const std::vector several{
        verdicts::well(), verdicts::mismatch(), verdicts::failures(), verdicts::partly_excluded()};
    EXPECT_TRUE(same(junit(several), "several.junit.xml"));
    EXPECT_TRUE(same(of(verdicts::interrupted()), "interrupted.junit.xml"));
    EXPECT_TRUE(same(junit({}), "none.junit.xml"));
}

TEST(JUnit, CallsASuiteByTheLabelOfItsTarget)
{
    auto verdict = verdicts::well();
    verdict.label = "Partner <1>";
    EXPECT_THAT(of(verdict), HasSubstr("<testsuite name=\"Partner &lt;1&gt;\""));
    EXPECT_THAT(of(verdict), HasSubstr("classname=\"Partner &lt;1&gt;\""));
}

TEST(JUnit, PutsTheWorstFailureFirst)
{
    auto verdict = verdicts::failures();
    verdict.hosts[8].findings.push_back(
        {probe::Code::tlsa_invalid, probe::Severity::critical, "no record matches", ""}
    );
    const auto text = of(verdict);
    EXPECT_LT(text.find("tlsa-invalid"), text.find("mx-null-not-alone"));
    EXPECT_THAT(text, HasSubstr("message=\"mx9.example.com: no record matches\""));
}

TEST(JUnit, FailsWhereTheStatusIsNotOkWhateverTheReason)
{
    auto verdict = verdicts::well();
    EXPECT_THAT(of(verdict), Not(HasSubstr("<failure")));
    verdict.status = probe::Status::warning;
    verdict.confidence.factor = 95;
    EXPECT_THAT(
        of(verdict), HasSubstr("<failure type=\"status\" message=\"the factor is 95; below 100 is WARNING, "
                               "below 90 is CRITICAL\">")
    );
    EXPECT_THAT(
        of(verdicts::interrupted_early()), HasSubstr("<failure type=\"status\" message=\"interrupted\">")
    );
}

TEST(JUnit, EscapesWhatHasAMeaningInXml)
{
    auto verdict = verdicts::mismatch();
    verdict.target = "\"a<b>&'c\"@example.com";
    verdict.hosts[0].endpoints[0].findings[0].message = "]]></failure>\x01&amp;";
    const auto text = of(verdict);
    EXPECT_THAT(text, HasSubstr("<testsuite name=\"&quot;a&lt;b&gt;&amp;'c&quot;@example.com\" "));
    EXPECT_THAT(text, HasSubstr("message=\"]]&gt;&lt;/failure&gt;\\x01&amp;amp;\""));
}

TEST(JUnit, HasNoCharacterThatXmlHasNot)
{
    auto verdict = verdicts::null_mx();
    verdict.target = "\xef\xbf\xbe\xef\xbf\xbf\xed\xa0\x80\x0b\x7f";
    EXPECT_THAT(of(verdict), HasSubstr("name=\"\\xef\\xbf\\xbe\\xef\\xbf\\xbf\\xed\\xa0\\x80\\x0b\\x7f\""));
}

TEST(JUnit, SaysThatACertificateHasExpired)
{
    auto verdict = verdicts::well();
    verdict.hosts[0].endpoints[0].chain->certificates[0].days_left = -3;
    EXPECT_THAT(junit({&verdict, 1}), testing::HasSubstr("\ncertificate: expired</system-out>"));
}

} // namespace
} // namespace report
