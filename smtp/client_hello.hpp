// What a client offers → the octets of a ClientHello, in a record of its own, also of versions that OpenSSL
// cannot speak. For asking what a server would choose; no handshake comes of it. Pure.
#pragma once

#include "smtp/cipher_suites.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smtp
{

/// Some servers only take so many, and drop the connection, or what is beyond (RFC 5246 §7.4.1.2 has no
/// limit).
inline constexpr std::size_t max_suites_offered = 127;

struct Offer
{
    ProtocolVersion version = ProtocolVersion::tls12; // this one, or older where the server wants that
    std::vector<std::uint16_t> suites{};              // in order of preference
    std::vector<std::uint16_t> groups{};              // likewise; not sent in SSL 3
    bool operator==(const Offer&) const = default;
};

/// The random of a ClientHello, then the session id that TLS 1.3 sends for the sake of middleboxes.
using HelloNonce = std::array<std::uint8_t, 64>;

/// `server_name` empty: none is sent, nor ever in SSL 3, which has no extensions.
///
/// A record with one message (RFC 6101 §5.6.1.2, RFC 5246 §7.4.1.2, RFC 8446 §4.1.2). Below TLS 1.3 it offers
/// compression, secure renegotiation, extended master secret and a session ticket, so that the answer tells
/// of them. In TLS 1.3 it offers groups, but no key: the server answers with a HelloRetryRequest that names
/// its suite and its group (RFC 8446 §4.2.8), and neither side has had to compute anything. No ALPN: a server
/// that does not like the name has to refuse the handshake (RFC 7301 §3.2).
///
/// With extensions, the message is padded (RFC 7685) to a multiple of 256 octets, at least 512: some servers
/// and middleboxes take no ClientHello of 256 to 511 octets, or of certain sizes above.
std::string client_hello(const Offer& offer, std::string_view server_name, const HelloNonce& nonce);

/// The polite end of a handshake that was never meant to go on: the alert user_canceled, then close_notify
/// (RFC 8446 §6.1).
std::string farewell(ProtocolVersion version);

} // namespace smtp
