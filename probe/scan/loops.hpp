// As many event loops as wanted, each on a thread of its own.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace scan
{

class Loops
{
public:
    /// At least one.
    explicit Loops(std::size_t count);
    ~Loops();
    Loops(const Loops&) = delete;
    Loops& operator=(const Loops&) = delete;

    std::size_t size() const noexcept { return loops_.size(); }
    asio::io_context& at(std::size_t index) noexcept;

    /// Starts the threads; a loop goes on also where it has nothing to do. Once. `on_fault` is called, on its
    /// thread, by a loop that ends because something was thrown there.
    void start(std::function<void()> on_fault = [] {});

    /// Ends them, whatever they are doing, and takes away what they still hold, on every loop before any of
    /// them goes: a coroutine of one may be what another one holds. Throws what a loop threw, which is a bug.
    void stop();

private:
    class Loop;
    void run(Loop& loop);

    std::vector<std::unique_ptr<Loop>> loops_;
    std::vector<std::thread> threads_;
    std::function<void()> on_fault_;
    std::mutex mutex_;
    std::exception_ptr fault_;
};

/// In a thread that is not the main one, which takes all signals.
void block_signals();

/// Runs the task on that loop, and comes back to the caller's own with what it returns.
template <class Value>
asio::awaitable<Value> run_on(asio::io_context& loop, asio::awaitable<Value> task)
{
    return asio::co_spawn(loop, std::move(task), asio::use_awaitable);
}

} // namespace scan
