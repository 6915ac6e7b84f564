#include "probe/command/run.hpp"

#include "probe/command/machine.hpp"
#include "probe/command/output.hpp"
#include "probe/command/resolver_doubt.hpp"
#include "probe/direct_means.hpp"
#include "probe/tasks.hpp"
#include "smtp/key_contexts.hpp"

#include <asio/co_spawn.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace command
{
namespace
{

constexpr auto redraw = std::chrono::milliseconds{200};

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

void complain_of_refusals(const std::vector<Refusal>& refused)
{
    for (const auto& [given, why] : refused)
        complain(why);
}

void complain_of_addresses(const probe::Observation& observation)
{
    if (observation.addresses_left_out > 0)
        complain(fmt::format(
            "{}: {} of its addresses were not connected to: no more than {} are", observation.target.domain,
            observation.addresses_left_out, probe::max_endpoints
        ));
}

void complain_of_resolvers(const std::vector<dns::ServerValidation>& resolvers, const Options& options)
{
    const auto asks = [](const Request& request) { return request.plan.dane; };
    const auto& all = options.requests;
    if (all.empty() ? !options.plan.dane : std::ranges::none_of(all, asks))
        return;
    for (const auto& resolver : resolvers) {
        if (const auto doubt = doubt_about(resolver))
            complain(*doubt);
    }
}

Roots::Roots(std::string file, std::string path) : file_(std::move(file)), path_(std::move(path))
{
    if (!file_.empty() || !path_.empty())
        get();
}

const probe::TrustStore& Roots::get()
{
    std::call_once(loaded_, [this] { store_.emplace(file_, path_); });
    return *store_;
}

Offers::Offers(const smtp::TlsSettings& settings, bool key_types) : tls(settings)
{
    if (key_types)
        only_key = smtp::contexts_by_key(settings);
}

Run::Run(Options& options)
    : options_(completed(options)),
      evidence_(given_evidence(options)),
      observations_(options.requests.size()),
      signals_(loop_, SIGINT, SIGTERM),
      resolver_(loop_.get_executor(), options.dns),
      gate_(loop_.get_executor(), options.gate, shared_rate(options.rate))
{
    for (std::size_t at = 0; at < observations_.size(); ++at) {
        observations_[at].target = options.requests[at].target;
        prepare(options.requests[at]);
    }
    if (!options.dns.servers.empty())
        names_.emplace(loop_.get_executor(), options.dns);
}

void Run::prepare(const Request& request)
{
    offers_.try_emplace(offer_key(request), request.tls, request.key_types);
    roots_.try_emplace(roots_key(request), request.ca_file, request.ca_path);
}

const probe::TrustStore& Run::roots_of(const Request& request)
{
    return roots_.at(roots_key(request)).get();
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
    while (begun_ < observations_.size())
        co_await examine(begun_++);
    if (--at_work_ == 0)
        loop_.stop();
}

asio::awaitable<void> Run::examine(std::size_t at)
{
    const auto& request = options_.requests[at];
    const auto& offers = offers_.at(offer_key(request));
    auto* const names = names_ ? &*names_ : nullptr;
    probe::DirectMeans means(resolver_, offers.tls, gate_, request.plan.smtp, offers.only_key, names);
    co_await probe::examine(observations_[at], request.plan, means);
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
    evidence_.seen = probe::intermediates_in(observations);
    std::vector<probe::Verdict> verdicts;
    for (std::size_t at = 0; at < observations.size(); ++at) {
        complain_of_addresses(observations[at]);
        verdicts.push_back(judge(std::move(observations[at]), options_.requests[at]));
    }
    const auto is_ok = [](const probe::Verdict& verdict) { return verdict.status == probe::Status::ok; };
    if (!options_.quiet || !std::ranges::all_of(verdicts, is_ok))
        complain_of_resolvers(resolver_.validation(), options_);
    complain_of_lists(evidence_.revocation_lists, verdicts);
    return verdicts;
}

probe::Verdict Run::judge(probe::Observation observation, const Request& request)
{
    const auto trusted = [&]() -> const probe::TrustStore& { return roots_of(request); };
    auto criteria = request.criteria;
    std::swap(criteria.evidence, evidence_); // which may be much: not copied for each
    auto verdict = probe::judge(std::move(observation), criteria, trusted);
    std::swap(criteria.evidence, evidence_);
    verdict.label = request.label;
    verdict.contact = request.contact;
    return verdict;
}

probe::Status worst_of(const std::vector<probe::Verdict>& verdicts, probe::Status status)
{
    for (const auto& verdict : verdicts)
        status = probe::worse(status, verdict.status);
    return status;
}

} // namespace command
