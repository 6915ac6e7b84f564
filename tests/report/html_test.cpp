#include "report/html.hpp"

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
    return html({&verdict, 1});
}

std::size_t count(const std::string& text, const std::string& part)
{
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++found;
    return found;
}

TEST(Html, IsAPageATarget)
{
    EXPECT_TRUE(same(of(verdicts::mismatch()), "mismatch.html"));
    EXPECT_TRUE(same(of(verdicts::interrupted_early()), "interrupted-early.html"));
}

TEST(Html, LeadsToEachOfSeveralTargets)
{
    const std::vector several{
        verdicts::failures(), verdicts::published(), verdicts::null_mx(), verdicts::partly_excluded()};
    EXPECT_TRUE(same(html(several), "several.html"));
    EXPECT_THAT(of(verdicts::well()), Not(HasSubstr("<nav")));
    EXPECT_THAT(html({}), HasSubstr("<h1>TLS of 0 mail domains</h1>"));
}

TEST(Html, TellsOneTargetFromTheOtherByTheirLabels)
{
    std::vector alike{verdicts::well(), verdicts::well()};
    alike[1].label = "by our <relay>";
    const auto text = html(alike);
    EXPECT_THAT(text, HasSubstr("</span> by our &lt;relay&gt;, factor 100 of "));
    EXPECT_EQ(count(text, "</span> factor 100 of "), 1u);
}

TEST(Html, TellsOnceWhatIsSoAtSeveralAddresses)
{
    auto verdict = verdicts::well();
    for (auto& endpoint : verdict.hosts[0].endpoints)
        endpoint.findings = {
            {probe::Code::certificate_host_mismatch, probe::Severity::warning, "the same", ""}};
    const auto text = of(verdict);
    EXPECT_EQ(count(text, "<p>the same</p>"), 1u);
    EXPECT_THAT(
        text, HasSubstr("<p class=\"dim\">mx1.example.com [192.0.2.1:25]</p>"
                        "<p class=\"dim\">mx1.example.com [[2001:db8::1]:25]</p>")
    );
    EXPECT_EQ(count(text, "<figure class=\"chain\">"), 1u);
    EXPECT_EQ(count(text, "<table class=\"bars\">"), 2u);
    EXPECT_EQ(count(text, "<details>"), 2u);
}

TEST(Html, PutsTheWorstFindingFirst)
{
    auto verdict = verdicts::mismatch();
    std::ranges::reverse(verdict.hosts[0].endpoints[0].findings);
    const auto text = of(verdict);
    EXPECT_LT(
        text.find("certificate-host-mismatch</strong></code>"), text.find("rcpt-deferred</strong></code>")
    );
}

TEST(Html, IsNoPlaceForMarkupOfOthers)
{
    const std::string bad = "\"><img src=x onerror='alert(1)'></pre></style><script>";
    auto verdict = verdicts::mismatch();
    verdict.target = bad + "@example.com";
    auto& host = verdict.hosts[0];
    host.name = bad;
    auto& endpoint = host.endpoints[0];
    endpoint.identity.reference = endpoint.chain->identity.reference = bad;
    endpoint.findings[0].message = endpoint.findings[0].text = bad;
    endpoint.session.steps[1].reply->lines = {bad};
    endpoint.chain->certificates[0].facts.common_name = bad;
    endpoint.chain->certificates[0].verdict = bad;
    const auto text = of(verdict);
    EXPECT_THAT(text, HasSubstr("&quot;&gt;&lt;img src=x"));
    EXPECT_THAT(text, Not(HasSubstr("<img")));
    EXPECT_THAT(text, Not(HasSubstr("<script")));
    EXPECT_EQ(count(text, "</pre>"), 1u);
    EXPECT_EQ(count(text, "</style>"), 1u);
}

} // namespace
} // namespace report
