// The octets of a non-blocking socket, for us in clear and for OpenSSL as a BIO. Private to smtp/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

struct bio_st;

namespace smtp
{

/// Never raises SIGPIPE, and remembers why it stopped. Must stay where it is while a BIO of it is in use.
class Wire
{
public:
    /// The socket stays its owner's.
    void attach(int socket) noexcept { socket_ = socket; }

    /// How many octets went through; 0 where none did: blocked(), closed() or error() says why.
    std::size_t receive(char* into, std::size_t size) noexcept;
    std::size_t send(std::string_view octets) noexcept;

    /// The octets that wait to be received, at most `size`; they go on waiting.
    std::string peek(std::size_t size) const;

    /// Has the kernel acknowledge what comes next without its usual delay. A server without TCP_NODELAY sends
    /// its session tickets, and then holds its reply to EHLO back until they are acknowledged (RFC 896): 40
    /// ms that would be told as the server's.
    void acknowledge_at_once() noexcept;

    bool blocked() const noexcept { return blocked_; } // the last call found nothing to do
    bool closed() const noexcept { return closed_; }   // by the peer
    int error() const noexcept { return error_; }      // errno of what ended it; 0: nothing did

    /// All that went through, so that inside TLS the records count and not what they hold.
    std::uint64_t sent() const noexcept { return sent_; }
    std::uint64_t received() const noexcept { return received_; }

    /// A peer that sends without end must not keep us, or OpenSSL, inside one call: after `most_at_once`
    /// receives, there is nothing to do until this says that others had their turn.
    void take_turn() noexcept { received_at_once_ = 0; }

    /// The first octets that a BIO received, to tell TLS from plaintext.
    const std::string& first_received() const noexcept { return first_received_; }
    void keep_first(std::string_view octets);

    /// Reads and writes here. The caller owns it.
    bio_st* new_bio();

private:
    static constexpr int most_at_once = 64;

    int socket_ = -1;
    int error_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t received_ = 0;
    bool blocked_ = false;
    bool closed_ = false;
    int received_at_once_ = 0;
    std::string first_received_;
};

} // namespace smtp
