// A stream of targets → a stream of results, on as many loops as there are cores.
#pragma once

#include "probe/examine.hpp"
#include "probe/judge.hpp"
#include "probe/judged_chains.hpp"
#include "probe/scan/budget.hpp"
#include "probe/scan/exclusions.hpp"
#include "probe/scan/loops.hpp"
#include "probe/scan/outbox.hpp"
#include "probe/scan/shard.hpp"
#include "probe/scan/stream.hpp"
#include "probe/tally.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace scan
{

struct Settings
{
    probe::Plan plan;
    probe::Criteria criteria;
    Manner manner;
    Limits limits;
    Exclusions exclusions;
    bool ordered = false;
    std::size_t loops = 1;
};

/// What the scan asks of whoever knows targets and words. Called from several threads at once.
struct Words
{
    std::function<probe::Target(const std::string&)> target; // throws std::invalid_argument, as parse_target
    std::function<bool(const std::string&)> is_done;         // a target of which there is a result already
    std::function<std::string(const probe::Verdict&)> result;
    std::function<void(const probe::Observation&)> seen{}; // before it is judged; may be empty
};

/// How it ended.
struct Ended
{
    bool whole = false;                 // every target of the input has its result, and it is stored
    bool reader_gone = false;           // nobody wants the rest
    std::optional<std::string> fault{}; // of the source or the sink, one line
};

class Scanner
{
public:
    /// The arguments outlive it. Throws std::invalid_argument for TLS settings that cannot be used.
    Scanner(Settings settings, probe::Trust::Roots roots, Words words, Source& source, Sink& sink);
    ~Scanner();

    /// `on_end` is called once, from some thread, when there is nothing left to do.
    void start(std::function<void()> on_end);

    /// Takes no more, and lets go of what is under way. From any thread.
    void stop() noexcept;

    /// Waits for all threads. What is known by then is stored, where the sink takes it soon. Once, behind
    /// start(). Throws what a loop threw, which is a bug and has ended the scan.
    Ended join();

    probe::Tally tally() const;
    std::vector<dns::ServerValidation> resolvers() const; // behind join()

private:
    struct Desk;

    void feed();
    void deliver();
    void take_on(Task task);
    void spread(Task task, probe::Target target);
    asio::awaitable<void> examine(Desk& desk, Task task, probe::Observation observation);
    static void count_work(Desk& desk);
    void settle(Desk& desk, Task task, const probe::Verdict& verdict);
    void note(const std::string& fault);

    Settings settings_;
    const Words words_;
    Source& source_;
    Sink& sink_;
    std::function<void()> on_end_;

    Budget budget_;
    Outbox outbox_;
    Loops loops_; // emptied by join(), and there for as long as anything that has a timer
    std::vector<std::unique_ptr<Shard>> shards_;
    std::vector<std::unique_ptr<Desk>> desks_;

    std::thread feeder_;
    std::atomic<std::uint64_t> skipped_ = 0; // targets of which there is a result already
    bool joined_ = false;
    std::thread deliverer_;
    std::promise<void> delivered_;
    mutable std::mutex mutex_; // of what follows
    bool stopped_ = false;
    bool reader_gone_ = false;
    std::optional<std::string> fault_;
};

} // namespace scan
