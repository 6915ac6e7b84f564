#include "probe/command/queue_url.hpp"

#include "probe/command/values.hpp"
#include "probe/refuse.hpp"

#include <asio/ip/address_v6.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <stdexcept>

namespace command
{
namespace
{

using probe::refuse;

constexpr std::size_t longest_url = 4096;
constexpr std::size_t longest_key = 512;
constexpr std::size_t longest_host = 255;
constexpr std::size_t longest_path = 107; // sockaddr_un
constexpr int most_databases = 65'535;
constexpr int most_held = 1'000'000;
constexpr std::chrono::milliseconds least_take_over{100};

/// None where a percent sign is not followed by two hexadecimal digits.
std::optional<std::string> decoded(std::string_view text)
{
    std::string octets;
    while (!text.empty()) {
        if (text.front() != '%') {
            octets += text.front();
            text.remove_prefix(1);
            continue;
        }
        unsigned char octet = 0;
        const auto digits = text.substr(1, 2);
        const auto [end, fault] = std::from_chars(digits.begin(), digits.end(), octet, 16);
        if (digits.size() != 2 || fault != std::errc{} || end != digits.end())
            return std::nullopt;
        octets += static_cast<char>(octet);
        text.remove_prefix(3);
    }
    return octets;
}

/// The text before the separator, which goes too; all where there is none.
std::string_view take_until(std::string_view& text, char separator)
{
    const auto end = text.find(separator);
    const auto head = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return head;
}

void read_login(RedisPlace& server, std::string_view login)
{
    // A password that is not encoded must neither be taken for another part nor be told.
    if (login.find_first_of("/?@") != login.npos)
        throw std::invalid_argument(
            "the queue's URL holds '/', '?' or '@' before its last '@': write them as %2F, %3F and %40"
        );
    const auto user = decoded(take_until(login, ':'));
    const auto password = decoded(login);
    if (!user || !password)
        throw std::invalid_argument(
            "the queue's user or password holds '%' that begins no %XX: write it as %25"
        );
    server.user = *user;
    server.password = *password;
}

void read_port(RedisPlace& server, std::string_view text)
{
    server.port = static_cast<std::uint16_t>(parse_whole_number(text, 1, 65'535));
}

bool is_host(std::string_view text)
{
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    return !text.empty() && text.size() <= longest_host && text.find_first_not_of(letters) == text.npos;
}

void read_host(RedisPlace& server, std::string_view text)
{
    if (text.starts_with('[')) {
        const bool closed = text.find(']') != text.npos;
        const auto literal = take_until(text, ']').substr(1);
        asio::error_code fault;
        asio::ip::make_address_v6(std::string(literal), fault);
        if (!closed || fault || (!text.empty() && text.front() != ':'))
            refuse(literal, "is no IPv6 address in brackets, as of a queue: give [2001:db8::1]:6379");
        server.host = literal;
        if (!text.empty())
            read_port(server, text.substr(1));
        return;
    }
    const bool with_port = text.find(':') != text.npos;
    const auto host = take_until(text, ':');
    if (!is_host(host))
        refuse(host, "is no host of a queue: give a name or an address, as in redis://127.0.0.1:6379");
    server.host = host;
    if (with_port)
        read_port(server, text);
}

std::string parse_name(std::string_view text, std::size_t longest)
{
    if (!is_name(text, longest))
        refuse(
            text, fmt::format("is no name in a queue: give 1 to {} printable characters, no blanks", longest)
        );
    return std::string(text);
}

bool parse_switch(std::string_view text)
{
    if (text != "0" && text != "1")
        refuse(text, "is neither on nor off: give drain=1 or drain=0");
    return text == "1";
}

std::chrono::milliseconds parse_take_over(std::string_view text)
{
    const auto time = parse_seconds(text);
    if (time < least_take_over)
        refuse(text, "is too soon to take work over: give at least 0.1 seconds");
    return time;
}

void read_parameter(QueuePlace& place, std::string_view name, std::string_view value)
{
    if (name == "targets")
        place.targets = parse_name(value, longest_key);
    else if (name == "results")
        place.results = parse_name(value, longest_key);
    else if (name == "group")
        place.group = parse_name(value, longest_name);
    else if (name == "consumer")
        place.consumer = parse_name(value, longest_name);
    else if (name == "run")
        place.run = parse_name(value, longest_name);
    else if (name == "take-over")
        place.take_over = parse_take_over(value);
    else if (name == "hold")
        place.hold = static_cast<std::size_t>(parse_whole_number(value, 1, most_held));
    else if (name == "drain")
        place.drain = parse_switch(value);
    else if (name == "db" && place.server.host.empty())
        place.server.database = parse_whole_number(value, 0, most_databases);
    else
        refuse(
            name, "is nothing that a queue has: give targets, results, group, consumer, run, take-over, hold "
                  "or drain"
        );
}

void read_parameters(QueuePlace& place, std::string_view query)
{
    std::set<std::string_view> seen;
    while (!query.empty()) {
        auto value = take_until(query, '&');
        const auto name = take_until(value, '=');
        const auto plain = decoded(value);
        if (!plain)
            refuse(value, "holds '%' that begins no %XX: write it as %25");
        if (!seen.insert(name).second)
            refuse(name, "is given twice in the queue's URL: give it once");
        read_parameter(place, name, *plain);
    }
    if (place.targets == place.results)
        refuse(place.targets, "is where targets and results are to be: give each a key of its own");
}

void read_redis(QueuePlace& place, std::string_view rest)
{
    auto database = take_until(rest, '?');
    const auto host = take_until(database, '/');
    read_host(place.server, host);
    if (!database.empty())
        place.server.database = parse_whole_number(database, 0, most_databases);
    read_parameters(place, rest);
}

void read_unix(QueuePlace& place, std::string_view rest)
{
    const auto text = take_until(rest, '?');
    const auto path = decoded(text);
    const bool usable = path && path->starts_with('/') && path->find('\0') == path->npos;
    if (!usable || path->size() > longest_path)
        refuse(
            text, fmt::format("is no path of a socket: give unix:///PATH, at most {} octets", longest_path)
        );
    place.server.path = *path;
    read_parameters(place, rest);
}

} // namespace

bool is_name(std::string_view text, std::size_t longest)
{
    const auto printable = [](char one) { return one > ' ' && one <= '~'; };
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, printable);
}

QueuePlace parse_queue_url(std::string_view url)
{
    if (url.size() > longest_url)
        throw std::invalid_argument(fmt::format("the queue's URL is longer than {} octets", longest_url));
    if (url.starts_with("rediss://"))
        throw std::invalid_argument(
            "rediss:// is not spoken: give redis:// and the near end of a TLS tunnel, such as stunnel's"
        );
    const bool over_tcp = url.starts_with("redis://");
    if (!over_tcp && !url.starts_with("unix://"))
        throw std::invalid_argument(
            "the queue's URL begins with neither redis:// nor unix://: give one of them"
        );
    auto rest = url.substr(url.find("//") + 2);

    QueuePlace place;
    if (const auto login = rest.rfind('@'); login != rest.npos) {
        read_login(place.server, rest.substr(0, login));
        rest.remove_prefix(login + 1);
    }
    if (over_tcp)
        read_redis(place, rest);
    else
        read_unix(place, rest);
    return place;
}

} // namespace command
