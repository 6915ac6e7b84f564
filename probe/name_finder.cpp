#include "probe/name_finder.hpp"

#include "dns/reverse.hpp"
#include "probe/tasks.hpp"

#include <asio/co_spawn.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace probe
{
namespace
{

/// A scope says where an address is, and is no part of what DNS says of it.
asio::ip::address without_scope(const asio::ip::address& address)
{
    if (address.is_v4())
        return address;
    return asio::ip::address_v6(address.to_v6().to_bytes());
}

/// Nothing here is judged by DNSSEC, so that nobody need prove that he validates.
dns::Settings without_dnssec(dns::Settings settings)
{
    settings.trust_ad = false;
    return settings;
}

ReverseDns::State state_of(const dns::Answer& answer, const std::vector<std::string>& names)
{
    if (answer.state == dns::State::failed)
        return ReverseDns::State::failed;
    return names.empty() ? ReverseDns::State::none : ReverseDns::State::found;
}

/// In an order of their own: resolvers turn that of an answer.
ReverseDns names_in(const dns::Answer& answer)
{
    std::vector<std::string> names;
    for (const auto& record : answer.all<dns::Ptr>()) {
        if (record.name != ".")
            names.push_back(record.name);
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());

    ReverseDns reverse;
    reverse.state = state_of(answer, names);
    for (auto& name : names) {
        if (reverse.names.size() == max_reverse_names)
            ++reverse.left_out;
        else
            reverse.names.push_back({std::move(name), std::nullopt});
    }
    return reverse;
}

} // namespace

struct NameFinder::State
{
    State(asio::any_io_executor on, dns::Settings settings)
        : executor(on), resolver(on, without_dnssec(std::move(settings)))
    {}

    static asio::awaitable<void>
    look_up(std::shared_ptr<State> self, asio::ip::address address, std::weak_ptr<ReverseDns> into);
    static asio::awaitable<void> confirm(
        std::shared_ptr<State> self, std::string name, asio::ip::address address,
        std::weak_ptr<ReverseDns> into, std::size_t index
    );

    asio::any_io_executor executor;
    dns::Resolver resolver;
    std::size_t under_way = 0;
};

asio::awaitable<void> NameFinder::State::look_up(
    std::shared_ptr<State> self, asio::ip::address address, std::weak_ptr<ReverseDns> into
)
{
    const auto answer = co_await self->resolver.ask(dns::reverse_name(address), dns::Type::ptr);
    std::vector<asio::awaitable<void>> questions;
    if (const auto reverse = into.lock()) {
        *reverse = names_in(answer);
        for (std::size_t index = 0; index < reverse->names.size(); ++index)
            questions.push_back(confirm(self, reverse->names[index].name, address, into, index));
    }
    co_await all_of(std::move(questions));
    --self->under_way;
}

asio::awaitable<void> NameFinder::State::confirm(
    std::shared_ptr<State> self, std::string name, asio::ip::address address, std::weak_ptr<ReverseDns> into,
    std::size_t index
)
{
    const auto type = address.is_v4() ? dns::Type::a : dns::Type::aaaa;
    const auto answer = co_await self->resolver.ask(std::move(name), type);
    const auto reverse = into.lock();
    if (!reverse || answer.state == dns::State::failed)
        co_return;
    const auto addresses = answer.all<asio::ip::address>();
    reverse->names[index].confirmed = std::ranges::find(addresses, address) != addresses.end();
}

NameFinder::NameFinder(asio::any_io_executor executor, dns::Settings settings)
    : state_(std::make_shared<State>(std::move(executor), std::move(settings)))
{}

void NameFinder::find(const asio::ip::address& address, std::weak_ptr<ReverseDns> into)
{
    if (state_->under_way == max_reverse_look_ups)
        return;
    ++state_->under_way;
    auto task = State::look_up(state_, without_scope(address), std::move(into));
    asio::co_spawn(state_->executor, std::move(task), rethrow);
}

} // namespace probe
