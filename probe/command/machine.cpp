#include "probe/command/machine.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace command
{
namespace
{

constexpr std::size_t spare_descriptors = 64; // for the resolver's sockets, files and the loop itself

std::vector<dns::Server> system_resolvers()
{
    std::ifstream file("/etc/resolv.conf");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    return dns::servers_of(text);
}

dns::Settings resolver_settings(const Options& options)
{
    auto settings = options.dns;
    if (settings.servers.empty())
        settings.servers = system_resolvers();
    const auto asks = [](const Request& request) { return probe::needs_dns(request.plan, request.target); };
    const bool is_needed = options.command == Command::scan || std::ranges::any_of(options.requests, asks);
    if (settings.servers.empty() && is_needed)
        throw std::invalid_argument("no resolver: /etc/resolv.conf names none; give one with --resolver ADDR"
        );
    return settings;
}

bool all_local(const std::vector<dns::Server>& servers)
{
    return std::all_of(servers.begin(), servers.end(), [](const auto& server) {
        return server.address.is_loopback();
    });
}

/// As many connections at once as this process may have descriptors for, which are as many as `wanted` takes.
std::size_t connections_at_once(std::size_t wanted)
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return spare_descriptors;
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, std::max<rlim_t>(16'384, 2 * wanted));
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > 2 * spare_descriptors ? limit.rlim_cur - spare_descriptors : limit.rlim_cur / 2;
}

} // namespace

std::string own_host_name()
{
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

Options& completed(Options& options)
{
    options.gate.total = connections_at_once(options.jobs);
    options.dns = resolver_settings(options);
    options.dns.trust_ad = options.trust_ad.value_or(all_local(options.dns.servers));
    options.plan.local_resolver = all_local(options.dns.servers);
    for (auto& request : options.requests)
        request.plan.local_resolver = options.plan.local_resolver;
    return options;
}

std::shared_ptr<probe::Rate> shared_rate(std::optional<double> a_second)
{
    return a_second ? std::make_shared<probe::Rate>(*a_second) : nullptr;
}

probe::Evidence given_evidence(const Options& options)
{
    probe::Evidence evidence;
    for (const auto& file : options.extra_certs)
        std::ranges::move(probe::read_certificates(file), std::back_inserter(evidence.given));
    for (const auto& file : options.crl_files)
        std::ranges::move(probe::read_revocation_lists(file), std::back_inserter(evidence.revocation_lists));
    return evidence;
}

} // namespace command
