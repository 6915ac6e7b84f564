#include "probe/command/queue.hpp"

#include "probe/command/machine.hpp"
#include "probe/command/queue_entry.hpp"
#include "probe/command/queue_scripts.hpp"
#include "probe/command/queue_url.hpp"
#include "probe/command/redis.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <thread>
#include <unordered_set>
#include <utility>

namespace command
{
namespace
{

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds answer_limit = 10s; // of what the server does at once
constexpr milliseconds longest_block = 5s; // for new entries
constexpr milliseconds drain_pause = 250ms;
constexpr milliseconds stop_grace = 2s;     // to store what is known when the end is called for
constexpr milliseconds first_delay = 100ms; // between attempts, doubled up to the longest
constexpr milliseconds longest_delay = 5s;
constexpr milliseconds quiet_time = 60s;    // between two lines of lost servers
constexpr milliseconds released_idle = 24h; // longer than any take-over
constexpr std::size_t read_at_once = 32;    // entries
constexpr std::size_t refresh_at_once = 500;

/// The server answers otherwise than the commands are documented.
[[noreturn]] void misunderstood()
{
    throw std::runtime_error("the queue's server answers unlike Redis: give one of version 7 or later");
}

const RedisReply& part(const RedisReply& reply, std::size_t index)
{
    if (index >= reply.list.size())
        misunderstood();
    return reply.list[index];
}

std::optional<std::string> text_of(const RedisReply& reply)
{
    return reply.kind == RedisReply::Kind::text ? std::optional(reply.text) : std::nullopt;
}

/// Of one that XREADGROUP gives.
QueueEntry new_entry(const RedisReply& reply)
{
    QueueEntry entry{.id = part(reply, 0).text};
    const auto& fields = part(reply, 1).list;
    for (std::size_t index = 0; index + 1 < fields.size(); index += 2) {
        if (fields[index].text == "target" && !entry.target)
            entry.target = fields[index + 1].text;
        else if (fields[index].text == "run" && !entry.run)
            entry.run = fields[index + 1].text;
    }
    return entry;
}

/// Of one that take_over_script gives.
QueueEntry taken_entry(const RedisReply& reply)
{
    return {
        .id = part(reply, 0).text,
        .deliveries = part(reply, 1).number,
        .target = text_of(part(reply, 2)),
        .run = text_of(part(reply, 3))};
}

/// What both ends, and the thread that keeps what is in flight, know of each other.
class Queue
{
public:
    Queue(QueuePlace where, QueueTell tell);
    ~Queue();
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;

    /// Once, at the start.
    void prepare();

    /// Unless it is there.
    void create_group(RedisLink& link) const;

    /// For whoever asks next: what this worker was given, but for `kept`.
    void release(RedisLink& link, const std::vector<std::string>& kept, milliseconds limit) const;
    std::vector<std::string> in_flight();

    /// How many entries more this worker may hold; waits for the first, or until the link is stopped: none
    /// then.
    std::size_t await_room(const RedisLink& link);
    void wake();

    /// Whether it was not in flight before.
    bool took(const std::string& id);
    void stored(const std::string& id);

    void lost(const RedisFault& fault);
    void back();

    RedisCommand
    script(const char* text, std::vector<std::string> keys, std::vector<std::string> arguments) const;
    std::string done_key(std::string_view run) const { return fmt::format("{}:done:{}", place.results, run); }

    const QueuePlace place;

private:
    void require(const std::string& key, std::string_view kind);
    void keep();
    void refresh();

    std::mutex mutex_;
    std::condition_variable room_;
    std::unordered_set<std::string> in_flight_;

