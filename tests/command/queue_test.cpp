#include "probe/command/queue.hpp"

#include "probe/command/queue_entry.hpp"
#include "redis_server.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using command::open_queue;
using command::QueueEnds;
using command::RedisReply;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr auto targets = "mxtls:targets";
constexpr auto results = "mxtls:results";
constexpr auto age = "1000000"; // milliseconds, longer than the take-over time
constexpr auto patience = 60s;

class AtEnd
{
public:
    explicit AtEnd(std::function<void()> act) : act_(std::move(act)) {}
    ~AtEnd() { act_(); }
    AtEnd(const AtEnd&) = delete;

private:
    std::function<void()> act_;
};

class Queue : public testing::Test
{
protected:
    QueueEnds open(const std::string& parameters = "")
    {
        return open_queue(server_.url(parameters), [this](const std::string& line) {
            const std::lock_guard lock(mutex_);
            told_.push_back(line);
        });
    }

    std::string refusal(const std::string& url)
    {
        try {
            open_queue(url, [](const std::string&) {});
        } catch (const std::exception& fault) {
            return fault.what();
        }
        return "opened";
    }

    std::string feed(const std::string& target)
    {
        return server_.ask({"XADD", targets, "*", "target", target}).text;
    }

    /// As a worker that reads one entry, and is never heard of again.
    std::string read_and_die(const std::string& deliveries = "1")
    {
        const auto reply =
            server_.ask({"XREADGROUP", "GROUP", "mxtls", "dead", "COUNT", "1", "STREAMS", targets, ">"});
        const auto id = reply.list.at(0).list.at(1).list.at(0).list.at(0).text;
        server_.ask(
            {"XCLAIM", targets, "mxtls", "dead", "0", id, "IDLE", age, "RETRYCOUNT", deliveries, "JUSTID"}
        );
        return id;
    }

    static void finish(QueueEnds& ends, const std::vector<scan::Task>& tasks)
    {
        std::vector<scan::Result> batch;
        for (const auto& task : tasks)
            batch.push_back({task, probe::Status::warning, "{\"target\":\"" + task.target + "\"}\n"});
        ends.sink->put(batch);
    }

    /// The results as field → value, in their order.
    std::vector<std::map<std::string, std::string>> stored()
    {
        std::vector<std::map<std::string, std::string>> all;
        for (const auto& entry : server_.ask({"XRANGE", results, "-", "+"}).list) {
            auto& one = all.emplace_back();
            const auto& fields = entry.list.at(1).list;
            for (std::size_t index = 0; index < fields.size(); index += 2)
                one[fields[index].text] = fields[index + 1].text;
        }
        return all;
    }

    long long pending() { return server_.ask({"XPENDING", targets, "mxtls"}).list.at(0).number; }

    struct Holding
    {
        std::string consumer;
        long long idle = 0;
        long long deliveries = 0;
    };
    Holding holding(const std::string& id)
    {
        const auto reply = server_.ask({"XPENDING", targets, "mxtls", id, id, "1"});
        const auto& state = reply.list.at(0).list;
        return {state.at(1).text, state.at(2).number, state.at(3).number};
    }

    template <class Condition>
    static bool comes_true(Condition condition)
    {
        const auto end = std::chrono::steady_clock::now() + patience;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end)
                return false;
            std::this_thread::sleep_for(5ms);
        }
        return true;
    }

    bool was_told(const std::string& part)
    {
        const std::lock_guard lock(mutex_);
        return std::ranges::any_of(told_, [&](const auto& line) { return line.find(part) != line.npos; });
    }

    RedisServer server_;
    std::mutex mutex_;
    std::vector<std::string> told_;
};

TEST_F(Queue, GivesWhatIsFedBeforeAndAfterTheStart)
{
    feed("first.example");
    auto ends = open();
    const auto first = ends.source->next();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->target, "first.example");
    EXPECT_EQ(first->number, 0U);

    auto second = std::async(std::launch::async, [&] { return ends.source->next(); });
    feed("second.example");
    const auto task = second.get();
    ASSERT_TRUE(task);
    EXPECT_EQ(task->target, "second.example");
    EXPECT_EQ(task->number, 1U);
    EXPECT_EQ(ends.source->share_read(), std::nullopt);
}

