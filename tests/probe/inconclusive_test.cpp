// Every state in which nothing could be seen of TLS: none of them may be told, or counted, as missing TLS.
#include "observation_builder.hpp"
#include "probe/endpoint_judge.hpp"

#include <gmock/gmock.h>

#include <set>

namespace
{

using namespace std::chrono_literals;
using probe::Offer;
using probe::Outcome;
using seen::answered;
using seen::Code;
using seen::codes;
using seen::ended;
using seen::errc;
using seen::Severity;
using seen::Stage;
using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

struct State
{
    std::string what;
    smtp::Session session;
    Code code;
    std::string message; // how the sentence goes on behind the host
    std::string words;   // the server's own; empty where it had none
};

smtp::Session with_helo(int ehlo, std::error_code fault, std::optional<smtp::Reply> said = {})
{
    auto helo = seen::step(Stage::helo, 1500ms, fault);
    helo.reply = std::move(said);
    return seen::with_helo(std::move(helo), ehlo);
}

smtp::Session system_says(std::errc fault)
{
    return ended(Stage::connect, std::make_error_code(fault));
}

smtp::Session over_ipv6(smtp::Session session)
{
    session.peer.address(asio::ip::make_address("2001:db8::1"));
    return session;
}

smtp::Session garbled(Stage stage, std::string line)
{
    auto session = ended(stage, errc::malformed_reply, {}, std::move(line));
    session.steps.back().sent = "NOOP";
    return session;
}

/// This machine's own: nobody else's fault, and left out of the factor.
const std::vector<State> ours{
    {"port 25 is blocked by a rule (EACCES)", ended(Stage::connect, errc::no_route, {}, "Permission denied"),
     Code::connect_local, "at 192.0.2.1 port 25, or may not send there: Permission denied", ""},
    {"port 25 is blocked by a rule (EPERM)",
     ended(Stage::connect, errc::no_route, {}, "Operation not permitted"), Code::connect_local,
     "at 192.0.2.1 port 25, or may not send there: Operation not permitted", ""},
    {"no way out (ENETUNREACH)", ended(Stage::connect, errc::no_route, {}, "Network is unreachable"),
     Code::connect_local, "at 192.0.2.1 port 25, or may not send there: Network is unreachable", ""},
    {"no IPv6", over_ipv6(ended(Stage::connect, errc::no_route, {}, "Network is unreachable")),
     Code::connect_local, "at 2001:db8::1 port 25, or may not send there: Network is unreachable", ""},
    {"no address of that family", over_ipv6(ended(Stage::connect, errc::no_route, {}, "Cannot assign it")),
     Code::connect_local, "at 2001:db8::1 port 25, or may not send there: Cannot assign it", ""},
};

const std::vector<State> theirs{
    {"refused", system_says(std::errc::connection_refused), Code::connect_refused,
     "refused the connection to 192.0.2.1 port 25", ""},
    {"unreachable", system_says(std::errc::host_unreachable), Code::connect_unreachable,
     "cannot be reached at 192.0.2.1 port 25: No route to host", ""},
    {"no connection", ended(Stage::connect, errc::timed_out), Code::connect_timeout,
     "did not answer at 192.0.2.1 port 25 within 1.5 s", ""},

    {"lost before a greeting", ended(Stage::greeting, errc::connection_lost), Code::connect_closed,
     "sent no greeting but closed the connection", ""},
    {"slow or silent", ended(Stage::greeting, errc::timed_out), Code::greeting_timeout,
     "sent no greeting within 1.5 s", ""},
    {"greeted with 421", answered(Stage::greeting, 421, "4.3.2 shutting down"), Code::greeting_deferred,
     "greeted with 421: 4.3.2 shutting down", "421 4.3.2 shutting down"},
    {"greeted with 450", answered(Stage::greeting, 450, "4.7.1 try again later"), Code::greeting_deferred,
     "greeted with 450: 4.7.1 try again later", "450 4.7.1 try again later"},
    {"limited at the greeting", answered(Stage::greeting, 451, "4.7.1 too many connections"),
     Code::greeting_deferred, "greeted with 451: 4.7.1 too many connections",
     "451 4.7.1 too many connections"},
    {"dropped by postscreen", answered(Stage::greeting, 521, "5.7.0 client blocked"), Code::greeting_refused,
     "greeted with 521: 5.7.0 client blocked", "521 5.7.0 client blocked"},
    {"limited at the greeting as if for good", answered(Stage::greeting, 554, "too many connections"),
     Code::greeting_refused, "greeted with 554: too many connections", "554 too many connections"},
    {"not SMTP", ended(Stage::greeting, errc::malformed_reply, {}, "SSH-2.0-OpenSSH"),
     Code::greeting_malformed, "greeted with what is no SMTP reply: SSH-2.0-OpenSSH", "SSH-2.0-OpenSSH"},
    {"an endless greeting", ended(Stage::greeting, errc::reply_too_long), Code::reply_too_long,
     "greeted with a reply above 65536 octets", ""},

    {"lost at EHLO", ended(Stage::ehlo, errc::connection_lost), Code::connection_lost,
     "did not answer EHLO but closed the connection", ""},
    {"silent at EHLO", ended(Stage::ehlo, errc::timed_out), Code::command_timeout,
     "did not answer EHLO within 1.5 s", ""},
    {"421 at EHLO, or inside the reply to it", answered(Stage::ehlo, 421, "4.3.2 shutting down"),
     Code::ehlo_deferred, "answered EHLO with 421: 4.3.2 shutting down", "421 4.3.2 shutting down"},
    {"limited at EHLO", answered(Stage::ehlo, 451, "4.7.1 too many connections"), Code::ehlo_deferred,
     "answered EHLO with 451: 4.7.1 too many connections", "451 4.7.1 too many connections"},
    {"limited at EHLO as if for good, but not at HELO", seen::helo_only(554), Code::ehlo_refused,
     "answered EHLO with 554: what is EHLO?", "554 what is EHLO?"},
    {"limited at EHLO and at HELO",
     with_helo(550, errc::unexpected_reply, seen::reply(550, "too many connections")), Code::ehlo_refused,
     "refused EHLO and answered HELO with 550: too many connections", "550 too many connections"},
    {"limited at HELO", with_helo(502, errc::unexpected_reply, seen::reply(421, "too many connections")),
     Code::ehlo_deferred, "refused EHLO and answered HELO with 421: too many connections",
     "421 too many connections"},
    {"lost at HELO", with_helo(502, errc::connection_lost), Code::connection_lost,
     "refused EHLO and did not answer HELO but closed the connection", ""},
    {"silent at HELO", with_helo(502, errc::timed_out), Code::command_timeout,
     "refused EHLO and did not answer HELO within 1.5 s", ""},
    {"an answer to EHLO that is none", garbled(Stage::ehlo, "250STARTTLS"), Code::ehlo_malformed,
     "answered EHLO with what is no SMTP reply: 250STARTTLS", "250STARTTLS"},
    {"an endless answer to EHLO", ended(Stage::ehlo, errc::reply_too_long), Code::reply_too_long,
     "answered EHLO with a reply above 65536 octets", ""},
    {"masked", seen::masked(), Code::starttls_masked, "wrote X's over STARTTLS in its EHLO reply", ""},

    {"lost at STARTTLS", ended(Stage::starttls, errc::connection_lost), Code::connection_lost,
     "offered STARTTLS and did not answer it but closed the connection", ""},
    {"silent at STARTTLS", ended(Stage::starttls, errc::timed_out), Code::command_timeout,
     "offered STARTTLS and did not answer it within 1.5 s", ""},
    {"250 before STARTTLS", ended(Stage::starttls, errc::malformed_reply, {}, "250 again"),
     Code::ehlo_malformed, "went on talking where nothing was asked: 250 again", "250 again"},
    {"421 before STARTTLS", seen::hung_up(Stage::starttls), Code::ehlo_deferred,
     "hung up unasked with 421: 4.3.2 shutting down", "421 4.3.2 shutting down"},
    {"an answer to STARTTLS that is none", garbled(Stage::starttls, "go ahead"), Code::ehlo_malformed,
     "offered STARTTLS and answered it with what is no SMTP reply: go ahead", "go ahead"},
    {"an endless answer to STARTTLS", ended(Stage::starttls, errc::line_too_long), Code::reply_too_long,
     "offered STARTTLS and answered it with a line above 8192 octets", ""},
};

bool speaks_of_tls(Code code)
{
    return (Code::starttls_not_supported <= code && code <= Code::starttls_injection) ||
           (Code::tls_handshake_failed <= code && code <= Code::tls_not_tls);
}

const probe::EndpointVerdict& only_endpoint(const probe::Verdict& verdict)
{
    return verdict.hosts.front().endpoints.front();
}

/// Under each setting of a sender's; of DANE and MTA-STS nothing is published here.
probe::Outcomes deferred_by_all()
{
    probe::Outcomes outcomes{};
    outcomes.fill(Outcome::deferred);
    for (const auto published : {probe::Policy::dane, probe::Policy::mta_sts})
        outcomes[static_cast<std::size_t>(published)] = Outcome::not_applicable;
    return outcomes;
}

void expect_nothing_said_of_tls(const probe::Verdict& verdict)
{
    const auto& endpoint = only_endpoint(verdict);
    EXPECT_EQ(endpoint.offer, Offer::unknown);
    EXPECT_FALSE(endpoint.judged);
    EXPECT_EQ(endpoint.outcomes, deferred_by_all());
    EXPECT_EQ(verdict.outcomes, deferred_by_all());
    for (const auto& finding : endpoint.findings) {
        EXPECT_FALSE(speaks_of_tls(finding.code)) << name(finding.code);
        EXPECT_EQ(finding.severity, Severity::warning) << name(finding.code);
    }
}

void expect_told(const State& state, const probe::EndpointVerdict& endpoint)
{
    EXPECT_THAT(codes(endpoint.findings), Contains(state.code));
    const auto tells = [&](const probe::Finding& finding) {
        return finding.code == state.code && finding.message.ends_with(state.message) &&
               finding.message.find(seen::mx1) != std::string::npos && finding.text == state.words;
    };
    EXPECT_EQ(std::ranges::count_if(endpoint.findings, tells), 1)
        << endpoint.findings.back().message << " / " << endpoint.findings.back().text;
}

TEST(Inconclusive, WhatOthersDoCountsFiftyAndIsDeferred)
{
    for (const auto& state : theirs) {
        SCOPED_TRACE(state.what);
        const auto verdict = seen::judged(seen::domain_with(state.session));
        expect_nothing_said_of_tls(verdict);
        expect_told(state, only_endpoint(verdict));
        EXPECT_EQ(verdict.confidence.factor, 50);
        ASSERT_EQ(verdict.confidence.reasons.size(), 1U);
        EXPECT_EQ(verdict.confidence.reasons.front().points, -50);
        EXPECT_FALSE(speaks_of_tls(verdict.confidence.reasons.front().code));
    }
}

TEST(Inconclusive, WhatThisMachineCannotIsLeftOut)
{
    for (const auto& state : ours) {
        SCOPED_TRACE(state.what);
        const auto verdict = seen::judged(seen::domain_with(state.session));
        expect_nothing_said_of_tls(verdict);
        expect_told(state, only_endpoint(verdict));
        EXPECT_FALSE(only_endpoint(verdict).counted);
        EXPECT_EQ(verdict.confidence.factor, std::nullopt);
        EXPECT_EQ(verdict.status, probe::Status::unknown);
    }
}

TEST(Inconclusive, IsUnknownWhereSomebodyAnsweredAndCriticalWhereNobodyDid)
{
    for (const auto& state : theirs) {
        const auto verdict = seen::judged(seen::domain_with(state.session));
        const bool reached = probe::answered(only_endpoint(verdict));
        EXPECT_EQ(verdict.status, reached ? probe::Status::unknown : probe::Status::critical) << state.what;
    }
}

TEST(Inconclusive, HasASentenceOfItsOwnForEachState)
{
    std::set<std::string> sentences;
    for (const auto* const states : {&ours, &theirs}) {
        for (const auto& state : *states) {
            const auto verdict = seen::judged(seen::domain_with(state.session));
            const auto& last = only_endpoint(verdict).findings.back();
            EXPECT_TRUE(sentences.insert(last.message).second) << state.what << ": " << last.message;
        }
    }
}

TEST(Inconclusive, IsNoReasonAgainstAHostThatAnsweredElsewhere)
{
    const auto good = seen::whole(seen::chain_for(seen::mx1));
    for (const auto& state : ours) {
        const auto verdict =
            seen::judged(seen::domain(probe::Route::mx, {seen::host(seen::mx1, 10, {state.session, good})}));
        EXPECT_EQ(verdict.confidence.factor, 100) << state.what;
        EXPECT_THAT(verdict.outcomes, Not(Contains(Outcome::deferred))) << state.what;
    }
}

TEST(Inconclusive, ALimitAtMailFromLeavesTlsAsItWas)
{
    const std::string words = "4.7.1 too many messages from your host";
    for (const int code : {421, 450, 451, 554}) {
        SCOPED_TRACE(code);
        auto session = seen::before(Stage::mail_from, seen::chain_for(seen::mx1));
        auto last = seen::step(Stage::mail_from, 70ms, errc::unexpected_reply);
        last.reply = seen::reply(code, words);
        const auto verdict = seen::judged(seen::domain_with(seen::end(session, last)));

        const auto& endpoint = only_endpoint(verdict);
        EXPECT_EQ(endpoint.offer, Offer::verified);
        EXPECT_EQ(verdict.confidence.factor, 100);
        EXPECT_THAT(verdict.outcomes, Not(Contains(AnyOf(Outcome::deferred, Outcome::not_sent))));
        const auto refused = code < 500 ? Code::mail_from_deferred : Code::mail_from_refused;
        ASSERT_THAT(codes(endpoint.findings), Contains(refused));
        EXPECT_THAT(endpoint.findings.back().message, HasSubstr(words));
    }
}

} // namespace
