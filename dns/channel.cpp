#include "dns/channel.hpp"

#include "dns/error.hpp"
#include "dns/message.hpp"

#include <ares.h>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <new>
#include <type_traits>
#include <utility>

namespace dns
{
namespace
{

using std::chrono::milliseconds;

// c-ares asks to be called now and then rather than at each question's own time: ares_timeout() looks at all
// of them.
constexpr milliseconds longest_tick{100};

// What was sent longer ago, in ticks, lies in no socket buffer any more: the server works on it, or it is
// lost. It then holds nobody up, but for this many bursts in all: resolvers bound what they work on, too.
constexpr std::size_t ticks_in_buffers = 5;
constexpr std::size_t most_bursts = 4;

// c-ares keeps one socket, and so one source port, for as long as any question is under way, which in a scan
// is always; who has found the port out has only the id left to guess (RFC 5452 §9.2). After so many
// questions the next go by another port, while the last answers come in at the first.
constexpr std::size_t questions_per_port = 1000;
constexpr int receive_buffer = 1 << 20; // octets; the system may grant less

// Over TCP a question whose connection is lost goes out again on a new one, but one that times out does not.
constexpr int connections_tried = 3;

/// Once per process, at the first channel.
void start_library()
{
    static const int started = ares_library_init(ARES_LIB_INIT_ALL);
    if (started != ARES_SUCCESS)
        throw std::bad_alloc();
}

struct DestroyChannel
{
    void operator()(ares_channel channel) const { ares_destroy(channel); }
};
using ChannelHandle = std::unique_ptr<std::remove_pointer_t<ares_channel>, DestroyChannel>;

/// How many questions were sent in the last few ticks and not heard of since.
class Unheard
{
public:
    std::size_t count() const { return count_; }

    /// Gives the tick, for heard().
    std::size_t sent()
    {
        ++of_tick_[tick_ % of_tick_.size()];
        ++count_;
        return tick_;
    }

    void heard(std::size_t sent_in)
    {
        if (tick_ - sent_in >= of_tick_.size())
            return;
        --of_tick_[sent_in % of_tick_.size()];
        --count_;
    }

    void next_tick()
    {
        auto& oldest = of_tick_[++tick_ % of_tick_.size()];
        count_ -= std::exchange(oldest, 0);
    }

private:
    std::size_t tick_ = 0;
    std::size_t count_ = 0;
    std::array<std::size_t, ticks_in_buffers> of_tick_{};
};

std::error_code fault_of(int status)
{
    if (status == ARES_SUCCESS)
        return {};
    return status == ARES_ETIMEOUT ? errc::timed_out : errc::unreachable;
}

} // namespace

class Channel::State : public std::enable_shared_from_this<State>
{
public:
    explicit State(asio::any_io_executor executor) : executor_(std::move(executor)) {}
    ~State();

    void open(const Server& server, Transport transport, const Settings& settings);
    void send(std::vector<std::uint8_t> query, const std::shared_ptr<Pending>& pending);
    const asio::any_io_executor& executor() const { return executor_; }
    const Statistics& statistics() const noexcept { return statistics_; }

private:
    using Direction = asio::posix::stream_descriptor::wait_type;
    /// One channel of c-ares, with one socket as long as its questions are under way.
    struct Lane
    {
        State* state = nullptr;
        std::size_t under_way = 0;
        std::size_t sent = 0;  // by the socket that it has
        ChannelHandle channel; // last: its end calls back
    };
    struct Watch;
    struct Question
    {
        Lane* lane = nullptr;
        std::weak_ptr<Pending> pending;
        std::size_t sent_in = 0; // tick
    };
    struct Waiting
    {
        std::vector<std::uint8_t> query;
        std::weak_ptr<Pending> pending;
    };

    static void on_reply(void* question, int status, int timeouts, unsigned char* octets, int size);
    static void on_socket(void* lane, ares_socket_t socket, int wants_read, int wants_write);
    void open_lane(Lane& lane, const Server& server, const Settings& settings);
    Lane& next_lane();
    void watch(Lane& lane, ares_socket_t socket, bool wants_read, bool wants_write);
    void wait(std::shared_ptr<Watch> watch, Direction direction);
    void process(Lane& lane, ares_socket_t readable, ares_socket_t writable);
    void send_waiting();
    void keep_time();
    static void set_server(ares_channel channel, const Server& server);
    static void settle(Pending& pending, Reply reply);
    void count(std::error_code fault);

    asio::any_io_executor executor_;
    milliseconds tick_{};
    std::map<ares_socket_t, std::weak_ptr<Watch>> watches_;
    std::weak_ptr<asio::steady_timer> clock_;
    std::deque<Waiting> waiting_;
    bool is_about_to_send_ = false;
    std::size_t burst_ = 0;
    std::size_t under_way_ = 0; // in all lanes
    Unheard unheard_;
    Transport transport_{};
    Statistics statistics_;
    std::size_t lane_ = 0;
    std::array<Lane, 2> lanes_; // last: their ends call back; TCP uses the first
};

/// A socket of c-ares. It belongs to the handlers that wait for it, for the same reason.
struct Channel::State::Watch
{
    Watch(const asio::any_io_executor& executor, Lane& of) : lane(of), descriptor(executor) {}
    ~Watch() { forget(); }
    Watch(Watch&&) = delete;