TEST_F(Queue, StopEndsAWaitAndEveryLaterOne)
{
    auto ends = open();
    auto waiting = std::async(std::launch::async, [&] { return ends.source->next(); });
    ASSERT_TRUE(comes_true([&] {
        return server_.ask({"INFO", "clients"}).text.find("blocked_clients:1") != std::string::npos;
    }));
    const auto begin = std::chrono::steady_clock::now();
    ends.source->stop();
    EXPECT_EQ(waiting.get(), std::nullopt);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s); // less than what a read blocks
    feed("late.example");
    EXPECT_EQ(ends.source->next(), std::nullopt);
}

TEST_F(Queue, StoresAResultAndAcknowledgesItsEntry)
{
    feed("one.example");
    auto ends = open("consumer=worker-1&run=monthly");
    const auto task = ends.source->next();
    EXPECT_EQ(pending(), 1);
    finish(ends, {*task});
    EXPECT_EQ(pending(), 0);
    const auto all = stored();
    ASSERT_THAT(all, SizeIs(1));
    const std::map<std::string, std::string> expected{
        {"run", "monthly"},
        {"target", "one.example"},
        {"status", "WARNING"},
        {"worker", "worker-1"},
        {"result", R"({"target":"one.example"})"}};
    EXPECT_EQ(all[0], expected);
}

TEST_F(Queue, StoresOneResultOfARunAndTarget)
{
    for (const auto* run : {"a", "a", "b"})
        server_.ask({"XADD", targets, "*", "run", run, "target", "same.example", "other", "ignored"});
    auto ends = open();
    std::vector<scan::Task> tasks;
    for (int count = 0; count < 3; ++count)
        tasks.push_back(*ends.source->next());
    finish(ends, tasks);
    finish(ends, tasks); // as after a connection that was lost before the reply
    EXPECT_EQ(pending(), 0);
    EXPECT_THAT(stored(), SizeIs(2));
    EXPECT_EQ(server_.number({"SISMEMBER", "mxtls:results:done:a", "same.example"}), 1);
    EXPECT_EQ(server_.number({"SISMEMBER", "mxtls:results:done:b", "same.example"}), 1);
}

TEST_F(Queue, StoresManyAtOnce)
{
    for (int count = 0; count < 150; ++count)
        feed(std::to_string(count) + ".example");
    auto ends = open("drain=1");
    std::vector<scan::Task> tasks;
    while (tasks.size() < 150)
        tasks.push_back(*ends.source->next());
    finish(ends, tasks);
    EXPECT_EQ(server_.number({"XLEN", results}), 150);
    EXPECT_EQ(ends.source->next(), std::nullopt);
}

TEST_F(Queue, HoldsNoMoreThanItIsTold)
{
    for (int count = 0; count < 5; ++count)
        feed(std::to_string(count) + ".example");
    auto ends = open("hold=2");
    const std::vector<scan::Task> held{*ends.source->next(), *ends.source->next()};
    EXPECT_EQ(pending(), 2);
    auto waiting = std::async(std::launch::async, [&] { return ends.source->next(); });
    finish(ends, {held[0]});
    EXPECT_TRUE(waiting.get());
    EXPECT_EQ(pending(), 2);

    waiting = std::async(std::launch::async, [&] { return ends.source->next(); });
    ends.source->stop();
    EXPECT_EQ(waiting.get(), std::nullopt);
}

