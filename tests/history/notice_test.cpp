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
using testing::Each;
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
    std::vector<std::string> away{};
    bool judged = true;
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
            .moment = noon,
            .status = step.status,
            .judged = step.judged && step.status != Status::unknown,
            .away = step.away,
            .causes = step.causes};
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
    {"a lesser fault is a recovery, and the greater is told when it comes back",
     1,
     {{critical, {no_tls}, "worse"},
      {warning, {expired}, "recovery"},
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
     {{critical, {no_tls}, "worse"},
      {warning, {expired}, "worse", {"mx1.example.com"}},
      {critical, {no_tls}}}},
    {"one server that always turns away hides nothing of the others",
     1,
     {{critical, {no_tls}, "worse", {"mx2.example.com"}},
      {unknown, {}, "", {"mx1.example.com", "mx2.example.com"}, false},
      {ok, {}, "recovery", {"mx2.example.com"}},
      {critical, {no_tls}, "worse", {"mx2.example.com"}},
      {warning, {expired}, "recovery", {"mx2.example.com"}}}},
    {"a server that turns away neither confirms nor begins anew",
     2,
     {{warning, {dead}},
      {warning, {dead}, "worse"},
      {critical, {dead, no_tls}},
      {warning, {dead}, "", {"mx1.example.com"}},
      {critical, {dead, no_tls}, "worse"}}},
    {"what was gone for long is news when it comes back, beside a fault that stays",
     1,
     {{warning, {dead}, "worse"},
      {warning, {dead, expired}, "worse"},
      {warning, {dead}},
      {warning, {dead}},
      {warning, {dead, expired}},
      {warning, {dead}},
      {warning, {dead}},
      {unknown},
      {warning, {dead}},
      {warning, {dead, expired}, "worse"}}},
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

std::string told_of(
    Told& told, const std::vector<Certificate>& certificates, Moment moment = noon,
    std::chrono::seconds life = year
)
{
    Outlook outlook{.moment = moment, .status = ok};
    for (const auto& each : certificates)
        outlook.certificates.push_back({each, life});
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

TEST(Notice, LeavesOutTheDaysAtWhichACertificateIsRenewedAnyhow)
{
    const auto told_days = [](std::chrono::seconds life) {
        auto told = untold(std::nullopt);
        std::vector<int> days;
        for (auto left = life - 1h; left > 0s; left -= 6h) {
            if (told_of(told, {certificate("a", "k")}, noon + year - left, life).empty())
                continue;
            days.push_back(told.certificates.front().days);
        }
        return days;
    };
    EXPECT_THAT(told_days(160h), ElementsAre(1));
    EXPECT_THAT(told_days(47 * 24h), ElementsAre(14, 7, 3, 1));
    EXPECT_THAT(told_days(90 * 24h - 1s), ElementsAre(30, 14, 7, 3, 1));
    EXPECT_THAT(told_days(200 * 24h), ElementsAre(30, 14, 7, 3, 1));
}

/// What is told of runs at these hours, none of which could judge anything but where a status says so.
std::vector<std::string>
told_of_hours(const std::vector<std::pair<std::chrono::hours, Status>>& runs, int confirm)
{
    std::vector<std::string> all;
    auto told = followed(untold(std::nullopt), {.moment = noon, .status = ok});
    for (const auto& [hours, status] : runs) {
        const Outlook outlook{.moment = noon + hours, .status = status, .judged = status != unknown};
        told = followed(std::move(told), outlook);
        const auto notice = notice_of(told, outlook, confirm);
        all.push_back(events_in(notice));
        if (notice.events.empty())
            continue;
        EXPECT_EQ(notice.previous == unknown, told.unknown && told.unknown->is_told);
        told = notice.after;
        EXPECT_EQ(told_in(text_of(told)), told);
    }
    return all;
}

TEST(Notice, IsOfWhatNobodyCouldJudgeForADay)
{
    EXPECT_THAT(
        told_of_hours(
            {{1h, unknown}, {20h, unknown}, {21h, unknown}, {30h, unknown}, {31h, ok}, {32h, ok}}, 1
        ),
        ElementsAre("", "", "unknown", "", "recovery", "")
    );
    EXPECT_THAT(told_of_hours({{1h, unknown}, {10h, ok}, {23h, unknown}, {40h, unknown}}, 1), Each(""))
        << "not in a row";
    EXPECT_THAT(
        told_of_hours({{1h, unknown}, {25h, unknown}, {49h, unknown}}, 3), ElementsAre("", "", "unknown")
    );
    EXPECT_THAT(
        told_of_hours({{1h, unknown}, {25h, unknown}, {26h, critical}, {27h, unknown}, {28h, ok}}, 1),
        ElementsAre("", "unknown", "worse", "", "recovery")
    );
    EXPECT_THAT(
        told_of_hours({{9000h, unknown}, {1h, unknown}, {25h, unknown}}, 1), ElementsAre("", "", "unknown")
    ) << "a clock that was ahead";
}

TEST(Told, IsReadAsItWasWritten)
{
    const Told told{
        .status = warning,
        .causes = {{no_tls, 0}, {"dns-no-answer ", 2}},
        .worse_runs = 2,
        .unknown = Told::Unknown{3, noon, true},
        .certificates = {{"a1", "b2", 14}, {"c3", "d4", 0}}};
    EXPECT_EQ(told_in(text_of(told)), told);
    EXPECT_EQ(
        text_of(told),
        "status 1\nworse-runs 2\nunknown 3 1795176000000 1\ncause 0 starttls-not-supported mx1.example.com\n"
        "cause 2 dns-no-answer \ncertificate a1 b2 14\ncertificate c3 d4 0\n"
    );
    for (const auto* broken :
         {"", "status 1", "status 3\n", "status x\n", "other 1\n", "certificate a b\n", "cause x\n",
          "unknown 1 2\n"})
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
        EXPECT_THAT(alone.away, ElementsAre("mx2.example.com"));
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
    EXPECT_THAT(seen.away, IsEmpty());
    EXPECT_THAT(seen.causes, ElementsAre(no_tls, dead));
    EXPECT_THAT(outlook_of(verdict(ok, {}, {})).causes, IsEmpty());
}

TEST(Outlook, SaysNothingOfHostsThatNobodyLookedAt)
{
    auto quick = verdict(ok, {}, {});
    quick.hosts.pop_back();
    quick.hosts_left_out = {"mx2.example.com"};
    const Outlook bad{.moment = noon, .status = critical, .causes = {dead}};
    const auto told = notice_of(followed({}, bad), bad, 1).after;
    const auto seen = outlook_of(quick);
    EXPECT_EQ(seen.status, ok);
    EXPECT_THAT(notice_of(followed(told, seen), seen, 1).events, IsEmpty());
}

TEST(Outlook, SaysNothingOfWhatLiesWithThisMachine)
{
    const auto local = finding(Code::connect_local, Severity::warning);
    auto seen = verdict(warning, {}, {local});
    seen.confidence.factor = 100;
    EXPECT_EQ(outlook_of(seen).status, ok);
    EXPECT_THAT(outlook_of(seen).causes, IsEmpty());
    EXPECT_THAT(outlook_of(seen).away, IsEmpty());
    seen.confidence.factor = 95;
    EXPECT_EQ(outlook_of(seen).status, warning);
    EXPECT_EQ(outlook_of(verdict(unknown, {}, {local})).status, unknown);
}

TEST(Outlook, IsCriticalWhereTheDomainIsGone)
{
    auto gone = verdict(unknown, {}, {});
    gone.hosts.clear();
    gone.route = probe::Route::no_domain;
    gone.findings = {finding(Code::dns_nxdomain, Severity::warning)};
    EXPECT_EQ(outlook_of(gone).status, critical);
    EXPECT_THAT(outlook_of(gone).causes, ElementsAre("dns-nxdomain "));
}

} // namespace
} // namespace history
