#include "observation_builder.hpp"
#include "probe/endpoint_judge.hpp"

#include <gmock/gmock.h>

namespace
{

using namespace std::chrono_literals;
using probe::all_policies;
using probe::Column;
using probe::EndpointVerdict;
using probe::Offer;
using probe::Result;
using seen::answered;
using seen::before;
using seen::Code;
using seen::codes;
using seen::ended;
using seen::errc;
using seen::Stage;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

/// With a chain, the roots are there; without one, nobody may ask for them.
EndpointVerdict judged(const smtp::Session& session, const std::optional<std::string>& reference = seen::mx1)
{
    const bool chain = session.tls && !session.tls->chain.empty();
    return judge_endpoint(
        {session}, seen::mx1, reference, seen::criteria(), chain ? seen::trust : seen::nobody
    );
}

/// The columns from Answer to From, a letter each: o(k), f(ail), "-".
std::string row(const EndpointVerdict& verdict)
{
    std::string letters;
    for (const auto& stage : verdict.stages)
        letters += stage.result == Result::ok ? 'o' : stage.result == Result::fail ? 'f' : '-';
    return letters.substr(0, 7);
}

smtp::Session helo_refused()
{
    auto helo = seen::step(Stage::helo, 35ms, errc::unexpected_reply);
    helo.reply = seen::reply(550);
    return seen::with_helo(helo);
}

struct Case
{
    std::string what;
    smtp::Session session;
    std::string stages;
    Offer offer;
    std::optional<Code> stopped_by;
};

void expect_all(const std::vector<Case>& cases)
{
    for (const auto& expected : cases) {
        SCOPED_TRACE(expected.what);
        const auto verdict = judged(expected.session);
        EXPECT_EQ(row(verdict), expected.stages);
        EXPECT_EQ(verdict.offer, expected.offer);
        EXPECT_EQ(verdict.stopped_by, expected.stopped_by);
        EXPECT_EQ(verdict.judged, expected.offer != Offer::unknown);
        if (expected.stopped_by) {
            EXPECT_THAT(codes(verdict.findings), Contains(*expected.stopped_by));
        }
        for (const auto policy : all_policies)
            EXPECT_EQ(
                verdict.outcomes[static_cast<std::size_t>(policy)], outcome(policy, expected.offer, {})
            );
    }
}

TEST(EndpointJudge, ASessionThatWentWell)
{
    const auto verdict = judged(seen::whole(seen::chain_for(seen::mx1)));
    EXPECT_EQ(row(verdict), "ooooooo");
    EXPECT_EQ(verdict.offer, Offer::verified);
    EXPECT_TRUE(verdict.judged);
    EXPECT_THAT(verdict.findings, IsEmpty());
    ASSERT_TRUE(verdict.chain);
    EXPECT_TRUE(verdict.chain->cert_ok);
    EXPECT_EQ(verdict.identity.matched, seen::mx1);
}

TEST(EndpointJudge, ASessionThatWasHeldForAnotherTargetSaysSo)
{
    const auto session = seen::in_clear();
    probe::Endpoint shared{session};
    shared.shared = true;
    EXPECT_TRUE(judge_endpoint(shared, seen::mx1, seen::mx1, seen::criteria(), seen::nobody).shared);
    EXPECT_FALSE(judged(session).shared);
}

TEST(EndpointJudge, TimesAreThoseOfTheContract)
{
    const auto verdict = judged(seen::whole(seen::chain_for(seen::mx1)));
    EXPECT_EQ(verdict.at(Column::answer).took, 10ms);
    EXPECT_EQ(verdict.at(Column::connect).took, 20ms);
    EXPECT_EQ(verdict.at(Column::helo).took, 30ms);
    EXPECT_EQ(verdict.at(Column::tls).took, 40ms);
    EXPECT_TRUE(verdict.at(Column::cert).took);
    EXPECT_EQ(verdict.at(Column::secure).took, 110ms) << "handshake and second EHLO";
    EXPECT_EQ(verdict.at(Column::from).took, 70ms);
    EXPECT_EQ(verdict.at(Column::to).result, Result::skip);
    EXPECT_EQ(verdict.at(Column::to).took, std::nullopt);
}

TEST(EndpointJudge, StoppedBeforeAnythingCouldBeSaidOfTls)
{
    expect_all({
        {"refused", ended(Stage::connect, std::make_error_code(std::errc::connection_refused)), "f------",
         Offer::unknown, Code::connect_refused},
        {"no route", ended(Stage::connect, errc::no_route), "f------", Offer::unknown, Code::connect_local},
        {"greeted 421", answered(Stage::greeting, 421), "of-----", Offer::unknown, Code::greeting_deferred},
        {"greeted 554", answered(Stage::greeting, 554), "of-----", Offer::unknown, Code::greeting_refused},
        {"silent", ended(Stage::greeting, errc::timed_out), "of-----", Offer::unknown,
         Code::greeting_timeout},
        {"EHLO deferred", answered(Stage::ehlo, 451), "oof----", Offer::unknown, Code::ehlo_deferred},
        {"EHLO lost", ended(Stage::ehlo, errc::connection_lost), "oof----", Offer::unknown,
         Code::connection_lost},
        {"HELO refused too", helo_refused(), "oof----", Offer::unknown, Code::ehlo_refused},
        {"EHLO refused to us, HELO not", seen::helo_only(554), "ooo---o", Offer::unknown, Code::ehlo_refused},
        {"STARTTLS timed out", ended(Stage::starttls, errc::timed_out), "ooof---", Offer::unknown,
         Code::command_timeout},
        {"STARTTLS lost", ended(Stage::starttls, errc::connection_lost), "ooof---", Offer::unknown,
         Code::connection_lost},
        {"STARTTLS too long", ended(Stage::starttls, errc::reply_too_long), "ooof---", Offer::unknown,
         Code::reply_too_long},
        {"STARTTLS garbled", ended(Stage::starttls, errc::malformed_reply), "ooof---", Offer::unknown,
         Code::ehlo_malformed},
        {"masked", seen::masked(), "ooof--o", Offer::unknown, Code::starttls_masked},
    });
}

TEST(EndpointJudge, AnExcludedAddressHasNothingButTheRule)
{
    const auto verdict =
        judge_endpoint(seen::excluded_endpoint(), seen::mx1, seen::mx1, seen::criteria(), seen::nobody);
    EXPECT_EQ(row(verdict), "-------");
    EXPECT_EQ(verdict.offer, Offer::unknown);
    EXPECT_EQ(verdict.stopped_by, Code::excluded);
    EXPECT_FALSE(verdict.judged);
    EXPECT_EQ(verdict.identity.reference, seen::mx1);
    for (const auto outcome : verdict.outcomes)
        EXPECT_EQ(outcome, probe::Outcome::not_applicable);
    ASSERT_THAT(codes(verdict.findings), ElementsAre(Code::excluded));
    EXPECT_EQ(verdict.findings[0].severity, probe::Severity::notice);
    EXPECT_EQ(verdict.findings[0].message, "192.0.2.1 was not contacted: --exclude has \"192.0.2.0/24\"");
}

TEST(EndpointJudge, WithoutTls)
{
    expect_all({
        {"not offered", seen::in_clear(), "ooof--o", Offer::plain, Code::starttls_not_supported},
        {"HELO only", seen::helo_only(), "ooof--o", Offer::plain, Code::starttls_not_supported},
        {"refused", answered(Stage::starttls, 454), "ooof---", Offer::plain, Code::starttls_refused},
        {"answered 250", answered(Stage::starttls, 250), "ooof---", Offer::plain, Code::starttls_refused},
    });
}

TEST(EndpointJudge, TlsThatBreaksBehindThe220)
{
    expect_all({
        {"injected", ended(Stage::starttls, errc::plaintext_after_starttls), "oooo-f-", Offer::broken,
         Code::starttls_injection},
        {"handshake failed", ended(Stage::handshake, errc::handshake_failed), "oooo-f-", Offer::broken,
         Code::tls_handshake_failed},
        {"handshake timed out", ended(Stage::handshake, errc::timed_out), "oooo-f-", Offer::broken,
         Code::tls_timeout},
        {"not TLS", ended(Stage::handshake, errc::not_tls), "oooo-f-", Offer::broken, Code::tls_not_tls},
        {"lost", ended(Stage::handshake, errc::connection_lost), "oooo-f-", Offer::broken,
         Code::connection_lost},
        {"EHLO inside refused", answered(Stage::ehlo_tls, 550), "ooooff-", Offer::broken, Code::ehlo_refused},
        {"EHLO inside timed out", ended(Stage::ehlo_tls, errc::timed_out), "ooooff-", Offer::broken,
         Code::command_timeout},
        {"EHLO inside lost", ended(Stage::ehlo_tls, errc::connection_lost), "ooooff-", Offer::broken,
         Code::connection_lost},
    });
}

TEST(EndpointJudge, WhatComesOfMailFromDoesNotChangeWhatIsOffered)
{
    expect_all({
        {"refused", answered(Stage::mail_from, 550), "oooofof", Offer::unverified, std::nullopt},
        {"deferred", answered(Stage::mail_from, 450), "oooofof", Offer::unverified, std::nullopt},
        {"lost", ended(Stage::mail_from, errc::connection_lost), "oooofof", Offer::unverified, std::nullopt},
    });
}

TEST(EndpointJudge, AnAbandonedSessionIsSkippedFromWhereItWas)
{
    expect_all({
        {"connecting", before(Stage::connect), "-------", Offer::unknown, std::nullopt},
        {"waiting for the greeting", before(Stage::greeting), "o------", Offer::unknown, std::nullopt},
        {"EHLO", before(Stage::ehlo), "oo-----", Offer::unknown, std::nullopt},
        {"STARTTLS", before(Stage::starttls), "ooo----", Offer::unknown, std::nullopt},
        {"handshake", before(Stage::handshake), "oooo---", Offer::unknown, std::nullopt},
        {"EHLO inside TLS", before(Stage::ehlo_tls), "oooof--", Offer::unknown, std::nullopt},
        {"MAIL FROM", before(Stage::mail_from), "oooofo-", Offer::unverified, std::nullopt},
    });
}

TEST(EndpointJudge, NothingIsFoundInTheStepUnderWay)
{
    for (const auto stage : {Stage::connect, Stage::greeting, Stage::ehlo, Stage::starttls, Stage::handshake})
        EXPECT_THAT(judged(before(stage)).findings, IsEmpty()) << phrase(stage);
}

TEST(EndpointJudge, HeloOnlyIsToldBesideTheLackOfStarttls)
{
    const auto verdict = judged(seen::helo_only());
    EXPECT_THAT(codes(verdict.findings), ElementsAre(Code::ehlo_refused, Code::starttls_not_supported));
    EXPECT_EQ(verdict.findings.back().message, "mx1.example.com does not offer STARTTLS");
    EXPECT_EQ(verdict.findings.back().severity, seen::Severity::critical);
    EXPECT_EQ(verdict.at(Column::helo).took, 35ms);
}

TEST(EndpointJudge, HeloIsNoLackOfStarttlsWhereEhloWasRefusedForOtherReasons)
{
    for (const int code : {521, 550, 552, 554})
        EXPECT_THAT(codes(judged(seen::helo_only(code)).findings), ElementsAre(Code::ehlo_refused)) << code;
    for (const int code : {500, 501, 502, 504})
        EXPECT_EQ(judged(seen::helo_only(code)).offer, Offer::plain) << code;
}

TEST(EndpointJudge, MaskedStarttlsIsNotReportedAsMissing)
{
    const auto verdict = judged(seen::masked());
    ASSERT_THAT(codes(verdict.findings), ElementsAre(Code::starttls_masked));
    EXPECT_EQ(
        verdict.findings.front().message,
        "something on the way to mx1.example.com wrote X's over STARTTLS in its EHLO reply"
    );
}

TEST(EndpointJudge, WhatKeptTheProbeFromJudgingIsNeverReportedAsMissingTls)
{
    for (const auto& session :
         {answered(Stage::greeting, 421), answered(Stage::greeting, 554),
          ended(Stage::greeting, errc::timed_out), answered(Stage::ehlo, 421),
          ended(Stage::ehlo, errc::connection_lost), ended(Stage::starttls, errc::timed_out),
          ended(Stage::starttls, errc::connection_lost), ended(Stage::starttls, errc::malformed_reply)}) {
        const auto found = codes(judged(session).findings);
        EXPECT_THAT(found, Not(Contains(Code::starttls_not_supported)));
        EXPECT_THAT(found, Not(Contains(Code::starttls_refused)));
    }
}

TEST(EndpointJudge, StarttlsOfferedAgainInsideTls)
{
    auto session = seen::whole(seen::chain_for(seen::mx1));
    session.offered_inside_tls->starttls = true;
    const auto verdict = judged(session);
    EXPECT_THAT(codes(verdict.findings), ElementsAre(Code::starttls_repeated));
    EXPECT_EQ(verdict.offer, Offer::verified);
}

TEST(EndpointJudge, AFailedCertStopsNothing)
{
    const auto verdict = judged(seen::whole(seen::chain_for("mail.example.net")));
    EXPECT_EQ(row(verdict), "oooofoo");
    EXPECT_EQ(verdict.offer, Offer::unverified);
    EXPECT_EQ(verdict.stopped_by, std::nullopt);
    EXPECT_THAT(codes(verdict.findings), ElementsAre(Code::certificate_host_mismatch));
    EXPECT_EQ(verdict.identity.reference, seen::mx1);
    EXPECT_EQ(verdict.identity.matched, std::nullopt);
}

TEST(EndpointJudge, AServerWithoutCertificateIsNotTrusted)
{
    auto session = seen::whole({});
    session.tls->cipher = "ADH-AES256-GCM-SHA384";
    const auto verdict = judged(session);
    EXPECT_EQ(row(verdict), "oooofoo");
    ASSERT_THAT(codes(verdict.findings), ElementsAre(Code::cipher_weak, Code::certificate_not_trusted));
    EXPECT_EQ(verdict.findings.back().message, "the server sent no certificate");
    EXPECT_EQ(verdict.identity.reference, seen::mx1);
}

TEST(EndpointJudge, TheReferenceIsKnownAlsoWithoutAHandshake)
{
    EXPECT_EQ(judged(answered(Stage::greeting, 421)).identity.reference, seen::mx1);
    EXPECT_EQ(judged(answered(Stage::greeting, 421), std::nullopt).identity.reference, std::nullopt);
}

TEST(EndpointJudge, CertIsJudgedWheneverAHandshakeFinished)
{
    const auto chain = seen::chain_for(seen::mx1);
    auto refused = before(Stage::ehlo_tls, chain);
    seen::end(refused, seen::step(Stage::ehlo_tls, 60ms, errc::connection_lost));
    const auto verdict = judged(refused);
    EXPECT_EQ(verdict.at(Column::cert).result, Result::ok);
    EXPECT_EQ(verdict.offer, Offer::broken) << "a good certificate does not mend it";
}

TEST(EndpointJudge, ACertificateThatExpiredSinceItsSessionMayHaveBeenRenewed)
{
    const pki::Recipe brief{.common_name = seen::mx1, .names = {"DNS:" + seen::mx1}, .until = 1h};
    auto session = seen::whole({pki::issue(brief, &seen::root(), seen::noon).certificate});
    session.started = seen::noon + 30min;
    auto criteria = seen::criteria();
    const auto codes_at = [&](std::chrono::seconds later) {
        criteria.moment = seen::noon + later;
        return codes(judge_endpoint({session}, seen::mx1, seen::mx1, criteria, seen::trust).findings);
    };
    EXPECT_THAT(codes_at(2h), Contains(Code::certificate_expired)) << "the moment was given";
    criteria.moment_is_now = true;
    EXPECT_THAT(codes_at(2h), ElementsAre(Code::certificate_expires_soon));
    EXPECT_THAT(codes_at(45min), ElementsAre(Code::certificate_expires_soon));
    EXPECT_EQ(moment_for(session, criteria), criteria.moment) << "nothing has expired";
    session.started = seen::noon + 90min;
    EXPECT_THAT(codes_at(2h), Contains(Code::certificate_expired)) << "it had expired by then";
}

TEST(EndpointJudge, FindingsAreToldTheMostBasicFirst)
{
    auto session = before(Stage::mail_from, seen::chain_for("mail.example.net"));
    session.tls->version = "TLSv1.0";
    session.offered_inside_tls->starttls = true;
    auto refused = seen::step(Stage::mail_from, 70ms, errc::unexpected_reply);
    refused.reply = seen::reply(550);
    seen::end(session, refused);
    EXPECT_THAT(
        codes(judged(session).findings), ElementsAre(
                                             Code::starttls_repeated, Code::tls_version_weak,
                                             Code::certificate_host_mismatch, Code::mail_from_refused
                                         )
    );
}

TEST(EndpointJudge, RcptToFillsItsColumn)
{
    auto session = before(Stage::quit, seen::chain_for(seen::mx1));
    auto rcpt = seen::step(Stage::rcpt_to, 80ms, errc::unexpected_reply);
    rcpt.reply = seen::reply(550);
    seen::end(session, rcpt);
    const auto verdict = judged(session);
    EXPECT_EQ(verdict.at(Column::to).result, Result::fail);
    EXPECT_EQ(verdict.at(Column::to).took, 80ms);
    EXPECT_EQ(verdict.offer, Offer::verified);
}

TEST(EndpointJudge, AnsweredMeansThatTheConnectionOpened)
{
    EXPECT_FALSE(answered(judged(ended(Stage::connect, errc::timed_out))));
    EXPECT_FALSE(answered(judged(before(Stage::connect))));
    EXPECT_TRUE(answered(judged(ended(Stage::greeting, errc::connection_lost))));
}

} // namespace
