#include "observation_builder.hpp"
#include "probe/tally.hpp"
#include "probe/untried.hpp"

#include <gmock/gmock.h>

namespace
{

using namespace std::chrono_literals;
using probe::Column;
using probe::Result;
using probe::Status;
using probe::Tally;
using probe::Verdict;
using seen::Code;
using seen::mx1;
using seen::Stage;

/// As a real session: it began, and octets went through.
smtp::Session held(smtp::Session session, std::uint64_t sent, std::uint64_t received)
{
    session.started = seen::noon;
    session.octets_sent = sent;
    session.octets_received = received;
    return session;
}

smtp::Session refused()
{
    return held(seen::ended(Stage::connect, std::make_error_code(std::errc::connection_refused)), 0, 0);
}

Verdict verdict_on(std::vector<probe::Endpoint> endpoints)
{
    auto host = seen::host(mx1, 10, {});
    host.endpoints = std::move(endpoints);
    return seen::judged(seen::domain(probe::Route::mx, {host}));
}

Tally tally_of(const std::vector<Verdict>& verdicts)
{
    Tally tally;
    for (const auto& verdict : verdicts)
        tally.count(verdict);
    return tally;
}

TEST(Tally, CountsTargetsByStatus)
{
    const auto tally = tally_of(
        {seen::judged(seen::domain(probe::Route::null_mx)), verdict_on({{refused()}}),
         verdict_on({{refused()}}), seen::judged(seen::domain(probe::Route::no_domain)),
         probe::judge_refusal("@", "'@' is no target", seen::noon),
         probe::judge_exclusion(probe::parse_target("example.com"), "com", seen::noon)}
    );
    EXPECT_EQ(tally.at(Status::ok), 1u);
    EXPECT_EQ(tally.at(Status::warning), 0u);
    EXPECT_EQ(tally.at(Status::critical), 2u);
    EXPECT_EQ(tally.at(Status::unknown), 3u);
    EXPECT_EQ(tally.targets_done(), 6u);
    EXPECT_EQ(tally.targets_invalid, 1u);
    EXPECT_EQ(tally.targets_excluded, 1u);
}

TEST(Tally, CountsSessionsTheirStagesAndTheirOctets)
{
    const auto tally = tally_of({verdict_on({{held(seen::in_clear(), 40, 300)}, {refused()}})});
    EXPECT_EQ(tally.sessions_held, 2u);
    EXPECT_EQ(tally.sessions_shared, 0u);
    EXPECT_EQ(tally.at(Column::answer, Result::ok), 1u);
    EXPECT_EQ(tally.at(Column::answer, Result::fail), 1u);
    EXPECT_EQ(tally.at(Column::tls, Result::fail), 1u);
    EXPECT_EQ(tally.at(Column::tls, Result::skip), 1u);
    EXPECT_EQ(tally.octets_sent, 40u);
    EXPECT_EQ(tally.octets_received, 300u);
}

TEST(Tally, CountsASessionOnceThatIsToldForSeveralTargets)
{
    probe::Endpoint again{held(seen::in_clear(), 40, 300)};
    again.shared = true;
    const auto tally = tally_of({verdict_on({{held(seen::in_clear(), 40, 300)}}), verdict_on({again})});
    EXPECT_EQ(tally.sessions_held, 1u);
    EXPECT_EQ(tally.sessions_shared, 1u);
    EXPECT_EQ(tally.at(Column::answer, Result::ok), 1u);
    EXPECT_EQ(tally.octets_received, 300u);
    EXPECT_EQ(tally.at(Code::starttls_not_supported), 2u) << "it is told for each";
}

TEST(Tally, CountsTheFurtherSessionsOfAnEndpoint)
{
    probe::Endpoint endpoint{held(seen::whole(seen::chain_for(mx1)), 40, 300)};
    endpoint.in_clear = held(seen::in_clear(), 1, 2);
    endpoint.other_keys.push_back({smtp::KeyType::rsa, held(seen::in_clear(), 10, 20)});
    endpoint.survey.emplace().connections = 50;
    const auto tally = tally_of({verdict_on({endpoint})});
    EXPECT_EQ(tally.sessions_held, 53u);
    EXPECT_EQ(tally.octets_sent, 51u);
    EXPECT_EQ(tally.octets_received, 322u);
    EXPECT_EQ(tally.at(Column::answer, Result::ok), 1u) << "the endpoint has one row";
}

TEST(Tally, CountsNoSessionThatWasNeverTried)
{
    const auto tally = tally_of({verdict_on({seen::excluded_endpoint(), {smtp::Session()}})});
    EXPECT_EQ(tally.sessions_held, 0u);
    EXPECT_EQ(tally.at(Column::answer, Result::skip), 0u);
    EXPECT_EQ(tally.at(Code::excluded), 1u);
    EXPECT_EQ(tally.targets_excluded, 0u) << "the target was not";
}

TEST(Tally, CountsFindingsOfEveryLevel)
{
    auto host = seen::host(mx1, 10, {refused()});
    host.ipv4->aliases = {"a.example.net"};
    auto observation = seen::domain(probe::Route::mx, {host});
    observation.null_mx_beside_others = true;
    const auto tally = tally_of({seen::judged(observation)});
    EXPECT_EQ(tally.at(Code::mx_null_not_alone), 1u);
    EXPECT_EQ(tally.at(Code::mx_is_alias), 1u);
    EXPECT_EQ(tally.at(Code::connect_refused), 1u);
    EXPECT_EQ(tally.at(Code::mx_null), 0u);
}

TEST(Tally, AddsUpButForTheTime)
{
    const auto verdict = verdict_on({{held(seen::in_clear(), 40, 300)}});
    auto one = tally_of({verdict, probe::judge_refusal("@", "", seen::noon)});
    one.elapsed = 5s;
    one.dns_questions = 2;
    one.dns_cached = 3;
    one.policies_fetched = 4;
    one.targets_under_way = 5;
    one.sessions_under_way = 6;
    auto other = one;
    other.elapsed = 4s;
    other.count(probe::judge_exclusion(probe::parse_target("example.com"), "com", seen::noon));
    other.sessions_shared = 7;
    one += other;

    EXPECT_EQ(one.targets_done(), 5u);
    EXPECT_EQ(one.targets_invalid, 2u);
    EXPECT_EQ(one.targets_excluded, 1u);
    EXPECT_EQ(one.sessions_held, 2u);
    EXPECT_EQ(one.sessions_shared, 7u);
    EXPECT_EQ(one.at(Column::answer, Result::ok), 2u);
    EXPECT_EQ(one.at(Code::starttls_not_supported), 2u);
    EXPECT_EQ(one.dns_questions, 4u);
    EXPECT_EQ(one.dns_cached, 6u);
    EXPECT_EQ(one.policies_fetched, 8u);
    EXPECT_EQ(one.octets_sent, 80u);
    EXPECT_EQ(one.octets_received, 600u);
    EXPECT_EQ(one.targets_under_way, 10u);
    EXPECT_EQ(one.sessions_under_way, 12u);
    EXPECT_EQ(one.elapsed, 5s);
}

} // namespace
