// HTTPS GET, as a sender fetches an MTA-STS policy (RFC 8461 §3.3): libcurl, driven by Asio. Only what came
// is told; whether its certificate is to be believed is judged later, as that of a mail server is.
#pragma once

#include "smtp/tls.hpp"

#include <asio/awaitable.hpp>
#include <asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace probe
{

inline constexpr std::chrono::seconds fetch_limit{60};     // of the whole, where the question allows more
inline constexpr std::size_t max_fetched = 64 * 1024;      // octets of a body, as they come
inline constexpr std::size_t max_fetched_head = 64 * 1024; // octets of all header fields

struct FetchQuestion
{
    std::string host{}; // A-labels: the server name in TLS, and what Host says
    std::string path{}; // begins with a slash
    std::uint16_t port = 443;
    std::vector<asio::ip::address> addresses{}; // of the host; nothing else is ever looked up or connected to
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
    std::string contact{}; // whom to ask about it, in User-Agent, of at most smtp::excerpt_limit characters
};

enum class FetchFault
{
    none,
    no_address, // none was given
    connect,    // none of the addresses could be connected to
    timeout,    // before the whole answer was there
    tls,        // the handshake failed; a certificate never is the cause
    protocol,   // no HTTP, a connection that was lost, an encoding nobody asked for, too many header fields
    redirect,   // 3xx, which is not followed
    status,     // another status than 200
    media_type, // other than text/plain, whose parameters do not matter
    too_large   // a body above max_fetched
};

/// As reports and logs may call it: "connect", "media-type".
std::string_view name(FetchFault fault) noexcept;

struct Fetched
{
    FetchFault fault = FetchFault::none;
    std::string detail{}; // of a fault: a clause, printable, as in `its status is 404, not 200`

    std::optional<asio::ip::address> peer{}; // whom it came from
    std::vector<smtp::Certificate> chain{};  // as sent, also where what followed failed; empty before that
    long status = 0;                         // 0: no answer
    std::string media_type{};                // Content-Type, printable; empty where there is none
    std::string location{};                  // of a redirect, printable

    /// Raw octets, only without a fault. Worth nothing until the chain is judged.
    std::string body{};

    std::chrono::system_clock::time_point received{}; // when it was over
    std::chrono::microseconds elapsed{};
};

/// TLS 1.2 and above at OpenSSL's usual security level, HTTP/1.1 or HTTP/2; the first address that answers;
/// no redirect, proxy, cookie, cache, compression or name look-up, whatever the environment says. Never
/// throws for what the network does; abandoned at any moment it leaves nothing behind.
asio::awaitable<Fetched> fetch(FetchQuestion question);

} // namespace probe
