#include "probe/routing.hpp"

#include <algorithm>

namespace probe
{
namespace
{

std::vector<Host> hosts_of(std::vector<dns::Mx> records, std::uint16_t port)
{
    std::sort(records.begin(), records.end(), [](const dns::Mx& one, const dns::Mx& other) {
        return std::tie(one.preference, one.exchange) < std::tie(other.preference, other.exchange);
    });
    std::vector<Host> hosts;
    for (const auto& record : records) {
        const auto same = [&](const Host& host) { return host.name == record.exchange; };
        if (std::any_of(hosts.begin(), hosts.end(), same))
            continue;
        hosts.push_back(given_host(record.exchange, port));
        hosts.back().preference = record.preference;
    }
    return hosts;
}

Routing implicit_mx(const std::string& domain, std::uint16_t port)
{
    Routing routing{Route::implicit, false, {}};
    routing.hosts.push_back(given_host(domain, port));
    return routing;
}

} // namespace

std::vector<std::string> hosts_left_out(const Observation& observation)
{
    std::vector<std::string> names;
    if (observation.route != Route::mx)
        return names;
    for (const auto& mx : observation.mx->all<dns::Mx>()) {
        const bool is_known = mx.exchange == "." || std::ranges::find(names, mx.exchange) != names.end();
        if (!is_known &&
            std::ranges::find(observation.hosts, mx.exchange, &Host::name) == observation.hosts.end())
            names.push_back(mx.exchange);
    }
    return names;
}

Host given_host(std::string name, std::uint16_t port)
{
    Host host;
    std::error_code not_a_literal;
    const auto literal = asio::ip::make_address(name, not_a_literal);
    if (!not_a_literal)
        host.literal = literal;
    host.name = std::move(name);
    host.port = port;
    return host;
}

Routing routing_of(const dns::Answer& mx, std::uint16_t port)
{
    if (mx.state == dns::State::failed)
        return {};
    if (mx.state == dns::State::no_such_name)
        return {Route::no_domain, false, {}};
    if (mx.state == dns::State::no_data)
        return implicit_mx(mx.name, port);

    auto records = mx.all<dns::Mx>();
    const auto nulls = std::erase_if(records, [](const dns::Mx& record) { return record.exchange == "."; });
    if (records.empty())
        return {Route::null_mx, false, {}};
    return {Route::mx, nulls > 0, hosts_of(std::move(records), port)};
}

std::vector<asio::ip::address> addresses_of(const Host& host)
{
    std::vector<asio::ip::address> addresses;
    if (host.literal)
        addresses.push_back(*host.literal);
    for (const auto* answer : {&host.ipv4, &host.ipv6}) {
        if (!*answer)
            continue;
        const auto found = (*answer)->all<asio::ip::address>();
        addresses.insert(addresses.end(), found.begin(), found.end());
    }
    std::sort(addresses.begin(), addresses.end()); // asio orders IPv4 before IPv6, then by octets
    addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
    return addresses;
}

} // namespace probe
