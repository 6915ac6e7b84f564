// The URL of a queue → the server, and what the queue's parts are called there. Pure.
#pragma once

#include "probe/command/redis.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace command
{

struct QueuePlace
{
    RedisPlace server{};
    std::string targets = "mxtls:targets"; // a stream
    std::string results = "mxtls:results"; // a stream
    std::string group = "mxtls";
    std::string consumer{};      // this worker; empty where the URL does not name it
    std::string run = "default"; // of entries that do not name theirs
    std::chrono::milliseconds take_over{std::chrono::seconds{300}};
    std::optional<std::size_t> hold{}; // entries at once; else as many as the scan takes
    bool drain = false;
};

inline constexpr std::size_t longest_name = 128; // of a group, a consumer, a run

/// What a person can type and a line can show: not empty, printable ASCII without blanks, not longer than
/// that.
bool is_name(std::string_view text, std::size_t longest);

/// redis://[[USER]:PASSWORD@]HOST[:PORT][/DB][?NAME=VALUE&…], unix://[[USER]:PASSWORD@]/PATH[?NAME=VALUE&…],
/// with percent-encoding. Throws std::invalid_argument, one line that names the part and what is expected,
/// never the password.
QueuePlace parse_queue_url(std::string_view url);

} // namespace command
