#include "probe/survey_plan.hpp"

#include "smtp/error.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>

namespace
{

using probe::Accepted;
using probe::Answer;
using probe::Asked;
using probe::Preference;
using probe::Question;
using smtp::ProtocolVersion;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Ids = std::vector<std::uint16_t>;

constexpr auto ssl3 = ProtocolVersion::ssl3;
constexpr auto tls10 = ProtocolVersion::tls10;
constexpr auto tls11 = ProtocolVersion::tls11;
constexpr auto tls12 = ProtocolVersion::tls12;
constexpr auto tls13 = ProtocolVersion::tls13;

std::optional<std::uint16_t> first_of(const Ids& wanted, const Ids& offered)
{
    for (const auto id : wanted) {
        if (std::ranges::find(offered, id) != offered.end())
            return id;
    }
    return std::nullopt;
}

/// A server as RFC 8446 and RFC 5246 describe it, in a few lines.
struct Model
{
    std::map<ProtocolVersion, Ids> suites{};
    Ids groups{0x001D, 0x0017, 0x0018};
    bool by_server = true;               // whose order counts
    std::uint16_t certificate_curve = 0; // of an ECDSA certificate; 0: there is none
    std::size_t dh_bits = 2048;
    bool only_rfc7919 = false; // no DHE where groups of RFC 7919 are offered, and not ours
    bool resumes = true;
    std::string alpn{};
    bool refuses_alpn = false;
    std::function<std::optional<Answer>(const Question&, std::size_t)> fault{}; // in place of an answer
    std::string negotiated{};                                                   // by the session before

    std::optional<std::uint16_t> choose(const Ids& ours, const Ids& offered) const
    {
        return by_server ? first_of(ours, offered) : first_of(offered, ours);
    }

    static Answer refusal(std::uint8_t alert, const std::string& why)
    {
        return {.kind = Answer::Kind::refused, .flight = {.alert = alert}, .why = why};
    }

    static bool has_group(const smtp::CipherSuite& suite)
    {
        return suite.exchange == smtp::KeyExchange::ecdhe || suite.exchange == smtp::KeyExchange::any;
    }

    bool usable(std::uint16_t id, const smtp::Offer& offer) const
    {
        const auto& suite = *smtp::cipher_suite(id);
        const bool by_ecdsa = suite.name.find("ECDSA") != std::string_view::npos;
        if (by_ecdsa && !first_of({certificate_curve}, offer.groups))
            return false;
        if (has_group(suite) && !choose(groups, offer.groups))
            return false;
        return suite.exchange != smtp::KeyExchange::dhe || !only_rfc7919 || !first_of({0x0100}, offer.groups);
    }

    Answer answer(const Question& question) const
    {
        const auto& offer = question.offer;
        if (question.kind == Question::Kind::resumption) {
            if (question.alpn && refuses_alpn)
                return {
                    .kind = Answer::Kind::unclear, .alpn_refused = true, .why = "no application protocol"};
            return {
                .kind = Answer::Kind::chosen,
                .resumed = resumes,
                .alpn = question.alpn ? alpn : "",
                .connections = 2};
        }
        const auto found = std::find_if(suites.rbegin(), suites.rend(), [&](const auto& each) {
            return each.first <= offer.version && (offer.version != tls13 || each.first == tls13);
        });
        if (found == suites.rend())
            return refusal(70, "alert protocol version (70)");
        Ids offered = offer.suites;
        std::erase_if(offered, [&](auto id) { return !usable(id, offer); });
        const auto suite = choose(found->second, offered);
        if (!suite)
            return refusal(40, "alert handshake failure (40)");
        return choice(found->first, *suite, offer);
    }

