#include "probe/command/notify.hpp"

#include "history/sightings.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <array>
#include <utility>

namespace command
{
namespace
{

using namespace std::chrono_literals;
using history::History;
using probe::Status;
using sightings::Access;
using sightings::Folder;
using testing::ElementsAre;
using testing::IsEmpty;

using Subjects = std::vector<std::string>;

/// Keeps what it is told, and fails where it is to.
class Listener final : public Teller
{
public:
    Listener(Subjects& heard, const bool& fails) : heard_(heard), fails_(fails) {}

    std::optional<std::string> tell(const report::Alert& alert) override
    {
        heard_.push_back(report::subject(alert));
        return fails_ ? std::optional<std::string>("it is out of order") : std::nullopt;
    }

    std::string key() const override { return "listener"; }

private:
    Subjects& heard_;
    const bool& fails_;
};

class NotifierTest : public testing::Test
{
protected:
    /// One run, as Recorder records it, at one more millisecond.
    probe::Verdict record(Status status)
    {
        probe::Verdict verdict;
        verdict.target = verdict.domain = "example.com";
        verdict.started = sightings::noon + std::chrono::milliseconds(++runs_);
        verdict.finished = true;
        verdict.status = status;
        auto transaction = history_.write();
        const auto before = history_.state(verdict.target);
        history_.record(history::sighting_of(verdict));
        notifier_.follow(history_, before, verdict);
        transaction.commit();
        return verdict;
    }

    bool tell(const probe::Verdict& verdict) { return notifier_.tell(history_, {verdict}); }

    void claim_as(const std::string& claim, std::chrono::system_clock::time_point when)
    {
        auto transaction = history_.write();
        history_.notified(
            "example.com", "listener claim", {claim, std::chrono::floor<std::chrono::milliseconds>(when)}
        );
        transaction.commit();
    }

    std::vector<std::unique_ptr<Teller>> listener()
    {
        std::vector<std::unique_ptr<Teller>> all;
        all.push_back(std::make_unique<Listener>(heard_, fails_));
        return all;
    }

    Folder folder_;
    History history_{folder_.file(), Access::record};
    Subjects heard_;
    bool fails_ = false;
    Notifier notifier_{listener(), 1};
    int runs_ = 0;
};

const std::string worse = "example.com CRITICAL: the factor is n/a";
const std::string recovery = "example.com OK: recovered from CRITICAL";

TEST_F(NotifierTest, TellsOfEachChangeOnce)
{
    for (const auto status : {Status::ok, Status::critical, Status::critical, Status::ok, Status::ok})
        EXPECT_TRUE(tell(record(status)));
    EXPECT_THAT(heard_, ElementsAre(worse, recovery));
}

TEST_F(NotifierTest, TellsAgainWhatCouldNotBeTold)
{
    fails_ = true;
    EXPECT_FALSE(tell(record(Status::critical)));
    EXPECT_FALSE(tell(record(Status::critical)));
    fails_ = false;
    EXPECT_TRUE(tell(record(Status::critical)));
    EXPECT_TRUE(tell(record(Status::critical)));
    EXPECT_THAT(heard_, ElementsAre(worse, worse, worse));
}

TEST_F(NotifierTest, TellsWhatARunThatWasKilledDidNot)
{
    record(Status::critical);
    tell(record(Status::critical));
    EXPECT_THAT(heard_, ElementsAre(worse));
}

TEST_F(NotifierTest, LeavesItToTheRunThatWasRecordedLast)
{
    const auto first = record(Status::critical);
    const auto second = record(Status::critical);
    EXPECT_TRUE(tell(first));
    EXPECT_THAT(heard_, IsEmpty());
    EXPECT_TRUE(tell(second));
    EXPECT_THAT(heard_, ElementsAre(worse));
}

TEST_F(NotifierTest, LeavesItToWhomeverHasClaimedIt)
{
    std::array<char, 256> machine{};
    ::gethostname(machine.data(), machine.size() - 1);
    const auto now = std::chrono::system_clock::now();
    const auto claim = [&](pid_t process) { return std::to_string(process) + " " + machine.data(); };

    tell(record(Status::ok));
    claim_as(claim(::getpid()), now);
    EXPECT_TRUE(tell(record(Status::critical)));
    claim_as("1 another machine", now - 60s);
    EXPECT_TRUE(tell(record(Status::critical)));
    EXPECT_THAT(heard_, IsEmpty());
}

TEST_F(NotifierTest, WaitsForNobodyWhoIsDeadOrTooLate)
{
    std::array<char, 256> machine{};
    ::gethostname(machine.data(), machine.size() - 1);
    const auto child = ::fork();
    if (child == 0)
        ::_exit(0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);

    tell(record(Status::ok));
    claim_as(std::to_string(child) + " " + machine.data(), std::chrono::system_clock::now());
    EXPECT_TRUE(tell(record(Status::critical)));
    EXPECT_THAT(heard_, ElementsAre(worse));
    claim_as("1 another machine", std::chrono::system_clock::now() - claim_limit);
    EXPECT_TRUE(tell(record(Status::ok)));
    EXPECT_THAT(heard_, ElementsAre(worse, recovery));
}

TEST_F(NotifierTest, IsHeldUpByNoOtherWayThatFails)
{
    Subjects other_heard;
    bool fails = true;
    class Other final : public Teller
    {
    public:
        Other(Subjects& heard, const bool& fails) : listener_(heard, fails) {}
        std::optional<std::string> tell(const report::Alert& alert) override { return listener_.tell(alert); }
        std::string key() const override { return "other"; }

    private:
        Listener listener_;
    };
    auto both = listener();
    both.insert(both.begin(), std::make_unique<Other>(other_heard, fails));
    notifier_ = Notifier(std::move(both), 1);
    EXPECT_FALSE(tell(record(Status::critical)));
    fails = false;
    EXPECT_TRUE(tell(record(Status::critical)));
    EXPECT_THAT(heard_, ElementsAre(worse));
    EXPECT_THAT(other_heard, ElementsAre(worse, worse));
}

TEST(Tellers, AreThoseAskedFor)
{
    Options options;
    EXPECT_THAT(tellers_of(options), IsEmpty());
    options.alerts.command = {"alert"};
    options.alerts.mail = {"admin@example.net"};
    options.alerts.url = "https://secret@hooks.example.net/token";
    const auto tellers = tellers_of(options);
    ASSERT_EQ(tellers.size(), 3U);
    const auto key = tellers[2]->key();
    EXPECT_EQ(key.find("secret"), std::string::npos);
    EXPECT_EQ(tellers_of(options)[2]->key(), key);
    options.alerts.url += "2";
    EXPECT_NE(tellers_of(options)[2]->key(), key);
}

} // namespace
} // namespace command
