#include "probe/scan/shared_means.hpp"

#include "probe/scan/exclusions.hpp"
#include "probe/scan/loops.hpp"

#include <functional>
#include <utility>

namespace scan
{

asio::awaitable<probe::Common<dns::Answer>>
SharedMeans::ask(std::string name, dns::Type type, probe::Subject subject, Deadline)
{
    const auto owner = owner_of(std::hash<std::string>()(name));
    auto& shard = *shards_[owner];
    auto question = shard.ask(std::move(name), type, subject);
    return owner == own_ ? std::move(question) : run_on(shard.loop(), std::move(question));
}

asio::awaitable<bool> SharedMeans::converse(
    smtp::Session& session, smtp::Call call, std::optional<smtp::KeyType> only_key, Deadline, bool for_now
)
{
    const auto owner = owner_of(std::hash<asio::ip::address>()(session.peer.address()));
    auto& shard = *shards_[owner];
    budget_.ask();
    auto conversation = shard.converse(session.peer, std::move(call), only_key, for_now);
    if (owner != own_)
        conversation = run_on(shard.loop(), std::move(conversation));
    const auto heard = co_await std::move(conversation);
    budget_.have();
    session = *heard.value;
    co_return heard.known;
}

asio::awaitable<probe::Fetched> SharedMeans::fetch(probe::FetchQuestion question)
{
    const auto owner = owner_of(std::hash<asio::ip::address>()(question.addresses.front()));
    auto& shard = *shards_[owner];
    budget_.ask();
    auto policy = shard.fetch(std::move(question));
    if (owner != own_)
        policy = run_on(shard.loop(), std::move(policy));
    const auto fetched = co_await std::move(policy);
    budget_.have();
    co_return *fetched;
}

void SharedMeans::find_names(const asio::ip::address&, std::weak_ptr<probe::ReverseDns>) {}

std::optional<std::string> SharedMeans::exclusion(const std::string& name) const
{
    return exclusions_.rule_for(name);
}

std::optional<std::string> SharedMeans::exclusion(const asio::ip::address& address) const
{
    return exclusions_.rule_for(address);
}

} // namespace scan
