// Things that are worked out once for whoever asks.
#pragma once

#include "probe/tasks.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace scan
{

/// What is known, each until some moment, and no more than so many: the one that nobody wanted for longest
/// goes first.
template <class Value>
class Kept
{
public:
    using Clock = std::chrono::steady_clock;
    using Shared = std::shared_ptr<const Value>;

    explicit Kept(std::size_t most) : most_(most) {}

    /// Null where nothing is known, or not any more.
    Shared find(const std::string& key)
    {
        const auto there = index_.find(key);
        if (there == index_.end())
            return nullptr;
        if (there->second->until <= Clock::now()) {
            order_.erase(there->second);
            index_.erase(there);
            return nullptr;
        }
        order_.splice(order_.begin(), order_, there->second);
        return there->second->value;
    }

    /// Of a key that is not known.
    void keep(const std::string& key, Shared value, Clock::time_point until)
    {
        if (until <= Clock::now())
            return;
        const auto [entry, is_new] = index_.try_emplace(key);
        if (!is_new)
            order_.erase(entry->second);
        order_.push_front({&entry->first, std::move(value), until});
        entry->second = order_.begin();
        if (index_.size() <= most_)
            return;
        index_.erase(*order_.back().key);
        order_.pop_back();
    }

    std::size_t size() const noexcept { return index_.size(); }

private:
    struct Entry
    {
        const std::string* key; // the one of the index
        Shared value;
        Clock::time_point until;
    };

    std::size_t most_;
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

    Once(asio::any_io_executor executor, std::size_t most) : executor_(std::move(executor)), kept_(most) {}

    /// What is known of the key, what somebody else is making of it, or else what `make` makes: it takes
    /// nothing and gives an asio::awaitable<Made>.
    template <class Make>
    asio::awaitable<Got> get(std::string key, const Make& make)
    {
        Got got;
        got.known = true;
        got.value = kept_.find(key);
        if (got.value)
            co_return got;
        const auto there = under_way_.find(key);
        if (there != under_way_.end()) {
            const auto making = there->second;
            co_await making->done.wait();
            got.value = making->value;
            co_return got;
        }
        const auto making = std::make_shared<Making>(executor_);
        under_way_.emplace(key, making);
        Made made = co_await make();
        making->value = std::make_shared<const Value>(std::move(made.value));
        kept_.keep(key, making->value, made.until);
        under_way_.erase(key);
        making->done.happen();
        got.known = made.known;
        got.value = making->value;
        co_return got;
    }

private:
    struct Making
    {
        explicit Making(const asio::any_io_executor& executor) : done(executor) {}

        probe::Event done;
        Shared value;
    };

    asio::any_io_executor executor_;
    Kept<Value> kept_;
    std::unordered_map<std::string, std::shared_ptr<Making>> under_way_;
};

} // namespace scan
