#include "report/remarks.hpp"

#include "verdicts.hpp"

#include <gmock/gmock.h>

namespace report
{
namespace
{

using smtp::Stage;
using testing::ElementsAre;
using namespace std::chrono_literals;

constexpr std::array every_stage{Stage::connect,  Stage::greeting,  Stage::ehlo,     Stage::helo,
                                 Stage::starttls, Stage::handshake, Stage::ehlo_tls, Stage::mail_from,
                                 Stage::rcpt_to,  Stage::quit};

std::vector<std::string> texts(const std::vector<Remark>& remarks)
{
    std::vector<std::string> all;
    for (const auto& remark : remarks)
        all.push_back(remark.text);
    return all;
}

smtp::Step step(Stage stage, std::error_code fault = {}, int code = 0)
{
    smtp::Step result;
    result.stage = stage;
    result.fault = fault;
    if (code != 0)
        result.reply = smtp::Reply{code, {"text"}};
    return result;
}

smtp::Session offering(bool starttls, bool masked)
{
    smtp::Session session;
    session.offered = smtp::Extensions{"mx.example.com", {}, starttls, masked};
    return session;
}

TEST(Remarks, SpeakTheWordsOfTheCheckTlsTranscript)
{
    const auto said = [](Stage stage) { return texts(remarks_on(step(stage), offering(true, false))); };
    EXPECT_THAT(said(Stage::greeting), ElementsAre("We are allowed to connect"));
    EXPECT_THAT(said(Stage::ehlo), ElementsAre("We can use this server", "TLS is an option on this server"));
    EXPECT_THAT(said(Stage::starttls), ElementsAre("STARTTLS command works on this server"));
    EXPECT_THAT(said(Stage::handshake), ElementsAre("Connection converted to SSL"));
    EXPECT_THAT(said(Stage::ehlo_tls), ElementsAre("TLS successfully started on this server"));
    EXPECT_THAT(said(Stage::mail_from), ElementsAre("Sender is OK"));
    EXPECT_THAT(said(Stage::rcpt_to), ElementsAre("Recipient is OK"));
    EXPECT_THAT(said(Stage::quit), ElementsAre());
}

TEST(Remarks, TellHeloOnlyFromEhloRefusedToUs)
{
    const auto by_helo = [](int code) {
        smtp::Session session;
        session.steps = {step(Stage::ehlo, smtp::errc::unexpected_reply, code), step(Stage::helo)};
        return texts(remarks_on(session.steps.back(), session));
    };
    EXPECT_THAT(
        by_helo(502),
        ElementsAre("We can use this server", "TLS is not an option on this server: HELO has none")
    );
    EXPECT_THAT(
        by_helo(554),
        ElementsAre("We can use this server", "TLS may be an option to others: EHLO is refused to us")
    );
}

TEST(Remarks, TellMissingFromMaskedTls)
{
    EXPECT_EQ(
        remarks_on(step(Stage::ehlo), offering(false, false)).back().text,
        "TLS is not an option on this server"
    );
    EXPECT_EQ(
        remarks_on(step(Stage::ehlo), offering(false, true)).back().text,
        "TLS is hidden: a keyword of X's stands in the place of STARTTLS"
    );
}

TEST(Remarks, TellLaterFromNo)
{
    const auto said = [](Stage stage, int code) {
        auto answered = step(stage, smtp::errc::unexpected_reply, code);
        answered.sent = stage == Stage::greeting ? "" : "NOOP";
        return remarks_on(answered, {}).front();
    };
    EXPECT_EQ(said(Stage::greeting, 421).text, "The server puts us off until later");
    EXPECT_EQ(said(Stage::greeting, 421).ink, Ink::yellow);
    EXPECT_EQ(said(Stage::greeting, 554).text, "The server turns us away");
    EXPECT_EQ(said(Stage::greeting, 554).ink, Ink::red);
    EXPECT_EQ(said(Stage::greeting, 250).text, "No greeting came: an unexpected reply");
    EXPECT_EQ(said(Stage::starttls, 454).text, "STARTTLS is offered, but put off until later");
    EXPECT_EQ(said(Stage::mail_from, 550).text, "Sender is refused");
    EXPECT_EQ(said(Stage::rcpt_to, 451).text, "Recipient is put off until later");
}

TEST(Remarks, TakeWhatWasSaidUnaskedForNoAnswer)
{
    const auto hung_up = step(Stage::starttls, smtp::errc::unexpected_reply, 421);
    EXPECT_EQ(remarks_on(hung_up, {}).front().text, "The server hangs up unasked");
    EXPECT_EQ(remarks_on(hung_up, {}).front().ink, Ink::yellow);
}

TEST(Remarks, GiveTheCauseOfAnyOtherFault)
{
    auto failed = step(Stage::handshake, smtp::errc::handshake_failed);
    failed.detail = "alert\x1b[2J";
    EXPECT_THAT(
        texts(remarks_on(failed, {})),
        ElementsAre("Connection not converted to SSL: the TLS handshake failed: alert\\x1b[2J")
    );
    EXPECT_THAT(
        texts(remarks_on(step(Stage::greeting, smtp::errc::timed_out), {})),
        ElementsAre("No greeting came: timed out")
    );
}

TEST(Remarks, HaveOneLineForEveryFaultOfEveryStage)
{
    for (const auto stage : every_stage) {
        for (const int code : {0, 421, 554}) {
            const auto remarks = remarks_on(step(stage, smtp::errc::unexpected_reply, code), {});
            ASSERT_EQ(remarks.size(), 1u);
            EXPECT_FALSE(remarks.front().text.empty());
        }
    }
}

TEST(Agreement, NamesVersionCipherAndGroup)
{
    auto endpoint = verdicts::good_endpoint("192.0.2.1", "mx.example.com");
    endpoint.chain.reset();
    EXPECT_THAT(
        texts(agreement(endpoint.session, endpoint.chain)),
        ElementsAre(
            "SSLVersion in use: TLSv1.3", "Cipher in use: TLS_AES_256_GCM_SHA384",
            "Key exchange in use: X25519"
        )
    );
}

TEST(Agreement, ToldOfACertificateSaysHowLongItLasts)
{
    auto endpoint = verdicts::good_endpoint("192.0.2.1", "mx.example.com");
    auto& leaf = endpoint.chain->certificates.front();
    const auto said = [&](int days_left) {
        leaf.days_left = days_left;
        return texts(agreement(endpoint.session, endpoint.chain)).at(6);
    };
    EXPECT_EQ(said(61), "  Not Valid After: Jan 20 12:35:31 2027 GMT (61 days left)");
    EXPECT_EQ(said(1), "  Not Valid After: Jan 20 12:35:31 2027 GMT (1 day left)");
    EXPECT_EQ(said(0), "  Not Valid After: Jan 20 12:35:31 2027 GMT (less than a day left)");
    EXPECT_EQ(said(-1), "  Not Valid After: Jan 20 12:35:31 2027 GMT (expired)");
}

TEST(Agreement, SaysThatACertificateHasNoName)
{
    auto endpoint = verdicts::good_endpoint("192.0.2.1", "mx.example.com");
    auto& facts = endpoint.chain->certificates.front().facts;
    facts.names.clear();
    facts.common_name.clear();
    endpoint.chain->identity.matched.reset();
    EXPECT_EQ(
        texts(agreement(endpoint.session, endpoint.chain)).at(4),
        "  Cert Hostname DOES NOT VERIFY (mx.example.com != no name)"
    );
}

} // namespace
} // namespace report
