// Things that are worked out once for whoever asks.
#pragma once

#include "probe/means.hpp"
#include "probe/scan/octets.hpp"
#include "probe/tasks.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace scan
{

/// How much is kept: so many, and so many octets of all together, as octets_of(value) tells them.
struct Room
{
    std::size_t most = 0;
    std::size_t octets = 0;
};

/// What is known, each until some moment, and no more than there is room for: the one that nobody wanted for
/// longest goes first.
template <class Value>
class Kept
{
public:
    using Clock = std::chrono::steady_clock;
    using Shared = std::shared_ptr<const Value>;
    struct Entry;
    using Place = std::pair<const std::string, Entry>; // of a key

    explicit Kept(Room room) : room_(room) {}

    /// Null where nothing is known, or not any more.
    Shared find(const std::string& key)
    {
        const auto there = index_.find(key);
        if (there == index_.end())
            return nullptr;
        auto value = find(*there);
        if (!value)
            index_.erase(there);
        return value;
    }

    /// In the place of what was known.
    void keep(std::string key, Shared value, Clock::time_point until)
    {
        keep(place(std::move(key)), std::move(value), until);
    }

    /// Stays until something is kept there.
    Place& place(std::string key) { return *index_.try_emplace(std::move(key)).first; }

    /// As of its key; the place stays.
    Shared find(Place& place)
    {
        auto& entry = place.second;
        if (entry.value && entry.until <= Clock::now())
            forget(entry);
        if (entry.value)
            order_.splice(order_.begin(), order_, entry.order);
        return entry.value;
    }

    /// Where the moment has passed already the place is gone, too.
    void keep(Place& place, Shared value, Clock::time_point until)
    {
        if (until <= Clock::now())
            return give_up(place);
        auto& entry = place.second;
        forget(entry);
        entry.octets = place.first.size() + octets_of(*value);
        entry.value = std::move(value);
        entry.until = until;
        order_.push_front(&place);
        entry.order = order_.begin();
        octets_ += entry.octets;
        while (order_.size() > room_.most || (octets_ > room_.octets && order_.size() > 1))
            give_up(*order_.back());
    }

    std::size_t size() const noexcept { return order_.size(); }
    std::size_t octets() const noexcept { return octets_; }

private:
    void give_up(Place& place)
    {
        forget(place.second);
        index_.erase(index_.find(place.first));
    }

    void forget(Entry& entry)
    {
        if (!entry.value)
            return;
        octets_ -= entry.octets;
        order_.erase(entry.order);
        entry.value.reset();
    }

    Room room_;
    std::size_t octets_ = 0;
    std::list<Place*> order_; // where there is something, the last one wanted first
    std::unordered_map<std::string, Entry> index_;
};

template <class Value>
struct Kept<Value>::Entry
{
    /// For those who wait for what somebody makes.
    struct Wait
    {
        explicit Wait(const asio::any_io_executor& executor) : over(executor) {}

        probe::Event over;
        Shared value;
    };

    Shared value;
    Clock::time_point until;
    std::size_t octets = 0;
    typename std::list<Place*>::iterator order;
    bool is_under_way = false; // somebody makes it
    std::shared_ptr<Wait> wait;
};

/// Single-threaded. Outlives whoever asks.
template <class Value>
class Once
{
public:
    using Shared = typename Kept<Value>::Shared;
    using Clock = std::chrono::steady_clock;

    struct Made
    {
        Value value;
        Clock::time_point until = Clock::time_point::max(); // from then on it is to be made anew
        bool known = false;                                 // it turned out to be
    };

    using Got = probe::Common<Value>;

    Once(asio::any_io_executor executor, Room room) : executor_(std::move(executor)), kept_(room) {}

    /// What is known of the key, what somebody else is making of it, or else what `make` makes: it takes
    /// nothing and gives an asio::awaitable of what `settle` makes a Made of.
    template <class Make, class Settle = std::identity>
    asio::awaitable<Got> get(std::string key, Make make, Settle settle = {})
    {
        auto& place = kept_.place(std::move(key));
        Got got{kept_.find(place), true};
        known_ += got.value ? 1 : 0;
        if (got.value)
            co_return got;
        auto& entry = place.second;
        if (entry.is_under_way) {
            if (!entry.wait)
                entry.wait = std::make_shared<Wait>(executor_);
            const auto wait = entry.wait;
            co_await wait->over.wait();
            ++known_;
            got.value = wait->value;
            co_return got;
        }
        entry.is_under_way = true;
        auto result = co_await make();
        Made made = settle(std::move(result));
        known_ += made.known ? 1 : 0;
        got.known = made.known;
        got.value = std::make_shared<const Value>(std::move(made.value));
        finish(place, got.value, made.until);
        co_return got;
    }

    /// Times that it was.
    std::uint64_t known() const noexcept { return known_; }

private:
    using Place = typename Kept<Value>::Place;
    using Wait = typename Kept<Value>::Entry::Wait;

    void finish(Place& place, const Shared& value, Clock::time_point until)
    {
        place.second.is_under_way = false;
        const auto wait = std::move(place.second.wait);
        kept_.keep(place, value, until);
        if (!wait)
            return;
        wait->value = value;
        wait->over.happen();
    }

    asio::any_io_executor executor_;
    Kept<Value> kept_;
    std::uint64_t known_ = 0;
};

} // namespace scan
