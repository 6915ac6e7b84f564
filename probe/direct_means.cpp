#include "probe/direct_means.hpp"

#include "probe/tasks.hpp"

#include <utility>

namespace probe
{

asio::awaitable<Common<dns::Answer>>
DirectMeans::ask(std::string name, dns::Type type, Subject, Deadline deadline)
{
    auto answer = co_await ask_until(deadline, resolver_, std::move(name), type);
    Common<dns::Answer> had;
    had.value = std::make_shared<const dns::Answer>(std::move(answer));
    co_return had;
}

asio::awaitable<bool> DirectMeans::converse(
    smtp::Session& session, smtp::Call call, std::optional<smtp::KeyType> only_key, Deadline deadline, bool
)
{
    auto permit = co_await gate_.enter(session.peer.address(), deadline);
    if (!permit)
        co_return false;
    const auto ready = std::chrono::steady_clock::now();
    co_await gate_.pace(*permit);
    call.deadline = deadline + (std::chrono::steady_clock::now() - ready);
    const auto& tls = only_key ? only_key_[static_cast<std::size_t>(*only_key)] : tls_;
    co_await smtp::converse(session, settings_, call, tls);
    co_return false;
}

asio::awaitable<Fetched> DirectMeans::fetch(FetchQuestion question)
{
    return probe::fetch(std::move(question));
}

void DirectMeans::find_names(const asio::ip::address& address, std::weak_ptr<ReverseDns> into)
{
    if (names_)
        names_->find(address, std::move(into));
}

} // namespace probe
