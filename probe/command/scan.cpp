#include "probe/command/scan.hpp"

#include "probe/command/lines.hpp"
#include "probe/command/machine.hpp"
#include "probe/command/output.hpp"
#include "probe/command/progress.hpp"
#include "probe/command/queue.hpp"
#include "probe/command/resume.hpp"
#include "probe/command/run.hpp"
#include "probe/scan/scanner.hpp"
#include "report/metrics.hpp"
#include "report/scan_words.hpp"
#include "smtp/printable.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

namespace command
{
namespace
{

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds redraw{500};
constexpr std::chrono::seconds rewrite{5}; // of the file of --stats

constexpr std::size_t most_fetches = 64; // of policies, at once
constexpr std::size_t descriptors_of_a_fetch = 6;
constexpr std::chrono::hours no_limit{24 * 365};

// Targets that wait for a busy address, or results for a reader, beyond those that are at work.
constexpr std::size_t window = 4096;

std::size_t cores()
{
    return std::max(1U, std::thread::hardware_concurrency());
}

scan::Settings settings_of(const Options& options)
{
    scan::Settings settings;
    settings.loops = cores();
    settings.plan = options.plan;
    settings.criteria = options.criteria;
    settings.criteria.evidence = given_evidence(options);
    settings.criteria.moment_is_now = !options.scan.moment_given;
    settings.manner.smtp = options.plan.smtp;
    settings.manner.tls = options.tls;
    settings.manner.dns = options.dns;
    settings.manner.gate = options.gate;
    settings.plan.timeout = no_limit; // each thing that a target waits for has one
    const auto fetches = std::min(most_fetches, options.gate.total / (4 * descriptors_of_a_fetch));
    settings.manner.fetches = std::max<std::size_t>(1, fetches / settings.loops);
    const auto sessions = options.gate.total - fetches * descriptors_of_a_fetch;
    settings.manner.gate.total = std::max<std::size_t>(1, sessions / settings.loops);
    settings.manner.rate = shared_rate(options.rate);
    settings.manner.timeout = options.plan.timeout;
    settings.manner.key_types = options.key_types;
    settings.manner.share = options.scan.share;
    settings.limits.busy = options.jobs;
    settings.limits.taken = options.jobs + window;
    settings.ordered = options.scan.ordered;
    if (!options.scan.exclude.empty())
        settings.exclusions.read(options.scan.exclude);
    return settings;
}

/// Where targets come from and results go.
struct Ends
{
    std::unique_ptr<scan::Source> source;
    std::unique_ptr<scan::Sink> sink;
};

Ends ends_of(const Options& options, const Done& done)
{
    const auto& scan = options.scan;
    if (is_same_place(scan.input, options.output) || is_same_place(scan.input, scan.stats))
        throw std::invalid_argument(fmt::format(
            "'{}' is where the targets are: give -o and --stats other files", smtp::printable(scan.input)
        ));
    if (is_same_place(scan.stats, options.output))
        throw std::invalid_argument(fmt::format(
            "'{}' is where the results go: give --stats another file", smtp::printable(options.output)
        ));
    if (!scan.queue.empty()) {
        auto queue = open_queue(scan.queue, [](const std::string& line) { complain(line); });
        return {std::move(queue.source), std::move(queue.sink)};
    }
    const bool goes_on = is_same_place(scan.resume, options.output);
    if (goes_on && done.format() && *done.format() != options.format)
        throw std::invalid_argument(fmt::format(
            "'{}' holds results in another format: give --format as the scan had that wrote it",
            smtp::printable(options.output)
        ));
    const auto kept = goes_on ? done.octets() : 0;
    auto source = std::make_unique<LineSource>(scan.input);
    return {
        std::move(source), std::make_unique<LineSink>(options.output, kept, report::header(options.format))};
}

probe::Status worst_of(const probe::Tally& tally)
{
    auto worst = probe::Status::ok;
    for (const auto status : {probe::Status::warning, probe::Status::unknown, probe::Status::critical}) {
        if (tally.at(status) > 0)
            worst = probe::worse(worst, status);
    }
    return worst;
}

/// Of what was not seen nobody knows.
int status_of(const scan::Ended& ended, probe::Status worst)
{
    return static_cast<int>(ended.whole ? worst : probe::Status::unknown);
}

/// The main thread of a scan: signals, and how far it is.
class Watch
{
public:
    Watch(scan::Scanner& scanner, const scan::Source& source, const Options& options)
        : scanner_(scanner), source_(source), options_(options)
    {}

    /// Ends with the scan.
    void run();

