// One connection to a Redis server: commands out, replies in. It is opened where it is needed, and anew after
// a fault.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace command
{

/// Where a server is, and who we are to it.
struct RedisPlace
{
    std::string host{}; // a name, or a literal without brackets; empty: the socket at `path`
    std::uint16_t port = 6379;
    std::string path{};
    std::string user{};     // empty: the server's default user
    std::string password{}; // empty: none is given
    int database = 0;

    /// "127.0.0.1:6379", "[::1]:6379", "/run/redis.sock": safe to print.
    std::string shown() const;
};

/// Why something could not be done: one line, safe to print, without the password.
class RedisFault : public std::runtime_error
{
public:
    enum class Kind : std::uint8_t
    {
        passing,   // the server is away, or in a state that it may leave again
        lasting,   // trying again is in vain
        no_group,  // the stream, or its consumer group, is gone
        has_group, // it is there already
        stopped    // stop() was called
    };

    RedisFault(Kind kind, const std::string& line) : std::runtime_error(line), kind_(kind) {}

    Kind kind() const noexcept { return kind_; }

private:
    Kind kind_;
};

struct RedisReply
{
    enum class Kind : std::uint8_t
    {
        nil,
        text,
        number,
        list,
        error
    };
    Kind kind = Kind::nil;
    std::string text{}; // of an error too
    long long number = 0;
    std::vector<RedisReply> list{};
};

using RedisCommand = std::vector<std::string>;

/// Used by one thread, but for stop().
class RedisLink
{
public:
    /// `grace`: what is under way when stop() is called, and what is asked after it, may take that long.
    RedisLink(RedisPlace place, std::chrono::milliseconds grace);
    ~RedisLink();
    RedisLink(const RedisLink&) = delete;
    RedisLink& operator=(const RedisLink&) = delete;

    /// The reply, which is no error. Takes at most `limit`, what connecting takes included. Throws
    /// RedisFault.
    RedisReply ask(const RedisCommand& command, std::chrono::milliseconds limit);

    /// The same for many that are sent at once: the replies in their order. Where one of them is an error,
    /// the others were done all the same.
    std::vector<RedisReply>
    ask_all(const std::vector<RedisCommand>& commands, std::chrono::milliseconds limit);

    /// Waits that long, or until stop(); whether it was not stopped.
    bool pause(std::chrono::milliseconds time);

    /// Ends a pause at once, and what is asked after `grace`. From any thread, also more than once.
    void stop() noexcept;
    bool stopped() const noexcept { return stopped_; }

private:
    using Clock = std::chrono::steady_clock;
    class Reader;

    void open();
    void open_tcp();
    void open_unix();
    bool connect_to(const void* address, std::size_t size, int family);
    void greet();
    bool went_away() const;
    void close() noexcept;
    std::vector<RedisReply> converse(const std::vector<RedisCommand>& commands);
    void send_some(std::string_view& octets);
    void receive_some(Reader& reader);
    short wait(short events);
    [[noreturn]] void fail(std::string_view why) const;

    RedisPlace place_;
    std::chrono::milliseconds grace_;
    Clock::time_point deadline_{}; // of what is asked now
    int socket_ = -1;
    int wake_ = -1; // readable once stopped
    std::atomic<bool> stopped_ = false;
};

} // namespace command
