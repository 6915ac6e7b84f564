#include "probe/scan/shard.hpp"

#include "probe/tasks.hpp"
#include "smtp/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace scan
{
namespace
{

using Clock = std::chrono::steady_clock;

// Of all loops together.
constexpr std::size_t most_answers_of_hosts = 131'072;
constexpr std::size_t most_answers_of_domains = 8'192;
constexpr std::size_t most_conversations = 65'536;
constexpr std::size_t most_silent_addresses = 262'144;
constexpr std::size_t most_policies = 8'192;

// A name that nobody could answer for is not asked for again at once (RFC 2308 §7).
constexpr std::chrono::seconds failure_life{30};

// A policy is asked for once in a run, as long as memory lasts: RFC 8461 §3.3 has senders look daily.
constexpr std::chrono::hours policy_life{24};

constexpr std::chrono::milliseconds descriptor_pause{250};

bool is_asked_of_hosts(dns::Type type)
{
    return type != dns::Type::mx && type != dns::Type::txt;
}

std::string key_of(const asio::ip::tcp::endpoint& peer)
{
    return fmt::format("{} {}", peer.address().to_string(), peer.port());
}

std::string key_of(
    const asio::ip::tcp::endpoint& peer, const smtp::Call& call, const std::optional<smtp::KeyType>& only_key
)
{
    return fmt::format(
        "{} {} {} {} {}", key_of(peer), call.server_name, call.rcpt_to.value_or(""), call.starttls,
        only_key ? name(*only_key) : ""
    );
}

/// Of a server that is asked the same by every target.
bool is_like_others(const smtp::Call& call)
{
    return call.client_hello.empty() && !call.resumption;
}

bool was_silent(const smtp::Session& session)
{
    if (session.steps.empty())
        return false;
    const auto& last = session.steps.back();
    const bool is_early = last.stage == smtp::Stage::connect || last.stage == smtp::Stage::greeting;
    return is_early && last.fault == smtp::errc::timed_out;
}

/// RFC 5321 §3.8: the service is not available, and the channel is closing.
bool said_421(const smtp::Session& session)
{
    return std::ranges::any_of(session.steps, [](const smtp::Step& step) {
        return step.reply && step.reply->code == 421;
    });
}

std::vector<smtp::TlsContext> contexts_by_key(smtp::TlsSettings settings)
{
    std::vector<smtp::TlsContext> contexts;
    for (const auto type : smtp::all_key_types) {
        settings.only_key = type;
        contexts.emplace_back(settings);
    }
    return contexts;
}

} // namespace

Shard::Shard(asio::io_context& loop, const Manner& manner, Budget& budget)
    : loop_(loop),
      manner_(manner),
      budget_(budget),
      resolver_(loop.get_executor(), manner.dns),
      tls_(manner.tls),
      gate_(loop.get_executor(), manner.gate, manner.rate),
      hosts_(loop.get_executor(), most_answers_of_hosts / manner.shards),
      domains_(loop.get_executor(), most_answers_of_domains / manner.shards),
      conversations_(loop.get_executor(), most_conversations / manner.shards),
      silent_(most_silent_addresses / manner.shards),
      fetches_(loop.get_executor(), {.per_address = manner.fetches, .total = manner.fetches}),
      policies_(loop.get_executor(), most_policies / manner.shards)
{
    if (manner.key_types)
        only_key_ = contexts_by_key(manner.tls);
}

asio::awaitable<std::shared_ptr<const dns::Answer>> Shard::ask(std::string name, dns::Type type)
{
    auto& known = is_asked_of_hosts(type) ? hosts_ : domains_;
    auto key = fmt::format("{} {}", name, static_cast<int>(type));
    const auto make = [this, &name, type] { return ask_anew(std::move(name), type); };
    const auto got = co_await known.get(std::move(key), make);
    work_.answers_known += got.known ? 1 : 0;
    co_return got.value;
}

asio::awaitable<Once<dns::Answer>::Made> Shard::ask_anew(std::string name, dns::Type type)
{
    Once<dns::Answer>::Made made;
    made.value = co_await resolver_.ask(std::move(name), type);
    const bool failed = made.value.state == dns::State::failed;
    made.until = Clock::now() + (failed ? failure_life : std::chrono::seconds(made.value.ttl));
    co_return made;
}

asio::awaitable<Shard::Heard>
Shard::converse(asio::ip::tcp::endpoint peer, smtp::Call call, std::optional<smtp::KeyType> only_key)
{
    Heard heard;
    if (manner_.share && is_like_others(call)) {
        auto key = key_of(peer, call, only_key);
        const auto make = [&] { return converse_anew(peer, std::move(call), only_key); };
        heard = co_await conversations_.get(std::move(key), make);
    } else {
        auto made = co_await converse_anew(peer, std::move(call), only_key);
        heard.value = std::make_shared<const smtp::Session>(std::move(made.value));
        heard.known = made.known;
    }
    co_return heard;
}

asio::awaitable<Once<smtp::Session>::Made>
Shard::converse_anew(asio::ip::tcp::endpoint peer, smtp::Call call, std::optional<smtp::KeyType> only_key)
{
    Once<smtp::Session>::Made made;
    auto permit = co_await gate_.enter(peer.address(), Clock::time_point::max());
    const auto address = key_of(peer);
    if (const auto silent = silent_.find(address)) {
        made.value = *silent;
        made.known = true;
        co_return made;
    }
    co_await gate_.pace(*permit);
    auto& session = made.value;
    session.peer = peer;
    call.deadline = Clock::now() + manner_.timeout;
    const auto& tls = only_key ? only_key_[static_cast<std::size_t>(*only_key)] : tls_;
    budget_.begin();
    co_await hold(session, std::move(call), tls);
    budget_.end();
    session.steps.shrink_to_fit();
    if (said_421(session))
        permit->back_off();
    if (was_silent(session))
        silent_.keep(address, std::make_shared<const smtp::Session>(session), Clock::time_point::max());
    co_return made;
}

/// A lack of descriptors is nobody's fault but ours, and passes.
asio::awaitable<void> Shard::hold(smtp::Session& session, smtp::Call call, const smtp::TlsContext& tls)
{
    const auto peer = session.peer;
    asio::steady_timer pause(loop_);
    for (;;) {
        co_await smtp::converse(session, manner_.smtp, call, tls);
        const auto* connect = session.at(smtp::Stage::connect);
        if (!connect || connect->fault != smtp::errc::no_descriptor || Clock::now() >= call.deadline)
            co_return;
        session = smtp::Session();
        session.peer = peer;
        pause.expires_after(descriptor_pause);
        co_await pause.async_wait(probe::use_tuple);
    }
}

asio::awaitable<std::shared_ptr<const probe::Fetched>> Shard::fetch(probe::FetchQuestion question)
{
    auto key = fmt::format("{} {}", question.host, question.port);
    const auto make = [this, &question] { return fetch_anew(std::move(question)); };
    const auto got = co_await policies_.get(std::move(key), make);
    co_return got.value;
}

asio::awaitable<Once<probe::Fetched>::Made> Shard::fetch_anew(probe::FetchQuestion question)
{
    Once<probe::Fetched>::Made made;
    question.deadline = Clock::now() + manner_.timeout;
    const auto permit = co_await fetches_.enter(asio::ip::address_v4::any(), Clock::time_point::max());
    ++work_.policies;
    made.value = co_await probe::fetch(std::move(question));
    made.until = Clock::now() + policy_life;
    co_return made;
}

} // namespace scan
