#include "probe/command/redis.hpp"

#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <system_error>
#include <utility>

namespace command
{
namespace
{

using Kind = RedisFault::Kind;

constexpr std::size_t longest_reply = 16 << 20; // octets; entries come from whoever may write to the stream
constexpr std::chrono::seconds connect_limit{5};

template <auto Free>
struct Freed
{
    template <class Handle>
    void operator()(Handle* handle) const noexcept
    {
        Free(handle);
    }
};

using Command = std::unique_ptr<char, Freed<redisFreeCommand>>;
using Parser = std::unique_ptr<redisReader, Freed<redisReaderFree>>;
using Parsed = std::unique_ptr<redisReply, Freed<freeReplyObject>>;
using Addresses = std::unique_ptr<addrinfo, Freed<freeaddrinfo>>;

/// What an error's first word says about trying again, and to whoever reads the line.
struct Meaning
{
    std::string_view code;
    Kind kind;
    std::string_view words;
};

constexpr auto meanings = std::to_array<Meaning>({
    {"NOAUTH", Kind::lasting, "wants a password: give redis://:PASSWORD@HOST, or set REDISCLI_AUTH"},
    {"WRONGPASS", Kind::lasting, "refuses this user or password"},
    {"NOPERM", Kind::lasting, "does not let this user do it"},
    {"WRONGTYPE", Kind::lasting, "keeps something else under one of these keys: give others in the URL"},
    {"MOVED", Kind::lasting, "is one of a cluster, which is not spoken: give a server that stands alone"},
    {"OOM", Kind::passing,
     "has no memory left (maxmemory): trim the results that were read, or give it more"},
    {"MISCONF", Kind::passing, "cannot write to its disk"},
    {"READONLY", Kind::passing, "is a replica that cannot be written to: give the address of the primary"},
    {"LOADING", Kind::passing, "is still reading its data"},
    {"BUSY", Kind::passing, "is busy with a script"},
    {"MASTERDOWN", Kind::passing, "has lost its primary"},
    {"NOREPLICAS", Kind::passing, "lacks replicas to write to"},
    {"TRYAGAIN", Kind::passing, "asks to try again"},
    {"CLUSTERDOWN", Kind::passing, "is one of a cluster that is down"},
    {"NOGROUP", Kind::no_group, "has no such stream or group"},
    {"UNBLOCKED", Kind::no_group, "lost the stream"},
    {"BUSYGROUP", Kind::has_group, "has the group already"},
});

std::string error_text(int error)
{
    return std::generic_category().message(error);
}

RedisFault refusal(const RedisPlace& place, std::string_view text)
{
    const auto code = text.substr(0, text.find(' '));
    const auto* const known = std::ranges::find(meanings, code, &Meaning::code);
    if (known == meanings.end())
        return {Kind::lasting, fmt::format("Redis at {} answers: {}", place.shown(), smtp::excerpt(text))};
    return {
        known->kind, fmt::format("Redis at {} {} ({})", place.shown(), known->words, smtp::excerpt(text))};
}

RedisReply own_reply(const redisReply& parsed)
{
    RedisReply reply;
    switch (parsed.type) {
    case REDIS_REPLY_NIL:
        break;
    case REDIS_REPLY_INTEGER:
        reply.kind = RedisReply::Kind::number;
        reply.number = parsed.integer;
        break;
    case REDIS_REPLY_ARRAY:
        reply.kind = RedisReply::Kind::list;
        for (const auto* part : std::span(parsed.element, parsed.elements))
            reply.list.push_back(own_reply(*part));
        break;
    default:
        reply.kind = parsed.type == REDIS_REPLY_ERROR ? RedisReply::Kind::error : RedisReply::Kind::text;
        reply.text.assign(parsed.str, parsed.len);
    }
    return reply;
}

void append(std::string& octets, const RedisCommand& command)
{
    std::vector<const char*> words;
    std::vector<std::size_t> lengths;
    for (const auto& word : command) {
        words.push_back(word.data());
        lengths.push_back(word.size());
    }
    char* formatted = nullptr;
    const int length =
        redisFormatCommandArgv(&formatted, static_cast<int>(words.size()), words.data(), lengths.data());
    const Command owner(formatted);
    if (length < 0)
        throw std::bad_alloc();
    octets.append(formatted, static_cast<std::size_t>(length));
}

} // namespace

std::string RedisPlace::shown() const
{
    if (host.empty())
        return smtp::printable(path);
    const auto name = host.find(':') == host.npos ? smtp::printable(host) : '[' + host + ']';
    return fmt::format("{}:{}", name, port);
}

/// Octets in, whole replies out.
class RedisLink::Reader
{
public:
    /// False where they are no replies, or one grows too long.
    bool feed(std::string_view octets)
    {
        unfinished_ += octets.size();
        if (unfinished_ > longest_reply ||
            redisReaderFeed(parser_.get(), octets.data(), octets.size()) != REDIS_OK)
            return false;
        for (;;) {
            void* parsed = nullptr;
            if (redisReaderGetReply(parser_.get(), &parsed) != REDIS_OK)
                return false;
            if (parsed == nullptr)
                return true;
            const Parsed owner(static_cast<redisReply*>(parsed));
            replies.push_back(own_reply(*owner));
            unfinished_ = 0;
        }
    }

