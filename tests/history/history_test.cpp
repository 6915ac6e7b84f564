#include "probe/history/history.hpp"

#include "sightings.hpp"

namespace
{

using namespace sightings;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

/// The values that held of an aspect, one after the other.
std::vector<std::string> values(const std::vector<history::Seen>& seen, Aspect aspect)
{
    std::vector<std::string> values;
    for (const auto& each : seen) {
        if (each.fact.aspect == aspect)
            values.push_back(each.fact.value);
    }
    return values;
}

class OfHistory : public testing::Test
{
protected:
    void see(const Sighting& sighting) const { record(history_, sighting); }
    history::Timeline timeline(std::optional<Moment> since = {}, std::size_t points = 0) const
    {
        return history_.timeline("example.com", since, points).value();
    }
    history::State state() const { return history_.state("example.com").value(); }

    Folder folder_;
    History history_{folder_.file(), Access::record};
};

TEST_F(OfHistory, AFactIsOneForAsLongAsItHolds)
{
    for (int run = 0; run < 5; ++run)
        see(sighting(noon + run * 5min, run < 3 ? Status::ok : Status::critical, run < 3 ? 100 : 50));
    const auto seen = timeline();
    EXPECT_EQ(seen.runs, 5);
    EXPECT_EQ(seen.first.began, noon);
    EXPECT_EQ(seen.last.began, noon + 20min);
    EXPECT_EQ(values(seen.changes, Aspect::status), (std::vector<std::string>{"OK", "CRITICAL"}));
    const auto& was = seen.changes.front();
    EXPECT_EQ(was.first_seen, noon);
    EXPECT_EQ(was.last_seen, noon + 10min);
    EXPECT_EQ(was.ended, noon + 15min);
    EXPECT_EQ(seen.changes.back().first_seen, noon + 15min);
    EXPECT_EQ(seen.changes.back().last_seen, noon + 20min);
    EXPECT_EQ(seen.changes.back().ended, std::nullopt);
}

TEST_F(OfHistory, WhatComesBackIsANewFact)
{
    for (int run = 0; run < 3; ++run)
        see(sighting(noon + run * 5min, Status::ok, 100, {{Aspect::protocol, mx1, run == 1 ? "" : "TLSv1.3"}})
        );
    EXPECT_EQ(
        values(timeline().changes, Aspect::protocol), (std::vector<std::string>{"TLSv1.3", "", "TLSv1.3"})
    );
}

TEST_F(OfHistory, WhatARunCouldNotSeeIsAsItWas)
{
    auto first = sighting(noon, Status::ok, 100, {{Aspect::certificate, mx1, "ab"}});
    first.certificates = {certificate("ab")};
    see(first);
    see(sighting(noon + 5min, Status::warning, 50));
    auto third = sighting(noon + 10min, Status::ok, 100, {{Aspect::certificate, mx1, "ab"}});
    see(third);
    const auto seen = timeline();
    ASSERT_EQ(values(seen.changes, Aspect::certificate), std::vector<std::string>{"ab"});
    const auto& kept = *std::ranges::find(seen.changes, Aspect::certificate, [](const auto& each) {
        return each.fact.aspect;
    });
    EXPECT_EQ(kept.certificate, certificate("ab"));
    EXPECT_EQ(kept.fact.place, mx1);
    EXPECT_EQ(kept.last_seen, noon + 10min);
}

TEST_F(OfHistory, EachAddressHasItsOwn)
{
    const Place mx2{"mx2.example.com", "2001:db8::1", 2525};
    see(sighting(
        noon, Status::ok, 100, {{Aspect::protocol, mx1, "TLSv1.2"}, {Aspect::protocol, mx2, "TLSv1.3"}}
    ));
    see(sighting(noon + 5min, Status::ok, 100, {{Aspect::protocol, mx1, "TLSv1.3"}}));
    EXPECT_EQ(values(state().seen, Aspect::protocol), (std::vector<std::string>{"TLSv1.3", "TLSv1.3"}));
    EXPECT_EQ(
        values(timeline().changes, Aspect::protocol),
        (std::vector<std::string>{"TLSv1.2", "TLSv1.3", "TLSv1.3"})
    );
}

TEST_F(OfHistory, AFindingIsGoneWhereItsHostWasLookedAt)
{
    const Fact expired{Aspect::finding, of_mx1, "certificate-expired"};
    const Fact weak{Aspect::finding, of_mx1, "certificate-key-weak"};
    see(sighting(noon, Status::warning, 90, {expired, weak}));
    EXPECT_THAT(values(state().seen, Aspect::finding), SizeIs(2));
    see(sighting(noon + 5min, Status::warning, 90, {weak}));
    EXPECT_EQ(values(state().seen, Aspect::finding), std::vector<std::string>{"certificate-key-weak"});
}

TEST_F(OfHistory, AFindingStaysWhereNobodyCouldLook)
{
    see(sighting(noon, Status::warning, 90, {{Aspect::finding, of_mx1, "certificate-expired"}}));
    auto later = sighting(noon + 5min, Status::warning, 50, {{Aspect::finding, of_mx1, "connect-timeout"}});
    later.looked_at = {{}};
    see(later);
    EXPECT_EQ(
        values(state().seen, Aspect::finding),
        (std::vector<std::string>{"certificate-expired", "connect-timeout"})
    );
}

TEST_F(OfHistory, AFindingGoesWithItsHost)
{
    see(sighting(noon, Status::warning, 90, {{Aspect::finding, of_mx1, "certificate-expired"}}));
    auto later = well(noon + 5min);
    later.looked_at = {};
    later.hosts = std::nullopt;
    see(later);
    EXPECT_THAT(values(state().seen, Aspect::finding), SizeIs(1));
    later.run.began = noon + 10min;
    later.hosts = {"mx2.example.com"};
    see(later);
    EXPECT_THAT(values(state().seen, Aspect::finding), IsEmpty());
}

TEST_F(OfHistory, AClockThatWentBackMakesNoFactEndBeforeItsTime)
{
    see(well(noon));
    see(well(noon - 1h));
    see(sighting(noon - 30min, Status::critical, 0));
    const auto seen = timeline().changes;
    const auto& was =
        *std::ranges::find(seen, std::string("OK"), [](const auto& each) { return each.fact.value; });
    EXPECT_EQ(was.last_seen, noon);
    EXPECT_EQ(was.ended, noon);
}

TEST_F(OfHistory, OnlyWhatHasChangedSince)
{
    see(well(noon));
    see(sighting(noon + 1h, Status::warning, 100));
    see(sighting(noon + 2h, Status::warning, 100));
    EXPECT_EQ(
        values(timeline(noon + 30min).changes, Aspect::status), (std::vector<std::string>{"OK", "WARNING"})
    );
    EXPECT_THAT(values(timeline(noon + 30min).changes, Aspect::factor), IsEmpty())
        << "it has been so all along";
    EXPECT_THAT(timeline(noon + 90min).changes, IsEmpty());
}

TEST_F(OfHistory, PointsAreTheWorstOfTheirRuns)
{
    for (int run = 0; run < 10; ++run) {
        auto seen =
            sighting(noon + run * 5min, run == 4 ? Status::critical : Status::ok, run == 4 ? 20 : 100);
        seen.run.days_left = 60 - run;
        see(seen);
    }
    const auto points = timeline({}, 4).points;
    ASSERT_THAT(points, SizeIs(4)) << "three runs each, and one for what is left";
    EXPECT_EQ(points[1].began, noon + 15min);
    EXPECT_EQ(points[1].factor, 20);
    EXPECT_EQ(points[1].status, Status::critical);
    EXPECT_EQ(points[1].days_left, 55);
    EXPECT_EQ(points[3].began, noon + 45min);
    EXPECT_THAT(timeline({}, 100).points, SizeIs(10));
    EXPECT_THAT(timeline(noon + 40min, 100).points, SizeIs(2));
    EXPECT_THAT(timeline().points, IsEmpty());
}

TEST_F(OfHistory, ARunWithoutAFactorHasNone)
{
    auto seen = well(noon);
    seen.run.factor = seen.run.days_left = std::nullopt;
    see(seen);
    EXPECT_EQ(state().last, seen.run);
    EXPECT_THAT(timeline({}, 1).points, ElementsAre(seen.run));
}

TEST_F(OfHistory, TheStateBeforeARunIsThatOfTheLast)
{
    EXPECT_FALSE(history_.state("example.com"));
    EXPECT_FALSE(history_.timeline("example.com", {}, 0));
    see(well(noon));
    auto transaction = history_.write();
    const auto before = state();
    history_.record(sighting(noon + 5min, Status::critical, 0));
    EXPECT_EQ(before.last.status, Status::ok);
    EXPECT_EQ(values(before.seen, Aspect::factor), std::vector<std::string>{"100"});
    EXPECT_EQ(state().last.status, Status::critical);
    transaction.commit();
}

TEST_F(OfHistory, WhatIsNotCommittedHasNotBeen)
{
    see(well(noon));
    {
        const auto transaction = history_.write();
        history_.record(sighting(noon + 5min, Status::critical, 0));
        history_.notified("example.com", "status", {"CRITICAL", noon});
    }
    EXPECT_EQ(timeline().runs, 1);
    EXPECT_FALSE(history_.notification("example.com", "status"));
}

TEST_F(OfHistory, FailingRunsInARow)
{
    EXPECT_EQ(history_.failing("example.com").runs, 0);
    const std::vector<std::pair<Status, int>> runs{
        {Status::ok, 0},      {Status::warning, 1}, {Status::unknown, 1}, {Status::critical, 2},
        {Status::unknown, 2}, {Status::ok, 0},      {Status::unknown, 0}, {Status::critical, 1}};
    auto at = noon;
    for (const auto& [status, in_a_row] : runs) {
        see(sighting(at += 5min, status, 90));
        EXPECT_EQ(history_.failing("example.com").runs, in_a_row);
    }
    EXPECT_EQ(history_.failing("example.com").since, at);
    EXPECT_EQ(history_.failing("example.net").since, std::nullopt);
}

TEST_F(OfHistory, TheLatestRunsComeFirst)
{
    for (int run = 0; run < 5; ++run)
        see(well(noon + run * 5min));
    EXPECT_THAT(
        history_.latest("example.com", 2),
        ElementsAre(Field(&history::Run::began, noon + 20min), Field(&history::Run::began, noon + 15min))
    );
    EXPECT_THAT(history_.latest("example.net", 2), IsEmpty());
}

TEST_F(OfHistory, WhatWasToldIsKeptByKey)
{
    see(well(noon));
    const auto tell = [&](const std::string& key, const std::string& value, Moment when) {
        auto transaction = history_.write();
        history_.notified("example.com", key, {value, when});
        transaction.commit();
    };
    EXPECT_FALSE(history_.notification("example.com", "certificate"));
    tell("certificate", "ab", noon);
    tell("status", "CRITICAL", noon + 1h);
    tell("certificate", "cd", noon + 2h);
    const auto told = history_.notification("example.com", "certificate").value();
    EXPECT_EQ(told.value, "cd");
    EXPECT_EQ(told.sent, noon + 2h);
    history_.forget_notified("example.com", "certificate");
    EXPECT_FALSE(history_.notification("example.com", "certificate"));
    EXPECT_TRUE(history_.notification("example.com", "status"));
    EXPECT_FALSE(history_.notification("example.net", "status"));
}

TEST_F(OfHistory, PruningKeepsWhatIsKnownLast)
{
    for (int day = 0; day < 10; ++day)
        see(sighting(noon + day * 24h, Status::ok, day < 5 ? 100 : 90));
    auto gone = well(noon);
    gone.target = "gone.example.net";
    see(gone);
    history_.prune(noon + 7 * 24h);
    EXPECT_EQ(timeline().runs, 3);
    EXPECT_EQ(values(timeline().changes, Aspect::factor), std::vector<std::string>{"90"});
    EXPECT_EQ(timeline().changes.front().first_seen, noon) << "what holds is told of from its beginning";
    EXPECT_THAT(history_.targets(), ElementsAre("example.com", "gone.example.net"));
    EXPECT_EQ(history_.state("gone.example.net")->last.began, noon);
    EXPECT_EQ(
        values(history_.state("gone.example.net")->seen, Aspect::status), std::vector<std::string>{"OK"}
    );
    history_.prune(noon + 100 * 24h);
    EXPECT_EQ(timeline().runs, 1);
    EXPECT_EQ(values(state().seen, Aspect::factor), std::vector<std::string>{"90"});
}

TEST_F(OfHistory, PruningForgetsAddressesThatWereLeft)
{
    for (int day = 0; day < 10; ++day) {
        const Place place{"mx.example.com", "192.0.2." + std::to_string(day), 25};
        const auto sha256 = "ab" + std::to_string(day);
        auto seen = sighting(noon + day * 24h, Status::ok, 100, {{Aspect::certificate, place, sha256}});
        seen.certificates = {certificate(sha256)};
        see(seen);
    }
    EXPECT_THAT(values(state().seen, Aspect::certificate), SizeIs(10));
    history_.prune(noon + 7 * 24h);
    EXPECT_EQ(values(state().seen, Aspect::certificate), (std::vector<std::string>{"ab7", "ab8", "ab9"}));
    for (const auto& each : state().seen)
        EXPECT_EQ(each.certificate.has_value(), each.fact.aspect == Aspect::certificate);
    history_.prune(noon + 100 * 24h);
    EXPECT_EQ(values(state().seen, Aspect::certificate), std::vector<std::string>{"ab9"});
}

TEST_F(OfHistory, ARunInWhichNothingChangedIsSmall)
{
    constexpr int runs = 3000;
    see(sighting(noon, Status::ok, 100, {{Aspect::protocol, mx1, "TLSv1.3"}}));
    const auto before = std::filesystem::file_size(folder_.file());
    auto transaction = history_.write();
    for (int run = 1; run <= runs; ++run)
        history_.record(sighting(noon + run * 5min, Status::ok, 100, {{Aspect::protocol, mx1, "TLSv1.3"}}));
    transaction.commit();
    const auto octets = (std::filesystem::file_size(folder_.file()) - before) / runs;
    EXPECT_LE(octets, 32U) << "so that 400 days of a run every five minutes take less than four megabytes";
    EXPECT_THAT(timeline().changes, SizeIs(3));
}

TEST_F(OfHistory, TextIsWhatItIs)
{
    const std::string hostile = "'); DROP TABLE run; --\x01\xff";
    auto seen = well(noon);
    seen.target = hostile;
    seen.facts.push_back({Aspect::finding, {hostile}, hostile});
    see(seen);
    EXPECT_THAT(history_.targets(), ElementsAre(hostile));
    const auto kept = history_.state(hostile)->seen;
    EXPECT_EQ(values(kept, Aspect::finding), std::vector<std::string>{hostile});
}

} // namespace