    /// c-ares closes its sockets itself.
    void forget()
    {
        if (descriptor.is_open())
            descriptor.release();
    }

    Lane& lane; // there for as long as the State is
    asio::posix::stream_descriptor descriptor;
    bool wants_read = false;
    bool wants_write = false;
    bool reading = false;
    bool writing = false;
};

/// c-ares ends those that were sent.
Channel::State::~State()
{
    for (const auto& [query, waiting] : waiting_) {
        if (const auto pending = waiting.lock())
            settle(*pending, {errc::unreachable, {}});
    }
}

void Channel::State::open(const Server& server, Transport transport, const Settings& settings)
{
    start_library();
    transport_ = transport;
    burst_ = std::max<std::size_t>(settings.burst, 1);
    tick_ = std::clamp(settings.timeout, milliseconds{1}, longest_tick);
    for (auto& lane : lanes_) {
        if (transport == Transport::udp || &lane == &lanes_.front())
            open_lane(lane, server, settings);
    }
}

void Channel::State::open_lane(Lane& lane, const Server& server, const Settings& settings)
{
    const bool by_tcp = transport_ == Transport::tcp;
    lane.state = this;
    char nowhere[] = "/dev/null";
    char lookups[] = "b";
    ares_options options{};
    // SERVFAIL and REFUSED are answers (NOCHECKRESP), and so is a truncated one (IGNTC): asking again over
    // TCP is the resolver's, since a lost TCP connection of c-ares takes the server's UDP questions with it.
    // Without EDNS, c-ares cuts what is longer than 512 octets, though our query has its own OPT record.
    options.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH | ARES_FLAG_EDNS |
                    (by_tcp ? ARES_FLAG_USEVC : ARES_FLAG_IGNTC);
    options.timeout = static_cast<int>(settings.timeout.count());
    options.tries = by_tcp ? connections_tried : 1;
    options.ednspsz = edns_udp_payload;
    options.socket_receive_buffer_size = receive_buffer;
    options.lookups = lookups;
    options.resolvconf_path = nowhere;
    options.sock_state_cb = on_socket;
    options.sock_state_cb_data = &lane;
    ares_channel channel = nullptr;
    const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_DOMAINS |
                     ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF | ARES_OPT_SOCK_STATE_CB | ARES_OPT_EDNSPSZ |
                     ARES_OPT_SOCK_RCVBUF;
    if (ares_init_options(&channel, &options, mask) != ARES_SUCCESS)
        throw std::bad_alloc();
    lane.channel.reset(channel);
    set_server(channel, server);
}

void Channel::State::set_server(ares_channel channel, const Server& server)
{
    ares_addr_port_node node{};
    node.udp_port = server.port;
    node.tcp_port = server.port;
    if (server.address.is_v4()) {
        node.family = AF_INET;
        const auto octets = server.address.to_v4().to_bytes();
        std::memcpy(&node.addr.addr4, octets.data(), octets.size());
    } else {
        node.family = AF_INET6;
        const auto octets = server.address.to_v6().to_bytes();
        std::memcpy(&node.addr.addr6, octets.data(), octets.size());
        // c-ares has no place for a scope; a link-local server is reached through its interface.
        char interface[IF_NAMESIZE] = {};
        const auto scope = static_cast<unsigned>(server.address.to_v6().scope_id());
        if (scope != 0 && if_indextoname(scope, interface))
            ares_set_local_dev(channel, interface);
    }
    if (ares_set_servers_ports(channel, &node) != ARES_SUCCESS)
        throw std::bad_alloc();
}

void Channel::State::send(std::vector<std::uint8_t> query, const std::shared_ptr<Pending>& pending)
{
    waiting_.push_back({std::move(query), pending});
    if (std::exchange(is_about_to_send_, true))
        return;
    asio::post(executor_, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->is_about_to_send_ = false;
            self->send_waiting();
        }
    });
}

void Channel::State::send_waiting()
{
    const auto most_under_way = most_bursts * burst_;
    while (!waiting_.empty() && unheard_.count() < burst_ && under_way_ < most_under_way) {
        const auto next = std::move(waiting_.front());
        waiting_.pop_front();
        if (next.pending.expired())
            continue;
        auto& lane = next_lane();
        auto question = std::make_unique<Question>(Question{&lane, next.pending, unheard_.sent()});
        const auto size = static_cast<int>(next.query.size());
        ++under_way_;
        ++lane.under_way;
        ++lane.sent;
        ++(transport_ == Transport::udp ? statistics_.over_udp : statistics_.over_tcp);
        ares_send(lane.channel.get(), next.query.data(), size, on_reply, question.release());
    }
    keep_time();
}

