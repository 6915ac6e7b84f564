#include "dns/resolver.hpp"

#include "dns/aliases.hpp"
#include "dns/channel.hpp"
#include "dns/error.hpp"
#include "dns/message.hpp"
#include "dns/message_ids.hpp"
#include "dns/name.hpp"

#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace dns
{
namespace
{

using Clock = std::chrono::steady_clock;

// For this long, a server that was silent is asked only where no other one answers: a dead server then costs
// one question its time-out, not every one.
constexpr std::chrono::seconds grudge{30};

constexpr Manner usual_manner;

/// One server, how it did lately, and whether it validates.
struct Upstream
{
    Upstream(const asio::any_io_executor& executor, const Server& at, const Settings& settings)
        : server(at),
          udp(executor, at, Transport::udp, settings),
          tcp(executor, at, Transport::tcp, settings),
          validation(settings.trust_ad ? Validation::untried : Validation::not_trusted)
    {}

    Server server;
    Channel udp;
    Channel tcp;
    MessageIds ids;
    Clock::time_point silent_until{};
    Validation validation;
    Clock::time_point next_proof{};          // not before, where the last one was not answered
    std::weak_ptr<asio::steady_timer> proof; // under way; cancelled at its end
};

/// What one server, or all of them, made of a question: a message that is NOERROR or NXDOMAIN, or a fault.
struct Word
{
    std::error_code fault;
    Message message{};
    Security security = Security::unknown; // of the message
};

/// Whether nothing at all came back, so that asking again may help.
bool is_silence(std::error_code fault)
{
    return fault == errc::timed_out || fault == errc::unreachable;
}

std::error_code fault_of(const Message& message)
{
    switch (message.rcode) {
    case Rcode::no_error:
        return message.referral ? errc::not_implemented : std::error_code{};
    case Rcode::name_error:
        return {};
    case Rcode::server_failure:
        return errc::server_failure;
    case Rcode::refused:
        return errc::refused;
    case Rcode::format_error:
        break;
    }
    return errc::not_implemented;
}

/// How much a fault tells about the question; of several servers' faults the one that tells most is kept.
int weight(std::error_code fault)
{
    static const std::error_code by_weight[] = {errc::unreachable,     errc::timed_out, errc::malformed,
                                                errc::not_implemented, errc::refused,   errc::server_failure};
    const auto* const at = std::find(std::begin(by_weight), std::end(by_weight), fault);
    return static_cast<int>(at - std::begin(by_weight));
}

/// One question to one server, by as many queries as it takes: over UDP, and over TCP where that answer is
/// cut short or cannot be read; without EDNS where a server is from before it.
class Inquiry
{
public:
    Inquiry(Upstream& upstream, const Question& question, const Manner& manner)
        : upstream_(upstream), question_(question), manner_(manner)
    {}

    Exchange send() { return channel_->send(encode(question_, upstream_.ids.next(), manner_)); }

    /// Whether that settles it; otherwise there is one more to send.
    bool is_settled_by(const Reply& reply);

    Word& word() noexcept { return word_; }

private:
    Upstream& upstream_;
    const Question& question_;
    Manner manner_;
    Channel* channel_ = &upstream_.udp;
    Word word_{};
};

bool Inquiry::is_settled_by(const Reply& reply)
{
    word_.fault = reply.fault;
    if (word_.fault)
        return true;
    auto message = decode(reply.octets, question_);
    const bool is_whole = message && !message->truncated;
    if (!is_whole && channel_ == &upstream_.tcp) {
        word_.fault = errc::malformed;
        return true;
    }
    if (is_whole && (message->rcode != Rcode::format_error || !manner_.edns)) {
        word_.message = std::move(*message);
        word_.fault = fault_of(word_.message);
        return true;
    }
    channel_ = is_whole ? &upstream_.udp : &upstream_.tcp;
    if (is_whole)
        manner_.edns = manner_.by_do = false;
    return false;
}

/// Of an answer of this server.
Security security_of(const Upstream& upstream, bool authenticated)
{
    if (upstream.validation != Validation::proved)
        return Security::unknown;
    return authenticated ? Security::secure : Security::insecure;
}

} // namespace

class Resolver::State : public std::enable_shared_from_this<State>
{
public:
    State(asio::any_io_executor executor, Settings settings)
        : executor_(std::move(executor)), settings_(std::move(settings))
    {
        upstreams_.reserve(settings_.servers.size());
        for (const auto& server : settings_.servers)
            upstreams_.emplace_back(executor_, server, settings_);
    }

    /// Goes on to its end where the Resolver is gone.
    static asio::awaitable<Answer> ask(std::shared_ptr<State> self, std::string name, Type type);

    bool awaits_proof() const noexcept;
    std::vector<ServerValidation> validation() const;
    Statistics statistics() const noexcept;

private:
    using Upstreams = std::vector<Upstream*>;

    Upstream* first() noexcept;
    Upstreams others(const Upstream& first);
    asio::awaitable<Word> ask_others(Upstream& first, std::error_code said, const Question& question);
    static bool is_vouched_for(const Word& word, const Upstreams& failing) noexcept;
    asio::awaitable<Word> explain_failures(Upstreams failing, const Question& question);
    asio::awaitable<Word> explain_failure(Upstream& server, const Question& question);
    asio::awaitable<Word>
    ask_one(Upstream& upstream, const Question& question, const Manner& manner = usual_manner);

    void begin_proof(Upstream& upstream);
    static asio::awaitable<void>
    prove(std::shared_ptr<State> self, Upstream& upstream, std::shared_ptr<asio::steady_timer> ended);

    asio::any_io_executor executor_;
    Settings settings_;
    std::vector<Upstream> upstreams_;
};

/// The one to ask first; null where there is none.
Upstream* Resolver::State::first() noexcept
{
    const auto now = Clock::now();
    const auto speaks = [now](const Upstream& upstream) { return upstream.silent_until <= now; };
    const auto there = std::ranges::find_if(upstreams_, speaks);
    if (there != upstreams_.end())
        return &*there;
    return upstreams_.empty() ? nullptr : &upstreams_.front();
}

/// All but that one.
Resolver::State::Upstreams Resolver::State::others(const Upstream& first)
{
    Upstreams order;
    const auto now = Clock::now();
    for (const bool speaks : {true, false}) {
        for (auto& upstream : upstreams_) {
            if (&upstream != &first && (upstream.silent_until <= now) == speaks)
                order.push_back(&upstream);
        }
    }
    return order;
}

asio::awaitable<Answer> Resolver::State::ask(std::shared_ptr<State> self, std::string name, Type type)
{
    Answer answer;
    answer.type = type;
    auto canonical = canonical_name(name);
    if (!canonical) {
        answer.name = std::move(name);
        answer.fault = errc::bad_name;
        co_return answer;
    }
    answer.name = std::move(*canonical);
    answer.security = Security::secure;
    for (bool settled = false; !settled;) {
        const Question question{end_of_chain(answer), type};
        auto* const server = self->first();
        Word word{errc::unreachable};
        if (server)
            word = co_await self->ask_one(*server, question);
        if (server && word.fault)
            word = co_await self->ask_others(*server, word.fault, question);
        if (word.fault) {
            answer.state = dns::State::failed;
            answer.fault = word.fault;
            answer.ttl = 0;
            answer.security = word.fault == errc::bogus ? Security::bogus : Security::unknown;
            co_return answer;
        }
        settled = absorb(word.message, word.security, answer);
    }
    co_return answer;
}

/// Where the first one had no answer: every server once a round, from the second round on only those from
/// which nothing came back.
asio::awaitable<Word>
Resolver::State::ask_others(Upstream& first, std::error_code said, const Question& question)
{
    Word worst{said};
    Upstreams silent;
    Upstreams failing;
    const auto sort = [&](Upstream& server, std::error_code fault) {
        if (is_silence(fault))
            silent.push_back(&server);
        if (fault == errc::server_failure)
            failing.push_back(&server);
    };
    sort(first, said);
    auto servers = others(first);
    for (int round = 0; round < settings_.tries; ++round) {
        for (auto* server : servers) {
            auto word = co_await ask_one(*server, question);
            if (!word.fault && is_vouched_for(word, failing))
                co_return word;
            if (!word.fault) {
                const auto explained = co_await explain_failures(std::move(failing), question);
                co_return explained.fault == errc::bogus ? explained : word;
            }
            sort(*server, word.fault);
            if (weight(word.fault) > weight(worst.fault))
                worst.fault = word.fault;
        }
        servers = std::exchange(silent, {});
    }
    if (failing.empty())
        co_return worst;
    co_return co_await explain_failures(std::move(failing), question);
}

/// Where a server that validates said SERVFAIL, the answer of one that does not may be what the first kept
/// from us.
bool Resolver::State::is_vouched_for(const Word& word, const Upstreams& failing) noexcept
{
    const auto validates = [](const Upstream* server) { return server->validation == Validation::proved; };
    return word.security != Security::unknown || std::none_of(failing.begin(), failing.end(), validates);
}

/// The first of them that says more than SERVFAIL.
asio::awaitable<Word> Resolver::State::explain_failures(Upstreams failing, const Question& question)
{
    Word word;
    word.fault = errc::server_failure;
    for (auto* server : failing) {
        word = co_await explain_failure(*server, question);
        if (word.fault != errc::server_failure)
            co_return word;
    }
    co_return word;
}

/// RFC 4035 §3.2.2: where a server that said SERVFAIL answers once checking is disabled, the checking is why,
/// or the trouble has passed: asked once more, it says which.
asio::awaitable<Word> Resolver::State::explain_failure(Upstream& server, const Question& question)
{
    const Manner manner{.checking_disabled = true};
    const auto unchecked = co_await ask_one(server, question, manner);
    Word word;
    word.fault = errc::server_failure;
    if (unchecked.fault)
        co_return word;
    word = co_await ask_one(server, question);
    if (word.fault == errc::server_failure)
        word.fault = errc::bogus;
    else if (word.fault)
        word.fault = errc::server_failure;
    co_return word;
}

/// By DO it is the proof of the server that is asked for, by CD why the server failed: neither has a say in
/// how it is judged and ordered.
asio::awaitable<Word>
Resolver::State::ask_one(Upstream& upstream, const Question& question, const Manner& manner)
{
    const bool is_usual = !manner.by_do && !manner.checking_disabled;
    if (is_usual)
        begin_proof(upstream);
    Inquiry inquiry(upstream, question, manner);
    for (bool settled = false; !settled;) {
        auto exchange = inquiry.send();
        co_await exchange.wait();
        settled = inquiry.is_settled_by(exchange.take());
    }
    auto& word = inquiry.word();
    if (!is_usual)
        co_return std::move(word);
    upstream.silent_until = is_silence(word.fault) ? Clock::now() + grudge : Clock::time_point{};
    if (word.fault)
        co_return std::move(word);
    std::error_code cancelled;
    if (const auto proof = upstream.proof.lock())
        co_await proof->async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    word.security = security_of(upstream, word.message.authenticated);
    co_return std::move(word);
}

/// Where no proof is under way that would tell, or has told.
void Resolver::State::begin_proof(Upstream& upstream)
{
    const bool unproved =
        upstream.validation == Validation::untried || upstream.validation == Validation::no_answer;
    if (!unproved || !upstream.proof.expired() || Clock::now() < upstream.next_proof)
        return;
    const auto ended = std::make_shared<asio::steady_timer>(executor_, Clock::time_point::max());
    upstream.proof = ended;
    upstream.validation = Validation::no_answer; // so far
    const auto rethrow = [](const std::exception_ptr& fault) {
        if (fault)
            std::rethrow_exception(fault);
    };
    asio::co_spawn(executor_, prove(shared_from_this(), upstream, ended), rethrow);
}

asio::awaitable<void> Resolver::State::prove(
    std::shared_ptr<State> self, Upstream& upstream, std::shared_ptr<asio::steady_timer> ended
)
{
    const Question signed_for_certain{"com", Type::ns};
    const Manner manner{.by_do = true};
    Word word;
    word.fault = errc::timed_out;
    for (int left = self->settings_.tries; left > 0 && is_silence(word.fault); --left)
        word = co_await self->ask_one(upstream, signed_for_certain, manner);

    if (!word.fault)
        upstream.validation = word.message.authenticated ? Validation::proved : Validation::not_validating;
    upstream.next_proof = Clock::now() + grudge;
    upstream.proof.reset();
    ended->cancel();
}

bool Resolver::State::awaits_proof() const noexcept
{
    const auto is_unproved = [](const Upstream& upstream) {
        return upstream.validation == Validation::no_answer;
    };
    return std::ranges::any_of(upstreams_, is_unproved);
}

std::vector<ServerValidation> Resolver::State::validation() const
{
    std::vector<ServerValidation> all;
    for (const auto& upstream : upstreams_)
        all.push_back({upstream.server, upstream.validation});
    return all;
}

Statistics Resolver::State::statistics() const noexcept
{
    Statistics all;
    for (const auto& upstream : upstreams_)
        (all += upstream.udp.statistics()) += upstream.tcp.statistics();
    return all;
}

Resolver::Resolver(asio::any_io_executor executor, Settings settings)
    : state_(std::make_shared<State>(std::move(executor), std::move(settings)))
{}

Resolver::~Resolver() = default;

asio::awaitable<Answer> Resolver::ask(std::string name, Type type)
{
    return State::ask(state_, std::move(name), type);
}

bool Resolver::awaits_proof() const noexcept
{
    return state_->awaits_proof();
}

std::vector<ServerValidation> Resolver::validation() const
{
    return state_->validation();
}

Statistics Resolver::statistics() const noexcept
{
    return state_->statistics();
}

Statistics& Statistics::operator+=(const Statistics& other) noexcept
{
    over_udp += other.over_udp;
    over_tcp += other.over_tcp;
    answers += other.answers;
    timeouts += other.timeouts;
    unreachable += other.unreachable;
    return *this;
}

std::vector<Server> servers_of(std::string_view resolv_conf)
{
    constexpr std::string_view keyword = "nameserver";
    constexpr std::string_view blank = " \t\r\v\f";
    std::vector<Server> servers;
    while (!resolv_conf.empty()) {
        auto line = resolv_conf.substr(0, resolv_conf.find('\n'));
        resolv_conf.remove_prefix(std::min(line.size() + 1, resolv_conf.size()));
        if (!line.starts_with(keyword))
            continue;
        line.remove_prefix(keyword.size());
        const auto begin = line.find_first_not_of(blank);
        if (begin == 0 || begin == line.npos)
            continue;
        line.remove_prefix(begin);
        line = line.substr(0, line.find_first_of(" \t\r\v\f#;"));
        std::error_code invalid;
        const auto address = asio::ip::make_address(line, invalid);
        if (!invalid)
            servers.push_back({address});
    }
    return servers;
}

} // namespace dns
