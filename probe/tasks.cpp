#include "probe/tasks.hpp"

#include "dns/error.hpp"

#include <asio/co_spawn.hpp>
#include <asio/this_coro.hpp>

#include <memory>
#include <optional>

namespace probe
{
namespace
{

using Clock = std::chrono::steady_clock;

struct Crowd
{
    Event gone;
    std::size_t left;
};

asio::awaitable<void> member(std::shared_ptr<Crowd> crowd, asio::awaitable<void> task)
{
    co_await std::move(task);
    if (--crowd->left == 0)
        crowd->gone.happen();
}

asio::awaitable<void> together(std::vector<asio::awaitable<void>> tasks)
{
    if (tasks.empty())
        co_return;
    auto own = std::move(tasks.back()); // a coroutine less to start
    tasks.pop_back();
    const auto executor = co_await asio::this_coro::executor;
    const auto crowd = std::make_shared<Crowd>(Crowd{Event(executor), tasks.size()});
    for (auto& task : tasks)
        asio::co_spawn(executor, member(crowd, std::move(task)), rethrow);
    co_await std::move(own);
    co_await crowd->gone.wait();
}

struct Question
{
    Event answered;
    std::optional<dns::Answer> answer;
};

asio::awaitable<void>
put(std::shared_ptr<Question> question, dns::Resolver& resolver, std::string name, dns::Type type)
{
    question->answer = co_await resolver.ask(std::move(name), type);
    question->answered.happen();
}

} // namespace

asio::awaitable<void> all_of(std::vector<asio::awaitable<void>> tasks)
{
    return tasks.size() == 1 ? std::move(tasks.front()) : together(std::move(tasks));
}

asio::awaitable<dns::Answer>
ask_until(Clock::time_point deadline, dns::Resolver& resolver, std::string name, dns::Type type)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto question = std::make_shared<Question>(Question{Event(executor, deadline), {}});
    asio::co_spawn(executor, put(question, resolver, name, type), rethrow);
    co_await question->answered.wait();

    if (question->answer)
        co_return std::move(*question->answer);
    dns::Answer late;
    late.name = std::move(name);
    late.type = type;
    late.fault = dns::errc::timed_out;
    co_return late;
}

} // namespace probe