    bool too_long() const noexcept { return unfinished_ > longest_reply; }

    std::vector<RedisReply> replies;

private:
    Parser parser_{redisReaderCreate()};
    std::size_t unfinished_ = 0; // at least as long as what is held of a reply that is not whole
};

RedisLink::RedisLink(RedisPlace place, std::chrono::milliseconds grace)
    : place_(std::move(place)), grace_(grace), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (wake_ < 0)
        throw std::system_error(errno, std::generic_category(), "eventfd");
}

RedisLink::~RedisLink()
{
    close();
    ::close(wake_);
}

std::vector<RedisReply>
RedisLink::ask_all(const std::vector<RedisCommand>& commands, std::chrono::milliseconds limit)
{
    deadline_ = Clock::now() + limit;
    try {
        if (socket_ >= 0 && went_away())
            close();
        if (socket_ < 0)
            open();
        return converse(commands);
    } catch (const RedisFault& fault) {
        if (fault.kind() == Kind::passing || fault.kind() == Kind::stopped)
            close();
        throw;
    }
}

RedisReply RedisLink::ask(const RedisCommand& command, std::chrono::milliseconds limit)
{
    return std::move(ask_all(std::vector<RedisCommand>(1, command), limit).front());
}

bool RedisLink::pause(std::chrono::milliseconds time)
{
    pollfd woken{wake_, POLLIN, 0};
    const auto until = Clock::now() + time;
    for (auto left = time; !stopped_ && left.count() > 0;
         left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()))
        ::poll(&woken, 1, static_cast<int>(left.count()));
    return !stopped_;
}

void RedisLink::stop() noexcept
{
    stopped_ = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void RedisLink::open()
{
    const auto whole = std::exchange(deadline_, std::min(deadline_, Clock::now() + connect_limit));
    if (place_.host.empty())
        open_unix();
    else
        open_tcp();
    greet();
    deadline_ = whole;
}

void RedisLink::open_tcp()
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int fault = ::getaddrinfo(place_.host.c_str(), std::to_string(place_.port).c_str(), &hints, &found);
    if (fault != 0)
        fail(fmt::format("{}: is this its name?", ::gai_strerror(fault)));
    const Addresses owner(found);
    for (const auto* one = found; one != nullptr; one = one->ai_next) {
        if (!connect_to(one->ai_addr, one->ai_addrlen, one->ai_family))
            continue;
        const int at_once = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
        return;
    }
    fail(error_text(errno) + ": is it running there?");
}

void RedisLink::open_unix()
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (place_.path.size() >= sizeof address.sun_path)
        fail(error_text(ENAMETOOLONG));
    std::memcpy(address.sun_path, place_.path.data(), place_.path.size());
    if (!connect_to(&address, sizeof address, AF_UNIX))
        fail(error_text(errno) + ": is it running there?");
}

