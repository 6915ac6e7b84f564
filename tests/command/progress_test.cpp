#include "probe/command/progress.hpp"

#include <gmock/gmock.h>

namespace
{

probe::Observation observed(std::vector<smtp::Session> sessions)
{
    probe::Observation observation;
    auto& host = observation.hosts.emplace_back();
    host.name = "mx1.example.com";
    for (auto& session : sessions)
        host.endpoints.push_back({std::move(session)});
    return observation;
}

smtp::Session at(smtp::Stage stage, bool finished = false)
{
    smtp::Session session;
    session.started = std::chrono::system_clock::now();
    session.now = stage;
    session.finished = finished;
    return session;
}

TEST(Progress, BeforeAnySessionNamesAreLookedUp)
{
    const std::vector<probe::Observation> observations(1);
    EXPECT_EQ(command::progress_line(observations, 79), "looking up the mail hosts");
}

TEST(Progress, NamesWhoIsStillAtWhichStage)
{
    const std::vector observations{
        observed({at(smtp::Stage::quit, true), at(smtp::Stage::greeting), smtp::Session{}})};
    const auto expected =
        "1 of 3 sessions done; mx1.example.com: " + std::string(smtp::phrase(smtp::Stage::greeting));
    EXPECT_EQ(command::progress_line(observations, 200), expected);
}

TEST(Progress, FitsTheTerminal)
{
    const std::vector observations{observed({at(smtp::Stage::greeting), at(smtp::Stage::handshake)})};
    const auto line = command::progress_line(observations, 40);
    EXPECT_EQ(line.size(), 40U);
    EXPECT_TRUE(line.ends_with("..."));
}

} // namespace