    bool interrupted() const noexcept { return interrupted_; }
    probe::Tally tally() const;
    void write_stats();

private:
    void await_signal();
    void draw();
    void count();
    std::string line(std::size_t width) const;

    scan::Scanner& scanner_;
    const scan::Source& source_;
    const Options& options_;
    Clock::time_point began_ = Clock::now();
    bool interrupted_ = false;
    bool complained_ = false; // that the file of --stats cannot be written
    asio::io_context loop_{1};
    asio::signal_set signals_{loop_, SIGINT, SIGTERM, SIGHUP};
    asio::steady_timer next_line_{loop_};
    asio::steady_timer next_stats_{loop_};
    ProgressLine progress_;
};

void Watch::run()
{
    const auto guard = asio::make_work_guard(loop_);
    await_signal();
    if (progress_.visible() && !options_.quiet)
        draw();
    if (!options_.scan.stats.empty()) {
        Output(options_.scan.stats, "--stats").write(report::openmetrics(tally(), source_.share_read()));
        count();
    }
    scanner_.start([this] { loop_.stop(); });
    loop_.run();
    progress_.clear();
}

void Watch::await_signal()
{
    signals_.async_wait([this](std::error_code fault, int signal) {
        if (fault)
            return;
        if (signal == SIGHUP) {
            progress_.clear();
            complain(line(1000));
            return await_signal();
        }
        interrupted_ = true;
        scanner_.stop();
    });
}

void Watch::draw()
{
    next_line_.expires_after(redraw);
    next_line_.async_wait([this](std::error_code fault) {
        if (fault)
            return;
        progress_.show(line(progress_.width()));
        draw();
    });
}

void Watch::count()
{
    next_stats_.expires_after(rewrite);
    next_stats_.async_wait([this](std::error_code fault) {
        if (fault)
            return;
        write_stats();
        count();
    });
}

/// A file that cannot be written any more is no reason to lose a scan.
void Watch::write_stats()
{
    if (options_.scan.stats.empty())
        return;
    try {
        Output(options_.scan.stats, "--stats").write(report::openmetrics(tally(), source_.share_read()));
    } catch (const std::invalid_argument& fault) {
        if (!std::exchange(complained_, true))
            complain(fault.what());
    }
}

probe::Tally Watch::tally() const
{
    auto tally = scanner_.tally();
    tally.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began_);
    return tally;
}

std::string Watch::line(std::size_t width) const
{
    return report::scan_progress(tally(), source_.share_read(), width);
}

} // namespace

int scan(Options given)
{
    auto& options = completed(given);
    if (options.jobs > options.gate.total)
        complain(fmt::format(
            "no more than {} connections at once, as this machine allows no more descriptors: raise ulimit "
            "-n",
            options.gate.total
        ));
    if (options.scan.input == "-" && ::isatty(STDIN_FILENO) == 1)
        complain("reading targets from the terminal, one a line; Ctrl-D ends them");
    Roots roots(options.ca_file, options.ca_path);
    const Done done = options.scan.resume.empty() ? Done() : Done(options.scan.resume);
    auto settings = settings_of(options);
    const auto ends = ends_of(options, done);

    scan::Words words;
    words.target = [&](const std::string& line) { return target_of(options, line); };
    words.is_done = [&](const std::string& line) { return done.holds(line); };
    words.seen = complain_of_addresses;
    words.result = [&](const probe::Verdict& verdict) {
        if (options.quiet && verdict.status == probe::Status::ok)
            return std::string();
        return report::record(verdict, options.format);
    };
    const auto trusted = [&roots]() -> const probe::TrustStore& { return roots.get(); };
    scan::Scanner scanner(std::move(settings), trusted, std::move(words), *ends.source, *ends.sink);
    Watch watch(scanner, *ends.source, options);
    watch.run();
    const auto ended = scanner.join();
    watch.write_stats();

    const auto tally = watch.tally();
    const bool is_empty =
        tally.targets_done() == 0 && options.scan.resume.empty() && options.scan.queue.empty();
    const auto worst = is_empty ? probe::Status::unknown : worst_of(tally);
    if (ended.fault)
        complain(*ended.fault);
    if (is_empty && ended.whole)
        complain("no targets: the input has none");
    if (watch.interrupted())
        complain("interrupted: what was known by then is written");
    const bool is_quiet = options.quiet && ended.whole && worst == probe::Status::ok;
    if (is_quiet || ended.reader_gone)
        return status_of(ended, worst);
    complain_of_resolvers(scanner.resolvers(), options);
    complain(report::scan_summary(tally));
    return status_of(ended, worst);
}

} // namespace command
