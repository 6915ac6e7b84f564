// Things that are worked out once for whoever asks.
#pragma once

#include "probe/scan/octets.hpp"
#include "probe/tasks.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
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

    explicit Kept(Room room) : room_(room) {}

    /// Null where nothing is known, or not any more.
    Shared find(const std::string& key)
    {
        const auto there = index_.find(key);
        if (there == index_.end())
            return nullptr;
        if (there->second->until <= Clock::now()) {
            drop(there->second);
            return nullptr;
        }
        order_.splice(order_.begin(), order_, there->second);
        return there->second->value;
    }

    /// In the place of what was known.
    void keep(std::string key, Shared value, Clock::time_point until)
    {
        if (until <= Clock::now())
            return;
        const auto octets = key.size() + octets_of(*value);
        const auto [entry, is_new] = index_.try_emplace(std::move(key));
        if (!is_new)
            forget(entry->second);
        order_.push_front({&entry->first, std::move(value), until, octets});
        entry->second = order_.begin();
        octets_ += octets;
        while (index_.size() > room_.most || (octets_ > room_.octets && index_.size() > 1))
            drop(std::prev(order_.end()));
    }

    std::size_t size() const noexcept { return index_.size(); }
    std::size_t octets() const noexcept { return octets_; }

private:
    struct Entry
    {
        const std::string* key; // the one of the index
        Shared value;
        Clock::time_point until;
        std::size_t octets;
    };

    void drop(typename std::list<Entry>::iterator entry)
    {
        index_.erase(index_.find(*entry->key));
        forget(entry);
    }

    void forget(typename std::list<Entry>::iterator entry)
    {
        octets_ -= entry->octets;
        order_.erase(entry);
    }

    Room room_;
    std::size_t octets_ = 0;
    std::list<Entry> order_; // the last one wanted first
    std::unordered_map<std::string, typename std::list<Entry>::iterator> index_;
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

    struct Got
    {
        Shared value;
        bool known = false; // made for somebody else, or known all the same
    };

    Once(asio::any_io_executor executor, Room room) : executor_(std::move(executor)), kept_(room) {}

    /// What is known of the key, what somebody else is making of it, or else what `make` makes: it takes
    /// nothing and gives an asio::awaitable of what `settle` makes a Made of.
    template <class Make, class Settle = std::identity>
    asio::awaitable<Got> get(std::string key, Make make, Settle settle = {})
    {
        Got got;
        got.known = true;
        got.value = kept_.find(key);
        known_ += got.value ? 1 : 0;
        if (got.value)
            co_return got;
        const auto there = under_way_.find(key);
        if (there != under_way_.end()) {
            const auto making = there->second;
            if (!making->done)
                making->done.emplace(executor_);
            co_await making->done->wait();
            ++known_;
            got.value = making->value;
            co_return got;
        }
        const auto making = std::make_shared<Making>();
        under_way_.emplace(key, making);
        auto result = co_await make();
        Made made = settle(std::move(result));
        making->value = std::make_shared<const Value>(std::move(made.value));
        under_way_.erase(key);
        kept_.keep(std::move(key), making->value, made.until);
        if (making->done)
            making->done->happen();
        known_ += made.known ? 1 : 0;
        got.known = made.known;
        got.value = making->value;
        co_return got;
    }

    /// Times that it was.
    std::uint64_t known() const noexcept { return known_; }

private:
    struct Making
    {
        std::optional<probe::Event> done; // where somebody waits for it
        Shared value;
    };

    asio::any_io_executor executor_;
    Kept<Value> kept_;
    std::uint64_t known_ = 0;
    std::unordered_map<std::string, std::shared_ptr<Making>> under_way_;
};

} // namespace scan
