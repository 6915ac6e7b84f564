// Options → observations → verdicts: what every command that probes has in common.
#pragma once

#include "probe/command/options.hpp"
#include "probe/command/progress.hpp"
#include "probe/gate.hpp"
#include "probe/name_finder.hpp"
#include "probe/verdict.hpp"
#include "smtp/tls.hpp"

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace command
{

/// Loaded at the first chain there is to judge, by whichever thread judges it, unless the roots were given:
/// then a bad file is told at once.
class Roots
{
public:
    Roots(std::string file, std::string path);

    const probe::TrustStore& get();

private:
    std::string file_;
    std::string path_;
    std::once_flag loaded_;
    std::optional<probe::TrustStore> store_;
};

/// What handshakes with the same settings offer.
struct Offers
{
    Offers(const smtp::TlsSettings& settings, bool key_types);

    smtp::TlsContext tls;
    std::vector<smtp::TlsContext> only_key; // indexed by smtp::KeyType, where --key-types asks for them
};

struct Observed
{
    std::vector<probe::Observation> observations;
    bool whole = false; // not interrupted
};

/// One run of the event loop over all requests. As long as it is there, SIGINT and SIGTERM do not end the
/// process: before the loop they end it at once, and behind it what is known is written whole.
class Run
{
public:
    /// Completes the options by what this machine has to give: resolvers, descriptors, the files they name.
    /// Throws std::invalid_argument, one line, where nothing can be done with them. They outlive the run.
    explicit Run(Options& options);

    /// Ends when all targets are done, or on SIGINT or SIGTERM. Once.
    Observed observe();

    /// With a line to standard error for what was left out, or given in vain. Once.
    std::vector<probe::Verdict> judge(std::vector<probe::Observation> observations);

private:
    asio::awaitable<void> work();
    asio::awaitable<void> draw(ProgressLine& line);
    asio::awaitable<void> examine(std::size_t at);
    void prepare(const Request& request);
    probe::Verdict judge(probe::Observation observation, const Request& request);
    const probe::TrustStore& roots_of(const Request& request);
    void close_books();

    // Destroyed from the end: what the loop still holds of abandoned sessions refers to what stands above it.
    Options& options_;
    probe::Evidence evidence_;
    std::vector<probe::Observation> observations_; // indexed as the requests
    std::map<OfferKey, Offers> offers_;
    std::map<RootsKey, Roots> roots_;
    asio::io_context loop_{1};
    asio::signal_set signals_;
    dns::Resolver resolver_;
    std::optional<probe::NameFinder> names_; // none without a resolver to ask, which not every run needs
    probe::Gate gate_;
    std::size_t begun_ = 0;
    std::size_t at_work_ = 0;
    bool interrupted_ = false;
};

/// A line each.
void complain_of_refusals(const std::vector<Refusal>& refused);

/// A line for addresses above max_endpoints, which were not connected to.
void complain_of_addresses(const probe::Observation& observation);

/// A line for each resolver that was to be believed and cannot be; whoever asks for no DANE is not told.
void complain_of_resolvers(const std::vector<dns::ServerValidation>& resolvers, const Options& options);

/// The worst of all, and of what is known beside them.
probe::Status worst_of(const std::vector<probe::Verdict>& verdicts, probe::Status status);

} // namespace command
