#include "probe/history/notice.hpp"

#include <gmock/gmock.h>

namespace history
{
namespace
{

using namespace std::chrono_literals;
using probe::Code;
using probe::Severity;
using probe::Status;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Moment noon = std::chrono::sys_days{std::chrono::November / 20 / 2026} + 12h;
constexpr std::chrono::days year{365};

/// A run in a sequence, in which everything is told that is to be.
struct Step
{
    Status status{};
    std::vector<std::string> causes{};
    std::string told{}; // "worse,expiry"
    bool whole = true;
};

std::string events_in(const Notice& notice)
{
    std::string events;
    for (const auto event : notice.events)
        events += (events.empty() ? "" : ",") + std::string(name(event));
    return events;
}

/// What is told at each step, where telling always succeeds.
std::vector<std::string> told_in_turn(const std::vector<Step>& steps, int confirm)
{
    std::vector<std::string> all;
    auto told = untold(std::nullopt);
    for (const auto& step : steps) {
        const Outlook outlook{
            .moment = noon, .status = step.status, .whole = step.whole, .causes = step.causes};
        told = followed(std::move(told), outlook);
        const auto notice = notice_of(told, outlook, confirm);
        all.push_back(events_in(notice));
        told = notice.events.empty() ? told : notice.after;
        EXPECT_EQ(told_in(text_of(told)), told);
    }
    return all;
}

struct Sequence
{
    const char* name;
    int confirm;
    std::vector<Step> steps;
};

constexpr auto ok = Status::ok;
constexpr auto warning = Status::warning;
constexpr auto critical = Status::critical;
constexpr auto unknown = Status::unknown;
const std::string no_tls = "starttls-not-supported mx1.example.com";
const std::string expired = "certificate-expired mx1.example.com";
const std::string dead = "connect-timeout mx2.example.com";

const std::vector<Sequence> sequences{
    {"good, bad, bad, good",
     1,
     {{ok}, {critical, {no_tls}, "worse"}, {critical, {no_tls}}, {ok, {}, "recovery"}, {ok}}},
    {"bad from the first run on", 1, {{critical, {no_tls}, "worse"}, {critical, {no_tls}}}},
    {"the second run confirms",
     2,
     {{ok}, {critical, {no_tls}}, {critical, {no_tls}, "worse"}, {critical, {no_tls}}, {ok, {}, "recovery"}}},
    {"a single failure is not confirmed, and nothing recovers from it",
     2,
     {{ok}, {critical, {no_tls}}, {ok}, {critical, {no_tls}}, {ok}}},
    {"nothing seen neither confirms nor begins anew",
     3,
     {{warning, {expired}}, {unknown}, {warning, {expired}}, {unknown}, {warning, {expired}, "worse"}}},
    {"nothing seen is neither worse nor recovery",
     1,
     {{unknown},
      {ok},
      {unknown},
      {critical, {no_tls}, "worse"},
      {unknown},
      {critical, {no_tls}},
      {ok, {}, "recovery"},
      {unknown}}},
    {"from bad to worse", 1, {{warning, {expired}, "worse"}, {critical, {expired, no_tls}, "worse"}}},
    {"a lesser fault is not told, and the greater is when it comes back",
     1,
     {{critical, {no_tls}, "worse"},
      {warning, {expired}, "worse"},
      {warning, {expired}},
      {critical, {no_tls, expired}, "worse"}}},
    {"another fault of the same weight is told once",
     1,
     {{warning, {expired}, "worse"},
      {warning, {expired, dead}, "worse"},
      {warning, {expired}},
      {warning, {expired, dead}},
      {ok, {}, "recovery"}}},
    {"another fault has to be confirmed too",
     2,
     {{warning, {expired}},
      {warning, {expired}, "worse"},
      {warning, {expired, dead}},
      {warning, {expired}},
      {warning, {expired, dead}},
      {warning, {expired, dead}, "worse"}}},
    {"one server that turns away does not make another fault a lesser one",
     1,
     {{critical, {no_tls}, "worse"}, {warning, {expired}, "worse", false}, {critical, {no_tls}}}},
    {"a status without a cause, as of a certificate that ends soon",
     1,
     {{ok}, {warning, {}, "worse"}, {warning}, {ok, {}, "recovery"}}},
};

TEST(Notice, IsOfWhatHasChanged)
{
    for (const auto& [name, confirm, steps] : sequences) {
        std::vector<std::string> expected;
        for (const auto& step : steps)
            expected.push_back(step.told);
        EXPECT_EQ(told_in_turn(steps, confirm), expected) << name;
    }
}

TEST(Notice, ComesAgainUntilItWasTold)
{
    const Outlook bad{.moment = noon, .status = critical, .causes = {no_tls}};
    auto told = followed(untold(std::nullopt), bad);
    for (int run = 1; run <= 3; ++run, told = followed(told, bad)) {
        const auto notice = notice_of(told, bad, 1);
        EXPECT_THAT(notice.events, ElementsAre(Event::worse));
        EXPECT_EQ(notice.previous, ok);
        EXPECT_EQ(notice.worse_runs, run);
    }
}

Certificate certificate(const std::string& name, const std::string& key, Moment::duration left = year)
{
    return {
        .sha256 = name,
        .spki_sha256 = key,
        .not_after = std::chrono::floor<std::chrono::seconds>(noon + left)};
}

std::string told_of(Told& told, const std::vector<Certificate>& certificates, Moment moment = noon)
{
    const Outlook outlook{.moment = moment, .status = ok, .certificates = certificates};
    told = followed(std::move(told), outlook);
    auto notice = notice_of(told, outlook, 1);
    told = notice.events.empty() ? told : notice.after;
    return events_in(notice);
}

TEST(Notice, IsOfNewCertificatesAndKeys)
{
    auto told = untold(std::nullopt);
    EXPECT_EQ(told_of(told, {certificate("a", "k")}), "") << "the first that is ever seen";
    EXPECT_EQ(told_of(told, {certificate("b", "k")}), "certificate");
    EXPECT_EQ(told_of(told, {certificate("c", "l")}), "key");
    EXPECT_EQ(told_of(told, {certificate("c", "l")}), "");
    EXPECT_EQ(told_of(told, {certificate("a", "k"), certificate("c", "l")}), "") << "two that take turns";
    EXPECT_EQ(told_of(told, {}), "") << "a server that was not reached";
    EXPECT_EQ(told_of(told, {certificate("d", "l"), certificate("e", "m")}), "key,certificate");
}

TEST(Notice, TakesWhatTheHistoryKnowsForKnown)
{
    State before;
    before.seen.push_back({.certificate = certificate("a", "k")});
    auto told = untold(before);
    EXPECT_EQ(told_of(told, {certificate("a", "k")}), "");
    EXPECT_EQ(told_of(told, {certificate("b", "l")}), "key");
}

TEST(Notice, RemembersSoManyCertificates)
{
    auto told = untold(std::nullopt);
    for (std::size_t number = 0; number <= 2 * most_known; ++number)
        told_of(told, {certificate("stays", "k"), certificate(std::to_string(number), "k")});
    EXPECT_EQ(told.certificates.size(), most_known);
    EXPECT_EQ(told_of(told, {certificate("stays", "k")}), "");
}

TEST(Notice, IsOfAnEndThatComesNear)
{
    auto told = untold(std::nullopt);
    std::vector<int> told_at;
    for (int left = 40; left >= -2; --left) {
        const auto moment = noon + year - std::chrono::days(left);
        for (const auto hours : {0h, 6h}) {
            if (const auto events = told_of(told, {certificate("a", "k")}, moment + hours); !events.empty()) {
                EXPECT_EQ(events, "expiry");
                told_at.push_back(left);
            }
        }
    }
    EXPECT_THAT(told_at, ElementsAre(30, 14, 7, 3, 1)) << "once each";
}

TEST(Notice, SkipsTheDaysThatNobodyLooked)
{
    auto told = untold(std::nullopt);
    EXPECT_EQ(told_of(told, {certificate("a", "k", 5 * 24h)}), "expiry");
    EXPECT_EQ(told.certificates.front().days, 7);
    EXPECT_EQ(told_of(told, {certificate("a", "k", 4 * 24h)}), "");
    EXPECT_EQ(told_of(told, {certificate("b", "k", -24h)}), "certificate") << "its end is a fault by now";
}

TEST(Told, IsReadAsItWasWritten)
{
    const Told told{warning, {no_tls, "dns-no-answer "}, 2, {{"a1", "b2", 14}, {"c3", "d4", 0}}};
    EXPECT_EQ(told_in(text_of(told)), told);
    EXPECT_EQ(
        text_of(told),
        "status 1\nworse-runs 2\ncause starttls-not-supported mx1.example.com\ncause dns-no-answer \n"
        "certificate a1 b2 14\ncertificate c3 d4 0\n"
    );
    for (const auto* broken : {"", "status 1", "status 3\n", "status x\n", "other 1\n", "certificate a b\n"})
        EXPECT_EQ(told_in(broken), std::nullopt) << broken;
}

probe::Finding finding(Code code, Severity severity)
{
    return {code, severity, "", ""};
}

/// Two hosts, each with what was found of it.
probe::Verdict verdict(Status status, std::vector<probe::Finding> one, std::vector<probe::Finding> other)
{
    probe::Verdict both;
    both.target = both.domain = "example.com";
    both.finished = true;
    both.status = status;
    both.hosts.resize(2);
    both.hosts[0].name = "mx1.example.com";
    both.hosts[1].name = "mx2.example.com";
    both.hosts[0].findings = std::move(one);
    both.hosts[1].findings = std::move(other);
    return both;
}

TEST(Outlook, SaysNothingOfAServerThatTurnsTheProbeAway)
{
    for (const auto code : {Code::greeting_deferred, Code::greeting_refused, Code::ehlo_deferred}) {
        const auto away = finding(code, Severity::warning);
        const auto alone = outlook_of(verdict(critical, {}, {away}));
        EXPECT_EQ(alone.status, unknown) << name(code);
        EXPECT_FALSE(alone.whole);
        const auto beside =
            outlook_of(verdict(critical, {finding(Code::certificate_expired, Severity::warning)}, {away}));
        EXPECT_EQ(beside.status, warning);
        EXPECT_THAT(beside.causes, ElementsAre(expired));
    }
}

TEST(Outlook, HasTheCausesOfAStatus)
{
    const auto seen = outlook_of(verdict(
        critical,
        {finding(Code::starttls_not_supported, Severity::critical),
         finding(Code::greeting_name_differs, Severity::notice)},
        {finding(Code::connect_timeout, Severity::warning),
         finding(Code::certificate_expires_soon, Severity::warning)}
    ));
    EXPECT_EQ(seen.status, critical);
    EXPECT_TRUE(seen.whole);
    EXPECT_THAT(seen.causes, ElementsAre(no_tls, dead));
    EXPECT_THAT(outlook_of(verdict(ok, {}, {})).causes, IsEmpty());
}

} // namespace
} // namespace history
