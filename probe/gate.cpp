#include "probe/gate.hpp"

#include "probe/tasks.hpp"

#include <asio/steady_timer.hpp>

#include <algorithm>
#include <list>
#include <set>
#include <unordered_map>
#include <utility>

namespace probe
{
namespace
{

using Clock = std::chrono::steady_clock;

constexpr int forgotten_at_once = 2; // more than can come at once, so that nothing piles up

} // namespace

/// One address. It is listed where it waits for something other than its own guests: for room in all, for a
/// moment, or for being forgotten.
struct Gate::Place
{
    using Index = std::set<std::pair<std::int64_t, Place*>>; // by arrival, or by moment

    explicit Place(const asio::ip::address& of) : address(of) {}

    asio::ip::address address;
    std::list<Waiter*> waiting{};
    std::size_t inside = 0;
    std::size_t beginning = 0; // of those inside
    Clock::time_point opens = Clock::time_point::min();
    Clock::time_point remembered_until = Clock::time_point::min(); // for its refusals' sake
    std::uint32_t refusals = 0;                                    // in a row
    Index* listed_in = nullptr;
    Index::iterator listed_at{};

    void unlist();
    void list(Index& index, std::int64_t key);
};

struct Gate::State : std::enable_shared_from_this<State>
{
    State(asio::any_io_executor executor, GateLimits limits, std::shared_ptr<Rate> rate);

    asio::any_io_executor executor;
    GateLimits limits;
    std::shared_ptr<Rate> rate;
    std::size_t inside = 0;
    std::size_t waiting = 0;
    std::int64_t arrivals = 0;
    std::unordered_map<asio::ip::address, Place> places;
    Place::Index ready;   // open, somebody waits, but there is no room in all: by arrival
    Place::Index resting; // not open yet, and somebody waits: by the moment at which it opens
    Place::Index idle;    // nobody is there: by the moment from which it may be forgotten
    asio::steady_timer alarm;
    std::optional<Clock::time_point> alarm_at;

    Place& place_of(const asio::ip::address& address);
    bool is_crowded(const Place& place) const;
    bool admits(const Place& place) const;
    void count_in(Place& place);
    void begin(Place& place);
    void leave(Place& place, bool has_begun);
    void refuse(Place& place);
    void trust(Place& place);

    void change(Place& place);
    void settle(Place& place);
    void settle_empty(Place& place);
    void admit();
    void set_alarm();
    void ring();
    void forget();
};

/// One that waits. May go at any moment, as when the loop goes.
struct Gate::Waiter
{
    Waiter(std::shared_ptr<State> gate, Place& place, Clock::time_point deadline);
    Waiter(Waiter&&) = delete;
    ~Waiter();

    void let_in();

