#include "observation_builder.hpp"
#include "probe/endpoint_judge.hpp"
#include "probe/greeting_name.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace
{

using probe::judge_own_names;
using probe::own_names;
using seen::Code;
using seen::Stage;
using testing::Contains;
using testing::Not;

/// Greeted with this, then an EHLO reply that begins with that, in clear and inside TLS.
smtp::Session session_of(std::string greeting, std::string ehlo, std::string ehlo_tls)
{
    auto session = seen::whole({});
    session.steps[1].reply = smtp::Reply{220, {std::move(greeting)}};
    session.offered = smtp::extensions_of({250, {std::move(ehlo), "STARTTLS"}});
    session.offered_inside_tls = smtp::extensions_of({250, {std::move(ehlo_tls)}});
    return session;
}

std::optional<std::string> greeted_as(std::string greeting, const std::string& ehlo = "other.test")
{
    return own_names(session_of(std::move(greeting), ehlo, ehlo)).greeting;
}

std::string message_of(const smtp::Session& session, const std::optional<std::string>& mx_name = seen::mx1)
{
    const auto finding = judge_own_names(own_names(session), mx_name, seen::mx1);
    return finding ? finding->message : "";
}

TEST(OwnNames, AreTheFirstWords)
{
    const auto names = own_names(session_of(
        "Mail.Example.net. ESMTP Postfix", "mail2.example.net Hello probe.test", "mail3.example.net"
    ));
    EXPECT_EQ(names.greeting, "Mail.Example.net");
    EXPECT_EQ(names.ehlo, "mail2.example.net");
    EXPECT_EQ(names.ehlo_tls, "mail3.example.net");
}

TEST(OwnNames, AreNotToldOfWhatWasNotSaid)
{
    EXPECT_EQ(own_names(smtp::Session{}).greeting, std::nullopt);
    const auto refused = seen::answered(Stage::greeting, 554, "mail.example.net says no");
    EXPECT_EQ(own_names(refused).greeting, std::nullopt) << "only a 220 begins with the name";
    const auto names = own_names(seen::helo_only());
    EXPECT_EQ(names.ehlo, std::nullopt);
    EXPECT_EQ(names.ehlo_tls, std::nullopt);
}

TEST(OwnNames, OfAGreetingInSeveralLinesIsInTheFirst)
{
    auto session = session_of("", "other.test", "other.test");
    session.steps[1].reply->lines = {"mx.test ESMTP", "second.test line"};
    EXPECT_EQ(own_names(session).greeting, "mx.test");
    session.steps[1].reply->lines.clear();
    EXPECT_EQ(own_names(session).greeting, std::nullopt);
}

TEST(OwnNames, AreNoOtherWords)
{
    for (const auto* greeting :
         {"",
          " ",
          "ESMTP ready",
          "ready",
          "****",
          "**** ESMTP",
          "*************0*2",
          "[192.0.2.1] ESMTP",
          "[IPv6:2001:db8::1]",
          "192.0.2.1 ESMTP",
          "192.0.2.1. ESMTP",
          "..",
          ".",
          "mail..example.net",
          ".net",
          "-mail.example.net",
          "mail-.example.net",
          "mail.example.net,",
          "mail.example.net:25",
          "<mail.example.net>",
          "\\x1b[31m.example.net",
          "m\\xfcx.example.net",
          "1.0",
          "v2.1 ESMTP"})
        EXPECT_EQ(greeted_as(greeting), std::nullopt) << greeting;
}

TEST(OwnNames, MayBeWrittenAsHostsAre)
{
    for (const auto* name :
         {"mail.example.net", "a.b", "mail_1.example.net", "xn--mx-xka.example", "1.example.net", "mx.0a"})
        EXPECT_EQ(greeted_as(std::string(name) + " ESMTP"), name);
    EXPECT_EQ(greeted_as("  mail.example.net"), "mail.example.net");
}

TEST(OwnNames, HaveTheLengthOfNames)
{
    const std::string label(63, 'a');
    const auto longest = label + '.' + label + '.' + label + '.' + std::string(61, 'a');
    EXPECT_EQ(greeted_as(longest), longest);
    EXPECT_EQ(greeted_as(longest + 'a'), std::nullopt);
    EXPECT_EQ(greeted_as(label + "a.test"), std::nullopt);
    EXPECT_EQ(greeted_as(std::string(8000, 'a') + ".test"), std::nullopt);
}

TEST(OwnNames, WithoutADotAreThoseThatAreSaidTwice)
{
    EXPECT_EQ(greeted_as("mail ESMTP"), std::nullopt);
    EXPECT_EQ(greeted_as("mail ESMTP", "MAIL Hello"), "mail");
    EXPECT_EQ(greeted_as("localhost ESMTP"), "localhost");
    EXPECT_EQ(greeted_as("[192.0.2.1]", "[192.0.2.1]"), std::nullopt);
    const auto names = own_names(session_of("mx.test", "Hello probe.test", "mx.test"));
    EXPECT_EQ(names.ehlo, std::nullopt);
}

TEST(SameName, MindsNeitherCaseNorTrailingDot)
{
    EXPECT_TRUE(probe::same_name("MX1.Example.com.", "mx1.example.COM"));
    EXPECT_FALSE(probe::same_name("mx1.example.com", "mx2.example.com"));
    EXPECT_FALSE(probe::same_name("mx1.example.com", "example.com"));
    EXPECT_TRUE(probe::same_name("", "."));
}

TEST(JudgeOwnNames, HasNothingToSayOfTheMxName)
{
    EXPECT_EQ(message_of(session_of("MX1.example.com. ESMTP", seen::mx1, "mx1.EXAMPLE.com.")), "");
    EXPECT_EQ(message_of(session_of("ESMTP ready", seen::mx1, seen::mx1)), "") << "no name is not another";
    EXPECT_EQ(message_of(session_of("[192.0.2.1]", "[192.0.2.1]", "[192.0.2.1]")), "");
    EXPECT_EQ(message_of(smtp::Session{}), "");
}

TEST(JudgeOwnNames, SaysWhereWhichNameWasSaid)
{
    const std::string calls = "mx1.example.com calls itself ";
    const std::string a = "a.test";
    const std::string b = "b.test";
    const std::string c = "c.test";
    const auto& own = seen::mx1;
    EXPECT_EQ(message_of(session_of(a, own, own)), calls + "a.test in its greeting");
    EXPECT_EQ(message_of(session_of(own, a, a)), calls + "a.test in its EHLO reply");
    EXPECT_EQ(message_of(session_of(own, own, a)), calls + "a.test in its EHLO reply inside TLS");
    EXPECT_EQ(message_of(session_of(a, a, a)), calls + "a.test in its greeting and its EHLO reply");
    EXPECT_EQ(message_of(session_of(a, b, b)), calls + "a.test in its greeting and b.test in its EHLO reply");
    EXPECT_EQ(
        message_of(session_of(a, own, "A.test")),
        calls + "a.test in its greeting and its EHLO reply inside TLS"
    );
    EXPECT_EQ(
        message_of(session_of(a, b, c)),
        calls + "a.test in its greeting and b.test in its EHLO reply and c.test in its EHLO reply inside TLS"
    );
    EXPECT_EQ(
        message_of(session_of("ESMTP ready", "mx1", own)), "" /* neither is surely a name */
    );
    EXPECT_EQ(message_of(session_of("localhost ESMTP", own, own)), calls + "localhost in its greeting");
}

TEST(JudgeOwnNames, NeedsANameToCompareWith)
{
    const auto session = session_of("a.test", "a.test", "a.test");
    EXPECT_EQ(message_of(session, std::nullopt), "");
    EXPECT_EQ(message_of(session, "A.TEST."), "");
}

probe::EndpointVerdict
judged(const smtp::Session& session, const std::string& host, const std::optional<std::string>& reference)
{
    return judge_endpoint({session}, host, reference, seen::criteria(), seen::nobody);
}

TEST(JudgeOwnNames, IsANoticeThatChangesNothingElse)
{
    const auto differing = judged(session_of("a.test", "a.test", "a.test"), seen::mx1, seen::mx1);
    const auto same = judged(session_of(seen::mx1, seen::mx1, seen::mx1), seen::mx1, seen::mx1);
    ASSERT_THAT(seen::codes(differing.findings), Contains(Code::greeting_name_differs));
    EXPECT_THAT(seen::codes(same.findings), Not(Contains(Code::greeting_name_differs)));
    EXPECT_EQ(differing.outcomes, same.outcomes);
    EXPECT_EQ(differing.stopped_by, same.stopped_by);
    const auto found =
        std::ranges::find(differing.findings, Code::greeting_name_differs, &probe::Finding::code);
    EXPECT_EQ(found->severity, probe::Severity::notice);
    EXPECT_EQ(differing.own_names.greeting, "a.test");
}

TEST(JudgeOwnNames, ComparesWithTheMxNameWhateverTheCertificateMustSay)
{
    const auto session = session_of(seen::mx1, seen::mx1, seen::mx1);
    const auto verdict = judged(session, seen::mx1, "mail.example.com");
    EXPECT_THAT(seen::codes(verdict.findings), Not(Contains(Code::greeting_name_differs)));
}

TEST(JudgeOwnNames, ComparesAnAddressWithTheReferenceOnly)
{
    const auto session = session_of(seen::mx1, seen::mx1, seen::mx1);
    for (const auto* address : {"192.0.2.1", "2001:db8::1"}) {
        const auto differs = Contains(Code::greeting_name_differs);
        EXPECT_THAT(seen::codes(judged(session, address, std::nullopt).findings), Not(differs));
        EXPECT_THAT(seen::codes(judged(session, address, seen::mx1).findings), Not(differs));
        EXPECT_THAT(seen::codes(judged(session, address, "mail.example.com").findings), differs);
    }
}

} // namespace
