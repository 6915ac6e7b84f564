#include "report/metrics.hpp"

#include "report/exposition.hpp"

#include <string_view>

namespace report
{
namespace
{

void add_counter(Exposition& to, std::string_view name, std::string_view help, std::uint64_t value)
{
    to.counter(name, help);
    to.sample(value);
}

void add_gauge(
    Exposition& to, std::string_view name, std::string_view help, double value, std::string_view unit = ""
)
{
    to.gauge(name, help, unit);
    to.sample(value);
}

void add_targets(Exposition& to, const probe::Tally& tally)
{
    to.counter("targets", "Targets that are done, by their status.");
    for (std::size_t index = 0; index < probe::statuses; ++index)
        to.sample(Labels().with("status", name(static_cast<probe::Status>(index))), tally.targets[index]);
    add_counter(
        to, "targets_invalid", "Targets that are done: lines that are no target.", tally.targets_invalid
    );
    add_counter(
        to, "targets_excluded", "Targets that are done: domains that --exclude names.", tally.targets_excluded
    );
    add_gauge(
        to, "targets_under_way", "Targets that are looked up or spoken with now.",
        static_cast<double>(tally.targets_under_way)
    );
}

void add_sessions(Exposition& to, const probe::Tally& tally)
{
    add_counter(to, "sessions", "Connections that were tried, whatever came of them.", tally.sessions_held);
    add_counter(
        to, "sessions_shared", "Results of a session that were told once more, for a further target.",
        tally.sessions_shared
    );
    add_gauge(
        to, "sessions_under_way", "Connections that are open, or being opened, now.",
        static_cast<double>(tally.sessions_under_way)
    );
    to.counter("stages", "Stages of the sessions, by what came of them.");
    for (std::size_t index = 0; index < probe::columns; ++index) {
        const auto column = static_cast<probe::Column>(index);
        for (const auto result : {probe::Result::ok, probe::Result::fail, probe::Result::skip})
            to.sample(
                Labels().with("stage", key(column)).with("result", key(result)), tally.at(column, result)
            );
    }
    to.counter("sent_bytes", "Octets sent in sessions over TCP, TLS records included.", "bytes");
    to.sample(tally.octets_sent);
    to.counter("received_bytes", "Octets received in sessions over TCP, TLS records included.", "bytes");
    to.sample(tally.octets_received);
}

void add_findings(Exposition& to, const probe::Tally& tally)
{
    to.counter("findings", "Findings told, by their code.");
    for (std::size_t index = 0; index < probe::all_codes; ++index) {
        const auto code = static_cast<probe::Code>(index);
        to.sample(Labels().with("code", name(code)), tally.at(code));
    }
}

void add_look_ups(Exposition& to, const probe::Tally& tally)
{
    add_counter(to, "dns_questions", "Questions sent to a resolver.", tally.dns_questions);
    add_counter(to, "dns_cached", "Questions answered from the cache of the run.", tally.dns_cached);
    add_counter(to, "policies_fetched", "MTA-STS policies fetched.", tally.policies_fetched);
}

} // namespace

std::string openmetrics(const probe::Tally& tally, std::optional<double> share_read)
{
    Exposition exposition("mxtls_scan_");
    add_targets(exposition, tally);
    add_sessions(exposition, tally);
    add_findings(exposition, tally);
    add_look_ups(exposition, tally);
    const std::chrono::duration<double> elapsed = tally.elapsed;
    add_gauge(exposition, "elapsed_seconds", "How long the run has lasted.", elapsed.count(), "seconds");
    if (share_read)
        add_gauge(exposition, "input_read_ratio", "How much of the input was read.", *share_read, "ratio");
    return exposition.ended();
}

} // namespace report
