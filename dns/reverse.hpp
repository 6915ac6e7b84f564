// The name under which DNS keeps the names of an address. Pure.
#pragma once

#include <asio/ip/address.hpp>

#include <string>

namespace dns
{

/// "1.2.0.192.in-addr.arpa" (RFC 1035 §3.5); of IPv6 the 32 hexadecimal digits, the last first, under
/// ip6.arpa (RFC 3596 §2.5). The scope of an address is no part of it.
std::string reverse_name(const asio::ip::address& address);

} // namespace dns
