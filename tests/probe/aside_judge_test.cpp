#include "probe/aside_judge.hpp"

#include "probe/endpoint_judge.hpp"
#include "tests/probe/observation_builder.hpp"

#include <gmock/gmock.h>

namespace
{

using namespace seen;
using probe::KeyState;
using probe::Plaintext;
using smtp::KeyType;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<smtp::Certificate> rsa_chain(std::chrono::seconds until = 24h * 90)
{
    static const auto key = pki::make_key(pki::Algorithm::rsa_2048);
    pki::Recipe recipe{.common_name = mx1, .names = {"DNS:" + mx1}, .from = -24h * 100, .until = until};
    return {pki::issue(recipe, &root(), noon, key).certificate};
}

probe::EndpointVerdict judged_with(probe::Endpoint endpoint)
{
    return probe::judge_endpoint(std::move(endpoint), mx1, mx1, criteria(), trust);
}

probe::EndpointVerdict judged_with_rsa(smtp::Session session)
{
    probe::Endpoint endpoint{whole(chain_for(mx1))};
    endpoint.other_keys.push_back({KeyType::rsa, std::move(session)});
    return judged_with(std::move(endpoint));
}

std::optional<KeyState> state(const probe::EndpointVerdict& verdict, KeyType type)
{
    return verdict.key_states[static_cast<std::size_t>(type)];
}

TEST(KeyTypes, AreNotKnownUnasked)
{
    const auto verdict = judged_with({whole(chain_for(mx1))});
    EXPECT_EQ(state(verdict, KeyType::ecdsa), std::nullopt);
    EXPECT_EQ(state(verdict, KeyType::rsa), std::nullopt);
    EXPECT_THAT(verdict.other_keys, IsEmpty());
}

TEST(KeyTypes, BothCertificatesAreJudged)
{
    const auto verdict = judged_with_rsa(whole(rsa_chain()));
    EXPECT_EQ(state(verdict, KeyType::ecdsa), KeyState::ok);
    EXPECT_EQ(state(verdict, KeyType::rsa), KeyState::ok);
    EXPECT_THAT(verdict.findings, IsEmpty());
}

TEST(KeyTypes, AFaultOfTheOtherIsToldAsItsOwn)
{
    const auto verdict = judged_with_rsa(whole(rsa_chain(-24h)));
    EXPECT_EQ(state(verdict, KeyType::ecdsa), KeyState::ok);
    EXPECT_EQ(state(verdict, KeyType::rsa), KeyState::fail);
    EXPECT_EQ(codes(verdict.findings), std::vector{Code::certificate_expired});
    EXPECT_THAT(verdict.findings.at(0).message, HasSubstr("with its RSA certificate: "));
    EXPECT_EQ(verdict.offer, probe::Offer::verified) << "what a sender meets first is good";
    EXPECT_EQ(verdict.at(probe::Column::cert).result, probe::Result::ok);
}

smtp::Session alerted(std::optional<int> alert)
{
    auto session = ended(Stage::handshake, errc::handshake_failed);
    session.steps.back().alert = alert;
    return session;
}

TEST(KeyTypes, AnAlertThatNothingSuitsSaysThatThereIsNoOther)
{
    for (const int alert : {40, 71}) {
        const auto verdict = judged_with_rsa(alerted(alert));
        EXPECT_EQ(state(verdict, KeyType::rsa), KeyState::none);
        EXPECT_THAT(verdict.findings, IsEmpty());
    }
}

TEST(KeyTypes, WhateverElseHappenedProvesNothing)
{
    for (const auto& session :
         {answered(Stage::greeting, 421), ended(Stage::handshake, errc::timed_out),
          ended(Stage::handshake, errc::connection_lost), alerted(80), alerted({}), before(Stage::connect)}) {
        const auto verdict = judged_with_rsa(session);
        EXPECT_EQ(state(verdict, KeyType::rsa), std::nullopt);
        EXPECT_THAT(verdict.findings, IsEmpty());
    }
}

std::optional<Plaintext> plaintext(const smtp::Session& in_clear)
{
    probe::Endpoint endpoint{whole(chain_for(mx1))};
    endpoint.in_clear = in_clear;
    return judged_with(std::move(endpoint)).plaintext;
}

/// STARTTLS is offered and left alone; MAIL FROM in clear gets this.
smtp::Session left_alone(std::optional<int> refused, std::string text = "so it is")
{
    auto session = before(Stage::starttls);
    auto mail =
        step(Stage::mail_from, 70ms, refused ? std::error_code(errc::unexpected_reply) : std::error_code());
    mail.reply = reply(refused.value_or(250), std::move(text));
    return end(session, std::move(mail));
}

TEST(Plaintext, AcceptedIsANotice)
{
    probe::Endpoint endpoint{whole(chain_for(mx1))};
    endpoint.in_clear = left_alone({});
    const auto verdict = judged_with(std::move(endpoint));
    EXPECT_EQ(verdict.plaintext, Plaintext::accepted);
    ASSERT_EQ(codes(verdict.findings), std::vector{Code::plaintext_accepted});
    EXPECT_EQ(verdict.findings.at(0).severity, Severity::notice);
    EXPECT_THAT(verdict.findings.at(0).message, HasSubstr(mx1));
}

TEST(Plaintext, IsRefusedWhereTheReasonIsTheLackOfTls)
{
    EXPECT_EQ(plaintext(left_alone(530)), Plaintext::refused);
    EXPECT_EQ(plaintext(left_alone(550, "5.7.1 Encryption needed")), Plaintext::refused);
    EXPECT_EQ(plaintext(left_alone(554, "please use tls")), Plaintext::refused);
    EXPECT_EQ(plaintext(left_alone(554, "5.7.1 you come too often")), Plaintext::unknown);
    EXPECT_EQ(plaintext(left_alone(454, "TLS not available")), Plaintext::unknown);
}

TEST(Plaintext, IsNotKnownWhereNothingWasSaid)
{
    EXPECT_EQ(plaintext(left_alone(451)), Plaintext::unknown);
    EXPECT_EQ(plaintext(answered(Stage::greeting, 421)), Plaintext::unknown);
    EXPECT_EQ(plaintext(before(Stage::connect)), Plaintext::unknown);
    EXPECT_EQ(judged_with({whole(chain_for(mx1))}).plaintext, std::nullopt) << "not asked";
}

} // namespace