    std::shared_ptr<State> gate;
    Place& place;
    std::int64_t arrival;
    asio::steady_timer admitted;
    std::optional<Permit> permit{};
    std::list<Waiter*>::iterator self{};
};

void Gate::Place::unlist()
{
    if (listed_in)
        listed_in->erase(listed_at);
    listed_in = nullptr;
}

void Gate::Place::list(Index& index, std::int64_t key)
{
    listed_in = &index;
    listed_at = index.emplace(key, this).first;
}

Gate::State::State(asio::any_io_executor of, GateLimits keep_to, std::shared_ptr<Rate> share)
    : executor(std::move(of)), limits(keep_to), rate(std::move(share)), alarm(executor)
{}

Gate::Place& Gate::State::place_of(const asio::ip::address& address)
{
    forget();
    return places.try_emplace(address, address).first->second;
}

bool Gate::State::is_crowded(const Place& place) const
{
    // When the one that is about to begin has begun, an interval runs.
    return place.inside >= limits.per_address || (place.beginning > 0 && limits.host_interval.count() > 0);
}

bool Gate::State::admits(const Place& place) const
{
    return inside < limits.total && place.waiting.empty() && !is_crowded(place) &&
           place.opens <= Clock::now();
}

void Gate::State::count_in(Place& place)
{
    place.unlist();
    ++inside;
    ++place.inside;
    ++place.beginning;
}

void Gate::State::begin(Place& place)
{
    --place.beginning;
    place.opens = std::max(place.opens, Clock::now() + limits.host_interval);
}

void Gate::State::leave(Place& place, bool has_begun)
{
    --inside;
    --place.inside;
    if (has_begun)
        place.opens = std::max(place.opens, Clock::now() + limits.host_interval);
    else
        --place.beginning;
    change(place);
}

void Gate::State::refuse(Place& place)
{
    auto pause = limits.first_back_off;
    for (std::uint32_t before = 0; before < place.refusals && pause < limits.longest_back_off; ++before)
        pause *= 2;
    pause = std::min(pause, limits.longest_back_off);
    ++place.refusals;
    place.opens = std::max(place.opens, Clock::now() + pause);
    place.remembered_until = place.opens + pause;
    change(place);
}

void Gate::State::trust(Place& place)
{
    place.refusals = 0;
    place.remembered_until = Clock::time_point::min();
}

/// After each change at a place, whoever may be in now is let in, so that nobody can slip in between. An
/// empty place may be gone then.
void Gate::State::change(Place& place)
{
    settle(place);
    admit();
}

/// Lists the place anew.
void Gate::State::settle(Place& place)
{
    place.unlist();
    if (place.waiting.empty())
        return settle_empty(place);
    if (is_crowded(place))
        return;
    if (place.opens <= Clock::now())
        return place.list(ready, place.waiting.front()->arrival);
    place.list(resting, place.opens.time_since_epoch().count());
    set_alarm();
}

void Gate::State::settle_empty(Place& place)
{
    set_alarm();
    if (place.inside > 0)
        return;
    const auto until = std::max(place.opens, place.remembered_until);
    if (until <= Clock::now())
        places.erase(place.address);
    else
        place.list(idle, until.time_since_epoch().count());
}

void Gate::State::admit()
{
    while (inside < limits.total && !ready.empty()) {
        auto& place = *ready.begin()->second;
        place.waiting.front()->let_in();
        settle(place);
    }
}

/// For the place that opens next. Without one it must not keep the loop waiting.
void Gate::State::set_alarm()
{
    if (resting.empty()) {
        if (alarm_at)
            alarm.cancel();
        alarm_at.reset();
        return;
    }
    const Clock::time_point next{Clock::duration(resting.begin()->first)};
    if (alarm_at && *alarm_at <= next)
        return;
    alarm_at = next;
    alarm.expires_at(next);
    alarm.async_wait([self = weak_from_this()](std::error_code fault) {
        const auto gate = self.lock();
        if (gate && !fault)
            gate->ring();
    });
}

void Gate::State::ring()
{
    alarm_at.reset();
    const auto now = Clock::now().time_since_epoch().count();
    while (!resting.empty() && resting.begin()->first <= now)
        settle(*resting.begin()->second);
    set_alarm();
    admit();
}

void Gate::State::forget()
{
    const auto now = Clock::now().time_since_epoch().count();
    for (int count = 0; count < forgotten_at_once; ++count) {
        if (idle.empty() || idle.begin()->first > now)
            return;
        auto& place = *idle.begin()->second;
        place.unlist();
        places.erase(place.address);
    }
}

Gate::Waiter::Waiter(std::shared_ptr<State> of, Place& at, Clock::time_point deadline)
    : gate(std::move(of)), place(at), arrival(gate->arrivals++), admitted(gate->executor, deadline)
{
    self = place.waiting.insert(place.waiting.end(), this);
    ++gate->waiting;
    if (place.waiting.size() == 1)
        gate->change(place);
}

Gate::Waiter::~Waiter()
{
    if (permit)
        return;
    place.waiting.erase(self);
    --gate->waiting;
    gate->change(place);
}

void Gate::Waiter::let_in()
{
    place.waiting.erase(self);
    --gate->waiting;
    gate->count_in(place);
    permit.emplace(gate, place);
    admitted.expires_at(Clock::time_point::min());
}

Gate::Gate(asio::any_io_executor executor, GateLimits limits, std::shared_ptr<Rate> rate)
    : state_(std::make_shared<State>(std::move(executor), limits, std::move(rate)))
{}

Gate::Permit::Permit(const std::shared_ptr<State>& gate, Place& place)
    : gate_(gate), place_(&place), refusals_before_(place.refusals)
{}

Gate::Permit::~Permit()
{
    const auto gate = gate_.lock();
    if (!gate)
        return;
    if (has_begun_ && !is_refused_ && refusals_before_ == place_->refusals)
        gate->trust(*place_);
    gate->leave(*place_, has_begun_);
}

void Gate::Permit::back_off()
{
    const auto gate = gate_.lock();
    if (gate && !is_refused_ && refusals_before_ == place_->refusals)
        gate->refuse(*place_);
    is_refused_ = true;
}

asio::awaitable<std::optional<Gate::Permit>>
Gate::enter(asio::ip::address address, Clock::time_point deadline)
{
    const auto gate = state_;
    auto& place = gate->place_of(address);
    if (gate->admits(place)) {
        gate->count_in(place);
        co_return Permit(gate, place);
    }
    Waiter waiter(gate, place, deadline);
    co_await waiter.admitted.async_wait(use_tuple);
    co_return std::move(waiter.permit);
}

asio::awaitable<void> Gate::pace(Permit& permit)
{
    const auto gate = state_;
    if (permit.has_begun_)
        co_return;
    asio::steady_timer timer(gate->executor);
    std::optional<Clock::time_point> start;
    if (gate->rate)
        start = gate->rate->next_start(Clock::now());
    while (start) {
        timer.expires_at(*start);
        co_await timer.async_wait(use_tuple);
        start = gate->rate->begin(Clock::now());
    }
    permit.has_begun_ = true;
    gate->begin(*permit.place_);
    gate->change(*permit.place_);
}

std::size_t Gate::waiting() const noexcept
{
    return state_->waiting;
}

std::size_t Gate::addresses() const noexcept
{
    return state_->places.size();
}

} // namespace probe
