// What there is to tell of a handshake: of one that finished, and of one that did not. Private to smtp/.
#pragma once

#include "smtp/tls.hpp"

#include <string>
#include <string_view>

struct ssl_st;

namespace smtp
{

/// Of a handshake that finished.
TlsFacts facts_of(ssl_st* ssl);

/// OpenSSL's first complaint on this thread, in a few words: "alert handshake failure (40)" for an alert that
/// the peer sent, else its reason, "unsupported protocol". Empty where it has none. Forgets all of them.
std::string take_reason();

/// Whether a peer that says this may be speaking TLS (RFC 8446 §5.1); nothing at all may.
bool begins_record(std::string_view octets) noexcept;

} // namespace smtp
