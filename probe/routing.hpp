// An MX answer → the hosts that take a domain's mail (RFC 5321 §5.1, RFC 7505). Pure.
#pragma once

#include "dns/records.hpp"
#include "probe/observation.hpp"

#include <cstdint>
#include <vector>

namespace probe
{

struct Routing
{
    Route route = Route::unknown;
    bool null_mx_beside_others = false;
    std::vector<Host> hosts; // by preference, then name; each name once, with its least preference
};

/// `mx` is the answer to the MX question for the domain. The address is used in place of an MX only on
/// NODATA, never where the look-up failed (RFC 5321 §5.1). Nothing is looked up: the hosts have no addresses
/// yet.
Routing routing_of(const dns::Answer& mx, std::uint16_t port);

/// The hosts of the MX answer that an observation does not have: those that --quick left out.
std::vector<std::string> hosts_left_out(const Observation& observation);

/// A host given by name or by address, as by --mx.
Host given_host(std::string name, std::uint16_t port);

/// The addresses of a host, looked up or literal: IPv4 first, each family numerically, each once.
std::vector<asio::ip::address> addresses_of(const Host& host);

} // namespace probe
