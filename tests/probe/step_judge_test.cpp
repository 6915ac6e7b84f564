#include "observation_builder.hpp"
#include "probe/step_judge.hpp"

#include <gmock/gmock.h>

namespace
{

using namespace std::chrono_literals;
using probe::Finding;
using probe::judge_step;
using seen::answered;
using seen::Code;
using seen::ended;
using seen::errc;
using seen::Severity;
using seen::Stage;

std::optional<Finding> judge_last(const smtp::Session& session)
{
    return judge_step(session.steps.back(), session, seen::mx1);
}

/// A session that ended at a command that was answered with what is no reply.
smtp::Session garbled(Stage stage, std::string line)
{
    auto session = ended(stage, errc::malformed_reply, {}, std::move(line));
    session.steps.back().sent = "NOOP";
    return session;
}

struct Case
{
    smtp::Session session;
    Code code;
    Severity severity;
    std::string message;
};

void expect_all(const std::vector<Case>& cases)
{
    for (const auto& expected : cases) {
        SCOPED_TRACE(expected.message);
        const auto finding = judge_last(expected.session);
        ASSERT_TRUE(finding);
        EXPECT_EQ(finding->code, expected.code);
        EXPECT_EQ(finding->severity, expected.severity);
        EXPECT_EQ(finding->message, expected.message);
    }
}

TEST(StepJudge, AStepThatWentWellIsNoFinding)
{
    const auto session = seen::whole({});
    for (const auto& step : session.steps)
        EXPECT_FALSE(judge_step(step, session, seen::mx1));
}

TEST(StepJudge, QuitNeverGivesAFinding)
{
    for (const auto fault : {errc::timed_out, errc::connection_lost, errc::malformed_reply})
        EXPECT_FALSE(judge_last(ended(Stage::quit, fault)));
    EXPECT_FALSE(judge_last(answered(Stage::quit, 500)));
}

TEST(StepJudge, Connecting)
{
    expect_all({
        {ended(Stage::connect, errc::timed_out), Code::connect_timeout, Severity::warning,
         "mx1.example.com did not answer at 192.0.2.1 port 25 within 1.5 s"},
        {ended(Stage::connect, std::make_error_code(std::errc::connection_refused)), Code::connect_refused,
         Severity::warning, "mx1.example.com refused the connection to 192.0.2.1 port 25"},
        {ended(Stage::connect, std::make_error_code(std::errc::host_unreachable)), Code::connect_unreachable,
         Severity::warning, "mx1.example.com cannot be reached at 192.0.2.1 port 25: No route to host"},
        {ended(Stage::connect, errc::no_route, {}, "Network is unreachable"), Code::connect_local,
         Severity::warning,
         "this machine has no route to mx1.example.com at 192.0.2.1 port 25, or may not send there: Network "
         "is "
         "unreachable"},
        {ended(Stage::connect, errc::no_descriptor, {}, "Too many open files"), Code::connect_local,
         Severity::warning,
         "this machine has no descriptor left to connect to mx1.example.com at 192.0.2.1 port 25: Too many "
         "open files"},
    });
}

TEST(StepJudge, Greeting)
{
    expect_all({
        {answered(Stage::greeting, 421, "try again later"), Code::greeting_deferred, Severity::warning,
         "mx1.example.com greeted with 421: try again later"},
        {answered(Stage::greeting, 450), Code::greeting_deferred, Severity::warning,
         "mx1.example.com greeted with 450: so it is"},
        {answered(Stage::greeting, 554, "go away."), Code::greeting_refused, Severity::warning,
         "mx1.example.com greeted with 554: go away"},
        {answered(Stage::greeting, 250, ""), Code::greeting_malformed, Severity::warning,
         "mx1.example.com greeted with 250"},
        {ended(Stage::greeting, errc::malformed_reply, {}, "SSH-2.0-OpenSSH"), Code::greeting_malformed,
         Severity::warning, "mx1.example.com greeted with what is no SMTP reply: SSH-2.0-OpenSSH"},
        {ended(Stage::greeting, errc::malformed_reply), Code::greeting_malformed, Severity::warning,
         "mx1.example.com greeted with what is no SMTP reply: an empty line"},
        {ended(Stage::greeting, errc::timed_out), Code::greeting_timeout, Severity::warning,
         "mx1.example.com sent no greeting within 1.5 s"},
        {ended(Stage::greeting, errc::connection_lost), Code::connect_closed, Severity::warning,
         "mx1.example.com sent no greeting but closed the connection"},
        {ended(Stage::greeting, errc::line_too_long), Code::reply_too_long, Severity::warning,
         "mx1.example.com greeted with a line above 8192 octets"},
        {ended(Stage::greeting, errc::reply_too_long), Code::reply_too_long, Severity::warning,
         "mx1.example.com greeted with a reply above 65536 octets"},
    });
}

TEST(StepJudge, Ehlo)
{
    expect_all({
        {answered(Stage::ehlo, 502, "what is EHLO?"), Code::ehlo_refused, Severity::warning,
         "mx1.example.com answered EHLO with 502: what is EHLO?"},
        {answered(Stage::ehlo, 421), Code::ehlo_deferred, Severity::warning,
         "mx1.example.com answered EHLO with 421: so it is"},
        {answered(Stage::ehlo, 354), Code::ehlo_malformed, Severity::warning,
         "mx1.example.com answered EHLO with 354: so it is"},
        {garbled(Stage::ehlo, "hello"), Code::ehlo_malformed, Severity::warning,
         "mx1.example.com answered EHLO with what is no SMTP reply: hello"},
        {ended(Stage::ehlo, errc::line_too_long), Code::reply_too_long, Severity::warning,
         "mx1.example.com answered EHLO with a line above 8192 octets"},
        {ended(Stage::ehlo, errc::timed_out), Code::command_timeout, Severity::warning,
         "mx1.example.com did not answer EHLO within 1.5 s"},
        {ended(Stage::ehlo, errc::connection_lost), Code::connection_lost, Severity::warning,
         "mx1.example.com did not answer EHLO but closed the connection"},
    });
}

TEST(StepJudge, HeloAfterARefusedEhlo)
{
    auto refused = seen::step(Stage::helo, 35ms, errc::unexpected_reply);
    refused.reply = seen::reply(550, "no");
    auto deferred = refused;
    deferred.reply = seen::reply(451, "later");
    expect_all({
        {seen::with_helo(refused), Code::ehlo_refused, Severity::warning,
         "mx1.example.com refused EHLO and answered HELO with 550: no"},
        {seen::with_helo(deferred), Code::ehlo_deferred, Severity::warning,
         "mx1.example.com refused EHLO and answered HELO with 451: later"},
    });
}

TEST(StepJudge, StarttlsIsRefusedByAnyReplyButA220)
{
    expect_all({
        {answered(Stage::starttls, 454, "TLS not available"), Code::starttls_refused, Severity::critical,
         "mx1.example.com offered STARTTLS and answered it with 454: TLS not available"},
        {answered(Stage::starttls, 501), Code::starttls_refused, Severity::critical,
         "mx1.example.com offered STARTTLS and answered it with 501: so it is"},
        {answered(Stage::starttls, 250), Code::starttls_refused, Severity::critical,
         "mx1.example.com offered STARTTLS and answered it with 250: so it is"},
        {garbled(Stage::starttls, "?"), Code::ehlo_malformed, Severity::warning,
         "mx1.example.com offered STARTTLS and answered it with what is no SMTP reply: ?"},
    });
}

TEST(StepJudge, WhoHangsUpUnaskedHasRefusedNothing)
{
    const std::string said = "mx1.example.com hung up unasked with 421: 4.3.2 shutting down";
    expect_all({
        {seen::hung_up(Stage::ehlo), Code::ehlo_deferred, Severity::warning, said},
        {seen::hung_up(Stage::starttls), Code::ehlo_deferred, Severity::warning, said},
        {seen::hung_up(Stage::mail_from), Code::mail_from_deferred, Severity::notice, said},
    });
}

TEST(StepJudge, WhoTalksUnaskedHasNotAnsweredTheCommand)
{
    expect_all({
        {ended(Stage::ehlo, errc::malformed_reply, {}, "220 again"), Code::ehlo_malformed, Severity::warning,
         "mx1.example.com went on talking where nothing was asked: 220 again"},
        {ended(Stage::starttls, errc::malformed_reply, {}, "250 again"), Code::ehlo_malformed,
         Severity::warning, "mx1.example.com went on talking where nothing was asked: 250 again"},
    });
}

TEST(StepJudge, StarttlsInjectedOrWithoutAnAnswer)
{
    expect_all({
        {ended(Stage::starttls, errc::plaintext_after_starttls, {}, "250 smuggled"), Code::starttls_injection,
         Severity::critical, "mx1.example.com sent text in clear behind its 220 to STARTTLS: 250 smuggled"},
        {ended(Stage::starttls, errc::timed_out), Code::command_timeout, Severity::warning,
         "mx1.example.com offered STARTTLS and did not answer it within 1.5 s"},
        {ended(Stage::starttls, errc::connection_lost), Code::connection_lost, Severity::warning,
         "mx1.example.com offered STARTTLS and did not answer it but closed the connection"},
    });
}

TEST(StepJudge, Handshake)
{
    expect_all({
        {ended(Stage::handshake, errc::handshake_failed, {}, "alert handshake failure"),
         Code::tls_handshake_failed, Severity::critical,
         "the TLS handshake with mx1.example.com failed: alert handshake failure"},
        {ended(Stage::handshake, errc::timed_out), Code::tls_timeout, Severity::critical,
         "mx1.example.com did not finish the TLS handshake within 1.5 s"},
        {ended(Stage::handshake, errc::not_tls, {}, "454 oops"), Code::tls_not_tls, Severity::critical,
         "mx1.example.com answered the TLS handshake in plaintext: 454 oops"},
        {ended(Stage::handshake, errc::connection_lost), Code::connection_lost, Severity::critical,
         "mx1.example.com did not finish the TLS handshake but closed the connection"},
    });
}

TEST(StepJudge, EhloInsideTls)
{
    expect_all({
        {answered(Stage::ehlo_tls, 550, "no"), Code::ehlo_refused, Severity::warning,
         "mx1.example.com answered EHLO inside TLS with 550: no"},
        {answered(Stage::ehlo_tls, 451, "later"), Code::ehlo_deferred, Severity::warning,
         "mx1.example.com answered EHLO inside TLS with 451: later"},
        {garbled(Stage::ehlo_tls, "?"), Code::ehlo_malformed, Severity::warning,
         "mx1.example.com answered EHLO inside TLS with what is no SMTP reply: ?"},
        {ended(Stage::ehlo_tls, errc::timed_out), Code::command_timeout, Severity::critical,
         "mx1.example.com did not answer EHLO inside TLS within 1.5 s"},
        {ended(Stage::ehlo_tls, errc::handshake_failed, {}, "alert certificate required"),
         Code::tls_handshake_failed, Severity::critical,
         "the TLS handshake with mx1.example.com failed: alert certificate required"},
        {ended(Stage::ehlo_tls, errc::connection_lost), Code::connection_lost, Severity::critical,
         "mx1.example.com did not answer EHLO inside TLS but closed the connection"},
    });
}

TEST(StepJudge, MailFromInsideTls)
{
    expect_all({
        {answered(Stage::mail_from, 550, "who are you?"), Code::mail_from_refused, Severity::warning,
         "mx1.example.com answered MAIL FROM with 550: who are you?"},
        {answered(Stage::mail_from, 451, "greylisted"), Code::mail_from_deferred, Severity::notice,
         "mx1.example.com answered MAIL FROM with 451: greylisted"},
        {garbled(Stage::mail_from, "?"), Code::mail_from_refused, Severity::warning,
         "mx1.example.com answered MAIL FROM with what is no SMTP reply: ?"},
        {ended(Stage::mail_from, errc::timed_out), Code::command_timeout, Severity::warning,
         "mx1.example.com did not answer MAIL FROM within 1.5 s"},
        {ended(Stage::mail_from, errc::connection_lost), Code::connection_lost, Severity::critical,
         "mx1.example.com did not answer MAIL FROM but closed the connection"},
    });
}

TEST(StepJudge, MailFromLostInClearIsAWarning)
{
    auto session = seen::before(Stage::starttls);
    seen::end(session, seen::step(Stage::mail_from, 70ms, errc::connection_lost));
    EXPECT_EQ(judge_last(session)->severity, Severity::warning);
}

TEST(StepJudge, RcptTo)
{
    auto session = seen::before(Stage::quit);
    auto rcpt = seen::step(Stage::rcpt_to, 80ms, errc::unexpected_reply);
    rcpt.reply = seen::reply(550, "no such user");
    auto refused = session;
    seen::end(refused, rcpt);
    rcpt.reply = seen::reply(450, "later");
    auto deferred = session;
    seen::end(deferred, rcpt);
    expect_all({
        {refused, Code::rcpt_refused, Severity::warning,
         "mx1.example.com answered RCPT TO with 550: no such user"},
        {deferred, Code::rcpt_deferred, Severity::notice, "mx1.example.com answered RCPT TO with 450: later"},
    });
}

TEST(StepJudge, TheTextIsWhatTheServerSaid)
{
    EXPECT_EQ(judge_last(answered(Stage::greeting, 421, "try again later."))->text, "421 try again later.");
    EXPECT_EQ(
        judge_last(ended(Stage::greeting, errc::malformed_reply, {}, "HTTP/1.1 400"))->text, "HTTP/1.1 400"
    );
    EXPECT_EQ(judge_last(ended(Stage::handshake, errc::not_tls, {}, "454 oops"))->text, "454 oops");
}

TEST(StepJudge, WhatOpensslOrTheSystemSaysIsNoTextOfTheServer)
{
    EXPECT_EQ(judge_last(ended(Stage::handshake, errc::handshake_failed, {}, "no shared cipher"))->text, "");
    EXPECT_EQ(judge_last(ended(Stage::connect, errc::no_route, {}, "Network is unreachable"))->text, "");
    EXPECT_EQ(judge_last(ended(Stage::ehlo, errc::timed_out))->text, "");
}

TEST(StepJudge, ALongSpeechIsCutInTheMessageAndWholeInTheText)
{
    const std::string speech(2000, 'x');
    const auto finding = judge_last(answered(Stage::greeting, 554, speech));
    EXPECT_LT(finding->message.size(), 300u);
    EXPECT_THAT(finding->message, testing::EndsWith("xxx..."));
    EXPECT_EQ(finding->text, "554 " + speech);
}

TEST(StepJudge, LinesOfAReplyAreOneSentence)
{
    auto session = answered(Stage::greeting, 554);
    session.steps.back().reply->lines = {"no", "really, no."};
    EXPECT_EQ(judge_last(session)->message, "mx1.example.com greeted with 554: no really, no");
}

} // namespace
