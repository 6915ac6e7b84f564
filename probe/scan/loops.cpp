#include "probe/scan/loops.hpp"

#include "smtp/library_context.hpp"

#include <asio/executor_work_guard.hpp>

#include <csignal>

namespace scan
{
class Loops::Loop final : public asio::io_context
{
public:
    Loop() : asio::io_context(1) {}

    void abandon() { shutdown(); }

    asio::executor_work_guard<executor_type> guard{get_executor()};
};

Loops::Loops(std::size_t count)
{
    for (std::size_t index = 0; index < count; ++index)
        loops_.push_back(std::make_unique<Loop>());
}

Loops::~Loops()
{
    try {
        stop();
    } catch (const std::exception&) {
        // Told by whoever calls stop().
    }
}

asio::io_context& Loops::at(std::size_t index) noexcept
{
    return *loops_[index];
}

void Loops::start(std::function<void()> on_fault)
{
    on_fault_ = std::move(on_fault);
    for (auto& loop : loops_)
        threads_.emplace_back([this, &loop] { run(*loop); });
}

void block_signals()
{
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

void Loops::run(Loop& loop)
{
    block_signals();
    try {
        smtp::have_own_library_context();
        loop.run();
    } catch (...) {
        {
            const std::lock_guard lock(mutex_);
            fault_ = std::current_exception();
        }
        on_fault_();
    }
}

void Loops::stop()
{
    for (auto& loop : loops_)
        loop->stop();
    for (auto& thread : threads_)
        thread.join();
    threads_.clear();
    for (auto& loop : loops_)
        loop->abandon();
    if (fault_)
        std::rethrow_exception(std::exchange(fault_, nullptr));
}

} // namespace scan
