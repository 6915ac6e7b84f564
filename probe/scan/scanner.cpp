#include "probe/scan/scanner.hpp"

#include "probe/evidence.hpp"
#include "probe/scan/shared_means.hpp"
#include "probe/tasks.hpp"
#include "probe/untried.hpp"

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <exception>
#include <stdexcept>
#include <utility>

namespace scan
{
namespace
{

using std::chrono::system_clock;

// A reader that takes nothing is waited for at the end no longer than this.
constexpr std::chrono::seconds last_patience{2};

// Certificates are judged as of a moment that is no older.
constexpr std::chrono::minutes moment_life{1};

} // namespace

/// What the examinations of one loop have in common.
struct Scanner::Desk
{
    Desk(Shard& own, SharedMeans all, const probe::Criteria& given, probe::Trust::Roots roots)
        : shard(own), means(all), criteria(given), trust(std::move(roots), &chains)
    {}

    Shard& shard;
    SharedMeans means;
    probe::Criteria criteria;
    probe::JudgedChains chains{};
    probe::Trust trust;
    std::mutex mutex{}; // of the tally
    probe::Tally tally{};
};

Scanner::Scanner(Settings settings, probe::Trust::Roots roots, Words words, Source& source, Sink& sink)
    : settings_(std::move(settings)),
      words_(std::move(words)),
      source_(source),
      sink_(sink),
      budget_(settings_.limits),
      outbox_(settings_.ordered),
      loops_(settings_.loops)
{
    settings_.manner.shards = settings_.loops;
    settings_.manner.dns.burst = std::max<std::size_t>(1, settings_.manner.dns.burst / settings_.loops);
    for (std::size_t index = 0; index < loops_.size(); ++index)
        shards_.push_back(std::make_unique<Shard>(loops_.at(index), settings_.manner, budget_));
    for (std::size_t index = 0; index < loops_.size(); ++index) {
        auto& shard = *shards_[index];
        SharedMeans means(shards_, index, budget_, settings_.exclusions, settings_.manner.key_types);
        desks_.push_back(std::make_unique<Desk>(shard, means, settings_.criteria, roots));
    }
}

Scanner::~Scanner()
{
    stop();
    if (feeder_.joinable())
        join();
}

void Scanner::start(std::function<void()> on_end)
{
    on_end_ = std::move(on_end);
    loops_.start([this] { stop(); });
    deliverer_ = std::thread([this] { deliver(); });
    feeder_ = std::thread([this] { feed(); });
}

void Scanner::stop() noexcept
{
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    source_.stop();
    budget_.stop();
}

Ended Scanner::join()
{
    feeder_.join();
    joined_ = true;
    std::exception_ptr bug;
    try {
        loops_.stop();
    } catch (...) {
        bug = std::current_exception();
    }
    for (const auto& desk : desks_)
        count_work(*desk);
    outbox_.close();
    if (delivered_.get_future().wait_for(last_patience) == std::future_status::timeout)
        sink_.stop();
    deliverer_.join();
    if (bug)
        std::rethrow_exception(bug);
    const std::lock_guard lock(mutex_);
    return {!stopped_ && !fault_, reader_gone_, fault_};
}

void Scanner::note(const std::string& fault)
{
    const std::lock_guard lock(mutex_);
    if (!fault_)
        fault_ = fault;
}

void Scanner::feed()
{
    block_signals();
    std::uint64_t number = 0; // of those that will have a result
    try {
        for (auto task = source_.next(); task; task = source_.next()) {
            if (words_.is_done(task->target)) {
                ++skipped_;
                continue;
            }
            if (!budget_.take())
                break;
            task->number = number++;
            take_on(std::move(*task));
        }
    } catch (const std::runtime_error& fault) {
        note(fault.what());
    }
    budget_.wait_until_written();
    on_end_();
}

void Scanner::deliver()
{
    block_signals();
    try {
        for (auto batch = outbox_.take(); !batch.empty(); batch = outbox_.take()) {
            sink_.put(batch);
            budget_.write(batch.size());
        }
    } catch (const ReaderGone&) {
        stop();
        const std::lock_guard lock(mutex_);
        reader_gone_ = true;
    } catch (const std::runtime_error& fault) {
        note(fault.what());
        stop();
    }
    delivered_.set_value();
}

void Scanner::take_on(Task task)
{
    const auto now = system_clock::now();
    std::optional<probe::Target> target;
    auto why = task.fault;
    if (why.empty()) {
        try {
            target = words_.target(task.target);
        } catch (const std::invalid_argument& fault) {
            why = fault.what();
        }
    }
    auto& desk = *desks_.front();
    if (!target && task.is_abandoned)
        return settle(desk, task, probe::judge_abandonment(task.target, std::move(why), now));
    if (!target)
        return settle(desk, task, probe::judge_refusal(task.target, std::move(why), now));
    const auto rule = settings_.exclusions.rule_for(target->domain);
    if (rule)
        return settle(desk, task, probe::judge_exclusion(*target, *rule, now));
    spread(std::move(task), std::move(*target));
}

/// The targets of one domain come to one loop, which is where its MX is known, or the address is spoken with.
/// The examination is made there, too: memory that one thread takes and another one gives back costs both.
void Scanner::spread(Task task, probe::Target target)
{
    const auto hash = target.literal ? std::hash<asio::ip::address>()(*target.literal)
                                     : std::hash<std::string>()(target.domain);
    const auto index = hash % desks_.size();
    auto& loop = loops_.at(index);
    auto& desk = *desks_[index];
    auto begin = [this, &loop, &desk, task = std::move(task), target = std::move(target)]() mutable {
        probe::Observation observation;
        observation.target = std::move(target);
        asio::co_spawn(loop, examine(desk, std::move(task), std::move(observation)), probe::rethrow);
    };
    asio::post(loop, std::move(begin));
}

asio::awaitable<void> Scanner::examine(Desk& desk, Task task, probe::Observation observation)
{
    co_await probe::examine(observation, settings_.plan, desk.means);
    const auto now = std::chrono::floor<std::chrono::seconds>(system_clock::now());
    if (settings_.criteria.moment_is_now && now - desk.criteria.moment > moment_life)
        desk.criteria.moment = now;
    if (words_.seen)
        words_.seen(observation);
    desk.criteria.evidence.seen = probe::intermediates_in({&observation, 1});
    const auto verdict = probe::judge(std::move(observation), desk.criteria, desk.trust);
    count_work(desk);
    settle(desk, std::move(task), verdict);
}

/// On the loop of the desk.
void Scanner::count_work(Desk& desk)
{
    const auto& work = desk.shard.work();
    const auto asked = desk.shard.resolver().statistics();
    const std::lock_guard lock(desk.mutex);
    desk.tally.dns_questions = asked.over_udp + asked.over_tcp;
    desk.tally.dns_cached = work.answers_known;
    desk.tally.policies_fetched = work.policies;
}

void Scanner::settle(Desk& desk, Task task, const probe::Verdict& verdict)
{
    Result result{std::move(task), verdict.status, words_.result(verdict)};
    {
        const std::lock_guard lock(desk.mutex);
        desk.tally.count(verdict);
    }
    budget_.finish();
    outbox_.add(std::move(result));
}

probe::Tally Scanner::tally() const
{
    probe::Tally all;
    for (const auto& desk : desks_) {
        const std::lock_guard lock(desk->mutex);
        all += desk->tally;
    }
    all.targets_skipped = skipped_;
    const auto load = joined_ ? Budget::Load() : budget_.load();
    all.targets_under_way = load.targets;
    all.sessions_under_way = load.conversations;
    return all;
}

/// Each loop asks for itself: of what they saw of a server, the worst counts.
std::vector<dns::ServerValidation> Scanner::resolvers() const
{
    auto all = shards_.front()->resolver().validation();
    for (const auto& shard : shards_) {
        const auto seen = shard->resolver().validation();
        for (std::size_t server = 0; server < all.size(); ++server)
            all[server].validation = std::max(all[server].validation, seen[server].validation);
    }
    return all;
}

} // namespace scan
