#include "probe/command/run.hpp"

#include "probe/command/output.hpp"
#include "probe/command/resolver_doubt.hpp"
#include "probe/direct_means.hpp"
#include "probe/tasks.hpp"

#include <asio/co_spawn.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace command
{
namespace
{

constexpr auto redraw = std::chrono::milliseconds{200};
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
    const auto asks = [&](const probe::Target& target) { return probe::needs_dns(options.plan, target); };
    if (settings.servers.empty() && std::any_of(options.targets.begin(), options.targets.end(), asks))
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

/// As many connections at once as this process may have descriptors for.
std::size_t connections_at_once()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return spare_descriptors;
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 16'384);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > 2 * spare_descriptors ? limit.rlim_cur - spare_descriptors : spare_descriptors;
}

/// The resolvers of the system where none are given, and as much at once as this machine has to give.
Options& completed(Options& options)
{
    options.gate.total = connections_at_once();
    options.dns = resolver_settings(options);
    options.dns.trust_ad = options.trust_ad.value_or(all_local(options.dns.servers));
    options.plan.local_resolver = all_local(options.dns.servers);
    return options;
}

std::shared_ptr<probe::Rate> shared_rate(std::optional<double> a_second)
{
    return a_second ? std::make_shared<probe::Rate>(*a_second) : nullptr;
}

std::vector<smtp::TlsContext> contexts_by_key(smtp::TlsSettings settings)
{
    std::vector<smtp::TlsContext> contexts;
    for (const auto type : smtp::all_key_types) {
        settings.only_key = type;
        contexts.emplace_back(settings);
    }
    return contexts;
}

/// Read before the run, so that a bad file is told at once.
probe::Evidence given_evidence(const Options& options)
{
    probe::Evidence evidence;
    for (const auto& file : options.extra_certs)
        std::ranges::move(probe::read_certificates(file), std::back_inserter(evidence.given));
    for (const auto& file : options.crl_files)
        std::ranges::move(probe::read_revocation_lists(file), std::back_inserter(evidence.revocation_lists));
    return evidence;
}

/// Each resolver that was to be believed, and cannot be: a line. Whoever asks for nothing to be said where
/// all is well, or for no DANE, is not told.
void complain_of_resolvers(
    const std::vector<dns::ServerValidation>& resolvers, const Options& options,
    const std::vector<probe::Verdict>& verdicts
)
{
    const auto is_ok = [](const probe::Verdict& verdict) { return verdict.status == probe::Status::ok; };
    if (!options.plan.dane || (options.quiet && std::ranges::all_of(verdicts, is_ok)))
        return;
    for (const auto& resolver : resolvers) {
        if (const auto doubt = doubt_about(resolver))
            complain(*doubt);
    }
}

/// Each given CRL that says less than one may think: a line.
void complain_of_lists(
    const std::vector<probe::RevocationList>& lists, const std::vector<probe::Verdict>& verdicts
)
{
    std::vector<bool> speaks(lists.size());
    const auto count = [&](const std::optional<probe::ChainVerdict>& chain) {
        for (const auto index : chain ? chain->revocation_lists : std::vector<std::size_t>())
            speaks[index] = true;
    };
    for (const auto& verdict : verdicts) {
        for (const auto& host : verdict.hosts) {
            for (const auto& endpoint : host.endpoints) {
                count(endpoint.chain);
                for (const auto& other : endpoint.other_keys)
                    count(other.chain);
            }
        }
    }
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    for (std::size_t index = 0; index < lists.size(); ++index) {
        if (const auto doubt = probe::doubt_about(lists[index], speaks[index], now))
            complain(*doubt);
    }
}

} // namespace

Roots::Roots(const Options& options) : options_(options)
{
    if (!options.ca_file.empty() || !options.ca_path.empty())
        get();
}

const probe::TrustStore& Roots::get()
{
    if (!store_)
        store_.emplace(options_.ca_file, options_.ca_path);
    return *store_;
}

Run::Run(Options& options)
    : options_(completed(options)),
      tls_(options.tls),
      signals_(loop_, SIGINT, SIGTERM),
      resolver_(loop_.get_executor(), options.dns),
      gate_(loop_.get_executor(), options.gate, shared_rate(options.rate)),
      roots_(options)
{
    options.criteria.evidence = given_evidence(options);
    if (options.key_types)
        only_key_ = contexts_by_key(options.tls);
    observations_.resize(options.targets.size());
    for (std::size_t at = 0; at < observations_.size(); ++at)
        observations_[at].target = options.targets[at];
    if (!options.dns.servers.empty())
        names_.emplace(loop_.get_executor(), options.dns);
}

Observed Run::observe()
{
    signals_.async_wait([this](std::error_code fault, int) {
        interrupted_ = !fault;
        loop_.stop();
    });
    ProgressLine line;
    if (line.visible())
        asio::co_spawn(loop_, draw(line), probe::rethrow);
    at_work_ = std::min(options_.jobs, observations_.size());
    for (auto worker = at_work_; worker > 0; --worker)
        asio::co_spawn(loop_, work(), probe::rethrow);
    loop_.run();
    if (interrupted_)
        close_books();
    return {std::move(observations_), !interrupted_};
}

probe::Observation* Run::next()
{
    return begun_ < observations_.size() ? &observations_[begun_++] : nullptr;
}

/// Targets that were never begun have nothing to tell; those under way have lasted until now.
void Run::close_books()
{
    observations_.resize(begun_);
    const auto now = std::chrono::system_clock::now();
    for (auto& observation : observations_) {
        if (!observation.finished)
            observation.elapsed =
                std::chrono::duration_cast<std::chrono::microseconds>(now - observation.started);
    }
}

asio::awaitable<void> Run::work()
{
    auto* const names = names_ ? &*names_ : nullptr;
    probe::DirectMeans means(resolver_, tls_, gate_, options_.plan.smtp, only_key_, names);
    for (auto* observation = next(); observation; observation = next())
        co_await probe::examine(*observation, options_.plan, means);
    if (--at_work_ == 0)
        loop_.stop();
}

asio::awaitable<void> Run::draw(ProgressLine& line)
{
    asio::steady_timer pause(loop_);
    for (;;) {
        pause.expires_after(redraw);
        co_await pause.async_wait(asio::use_awaitable);
        line.show(progress_line(observations_, line.width()));
    }
}

std::vector<probe::Verdict> Run::judge(std::vector<probe::Observation> observations)
{
    auto& evidence = options_.criteria.evidence;
    evidence.seen = probe::intermediates_in(observations);
    std::vector<probe::Verdict> verdicts;
    for (auto& observation : observations) {
        if (observation.addresses_left_out > 0)
            complain(fmt::format(
                "{}: {} of its addresses were not connected to: no more than {} are",
                observation.target.domain, observation.addresses_left_out, probe::max_endpoints
            ));
        verdicts.push_back(probe::judge(
            std::move(observation), options_.criteria,
            [&]() -> const probe::TrustStore& { return roots_.get(); }
        ));
    }
    complain_of_resolvers(resolver_.validation(), options_, verdicts);
    complain_of_lists(evidence.revocation_lists, verdicts);
    return verdicts;
}

probe::Status worst_of(const std::vector<probe::Verdict>& verdicts, probe::Status status)
{
    for (const auto& verdict : verdicts)
        status = probe::worse(status, verdict.status);
    return status;
}

} // namespace command
