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
    if (!options.plan.dane)
        return;
    for (const auto& resolver : resolvers) {
        if (const auto doubt = doubt_about(resolver))
            complain(*doubt);
    }
}

Roots::Roots(const Options& options) : options_(options)
{
    if (!options.ca_file.empty() || !options.ca_path.empty())
        get();
}

const probe::TrustStore& Roots::get()
{
    std::call_once(loaded_, [this] { store_.emplace(options_.ca_file, options_.ca_path); });
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
        only_key_ = smtp::contexts_by_key(options.tls);
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
        complain_of_addresses(observation);
        verdicts.push_back(probe::judge(
            std::move(observation), options_.criteria,
            [&]() -> const probe::TrustStore& { return roots_.get(); }
        ));
    }
    const auto is_ok = [](const probe::Verdict& verdict) { return verdict.status == probe::Status::ok; };
    if (!options_.quiet || !std::ranges::all_of(verdicts, is_ok))
        complain_of_resolvers(resolver_.validation(), options_);
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
