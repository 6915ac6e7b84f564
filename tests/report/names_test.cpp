#include "report/names.hpp"

#include "golden.hpp"
#include "report/detail.hpp"
#include "verdicts.hpp"

#include <gmock/gmock.h>

namespace report
{
namespace
{

using probe::ReverseDns;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

const std::string mx1 = "mx1.example.com";
const std::string title = "Names of the server, side by side:\n";

probe::EndpointVerdict good()
{
    return verdicts::good_endpoint("192.0.2.1", mx1);
}

std::string told(const probe::EndpointVerdict& endpoint, const std::string& host = mx1, bool color = false)
{
    return names(verdicts::host(host, 10, 100, {endpoint}), endpoint, color);
}

/// The lines about reverse DNS.
std::string reversed(const ReverseDns& reverse)
{
    auto endpoint = good();
    endpoint.reverse = reverse;
    const auto text = told(endpoint);
    return text.substr(text.find("  reverse DNS"));
}

TEST(Names, StandSideBySide)
{
    EXPECT_EQ(
        told(good()), title + "  MX host      mx1.example.com\n"
                              "  certificate  mx1.example.com       agrees\n"
                              "               smtp.mx1.example.com\n"
                              "  greeting     mx1.example.com       agrees\n"
                              "  EHLO reply   mx1.example.com       agrees\n"
                              "  reverse DNS  mx1.example.com       agrees, leads back to the address\n"
    );
}

TEST(Names, SayWhichDiffer)
{
    auto endpoint = good();
    endpoint.identity.matched.reset();
    endpoint.chain->certificates = {verdicts::leaf("mail.example.net")};
    endpoint.own_names = {"mail.example.net", "MX1.example.com", "mail2.example.net"};
    endpoint.reverse.names = {{"mail.example.net", true}};
    EXPECT_EQ(
        told(endpoint), title + "  MX host      mx1.example.com\n"
                                "  certificate  mail.example.net       none agrees\n"
                                "               smtp.mail.example.net\n"
                                "  greeting     mail.example.net       differs\n"
                                "  EHLO reply   MX1.example.com        agrees\n"
                                "  EHLO in TLS  mail2.example.net      differs\n"
                                "  reverse DNS  mail.example.net       leads back to the address\n"
    );
}

TEST(Names, AreColouredWhereAskedFor)
{
    EXPECT_THAT(told(good(), mx1, true), HasSubstr("\x1b[32magrees\x1b[0m\n"));
    EXPECT_THAT(told(good()), Not(HasSubstr("\x1b")));
}

TEST(Names, OfAServerThatDidNotGreetAreNotCompared)
{
    EXPECT_EQ(told(verdicts::refused()), "");
    EXPECT_EQ(told(verdicts::put_off()), "");
}

TEST(Names, AreThoseThatThereAre)
{
    const auto text = told(verdicts::without_starttls(), "mx3.example.com");
    EXPECT_EQ(
        text, title + "  MX host      mx3.example.com\n"
                      "  greeting     mx3.example.com  agrees\n"
                      "  EHLO reply   mx3.example.com  agrees\n"
                      "  reverse DNS  -                not known\n"
    );
    auto nameless = good();
    nameless.own_names = {};
    nameless.chain->certificates[0].facts.names.clear();
    nameless.chain->certificates[0].facts.common_name.clear();
    nameless.identity.matched.reset();
    EXPECT_THAT(
        told(nameless), HasSubstr("  certificate  -                none agrees\n"
                                  "  greeting     -                begins with no name\n"
                                  "  EHLO reply   -                begins with no name\n"
                                  "  reverse DNS")
    );
}

TEST(Names, OfALongCertificateAreBounded)
{
    auto endpoint = good();
    auto& facts = endpoint.chain->certificates[0].facts;
    facts.names = {"IP:192.0.2.1", "email:postmaster@example.com"};
    for (int index = 0; index < 1000; ++index)
        facts.names.push_back("DNS:host-" + std::to_string(index) + ".example.com");
    endpoint.identity.matched = "host-999.example.com";
    EXPECT_THAT(
        told(endpoint), HasSubstr("  certificate  host-999.example.com  agrees\n"
                                  "               host-0.example.com\n"
                                  "               host-1.example.com\n"
                                  "               host-2.example.com\n"
                                  "               and 996 more\n"
                                  "  greeting")
    );
    facts.names = {"DNS:" + std::string(5000, 'a')};
    EXPECT_LT(told(endpoint).size(), 2000u);
}

TEST(Names, InTheCnOnlyAreSaidToBe)
{
    auto endpoint = good();
    endpoint.chain->certificates[0].facts.names.clear();
    endpoint.identity.by = probe::Identity::By::cn;
    EXPECT_THAT(
        told(endpoint), HasSubstr("  certificate  mx1.example.com  agrees, though it is in the CN only\n")
    );
}

TEST(Names, OfAnAddressHaveNothingToAgreeWith)
{
    auto endpoint = good();
    endpoint.identity = {};
    const auto text = told(endpoint, "192.0.2.1");
    EXPECT_THAT(text, HasSubstr("  MX host      192.0.2.1\n"));
    EXPECT_THAT(text, Not(HasSubstr("agree")));
    EXPECT_THAT(text, Not(HasSubstr("differ")));
}

TEST(Names, ShowTheReferenceWhereItIsAnother)
{
    auto endpoint = good();
    endpoint.identity.reference = "mail.example.com";
    endpoint.identity.matched.reset();
    EXPECT_THAT(
        told(endpoint), HasSubstr("  MX host      mx1.example.com\n"
                                  "  reference    mail.example.com\n"
                                  "  certificate  mx1.example.com       none agrees\n")
    );
    EXPECT_THAT(told(endpoint), HasSubstr("  greeting     mx1.example.com       agrees\n"));
    EXPECT_THAT(told(endpoint, "192.0.2.1"), HasSubstr("  greeting     mx1.example.com       differs\n"));
}

TEST(Names, OfTheAddressAreToldAsTheyAreKnown)
{
    using State = ReverseDns::State;
    EXPECT_THAT(reversed({}), EndsWith("  not known\n"));
    EXPECT_THAT(reversed({State::none}), EndsWith("  the address has no name\n"));
    EXPECT_THAT(reversed({State::failed}), EndsWith("  DNS did not answer\n"));
    EXPECT_EQ(
        reversed({State::found, {{"a.test", false}, {mx1, true}, {"z.test", std::nullopt}}, 97}),
        "  reverse DNS  a.test                does not lead back to the address\n"
        "               mx1.example.com       agrees, leads back to the address\n"
        "               z.test                not known whether it leads back to the address\n"
        "               and 97 more\n"
    );
}

TEST(Names, FromElsewhereAreMadeSafe)
{
    auto endpoint = good();
    endpoint.chain->certificates[0].facts.names = {"DNS:\x1b[2J\xe2\x80\xae.example.com"};
    endpoint.own_names = {"a\x1b[31m.test", "b\r\n.test", "c\x9b.test"};
    endpoint.reverse.names = {{"d\x07.test", true}};
    const auto text = told(endpoint, "mx\x1b.test");
    for (const char octet : text)
        EXPECT_TRUE(octet == '\n' || (octet >= ' ' && octet <= '~')) << static_cast<int>(octet);
    EXPECT_THAT(text, HasSubstr(R"(a\x1b[31m.test)"));
}

TEST(Names, StandBetweenTranscriptAndFindings)
{
    auto verdict = verdicts::mismatch();
    const auto text = detail(verdict, {});
    const auto at = text.find("\n\n" + title);
    ASSERT_NE(at, std::string::npos);
    EXPECT_GT(at, text.find("QUIT"));
    EXPECT_LT(at, text.find("\n\ncritical  certificate-host-mismatch"));
}

} // namespace
} // namespace report