TEST_F(Queue, WhatIsNoTargetIsATaskThatSaysWhy)
{
    server_.ask({"XADD", targets, "*", "domain", "example.com"});
    server_.ask({"XADD", targets, "*", "target", std::string(100'000, 'x')});
    server_.ask({"XADD", targets, "*", "target", std::string("\0\xff\r\n", 4)});
    auto ends = open();
    std::vector<scan::Task> tasks;
    for (int count = 0; count < 3; ++count)
        tasks.push_back(*ends.source->next());
    EXPECT_THAT(tasks[0].fault, HasSubstr("no field 'target'"));
    EXPECT_THAT(tasks[1].fault, HasSubstr("more than 1000 octets"));
    EXPECT_THAT(tasks[2].fault, HasSubstr("control characters"));
    finish(ends, tasks);
    EXPECT_EQ(pending(), 0);
    EXPECT_THAT(stored(), SizeIs(3)); // each by itself
}

TEST_F(Queue, AnEntryTooLongToReadIsTakenOverCutShort)
{
    const auto id = server_.ask({"XADD", targets, "*", "target", std::string(17 << 20, 'x')}).text;
    auto ends = open("take-over=0.1");
    const auto task = ends.source->next();
    ASSERT_TRUE(task);
    EXPECT_THAT(task->fault, HasSubstr("more than 1000 octets"));
    EXPECT_TRUE(was_told("longer than 16 MiB"));
    finish(ends, {*task});
    EXPECT_EQ(pending(), 0);
}

TEST_F(Queue, TakesOverWhatADeadWorkerLeft)
{
    auto ends = open();
    feed("left.example");
    const auto id = read_and_die();
    const auto task = ends.source->next();
    ASSERT_TRUE(task);
    EXPECT_EQ(task->target, "left.example");
    EXPECT_EQ(task->fault, "");
    EXPECT_EQ(holding(id).deliveries, 2);
    finish(ends, {*task});
    EXPECT_EQ(pending(), 0);
}

TEST_F(Queue, TakesOverWhileItWaits)
{
    auto ends = open("take-over=0.4");
    feed("left.example");
    const auto id = read_and_die();
    server_.ask({"XCLAIM", targets, "mxtls", "dead", "0", id, "IDLE", "0", "JUSTID"});
    EXPECT_EQ(ends.source->next()->target, "left.example");
}

TEST_F(Queue, TakesOverInPortions)
{
    auto ends = open("drain=1");
    std::set<std::string> fed;
    for (int count = 0; count < 100; ++count) {
        fed.insert(std::to_string(count) + ".example");
        feed(std::to_string(count) + ".example");
        read_and_die();
    }
    std::vector<scan::Task> tasks;
    std::set<std::string> given;
    while (tasks.size() < 100) {
        tasks.push_back(*ends.source->next());
        given.insert(tasks.back().target);
    }
    EXPECT_EQ(given, fed);
    finish(ends, tasks);
    EXPECT_EQ(ends.source->next(), std::nullopt);
}

TEST_F(Queue, DropsWhatWasDeletedBeforeItCouldBeTakenOver)
{
    auto ends = open("drain=1");
    feed("deleted.example");
    const auto id = read_and_die();
    server_.ask({"XDEL", targets, id});
    EXPECT_EQ(ends.source->next(), std::nullopt);
    EXPECT_EQ(pending(), 0);
}

TEST_F(Queue, GivesUpWhatEndedFiveWorkers)
{
    auto ends = open();
    feed("poison.example");
    read_and_die("5");
    const auto task = ends.source->next();
    ASSERT_TRUE(task);
    EXPECT_EQ(task->target, "poison.example");
    EXPECT_THAT(task->fault, HasSubstr("was given to workers 5 times"));
}

TEST_F(Queue, KeepsWhatItIsSlowWith)
{
    feed("slow.example");
    auto ends = open("consumer=slow&take-over=1");
    const auto task = ends.source->next();
    const auto id = command::queue_ticket(*task).id;
    for (int round = 0; round < 2; ++round) {
        server_.ask({"XCLAIM", targets, "mxtls", "slow", "0", id, "IDLE", age, "JUSTID"});
        EXPECT_TRUE(comes_true([&] { return holding(id).idle < 1000; }));
    }
    EXPECT_EQ(holding(id).deliveries, 1);
}

TEST_F(Queue, KeepsWhatItHasWhileNobodyListensToWhatItTells)
{
    feed("slow.example");
    std::promise<void> listened;
    std::promise<void> tells;
    auto ends = open_queue(
        server_.url("consumer=slow&take-over=1"),
        [&, heard = listened.get_future().share(), first = true](const std::string&) mutable {
            if (std::exchange(first, false))
                tells.set_value();
            heard.wait();
        }
    );
    const auto task = ends.source->next();
    const auto id = command::queue_ticket(*task).id;
    server_.kill();
    auto storing = std::async(std::launch::async, [&] { finish(ends, {*task}); });
    bool is_telling = false;
    bool is_kept = false;
    {
        const AtEnd listen([&] { listened.set_value(); }); // also of a throw: `storing` is waited for then
        is_telling = tells.get_future().wait_for(patience) == std::future_status::ready;
        server_.start();
        server_.ask({"XCLAIM", targets, "mxtls", "slow", "0", id, "IDLE", age, "JUSTID"});
        is_kept = comes_true([&] { return holding(id).idle < 1000; });
    }
    storing.get();
    EXPECT_TRUE(is_telling);
    EXPECT_TRUE(is_kept);
    EXPECT_EQ(pending(), 0);
}

TEST_F(Queue, LeavesToAnotherWhatThatTookOver)
{
    feed("stolen.example");
    auto ends = open("consumer=slow&take-over=0.1");
    const auto task = ends.source->next();
    const auto id = command::queue_ticket(*task).id;
    server_.ask({"XCLAIM", targets, "mxtls", "quick", "0", id, "JUSTID"});
    const auto refreshes = [&] {
        const auto statistics = server_.ask({"INFO", "commandstats"}).text;
        const auto at = statistics.find("cmdstat_eval:calls=");
        return std::stoi(statistics.substr(at + std::string("cmdstat_eval:calls=").size()));
    };
    const auto before = refreshes();
    ASSERT_TRUE(comes_true([&] { return refreshes() > before + 2; }));
    EXPECT_EQ(holding(id).consumer, "quick");
    finish(ends, {*task}); // harmless: whoever is first
    EXPECT_EQ(pending(), 0);
    EXPECT_THAT(stored(), SizeIs(1));
}

TEST_F(Queue, AnEndGivesBackWhatIsNotFinished)
{
    const auto id = feed("unfinished.example");
    {
        auto ends = open("consumer=leaving");
        EXPECT_TRUE(ends.source->next());
    }
    EXPECT_GT(holding(id).idle, 300'000);
    EXPECT_EQ(holding(id).deliveries, 0); // not held against it

    auto other = open();
    EXPECT_EQ(other.source->next()->target, "unfinished.example");
    EXPECT_EQ(holding(id).deliveries, 1);
}

TEST_F(Queue, WhatIsGivenBackAgainHasItsDeliveryCountedBackOnce)
{
    const auto ends = open();
    feed("unfinished.example");
    const auto id = read_and_die("3");
    for (int time = 0; time < 2; ++time) {
        open("consumer=dead"); // and ends at once
        EXPECT_EQ(holding(id).deliveries, 2);
    }
}

TEST_F(Queue, AWorkerThatLeavesNothingLeavesTheGroup)
{
    feed("done.example");
    {
        auto ends = open("consumer=leaving");
        finish(ends, {*ends.source->next()});
        EXPECT_THAT(server_.ask({"XINFO", "CONSUMERS", targets, "mxtls"}).list, SizeIs(1));
    }
    EXPECT_THAT(server_.ask({"XINFO", "CONSUMERS", targets, "mxtls"}).list, IsEmpty());
}

TEST_F(Queue, DrainsAnEmptyQueueAtOnce)
{
    auto ends = open("drain=1");
    EXPECT_EQ(ends.source->next(), std::nullopt);
}

TEST_F(Queue, DrainWaitsForWhatOthersHold)
{
    feed("held.example");
    auto holder = open("consumer=holder");
    const auto task = holder.source->next();
    auto ends = open("drain=1");
    auto waiting = std::async(std::launch::async, [&] { return ends.source->next(); });
    const auto asked_twice = [&] {
        const auto statistics = server_.ask({"INFO", "commandstats"}).text;
        const auto calls = std::string("cmdstat_xreadgroup:calls=");
        return std::stoi(statistics.substr(statistics.find(calls) + calls.size())) > 3;
    };
    ASSERT_TRUE(comes_true(asked_twice));
    EXPECT_EQ(waiting.wait_for(0s), std::future_status::timeout);
    finish(holder, {*task});
    EXPECT_EQ(waiting.get(), std::nullopt);
}

TEST_F(Queue, SaysAtTheStartThatTheServerIsAway)
{
    server_.kill();
    EXPECT_THAT(refusal(server_.url()), AllOf(HasSubstr(server_.socket()), HasSubstr("Connection refused")));
}

TEST_F(Queue, SaysAtTheStartThatAPasswordIsWanted)
{
    server_.ask({"ACL", "SETUSER", "default", ">hush"});
    server_.kill();
    RedisServer locked({"--requirepass", "hush"});
    EXPECT_THAT(refusal(locked.url()), HasSubstr("wants a password"));
    EXPECT_THAT(refusal("unix://:wrong@" + locked.socket()), HasSubstr("refuses this user or password"));
    EXPECT_THAT(refusal("unix://somebody@" + locked.socket()), HasSubstr("a user without a password"));
    EXPECT_EQ(refusal("unix://:hush@" + locked.socket()), "opened");
    ::setenv("REDISCLI_AUTH", "hush", 1);
    EXPECT_EQ(refusal(locked.url()), "opened");
    ::unsetenv("REDISCLI_AUTH");
}

TEST_F(Queue, SaysAtTheStartThatAKeyIsSomethingElse)
{
    server_.ask({"SET", targets, "text"});
    EXPECT_THAT(refusal(server_.url()), HasSubstr("keeps something else under one of these keys"));
    EXPECT_THAT(
        refusal(server_.url("targets=t&results=mxtls:targets")), HasSubstr("'mxtls:targets' of Redis at")
    );
    server_.ask({"SET", "r:done:default", "text"});
    EXPECT_THAT(refusal(server_.url("targets=t&results=r")), HasSubstr("is a string, no set"));
}

TEST_F(Queue, SaysAtTheStartWhatKeepsItFromWriting)
{
    server_.ask({"CONFIG", "SET", "maxmemory", "1"});
    EXPECT_THAT(refusal(server_.url()), HasSubstr("has no memory left (maxmemory)"));
    server_.ask({"CONFIG", "SET", "maxmemory", "0"});
    server_.ask({"REPLICAOF", "127.0.0.1", "1"});
    EXPECT_THAT(refusal(server_.url()), HasSubstr("is a replica that cannot be written to"));
}

TEST_F(Queue, WaitsForAServerThatIsLostAndGoesOn)
{
    auto ends = open();
    auto waiting = std::async(std::launch::async, [&] { return ends.source->next(); });
    server_.kill();
    ASSERT_TRUE(comes_true([&] { return was_told("trying again"); }));
    server_.start();
    feed("after.example");
    EXPECT_EQ(waiting.get()->target, "after.example");
    EXPECT_THAT(
        told_, ElementsAre(
                   AllOf(HasSubstr(server_.socket()), HasSubstr("nothing is lost")), HasSubstr("works again")
               )
    );
}

TEST_F(Queue, KeepsResultsUntilTheyAreStored)
{
    feed("kept.example");
    auto ends = open();
    const auto task = ends.source->next();
    server_.kill();
    auto storing = std::async(std::launch::async, [&] { finish(ends, {*task}); });
    ASSERT_TRUE(comes_true([&] { return was_told("trying again"); }));
    EXPECT_EQ(storing.wait_for(0s), std::future_status::timeout);
    server_.start();
    storing.get();
    EXPECT_THAT(stored(), SizeIs(1));
    EXPECT_EQ(pending(), 0);
}

TEST_F(Queue, GetsAtOnceWhatItWasGivenInAReplyThatWasLost)
{
    const auto held = feed("held.example");
    auto ends = open("consumer=unlucky");
    const auto task = ends.source->next();
    const auto lost = feed("lost.example");
    server_.ask({"XREADGROUP", "GROUP", "mxtls", "unlucky", "COUNT", "1", "STREAMS", targets, ">"});
    constexpr auto idle = 100'000; // milliseconds, and nowhere near the take-over time
    server_.ask({"XCLAIM", targets, "mxtls", "unlucky", "0", held, "IDLE", std::to_string(idle), "JUSTID"});
    server_.kill();
    auto waiting = std::async(std::launch::async, [&] { return ends.source->next(); });
    ASSERT_TRUE(comes_true([&] { return was_told("trying again"); }));
    server_.start();
    EXPECT_EQ(waiting.get()->target, "lost.example");
    EXPECT_EQ(holding(lost).deliveries, 1); // the one that was lost is not held against it
    EXPECT_GE(holding(held).idle, idle);    // nor is what it knows of given back, and taken anew
    EXPECT_LT(holding(held).idle, 2 * idle);
}

TEST_F(Queue, AStopEndsTheWaitToStoreAndNothingIsAcknowledged)
{
    const auto id = feed("unstored.example");
    auto ends = open();
    const auto task = ends.source->next();
    server_.kill();
    auto storing = std::async(std::launch::async, [&] {
        try {
            finish(ends, {*task});
        } catch (const std::runtime_error& fault) {
            return std::string(fault.what());
        }
        return std::string("stored");
    });
    ASSERT_TRUE(comes_true([&] { return was_told("trying again"); }));
    ends.sink->stop();
    EXPECT_THAT(storing.get(), HasSubstr("1 results are not stored"));
    server_.start();
    EXPECT_EQ(pending(), 1);
    EXPECT_THAT(stored(), IsEmpty());
}

TEST_F(Queue, StoresAfterAStopWhatCanBeStoredAtOnce)
{
    feed("last.example");
    auto ends = open();
    const auto task = ends.source->next();
    ends.source->stop();
    ends.sink->stop();
    finish(ends, {*task});
    EXPECT_THAT(stored(), SizeIs(1));
}

TEST_F(Queue, WaitsForMemoryAndStoresWholeOrNot)
{
    feed("full.example");
    auto ends = open();
    const auto task = ends.source->next();
    server_.ask({"CONFIG", "SET", "maxmemory", "1"});
    auto storing = std::async(std::launch::async, [&] { finish(ends, {*task}); });
    ASSERT_TRUE(comes_true([&] { return was_told("maxmemory"); }));
    EXPECT_EQ(pending(), 1);
    EXPECT_EQ(server_.number({"EXISTS", results, "mxtls:results:done:default"}), 0);
    server_.ask({"CONFIG", "SET", "maxmemory", "0"});
    storing.get();
    EXPECT_THAT(stored(), SizeIs(1));
    EXPECT_EQ(pending(), 0);
}

TEST_F(Queue, StopsWhereTryingAgainIsInVain)
{
    feed("one.example");
    auto ends = open();
    const auto task = ends.source->next();
    server_.ask({"SET", "mxtls:results:done:default", "text"});
    EXPECT_THROW(finish(ends, {*task}), std::runtime_error);
    EXPECT_EQ(pending(), 1);
    EXPECT_THAT(stored(), IsEmpty()); // the set is looked at before anything is written

    server_.ask({"DEL", targets});
    server_.ask({"SET", targets, "text"});
    EXPECT_THROW(ends.source->next(), std::runtime_error);
}

TEST_F(Queue, GoesOnWithAStreamThatIsMadeAnew)
{
    auto ends = open();
    auto waiting = std::async(std::launch::async, [&] { return ends.source->next(); });
    ASSERT_TRUE(comes_true([&] {
        return server_.ask({"INFO", "clients"}).text.find("blocked_clients:1") != std::string::npos;
    }));
    server_.ask({"DEL", targets});
    feed("anew.example");
    EXPECT_EQ(waiting.get()->target, "anew.example");
    EXPECT_THAT(told_, IsEmpty());
}

} // namespace
