// Asks DNS resolvers. Knows nothing of mail: who may be asked for what is the caller's business.
#pragma once

#include "dns/records.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dns
{

struct Server
{
    asio::ip::address address;
    std::uint16_t port = 53;
    bool operator==(const Server&) const = default;
};

/// One question takes at most servers × tries × timeout over UDP (it is not doubled from round to round).
/// Beyond that: a truncated answer takes up to one timeout more for TCP, a SERVFAIL two, for asking with CD
/// set and then once more without, an alias that a resolver leaves open as much again as the question. Each
/// is seen up to 100 ms late, and a question behind a burst of others to the same server waits its turn. The
/// proof that a server validates takes no longer than the server's tries, beside the first question to it.
struct Settings
{
    std::vector<Server> servers;             // asked in this order; at least one
    std::chrono::milliseconds timeout{2500}; // of one try
    int tries = 2;                           // per server
    bool trust_ad = false;                   // believe the AD bit of those that are proved to validate

    /// Questions that one server is sent in half a second without a sign of them, and four times as many in
    /// all: the rest wait until some are answered or time out. More than 250, from all Resolvers together,
    /// may overrun socket buffers of Linux's default size, and what is lost there costs a time-out.
    std::size_t burst = 250;
};

/// Whether a server validates, as far as is known. Believing its AD bit takes more than being told to: each
/// server is asked once for the name servers of com, a zone that is signed, and an answer with AD proves it.
/// (Not for the root's: some resolvers set no AD there.)
enum class Validation
{
    not_trusted,    // Settings::trust_ad is not set: there is nothing to prove
    untried,        // it was not asked anything yet
    proved,         // its AD means secure, an answer without it insecure
    not_validating, // it gave an answer without AD: nothing that it says of DNSSEC counts, also no AD
    no_answer       // the proof was not answered: nothing counts until it is
};

struct ServerValidation
{
    Server server;
    Validation validation{};
    bool operator==(const ServerValidation&) const = default;
};

/// What went to the servers and came of it, since the beginning. A question counts once for every time that
/// it is put to a server: every try and every server, again over TCP, without EDNS and with CD, and the proof
/// of Validation. What c-ares does over of itself does not: a TCP connection that was lost, and once for each
/// server a question with EDNS that this server does not understand. Each question is, or will be, one of
/// `answers`, `timeouts` and `unreachable`, also where nobody waits for it any longer; those that wait for
/// their turn are not counted yet.
struct Statistics
{
    std::uint64_t over_udp = 0;    // questions
    std::uint64_t over_tcp = 0;    // questions
    std::uint64_t answers = 0;     // messages with the id and the question, whatever else they say
    std::uint64_t timeouts = 0;    // questions to which nothing came in time
    std::uint64_t unreachable = 0; // questions that could not be sent, or whose port or connection was closed
    Statistics& operator+=(const Statistics& other) noexcept;
    bool operator==(const Statistics&) const = default;
};

/// The `nameserver` lines of a resolv.conf (resolv.conf(5)), in order; lines that are none are passed over.
/// Search lists, ndots and options are left aside: a mail domain is always a full name.
std::vector<Server> servers_of(std::string_view resolv_conf);

/// One set of resolvers. Each question goes to the first that lately worked, over UDP with EDNS, over TCP
/// where the answer is truncated; where it times out, cannot be reached, or answers SERVFAIL or REFUSED, to
/// the next. Search domains and /etc/hosts are never used. Any number of questions may be under way at once.
/// Single-threaded: use it from its executor only. Outlives the questions asked of it.
class Resolver
{
public:
    Resolver(asio::any_io_executor executor, Settings settings);
    ~Resolver();
    Resolver(Resolver&&) = delete;

    /// `name` is in A-labels, with or without trailing dot. Never throws for what the network does: see
    /// Answer. CNAMEs are followed inside the answer (RFC 1034 §3.6.2), and asked after where a resolver
    /// leaves them open, up to 16 in all.
    ///
    /// Where the AD bit is trusted, the first question to a server has the proof of Validation go beside it,
    /// and every answer of that server waits until this has ended. One that was not answered is tried again
    /// beside the first question that comes 30 seconds later or after; what was answered stands for ever.
    asio::awaitable<Answer> ask(std::string name, Type type);

    /// Whether some server has not answered the proof: what says nothing of DNSSEC now may be told better
    /// later.
    bool awaits_proof() const noexcept;

    /// What is known by now, in the order of Settings::servers.
    std::vector<ServerValidation> validation() const;

    /// Of all servers together.
    Statistics statistics() const noexcept;

private:
    class State;
    std::shared_ptr<State> state_;
};

} // namespace dns