    // Of what is told, which may take long: what is in flight is kept meanwhile.
    std::mutex telling_;
    QueueTell tell_;
    std::optional<Clock::time_point> lost_since_;
    std::optional<Clock::time_point> told_;
    bool told_of_this_ = false;
    RedisLink link_;
    std::thread keeper_;
};

Queue::Queue(QueuePlace where, QueueTell tell)
    : place(std::move(where)), tell_(std::move(tell)), link_(place.server, 0ms)
{}

Queue::~Queue()
{
    link_.stop();
    if (!keeper_.joinable())
        return;
    keeper_.join();
    try {
        RedisLink link(place.server, stop_grace);
        release(link, {}, stop_grace);
    } catch (const std::exception&) { // then the take-over time does it
    }
}

void Queue::prepare()
{
    create_group(link_);
    require(place.results, "stream");
    require(done_key(place.run), "set");
    // Signals are the main thread's to take.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before);
    keeper_ = std::thread([this] { keep(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

/// What is found wrong before anything was probed costs nothing.
void Queue::require(const std::string& key, std::string_view kind)
{
    const auto found = link_.ask({"TYPE", key}, answer_limit).text;
    if (found != "none" && found != kind)
        throw std::runtime_error(fmt::format(
            "key '{}' of Redis at {} is a {}, no {}: give another in the queue's URL", key,
            place.server.shown(), smtp::excerpt(found), kind
        ));
}

std::size_t Queue::await_room(const RedisLink& link)
{
    const auto most = place.hold.value_or(std::numeric_limits<std::size_t>::max());
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return in_flight_.size() < most || link.stopped(); });
    return link.stopped() ? 0 : most - in_flight_.size();
}

void Queue::wake()
{
    const std::lock_guard lock(mutex_);
    room_.notify_all();
}

bool Queue::took(const std::string& id)
{
    const std::lock_guard lock(mutex_);
    return in_flight_.insert(id).second;
}

void Queue::stored(const std::string& id)
{
    const std::lock_guard lock(mutex_);
    in_flight_.erase(id);
    room_.notify_all();
}

std::vector<std::string> Queue::in_flight()
{
    const std::lock_guard lock(mutex_);
    return {in_flight_.begin(), in_flight_.end()};
}

void Queue::lost(const RedisFault& fault)
{
    const std::lock_guard lock(telling_);
    if (lost_since_)
        return;
    lost_since_ = Clock::now();
    told_of_this_ = !told_ || *lost_since_ - *told_ > quiet_time;
    if (!told_of_this_)
        return;
    told_ = lost_since_;
    tell_(fmt::format("{}; trying again, nothing is lost", fault.what()));
}

void Queue::back()
{
    const std::lock_guard lock(telling_);
    if (!lost_since_)
        return;
    const auto time = std::chrono::duration<double>(Clock::now() - *lost_since_).count();
    lost_since_.reset();
    if (told_of_this_)
        tell_(fmt::format("Redis at {} works again, after {:.1f} s", place.server.shown(), time));
}

RedisCommand
Queue::script(const char* text, std::vector<std::string> keys, std::vector<std::string> arguments) const
{
    RedisCommand command{"EVAL", text, std::to_string(keys.size())};
    std::ranges::move(keys, std::back_inserter(command));
    command.push_back(place.group);
    std::ranges::move(arguments, std::back_inserter(command));
    return command;
}

/// From the first entry on: targets may be there before any worker is.
void Queue::create_group(RedisLink& link) const
{
    try {
        link.ask({"XGROUP", "CREATE", place.targets, place.group, "0", "MKSTREAM"}, answer_limit);
    } catch (const RedisFault& fault) {
        if (fault.kind() != RedisFault::Kind::has_group)
            throw;
    }
}

/// A target may take longer than the take-over time, and the source is not always waited in: so this has a
/// thread of its own.
void Queue::keep()
{
    auto pause = place.take_over / 3;
    while (link_.pause(pause)) {
        try {
            refresh();
            pause = place.take_over / 3;
        } catch (const RedisFault&) {
            pause = place.take_over / 12; // the ends of the queue tell of it
        }
    }
}

void Queue::refresh()
{
    const auto ids = in_flight();
    for (std::size_t begin = 0; begin < ids.size(); begin += refresh_at_once) {
        std::vector<std::string> arguments{place.consumer};
        const auto end = std::min(ids.size(), begin + refresh_at_once);
        arguments.insert(
            arguments.end(), ids.begin() + static_cast<std::ptrdiff_t>(begin),
            ids.begin() + static_cast<std::ptrdiff_t>(end)
        );
        link_.ask(script(refresh_script, {place.targets}, std::move(arguments)), answer_limit);
    }
}

void Queue::release(RedisLink& link, const std::vector<std::string>& kept, milliseconds limit) const
{
    std::vector<std::string> arguments{place.consumer, std::to_string(released_idle.count())};
    std::ranges::copy(kept, std::back_inserter(arguments));
    link.ask(script(release_script, {place.targets}, std::move(arguments)), limit);
}

/// Tries again with growing pauses.
class Patience
{
public:
    Patience(Queue& queue, RedisLink& link) : queue_(queue), link_(link) {}

    /// Throws it where trying again is in vain; whether it was not stopped.
    bool after(const RedisFault& fault)
    {
        if (fault.kind() == RedisFault::Kind::lasting)
            throw fault;
        if (fault.kind() == RedisFault::Kind::passing)
            queue_.lost(fault);
        const auto delay = std::exchange(delay_, std::min(delay_ * 2, longest_delay));
        return link_.pause(delay);
    }

    void rewarded()
    {
        delay_ = first_delay;
        queue_.back();
    }

private:
    Queue& queue_;
    RedisLink& link_;
    milliseconds delay_ = first_delay;
};

class QueueSource final : public scan::Source
{
public:
    explicit QueueSource(std::shared_ptr<Queue> queue)
        : queue_(std::move(queue)), link_(queue_->place.server, 0ms), patience_(*queue_, link_)
    {}

    std::optional<scan::Task> next() override;
    void stop() noexcept override
    {
        link_.stop();
        queue_->wake();
    }
    std::optional<double> share_read() const noexcept override { return std::nullopt; }

private:
    void recover(const RedisFault& fault);
    bool fetch();
    void take_over();
    void read_new();
    bool all_done();
    void add(const QueueEntry& entry);

    std::shared_ptr<Queue> queue_;
    RedisLink link_;
    Patience patience_;
    std::deque<scan::Task> ready_;
    std::size_t room_ = 0; // for so many more
    std::uint64_t given_ = 0;
    bool group_is_there_ = true;
    bool reply_may_be_lost_ = false;
    std::string cursor_ = "0-0"; // of the take-over
    Clock::time_point take_over_at_{};
};

std::optional<scan::Task> QueueSource::next()
{
    while (ready_.empty() && !link_.stopped()) {
        room_ = std::min(queue_->await_room(link_), read_at_once);
        try {
            const bool more = fetch();
            patience_.rewarded();
            if (!more)
                return std::nullopt;
        } catch (const RedisFault& fault) {
            recover(fault);
        }
    }
    if (link_.stopped())
        return std::nullopt;
    auto task = std::move(ready_.front());
    ready_.pop_front();
    task.number = given_++;
    return task;
}

void QueueSource::recover(const RedisFault& fault)
{
    take_over_at_ = {}; // much may have come to pass meanwhile
    group_is_there_ = fault.kind() != RedisFault::Kind::no_group;
    reply_may_be_lost_ = true;
    patience_.after(fault);
}

/// False where the queue is to be drained, and is.
bool QueueSource::fetch()
{
    if (!group_is_there_)
        queue_->create_group(link_);
    group_is_there_ = true;
    if (reply_may_be_lost_) // with entries in it, perhaps
        queue_->release(link_, queue_->in_flight(), answer_limit);
    reply_may_be_lost_ = false;
    if (Clock::now() >= take_over_at_)
        take_over();
    if (ready_.empty())
        read_new();
    if (!ready_.empty() || !queue_->place.drain)
        return true;
    if (all_done())
        return false;
    take_over_at_ = {};
    link_.pause(drain_pause);
    return true;
}

void QueueSource::take_over()
{
    const auto& place = queue_->place;
    const std::vector<std::string> arguments{
        place.consumer, std::to_string(place.take_over.count()), cursor_, std::to_string(room_),
        std::to_string(longest_queued_target + 1)};
    const auto reply = link_.ask(queue_->script(take_over_script, {place.targets}, arguments), answer_limit);
    cursor_ = part(reply, 0).text;
    for (const auto& entry : part(reply, 1).list)
        add(taken_entry(entry));
    take_over_at_ = cursor_ == "0-0" ? Clock::now() + place.take_over / 4 : Clock::time_point{};
}

void QueueSource::read_new()
{
    const auto& place = queue_->place;
    RedisCommand command{"XREADGROUP", "GROUP", place.group, place.consumer, "COUNT", std::to_string(room_)};
    if (!place.drain) {
        const auto free = std::chrono::ceil<milliseconds>(take_over_at_ - Clock::now());
        const auto block = std::clamp(free, 1ms, longest_block);
        command.insert(command.end(), {"BLOCK", std::to_string(block.count())});
    }
    command.insert(command.end(), {"STREAMS", place.targets, ">"});
    const auto reply = link_.ask(command, longest_block + answer_limit);
    for (const auto& stream : reply.list) {
        for (const auto& entry : part(stream, 1).list)
            add(new_entry(entry));
    }
}

/// Whether every entry that was ever read is acknowledged, by whichever worker.
bool QueueSource::all_done()
{
    const auto pending = link_.ask({"XPENDING", queue_->place.targets, queue_->place.group}, answer_limit);
    return part(pending, 0).number == 0;
}

void QueueSource::add(const QueueEntry& entry)
{
    if (queue_->took(entry.id))
        ready_.push_back(queue_task(entry, queue_->place.run));
}

std::string without_end(const std::string& text)
{
    return text.substr(0, text.find_last_not_of("\r\n") + 1);
}

class QueueSink final : public scan::Sink
{
public:
    explicit QueueSink(std::shared_ptr<Queue> queue)
        : queue_(std::move(queue)), link_(queue_->place.server, stop_grace), patience_(*queue_, link_)
    {}

    void put(const std::vector<scan::Result>& batch) override;
    void stop() noexcept override { link_.stop(); }

private:
    void store(std::span<const scan::Result> results);
    RedisCommand storing(const scan::Result& result) const;

    std::shared_ptr<Queue> queue_;
    RedisLink link_;
    Patience patience_;
};

void QueueSink::put(const std::vector<scan::Result>& batch)
{
    for (std::span<const scan::Result> left = batch; !left.empty();) {
        const auto some = left.first(sent_at_once(left));
        try {
            store(some);
            patience_.rewarded();
            left = left.subspan(some.size());
        } catch (const RedisFault& fault) {
            if (!patience_.after(fault))
                throw std::runtime_error(fmt::format(
                    "{}; {} results are not stored: others will do them", fault.what(), left.size()
                ));
        }
    }
}

/// Again where it is not known how far it came: what is stored already is only acknowledged.
void QueueSink::store(std::span<const scan::Result> results)
{
    std::vector<RedisCommand> commands;
    for (const auto& result : results)
        commands.push_back(storing(result));
    link_.ask_all(commands, answer_limit);
    for (const auto& result : results)
        queue_->stored(queue_ticket(result.task).id);
}

RedisCommand QueueSink::storing(const scan::Result& result) const
{
    const auto& place = queue_->place;
    const auto ticket = queue_ticket(result.task);
    return queue_->script(
        store_script, {place.targets, place.results, queue_->done_key(ticket.run)},
        {ticket.id, ticket.done, "run", ticket.run, "target", result.task.target, "status",
         std::string(name(result.status)), "worker", place.consumer, "result", without_end(result.text)}
    );
}

/// "mx-watch-3-4711": what no other living worker bears.
std::string own_name()
{
    auto name = own_host_name().substr(0, longest_name / 2);
    if (!is_name(name, longest_name))
        name = "worker";
    return fmt::format("{}-{}", name, ::getpid());
}

void complete(QueuePlace& place)
{
    auto& server = place.server;
    const char* const password = std::getenv("REDISCLI_AUTH");
    if (server.password.empty() && password != nullptr)
        server.password = password;
    if (!server.user.empty() && server.password.empty())
        throw std::invalid_argument(
            "the queue's URL names a user without a password: give USER:PASSWORD@HOST, or set REDISCLI_AUTH"
        );
    if (place.consumer.empty())
        place.consumer = own_name();
}

} // namespace

QueueEnds open_queue(const std::string& url, QueueTell tell)
{
    auto place = parse_queue_url(url);
    complete(place);
    const auto queue = std::make_shared<Queue>(std::move(place), std::move(tell));
    queue->prepare();
    return {std::make_unique<QueueSource>(queue), std::make_unique<QueueSink>(queue)};
}

} // namespace command