    Answer choice(ProtocolVersion version, std::uint16_t suite, const smtp::Offer& offer) const
    {
        Answer answer{.kind = Answer::Kind::chosen};
        answer.flight.complete = true;
        answer.flight.hello = smtp::ServerHello{
            .version = version,
            .suite = suite,
            .secure_renegotiation = true,
            .extended_master_secret = true,
            .session_ticket = resumes};
        const auto& chosen = *smtp::cipher_suite(suite);
        if (has_group(chosen))
            answer.flight.group = choose(groups, offer.groups).value();
        if (chosen.exchange == smtp::KeyExchange::dhe)
            answer.flight.dh_bits = dh_bits;
        return answer;
    }
};

struct Held
{
    probe::Survey survey;
    std::vector<Asked> asked;

    const probe::VersionSurvey& of(ProtocolVersion version) const
    {
        return *std::ranges::find(survey.versions, version, &probe::VersionSurvey::version);
    }

    std::vector<std::string> groups(ProtocolVersion version) const
    {
        std::vector<std::string> names;
        for (const auto& group : of(version).groups.value().accepted)
            names.push_back(group.name);
        return names;
    }
};

Held hold(const Model& model)
{
    Held held;
    auto plan = probe::plan_survey(held.asked, model.negotiated);
    while (plan.next) {
        auto answer = model.answer(*plan.next);
        if (model.fault)
            answer = model.fault(*plan.next, held.asked.size()).value_or(answer);
        held.asked.push_back({*plan.next, answer});
        plan = probe::plan_survey(held.asked, model.negotiated);
    }
    held.survey = plan.survey;
    return held;
}

Model modern()
{
    return {.suites = {{tls12, {0xC030, 0xC02F, 0x009E, 0x009C}}, {tls13, {0x1301, 0x1302}}}, .alpn = ""};
}

TEST(Survey, FindsVersionsSuitesAndGroupsInTheServersOrder)
{
    const auto held = hold(modern());
    const auto& [survey, asked] = held;
    EXPECT_EQ(held.of(tls13).state, Accepted::yes);
    EXPECT_EQ(held.of(tls12).state, Accepted::yes);
    for (const auto old : {tls11, tls10, ssl3}) {
        EXPECT_EQ(held.of(old).state, Accepted::no);
        EXPECT_EQ(held.of(old).reason, "alert protocol version (70)");
        EXPECT_THAT(held.of(old).suites, IsEmpty());
        EXPECT_FALSE(held.of(old).groups);
    }
    EXPECT_THAT(held.of(tls13).suites, ElementsAre("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"));
    EXPECT_THAT(
        held.of(tls12).suites, ElementsAre(
                                   "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256",
                                   "DHE-RSA-AES128-GCM-SHA256", "AES128-GCM-SHA256"
                               )
    );
    for (const auto version : {tls13, tls12}) {
        EXPECT_TRUE(held.of(version).complete);
        EXPECT_EQ(held.of(version).preference, Preference::server);
        EXPECT_EQ(held.of(version).reason, "");
        EXPECT_EQ(held.of(version).resumption, true);
        EXPECT_THAT(held.groups(version), ElementsAre("X25519", "prime256v1", "secp384r1"));
        EXPECT_TRUE(held.of(version).groups->complete);
    }
    EXPECT_THAT(survey.dh_bits, ElementsAre(2048));
    EXPECT_EQ(survey.secure_renegotiation, true);
    EXPECT_EQ(survey.compression, false);
    EXPECT_EQ(survey.extended_master_secret, true);
    EXPECT_EQ(survey.alpn, "");
    EXPECT_EQ(survey.stopped, "");
    EXPECT_EQ(survey.connections, asked.size() + 2); // a resumption takes two
    EXPECT_THAT(notices(survey), IsEmpty());
}

TEST(Survey, TellsWhoseOrderDecides)
{
    auto model = modern();
    model.by_server = false;
    const auto held = hold(model);
    EXPECT_EQ(held.of(tls12).preference, Preference::client);
    EXPECT_EQ(held.of(tls13).preference, Preference::client);
    EXPECT_THAT(held.of(tls12).suites, SizeIs(4));

    model.suites = {{tls12, {0xC030}}};
    EXPECT_EQ(hold(model).of(tls12).preference, Preference::unknown);
}

TEST(Survey, FindsAllThatAnOldServerHas)
{
    Ids old;
    for (const auto& suite : smtp::all_cipher_suites()) {
        if (usable(suite, tls10) && suite.name.find("RSA") != std::string_view::npos)
            old.push_back(suite.id);
    }
    std::ranges::reverse(old);
    const Model model{.suites = {{ssl3, {0x0005, 0x0004, 0x000A}}, {tls10, old}}, .dh_bits = 512};
    const auto held = hold(model);
    EXPECT_EQ(held.of(tls12).state, Accepted::no);
    EXPECT_EQ(held.of(tls12).reason, "chose TLSv1.0 in its place");
    EXPECT_THAT(held.of(ssl3).suites, ElementsAre("RC4-SHA", "RC4-MD5", "DES-CBC3-SHA"));
    EXPECT_THAT(held.of(tls10).suites, SizeIs(old.size()));
    EXPECT_EQ(held.of(tls10).suites.front(), smtp::cipher_suite(old.front())->name);
    EXPECT_TRUE(held.of(ssl3).complete);
    EXPECT_FALSE(held.of(ssl3).groups);
    EXPECT_FALSE(held.of(ssl3).resumption);
    EXPECT_THAT(held.groups(tls10), ElementsAre("X25519", "prime256v1", "secp384r1"));
    EXPECT_THAT(
        notices(held.survey),
        ElementsAre(HasSubstr("accepts TLSv1.0, SSLv3"), HasSubstr("RC4"), HasSubstr("DH of 512 bits"))
    );
}

TEST(Survey, FindsTheGroupsBehindAnEcdsaCertificate)
{
    for (const bool by_server : {false, true}) {
        const Model model{
            .suites = {{tls12, {0xC02C, 0xC02B}}},
            .groups = {0x001D, 0x0017, 0x0019, 0x0018},
            .by_server = by_server,
            .certificate_curve = 0x0017};
        const auto held = hold(model);
        ASSERT_TRUE(held.of(tls12).groups);
        if (by_server) {
            // With its own order it goes on choosing the first: there may be more.
            EXPECT_THAT(held.groups(tls12), ElementsAre("X25519", "prime256v1"));
            EXPECT_FALSE(held.of(tls12).groups->complete);
        } else {
            EXPECT_THAT(held.groups(tls12), ElementsAre("X25519", "prime256v1", "secp384r1", "secp521r1"));
            EXPECT_TRUE(held.of(tls12).groups->complete);
        }
        EXPECT_THAT(held.of(tls12).suites, SizeIs(2));
    }
}

TEST(Survey, FindsDheThatTheGroupsOfRfc7919Hide)
{
    auto model = modern();
    model.only_rfc7919 = true;
    model.dh_bits = 1024;
    const auto held = hold(model);
    EXPECT_THAT(held.of(tls12).suites, testing::Contains("DHE-RSA-AES128-GCM-SHA256"));
    EXPECT_THAT(held.survey.dh_bits, ElementsAre(1024));
}

TEST(Survey, TriesAgainWithoutAlpnWhereThatIsRefused)
{
    auto model = modern();
    model.refuses_alpn = true;
    const auto held = hold(model);
    EXPECT_TRUE(held.survey.alpn_refused);
    EXPECT_FALSE(held.survey.alpn);
    EXPECT_EQ(held.of(tls13).resumption, true);
    EXPECT_EQ(held.of(tls12).resumption, true);

    model.refuses_alpn = false;
    model.alpn = "smtp";
    EXPECT_EQ(hold(model).survey.alpn, "smtp");
}

Answer stopped()
{
    return {.kind = Answer::Kind::stopped, .why = "the server answered 421 too many"};
}

/// Wherever it turns us away, what was known before stays, and nothing becomes a refusal.
TEST(Survey, EndsWhereItIsTurnedAway)
{
    const auto whole = hold(modern());
    for (std::size_t at = 0; at < whole.asked.size(); ++at) {
        auto model = modern();
        model.fault = [at](const Question&, std::size_t asked) -> std::optional<Answer> {
            return asked == at ? std::optional(stopped()) : std::nullopt;
        };
        const auto held = hold(model);
        EXPECT_THAT(held.asked, SizeIs(at + 1));
        EXPECT_EQ(held.survey.stopped, "the server answered 421 too many");
        for (std::size_t i = 0; i < held.survey.versions.size(); ++i) {
            const auto& told = held.survey.versions[i];
            EXPECT_EQ(told.state, i < at ? whole.survey.versions[i].state : Accepted::unknown) << at;
            EXPECT_LE(told.suites.size(), whole.survey.versions[i].suites.size());
            if (told.complete) {
                EXPECT_EQ(told.suites, whole.survey.versions[i].suites);
            }
        }
    }
}

TEST(Survey, TakesNoSilenceForARefusal)
{
    auto model = modern();
    model.fault = [](const Question& question, std::size_t) -> std::optional<Answer> {
        if (question.offer.version > tls10)
            return std::nullopt;
        return Answer{.kind = Answer::Kind::silent, .why = "no answer"};
    };
    const auto held = hold(model);
    EXPECT_EQ(held.of(tls10).state, Accepted::unknown);
    EXPECT_EQ(held.of(tls10).reason, "no answer");
    EXPECT_EQ(held.of(ssl3).state, Accepted::unknown);
    EXPECT_TRUE(held.of(tls12).complete);
    EXPECT_EQ(held.survey.stopped, "");
}

TEST(Survey, GivesUpOnAServerThatNeverAnswersInTls)
{
    for (const auto kind : {Answer::Kind::silent, Answer::Kind::unclear}) {
        Model model;
        model.fault = [kind](const Question&, std::size_t) { return Answer{.kind = kind, .why = "garbage"}; };
        const auto held = hold(model);
        EXPECT_THAT(held.asked, SizeIs(2));
        EXPECT_EQ(held.survey.stopped, "2 offers had no answer that could be read");
        EXPECT_THAT(
            held.survey.versions, Each(testing::Field(&probe::VersionSurvey::state, Accepted::unknown))
        );
    }
}

TEST(Survey, TakesAClosedConnectionForARefusalBesideWhatIsAccepted)
{
    auto model = modern();
    const auto closed = [](const Question& question, std::size_t) -> std::optional<Answer> {
        if (question.offer.version >= tls12)
            return std::nullopt;
        return Answer{.kind = Answer::Kind::closed, .why = "the connection was closed"};
    };
    model.fault = closed;
    const auto held = hold(model);
    EXPECT_EQ(held.of(tls10).state, Accepted::closed);
    EXPECT_EQ(held.of(tls12).state, Accepted::yes);

    // Alone it says nothing.
    Model shut;
    shut.fault = [](const Question&, std::size_t) {
        return Answer{.kind = Answer::Kind::closed, .why = "closed"};
    };
    EXPECT_THAT(
        hold(shut).survey.versions, Each(testing::Field(&probe::VersionSurvey::state, Accepted::unknown))
    );
}

/// Some servers close the connection where others send an alert; so does whoever has had enough of us.
TEST(Survey, ClaimsNoEndOfAListWhereTheConnectionIsClosedInPlaceOfAnAlert)
{
    auto model = modern();
    model.fault = [&](const Question& question, std::size_t) -> std::optional<Answer> {
        const auto answer = model.answer(question);
        if (answer.kind != Answer::Kind::refused)
            return std::nullopt;
        return Answer{.kind = Answer::Kind::closed, .why = "the connection was closed"};
    };
    const auto held = hold(model);
    EXPECT_THAT(held.of(tls12).suites, SizeIs(4));
    EXPECT_FALSE(held.of(tls12).complete);
    EXPECT_EQ(held.of(tls12).reason, "the connection was closed");
}

TEST(Survey, AsksAgainWhereOneConnectionIsLost)
{
    const auto undisturbed = hold(modern());
    for (std::size_t lost = 0; lost < undisturbed.asked.size(); ++lost) {
        auto model = modern();
        model.fault = [&](const Question& question, std::size_t number) -> std::optional<Answer> {
            if (number != lost || question.kind == Question::Kind::resumption)
                return std::nullopt;
            return Answer{.kind = Answer::Kind::closed, .why = "the connection was closed"};
        };
        const auto held = hold(model);
        for (const auto version : {tls13, tls12, tls10}) {
            EXPECT_EQ(held.of(version).state, undisturbed.of(version).state) << lost;
            EXPECT_EQ(held.of(version).suites, undisturbed.of(version).suites) << lost;
            EXPECT_EQ(held.of(version).complete, undisturbed.of(version).complete) << lost;
        }
        EXPECT_EQ(held.groups(tls12), undisturbed.groups(tls12)) << lost;
    }
}

TEST(Survey, NeverDeniesAVersionThatWasNegotiated)
{
    for (const auto kind : {Answer::Kind::closed, Answer::Kind::refused}) {
        auto model = modern();
        model.negotiated = "TLSv1.3";
        model.fault = [kind](const Question& question, std::size_t) -> std::optional<Answer> {
            if (question.offer.version != tls13)
                return std::nullopt;
            return Answer{.kind = kind, .why = "so it is"};
        };
        EXPECT_EQ(hold(model).of(tls13).state, Accepted::unknown);
        model.negotiated = "TLSv1.2";
        EXPECT_NE(hold(model).of(tls13).state, Accepted::unknown);
    }
}

TEST(Survey, BelievesNoChoiceOfWhatWasNotOffered)
{
    auto model = modern();
    model.fault = [&](const Question& question, std::size_t) -> std::optional<Answer> {
        if (question.kind == Question::Kind::resumption || question.offer.version != tls12)
            return std::nullopt;
        return model.choice(tls12, 0x1301, question.offer);
    };
    const auto held = hold(model);
    EXPECT_EQ(held.of(tls12).state, Accepted::unknown);
    EXPECT_THAT(held.of(tls12).reason, HasSubstr("0x1301, which was not offered"));

    model.fault = [&](const Question& question, std::size_t) -> std::optional<Answer> {
        return question.offer.version == ssl3 ? std::optional(model.choice(tls13, 0x1301, question.offer))
                                              : std::nullopt;
    };
    EXPECT_EQ(hold(model).of(ssl3).state, Accepted::unknown);
}

/// A server that takes everything: bounded, and the versions are known all the same.
TEST(Survey, IsBounded)
{
    Model all;
    for (const auto version : {ssl3, tls10, tls11, tls12, tls13}) {
        for (const auto& suite : smtp::all_cipher_suites()) {
            if (usable(suite, version))
                all.suites[version].push_back(suite.id);
        }
    }
    all.certificate_curve = 0x0017;
    const auto held = hold(all);
    EXPECT_LE(held.survey.connections, probe::max_survey_connections);
    EXPECT_GE(held.survey.connections, probe::max_survey_connections - 1);
    EXPECT_EQ(held.survey.stopped, "the limit of 200 connections was reached");
    EXPECT_THAT(held.survey.versions, Each(testing::Field(&probe::VersionSurvey::state, Accepted::yes)));
    EXPECT_TRUE(held.of(tls13).complete);
    EXPECT_FALSE(held.of(ssl3).complete);
}

TEST(Survey, NeverOffersMoreSuitesThanServersTake)
{
    for (const auto& asked : hold(modern()).asked)
        EXPECT_LE(asked.question.offer.suites.size(), smtp::max_suites_offered);
}

smtp::Session session_at(smtp::Stage stage, std::error_code fault, std::string detail = "")
{
    smtp::Session session;
    smtp::Step step;
    step.stage = stage;
    step.fault = fault;
    step.detail = std::move(detail);
    session.steps.push_back(step);
    session.finished = true;
    return session;
}

TEST(AnswerToOffer, TellsARefusalFromWhatSaysNothing)
{
    struct Case
    {
        smtp::FirstFlight flight;
        std::error_code fault;
        Answer::Kind kind;
    };
    const smtp::ServerHello hello{.version = tls12, .suite = 0xC02F};
    const std::vector<Case> cases{
        {{.hello = hello, .complete = true}, {}, Answer::Kind::chosen},
        {{.hello = hello, .malformed = true}, smtp::errc::handshake_failed, Answer::Kind::chosen},
        {{.hello = hello}, smtp::errc::timed_out, Answer::Kind::chosen},
        {{.alert = 40}, smtp::errc::handshake_failed, Answer::Kind::refused},
        {{.alert = 70}, smtp::errc::handshake_failed, Answer::Kind::refused},
        {{.alert = 71}, smtp::errc::handshake_failed, Answer::Kind::refused},
        {{.alert = 80}, smtp::errc::handshake_failed, Answer::Kind::unclear},
        {{.alert = 0}, smtp::errc::handshake_failed, Answer::Kind::closed},
        {{}, smtp::errc::connection_lost, Answer::Kind::closed},
        {{}, smtp::errc::timed_out, Answer::Kind::silent},
        {{.malformed = true}, smtp::errc::not_tls, Answer::Kind::unclear},
        {{.malformed = true}, smtp::errc::handshake_failed, Answer::Kind::unclear}};
    for (std::size_t i = 0; i < cases.size(); ++i) {
        auto session = session_at(smtp::Stage::handshake, cases[i].fault, "detail");
        session.first_flight = cases[i].flight;
        const auto answer = probe::answer_to_offer(session);
        EXPECT_EQ(answer.kind, cases[i].kind) << i;
        EXPECT_EQ(answer.why.empty(), answer.kind == Answer::Kind::chosen) << i;
        EXPECT_EQ(answer.connections, 1);
    }
}

TEST(AnswerToOffer, IsNoneWhereItWasNotPut)
{
    const auto why = [](const smtp::Session& session) {
        const auto answer = probe::answer_to_offer(session);
        EXPECT_EQ(answer.kind, Answer::Kind::stopped);
        return answer.why;
    };
    EXPECT_EQ(why({}), "there was no time left");
    EXPECT_EQ(
        why(session_at(smtp::Stage::greeting, smtp::errc::timed_out)),
        "timed out while waiting for the greeting"
    );
    auto turned_away = session_at(smtp::Stage::greeting, smtp::errc::unexpected_reply);
    turned_away.steps.back().reply = smtp::Reply{421, {"too many\x1b connections"}};
    EXPECT_THAT(why(turned_away), AllOf(HasSubstr("421"), HasSubstr("too many\\x1b connections")));
    EXPECT_EQ(why(session_at(smtp::Stage::ehlo, {})), "STARTTLS was offered no more");
}

TEST(AnswerToResumption, IsThatOfTheSecondHandshake)
{
    smtp::Session first = session_at(smtp::Stage::handshake, {});
    first.tls.emplace();
    first.tls->alpn = "smtp";
    EXPECT_FALSE(probe::answer_to_resumption(first, nullptr).resumed); // EHLO inside TLS did not come
    first.offered_inside_tls.emplace();
    EXPECT_EQ(probe::answer_to_resumption(first, nullptr).resumed, false);
    EXPECT_EQ(probe::answer_to_resumption(first, nullptr).alpn, "smtp");

    smtp::Session second = session_at(smtp::Stage::handshake, {});
    second.tls.emplace();
    second.tls->resumed = true;
    const auto answer = probe::answer_to_resumption(first, &second);
    EXPECT_EQ(answer.resumed, true);
    EXPECT_EQ(answer.connections, 2);

    auto failed = session_at(smtp::Stage::handshake, smtp::errc::handshake_failed);
    EXPECT_FALSE(probe::answer_to_resumption(failed, nullptr).alpn_refused);
    failed.steps.back().alert = 120;
    EXPECT_TRUE(probe::answer_to_resumption(failed, nullptr).alpn_refused);
    EXPECT_EQ(probe::answer_to_resumption({}, nullptr).kind, Answer::Kind::stopped);
}

} // namespace