/// False with errno.
bool RedisLink::connect_to(const void* address, std::size_t size, int family)
{
    socket_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0)
        return false;
    int fault = 0;
    if (::connect(socket_, static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)) != 0)
        fault = errno;
    if (fault == EINPROGRESS) {
        wait(POLLOUT);
        socklen_t length = sizeof fault;
        ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &fault, &length);
    }
    if (fault == 0)
        return true;
    close();
    errno = fault;
    return false;
}

void RedisLink::greet()
{
    std::vector<RedisCommand> commands;
    if (!place_.password.empty() && !place_.user.empty())
        commands.push_back({"AUTH", place_.user, place_.password});
    else if (!place_.password.empty())
        commands.push_back({"AUTH", place_.password});
    if (place_.database != 0)
        commands.push_back({"SELECT", std::to_string(place_.database)});
    if (commands.empty())
        return;
    try {
        converse(commands);
    } catch (const RedisFault&) {
        close(); // a connection that has not gone through this is none
        throw;
    }
}

/// A server says nothing that was not asked for: what there is to read is the end.
bool RedisLink::went_away() const
{
    pollfd idle{socket_, POLLIN, 0};
    return ::poll(&idle, 1, 0) != 0;
}

void RedisLink::close() noexcept
{
    if (socket_ >= 0)
        ::close(std::exchange(socket_, -1));
}

std::vector<RedisReply> RedisLink::converse(const std::vector<RedisCommand>& commands)
{
    std::string octets;
    for (const auto& command : commands)
        append(octets, command);
    std::string_view unsent = octets;
    Reader reader;
    while (reader.replies.size() < commands.size()) {
        const auto ready = wait(unsent.empty() ? POLLIN : POLLIN | POLLOUT);
        if ((ready & POLLOUT) != 0)
            send_some(unsent);
        if ((ready & ~POLLOUT) != 0)
            receive_some(reader);
    }
    for (const auto& reply : reader.replies) {
        if (reply.kind == RedisReply::Kind::error)
            throw refusal(place_, reply.text);
    }
    return std::move(reader.replies);
}

void RedisLink::send_some(std::string_view& octets)
{
    const auto sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent >= 0)
        octets.remove_prefix(static_cast<std::size_t>(sent));
    else if (errno != EAGAIN && errno != EINTR)
        fail(error_text(errno));
}

void RedisLink::receive_some(Reader& reader)
{
    std::array<char, 64 * 1024> octets;
    const auto received = ::recv(socket_, octets.data(), octets.size(), 0);
    if (received < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (received <= 0)
        fail(received == 0 ? "it closed the connection" : error_text(errno));
    if (reader.feed({octets.data(), static_cast<std::size_t>(received)}))
        return;
    fail(reader.too_long() ? "a reply is longer than 16 MiB" : "what answers there is no Redis server");
}

/// Until the socket is ready, and for what; within the deadline, and a stop's.
short RedisLink::wait(short events)
{
    bool hurried = false;
    for (;;) {
        if (stopped_ && !std::exchange(hurried, true))
            deadline_ = std::min(deadline_, Clock::now() + grace_);
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now());
        if (left.count() <= 0 && stopped_)
            throw RedisFault(
                Kind::stopped, fmt::format("Redis at {} did not answer in time", place_.shown())
            );
        if (left.count() <= 0)
            fail("it does not answer");
        std::array<pollfd, 2> both{{{socket_, events, 0}, {wake_, POLLIN, 0}}};
        const int count = ::poll(both.data(), hurried ? 1 : 2, static_cast<int>(left.count()));
        if (count > 0 && both[0].revents != 0)
            return both[0].revents;
    }
}

void RedisLink::fail(std::string_view why) const
{
    throw RedisFault(Kind::passing, fmt::format("cannot work with Redis at {}: {}", place_.shown(), why));
}

} // namespace command