/// The other one where this one's port has been used enough and no question is under way there any more.
Channel::State::Lane& Channel::State::next_lane()
{
    const auto other = (lane_ + 1) % lanes_.size();
    const bool enough = transport_ == Transport::udp && lanes_[lane_].sent >= questions_per_port;
    if (enough && lanes_[other].under_way == 0)
        lane_ = other;
    return lanes_[lane_];
}

void Channel::State::on_reply(void* question, int status, int, unsigned char* octets, int size)
{
    const std::unique_ptr<Question> done(static_cast<Question*>(question));
    auto& lane = *done->lane;
    auto& state = *lane.state;
    const auto fault = fault_of(status);
    state.count(fault);
    state.unheard_.heard(done->sent_in);
    if (--lane.under_way == 0)
        lane.sent = 0; // c-ares closes the socket now
    if (--state.under_way_ == 0) {
        if (const auto clock = state.clock_.lock())
            clock->cancel();
    }
    const auto pending = done->pending.lock();
    if (!pending)
        return;
    Reply reply;
    reply.fault = fault;
    if (!fault && octets)
        reply.octets.assign(octets, octets + size);
    settle(*pending, std::move(reply));
}

void Channel::State::settle(Pending& pending, Reply reply)
{
    pending.reply = std::move(reply);
    pending.done.expires_at(asio::steady_timer::time_point::min()); // also for who waits later
}

void Channel::State::count(std::error_code fault)
{
    auto& counter = !fault                     ? statistics_.answers
                    : fault == errc::timed_out ? statistics_.timeouts
                                               : statistics_.unreachable;
    ++counter;
}

void Channel::State::on_socket(void* lane, ares_socket_t socket, int wants_read, int wants_write)
{
    auto& of = *static_cast<Lane*>(lane);
    of.state->watch(of, socket, wants_read != 0, wants_write != 0);
}

void Channel::State::watch(Lane& lane, ares_socket_t socket, bool wants_read, bool wants_write)
{
    auto watch = watches_[socket].lock();
    if (!wants_read && !wants_write) { // it is about to be closed
        watches_.erase(socket);
        if (watch)
            watch->forget();
        return;
    }
    if (!watch) {
        watch = std::make_shared<Watch>(executor_, lane);
        watches_[socket] = watch;
        std::error_code failed; // then the question times out
        watch->descriptor.assign(socket, failed);
    }
    watch->wants_read = wants_read;
    watch->wants_write = wants_write;
    wait(watch, Direction::wait_read);
    wait(watch, Direction::wait_write);
}

void Channel::State::wait(std::shared_ptr<Watch> watch, Direction direction)
{
    const bool reads = direction == Direction::wait_read;
    auto& waiting = reads ? watch->reading : watch->writing;
    if (waiting || !(reads ? watch->wants_read : watch->wants_write) || !watch->descriptor.is_open())
        return;
    waiting = true;
    auto& descriptor = watch->descriptor;
    descriptor.async_wait(
        direction,
        [weak = weak_from_this(), watch = std::move(watch), direction, reads](std::error_code) {
            (reads ? watch->reading : watch->writing) = false;
            const auto self = weak.lock();
            if (!self || !watch->descriptor.is_open())
                return;
            const ares_socket_t socket = watch->descriptor.native_handle();
            const ares_socket_t none = ARES_SOCKET_BAD;
            self->process(watch->lane, reads ? socket : none, reads ? none : socket);
            self->wait(watch, direction);
        }
    );
}

void Channel::State::process(Lane& lane, ares_socket_t readable, ares_socket_t writable)
{
    ares_process_fd(lane.channel.get(), readable, writable);
    send_waiting();
}

void Channel::State::keep_time()
{
    if (under_way_ == 0 || !clock_.expired())
        return;
    auto clock = std::make_shared<asio::steady_timer>(executor_, tick_);
    clock_ = clock;
    auto& timer = *clock;
    timer.async_wait([weak = weak_from_this(), clock = std::move(clock)](std::error_code) mutable {
        clock.reset();
        const auto self = weak.lock();
        if (!self)
            return;
        self->unheard_.next_tick();
        for (auto& lane : self->lanes_) {
            if (lane.under_way > 0)
                self->process(lane, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        }
    });
}

Channel::Channel(
    asio::any_io_executor executor, const Server& server, Transport transport, const Settings& settings
)
    : state_(std::make_shared<State>(std::move(executor)))
{
    state_->open(server, transport, settings);
}

Channel::~Channel() = default;
Channel::Channel(Channel&&) noexcept = default;

const Statistics& Channel::statistics() const noexcept
{
    return state_->statistics();
}

Exchange Channel::send(std::vector<std::uint8_t> query)
{
    auto pending = std::make_shared<Pending>(state_->executor());
    state_->send(std::move(query), pending);
    return Exchange(std::move(pending));
}

Reply Exchange::take()
{
    if (!pending_->reply)
        throw std::system_error(pending_->ended);
    return std::move(*pending_->reply);
}

} // namespace dns
