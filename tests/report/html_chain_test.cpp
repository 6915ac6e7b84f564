#include "report/html_chain.hpp"

#include "verdicts.hpp"

#include <gmock/gmock.h>

namespace report
{
namespace
{

using testing::HasSubstr;
using testing::Not;

constexpr auto name = "mx1.example.com";
constexpr auto breaks = "The path breaks here: ";

/// That verifies.
probe::ChainVerdict good()
{
    return *verdicts::good_endpoint("192.0.2.1", name).chain;
}

/// Between the stops that lead up to it and those behind it.
std::string drawn(const probe::ChainVerdict& chain)
{
    return chain_path(chain, "here").str();
}

probe::JudgedCertificate root(std::string verdict = "ok")
{
    auto certificate = verdicts::intermediate();
    certificate.facts.subject = certificate.facts.issuer;
    certificate.facts.common_name = "Example Root";
    certificate.verdict = std::move(verdict);
    return certificate;
}

TEST(ChainPath, LeadsFromTheNameToARoot)
{
    const auto text = drawn(good());
    EXPECT_THAT(text, HasSubstr("the name to look for, found as mx1.example.com"));
    EXPECT_THAT(text, HasSubstr("<strong>mx1.example.com</strong></p>\n<p class=\"dim\">certificate 1 of 2"));
    EXPECT_THAT(
        text, HasSubstr("<strong>Example TLS CA 2</strong></p>\n<p class=\"dim\">certificate 2 of 2")
    );
    EXPECT_THAT(
        text, HasSubstr("<strong>/C=US/O=Example Trust/CN=Example Root</strong></p>\n"
                        "<p class=\"dim\">trusted here, not sent</p>")
    );
    EXPECT_THAT(text, Not(HasSubstr(breaks)));
}

TEST(ChainPath, EndsAtARootThatWasSent)
{
    auto chain = good();
    chain.certificates.push_back(root());
    const auto text = drawn(chain);
    EXPECT_THAT(
        text,
        HasSubstr("<strong>Example Root</strong></p>\n<p class=\"dim\">certificate 3 of 3, a trusted root")
    );
    EXPECT_THAT(text, Not(HasSubstr("trusted here")));
    EXPECT_THAT(text, Not(HasSubstr(breaks)));
}

TEST(ChainPath, BreaksWhereTheNameIsAnother)
{
    auto chain = good();
    chain.cert_ok = false;
    chain.identity.matched.reset();
    EXPECT_THAT(drawn(chain), HasSubstr("The path breaks here: the certificate does not have this name"));
    chain.identity.reference.reset();
    EXPECT_THAT(drawn(chain), HasSubstr("The path breaks here: an address literal has none"));
    chain.identity = {name, name, probe::Identity::By::cn};
    EXPECT_THAT(drawn(chain), HasSubstr("though in the CN only"));
}

TEST(ChainPath, BreaksBelowAnIssuerThatIsMissing)
{
    auto chain = good();
    chain.cert_ok = false;
    chain.lacks_issuer = true;
    chain.certificates.resize(1);
    chain.certificates[0].verdict = "unable to get local issuer certificate";
    const auto text = drawn(chain);
    EXPECT_THAT(
        text,
        HasSubstr("<li class=\"broken\">\n<p><strong>mx1.example.com</strong></p>\n<p><span class=\"red\">"
                  "The path breaks here: unable to get local issuer certificate</span></p>")
    );
    EXPECT_THAT(text, HasSubstr("<p class=\"dim\">neither sent nor a trusted root</p>"));
    EXPECT_THAT(
        text, HasSubstr("<li class=\"absent\">\n<p><strong>/C=US/O=Example Trust/CN=Example TLS CA 2")
    );
}

TEST(ChainPath, BreaksAtARootThatNobodyTrusts)
{
    auto chain = good();
    chain.cert_ok = false;
    chain.certificates.push_back(root("self-signed certificate in certificate chain"));
    EXPECT_THAT(
        drawn(chain), HasSubstr("The path breaks here: self-signed certificate in certificate chain")
    );
    EXPECT_THAT(drawn(chain), Not(HasSubstr("trusted here")));
}

TEST(ChainPath, BreaksWhereNoCertificateThatWasSentIsToBlame)
{
    auto chain = good();
    chain.cert_ok = false;
    chain.findings = {
        {probe::Code::certificate_expired, probe::Severity::warning, "the root at depth 2 expired", ""}};
    EXPECT_THAT(drawn(chain), HasSubstr("The path breaks here: the root at depth 2 expired"));
    chain = probe::judge_no_chain(name);
    EXPECT_THAT(drawn(chain), HasSubstr("The path breaks here: the server sent none"));
}

TEST(ChainPath, MarksACertificateThatIsAtFault)
{
    auto chain = good();
    chain.cert_ok = false;
    chain.certificates[1].verdict = "certificate has expired";
    EXPECT_THAT(drawn(chain), HasSubstr("The path breaks here: certificate has expired"));
}

TEST(ChainPath, IsInTheOrderOfIssuersAndHasTheOthersBeside)
{
    auto chain = good();
    auto stranger = verdicts::leaf("other.example.net", probe::not_on_path);
    chain.certificates = {verdicts::leaf(name), root(), stranger, verdicts::intermediate()};
    const auto text = drawn(chain);
    EXPECT_LT(text.find("certificate 4 of 4"), text.find("certificate 2 of 4"));
    EXPECT_THAT(text, HasSubstr("<p>Sent beside the path:</p>"));
    EXPECT_THAT(text, HasSubstr("<strong>other.example.net</strong> certificate 3 of 4: "));
    EXPECT_LT(text.find("certificate 2 of 4"), text.find("certificate 3 of 4"));
}

} // namespace
} // namespace report
