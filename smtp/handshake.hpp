// What there is to tell of a handshake: of one that finished, and of one that did not. Private to smtp/.
#pragma once

#include "smtp/tls.hpp"

#include <optional>
#include <string>
#include <string_view>

struct ssl_st;

namespace smtp
{

/// Of a handshake that finished.
TlsFacts facts_of(ssl_st* ssl);

/// Why OpenSSL gave up.
struct Complaint
{
    std::string words;        // "alert handshake failure (40)", "unsupported protocol"; empty: there is none
    std::optional<int> alert; // that the peer sent (RFC 8446 §6); none where the reason is our own
};

/// The first complaint on this thread. Forgets all of them.
Complaint take_complaint();

/// Whether a peer that says this may be speaking TLS (RFC 8446 §5.1); nothing at all may.
bool begins_record(std::string_view octets) noexcept;

} // namespace smtp
