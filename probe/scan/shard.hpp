// What one loop of a scan owns: the answers to some names, the conversations with some addresses, the
// policies of some hosts. Each is had once, on the loop that owns it, for the targets of all loops.
#pragma once

#include "dns/resolver.hpp"
#include "probe/fetch.hpp"
#include "probe/gate.hpp"
#include "probe/means.hpp"
#include "probe/scan/budget.hpp"
#include "probe/scan/once.hpp"
#include "smtp/session.hpp"
#include "smtp/tls.hpp"

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scan
{

/// What the shards have in common. Outlives them.
struct Manner
{
    smtp::Settings smtp;
    smtp::TlsSettings tls;
    dns::Settings dns;
    probe::GateLimits gate;                     // of one loop
    std::shared_ptr<probe::Rate> rate;          // of all loops; null: no limit
    std::size_t fetches = 16;                   // of policies at once, on one loop
    std::chrono::milliseconds timeout{180'000}; // of a conversation, from its turn on, or a fetch
    bool key_types = false;
    bool share = true;      // a conversation that was held for one target is told to the others
    std::size_t shards = 1; // that divide what is kept
};

/// Counts of one loop.
struct Work
{
    std::uint64_t answers_known = 0; // questions that were not sent
    std::uint64_t policies = 0;      // fetched
};

/// Times that an address said 421 at once.
struct Refusals
{
    std::uint32_t in_a_row = 0;
};

/// Used from its loop only, but for the constructor.
class Shard
{
public:
    using Heard = Once<smtp::Session>::Got;

    Shard(asio::io_context& loop, const Manner& manner, Budget& budget);

    asio::io_context& loop() noexcept { return loop_; }
    dns::Resolver& resolver() noexcept { return resolver_; }
    Work work() const noexcept { return {hosts_.known() + domains_.known(), policies_fetched_}; }

    /// As long as the TTL of an answer lasts it is not asked for again.
    asio::awaitable<probe::Common<dns::Answer>> ask(std::string name, dns::Type type, probe::Subject subject);

    /// For as long as the run lasts, and memory: a conversation is known by address, port, server name and
    /// all else that is said. An address that was silent once is not spoken to again, and one that said 421
    /// to three in a row not for half an hour: what it said, or did not, is told again. `for_now`: for 30
    /// seconds, whatever came before.
    asio::awaitable<Heard> converse(
        asio::ip::tcp::endpoint peer, smtp::Call call, std::optional<smtp::KeyType> only_key, bool for_now
    );

    /// At its turn at the first address of the question, which is this shard's.
    asio::awaitable<std::shared_ptr<const probe::Fetched>> fetch(probe::FetchQuestion question);

private:
    Once<dns::Answer>::Made settle(dns::Answer answer) const;
    asio::awaitable<Once<smtp::Session>::Made> converse_anew(
        asio::ip::tcp::endpoint peer, smtp::Call call, std::optional<smtp::KeyType> only_key, bool for_now
    );
    bool recall(Once<smtp::Session>::Made& made, const std::string& address, bool for_now);
    void remember(const smtp::Session& session, const std::string& address);
    asio::awaitable<void> hold(smtp::Session& session, smtp::Call call, const smtp::TlsContext& tls);
    asio::awaitable<Once<probe::Fetched>::Made> fetch_anew(probe::FetchQuestion question);

    asio::io_context& loop_;
    const Manner& manner_;
    Budget& budget_;
    dns::Resolver resolver_;
    smtp::TlsContext tls_;
    std::vector<smtp::TlsContext> only_key_; // indexed by smtp::KeyType
    probe::Gate gate_;
    Once<dns::Answer> hosts_;
    Once<dns::Answer> domains_;
    Once<smtp::Session> conversations_;
    Kept<smtp::Session> hopeless_; // by address: what it said, or did not, and will again
    Kept<Refusals> refusals_;      // by address
    probe::Gate fetches_;
    Once<probe::Fetched> policies_;
    std::uint64_t policies_fetched_ = 0;
};

} // namespace scan
