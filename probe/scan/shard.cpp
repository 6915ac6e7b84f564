#include "probe/scan/shard.hpp"

#include "probe/tasks.hpp"
#include "smtp/error.hpp"
#include "smtp/key_contexts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace scan
{
namespace
{

using Clock = std::chrono::steady_clock;

// Of all loops together.
constexpr std::size_t mebibyte = 1024 * 1024;
constexpr Room room_for_hosts{131'072, 64 * mebibyte};
constexpr Room room_for_domains{8'192, 16 * mebibyte}; // little: hardly anybody will ask again
constexpr Room room_for_conversations{65'536, 256 * mebibyte};
constexpr Room room_for_refusals{65'536, 32 * mebibyte};
constexpr Room room_for_policies{8'192, 32 * mebibyte};

// What nobody could answer, or vouch for, is not asked again at once (RFC 2308 §7).
constexpr std::chrono::seconds failure_life{30};

// A policy is asked for once in a run, as long as memory lasts: RFC 8461 §3.3 has senders look daily.
constexpr std::chrono::hours policy_life{24};

constexpr std::chrono::milliseconds descriptor_pause{250};

// A host that is tried to see whether this machine is at fault.
constexpr std::chrono::seconds known_good_life{30};

// An address that says 421 time after time is left alone for long; those that wait are told what it said.
constexpr std::uint32_t most_refusals = 3;
constexpr std::chrono::minutes refusal_life{30};

Room part(Room room, std::size_t shards)
{
    return {std::max<std::size_t>(1, room.most / shards), room.octets / shards};
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

/// The type as two characters, which it takes less to write than a number.
std::string key_of(const std::string& name, dns::Type type)
{
    const auto number = static_cast<std::uint16_t>(type);
    std::string key;
    key.reserve(name.size() + sizeof number);
    key = name;
    key += static_cast<char>(number >> 8);
    key += static_cast<char>(number & 0xff);
    return key;
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

/// By the address itself, before it was said whom the connection is for.
bool was_turned_away(const smtp::Session& session)
{
    const auto* greeting = session.at(smtp::Stage::greeting);
    return greeting && greeting->reply && greeting->reply->code == 421;
}

/// It says nothing of the server.
bool is_own_fault(const smtp::Session& session)
{
    const auto* connect = session.at(smtp::Stage::connect);
    return connect && (connect->fault == smtp::errc::no_route || connect->fault == smtp::errc::no_descriptor);
}

} // namespace

Shard::Shard(asio::io_context& loop, const Manner& manner, Budget& budget)
    : loop_(loop),
      manner_(manner),
      budget_(budget),
      resolver_(loop.get_executor(), manner.dns),
      tls_(manner.tls),
      gate_(loop.get_executor(), manner.gate, manner.rate),
      hosts_(loop.get_executor(), part(room_for_hosts, manner.shards)),
      domains_(loop.get_executor(), part(room_for_domains, manner.shards)),
      conversations_(loop.get_executor(), part(room_for_conversations, manner.shards)),
      hopeless_(part(room_for_refusals, manner.shards)),
      refusals_(part(room_for_refusals, manner.shards)),
      fetches_(loop.get_executor(), {.per_address = manner.fetches, .total = manner.fetches}),
      policies_(loop.get_executor(), part(room_for_policies, manner.shards))
{
    if (manner.key_types)
        only_key_ = smtp::contexts_by_key(manner.tls);
}

asio::awaitable<probe::Common<dns::Answer>>
Shard::ask(std::string name, dns::Type type, probe::Subject subject)
{
    auto& known = subject == probe::Subject::host ? hosts_ : domains_;
    auto key = key_of(name, type);
    const auto make = [this, name = std::move(name), type] { return resolver_.ask(name, type); };
    return known.get(std::move(key), make, [this](dns::Answer answer) { return settle(std::move(answer)); });
}

Once<dns::Answer>::Made Shard::settle(dns::Answer answer) const
{
    auto life = std::chrono::seconds(answer.ttl);
    if (answer.state == dns::State::failed)
        life = failure_life;
    else if (answer.security == dns::Security::unknown && resolver_.awaits_proof())
        life = std::min(life, failure_life);
    Once<dns::Answer>::Made made;
    made.value = std::move(answer);
    made.until = Clock::now() + life;
    return made;
}

asio::awaitable<Shard::Heard> Shard::converse(
    asio::ip::tcp::endpoint peer, smtp::Call call, std::optional<smtp::KeyType> only_key, bool for_now
)
{
    Heard heard;
    if ((manner_.share || for_now) && is_like_others(call)) {
        auto key = key_of(peer, call, only_key) + (for_now ? " now" : "");
        const auto make = [&] { return converse_anew(peer, std::move(call), only_key, for_now); };
        heard = co_await conversations_.get(std::move(key), make);
        co_return heard;
    }
    auto made = co_await converse_anew(peer, std::move(call), only_key, for_now);
    heard.value = std::make_shared<const smtp::Session>(std::move(made.value));
    heard.known = made.known;
    co_return heard;
}

asio::awaitable<Once<smtp::Session>::Made> Shard::converse_anew(
    asio::ip::tcp::endpoint peer, smtp::Call call, std::optional<smtp::KeyType> only_key, bool for_now
)
{
    Once<smtp::Session>::Made made;
    const auto address = key_of(peer);
    if (recall(made, address, for_now))
        co_return made;
    auto permit = co_await gate_.enter(peer.address(), Clock::time_point::max());
    if (recall(made, address, for_now)) // another one has found out meanwhile
        co_return made;
    co_await gate_.pace(*permit);
    made.value.peer = peer;
    call.deadline = Clock::now() + manner_.timeout;
    const auto& tls = only_key ? only_key_[static_cast<std::size_t>(*only_key)] : tls_;
    budget_.begin();
    co_await hold(made.value, std::move(call), tls);
    budget_.end();
    made.value.steps.shrink_to_fit();
    if (is_own_fault(made.value))
        made.until = Clock::now();
    else if (for_now)
        made.until = Clock::now() + known_good_life;
    if (said_421(made.value))
        permit->back_off();
    remember(made.value, address);
    co_return made;
}

bool Shard::recall(Once<smtp::Session>::Made& made, const std::string& address, bool for_now)
{
    const auto known = for_now ? nullptr : hopeless_.find(address);
    if (!known)
        return false;
    made.value = *known;
    made.known = true;
    return true;
}

/// What keeps an address from being spoken with again.
void Shard::remember(const smtp::Session& session, const std::string& address)
{
    const bool refused = was_turned_away(session);
    const auto before = refusals_.find(address);
    const Refusals refusals{refused ? (before ? before->in_a_row : 0) + 1 : 0};
    if (refused || before)
        refusals_.keep(address, std::make_shared<const Refusals>(refusals), Clock::now() + refusal_life);
    if (was_silent(session))
        hopeless_.keep(address, std::make_shared<const smtp::Session>(session), Clock::time_point::max());
    else if (refusals.in_a_row >= most_refusals)
        hopeless_.keep(address, std::make_shared<const smtp::Session>(session), Clock::now() + refusal_life);
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
    const auto forever = Clock::time_point::max();
    auto permit = co_await gate_.enter(question.addresses.front(), forever);
    const auto seat = co_await fetches_.enter(asio::ip::address_v4::any(), forever);
    co_await gate_.pace(*permit);
    question.deadline = Clock::now() + manner_.timeout;
    ++policies_fetched_;
    budget_.begin();
    made.value = co_await probe::fetch(std::move(question));
    budget_.end();
    made.until = Clock::now() + policy_life;
    co_return made;
}

} // namespace scan
