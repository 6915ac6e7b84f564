#include "report/metrics.hpp"

#include <fmt/format.h>

#include <string_view>

namespace report
{
namespace
{

/// Metric families, one after the other, each with its samples behind its own description.
class Exposition
{
public:
    void counter(std::string_view name, std::string_view help, std::uint64_t value)
    {
        begin_counter(name, help);
        sample("", value);
    }

    /// What follows are its samples.
    void begin_counter(std::string_view name, std::string_view help, std::string_view unit = "")
    {
        begin(name, "counter", help, unit);
        suffix_ = "_total";
    }

    void gauge(std::string_view name, std::string_view help, double value, std::string_view unit = "")
    {
        begin(name, "gauge", help, unit);
        suffix_ = "";
        text_ += fmt::format("mxtls_scan_{} {}\n", name, value);
    }

    /// `labels` as they are written: `code="mx-null"`.
    void sample(std::string_view labels, std::uint64_t value)
    {
        text_ += fmt::format("mxtls_scan_{}{}", name_, suffix_);
        text_ += labels.empty() ? "" : fmt::format("{{{}}}", labels);
        text_ += fmt::format(" {}\n", value);
    }

    std::string ended() const { return text_ + "# EOF\n"; }

private:
    void begin(std::string_view name, std::string_view type, std::string_view help, std::string_view unit)
    {
        name_ = name;
        text_ += fmt::format("# TYPE mxtls_scan_{} {}\n", name, type);
        if (!unit.empty())
            text_ += fmt::format("# UNIT mxtls_scan_{} {}\n", name, unit);
        text_ += fmt::format("# HELP mxtls_scan_{} {}\n", name, help);
    }

    std::string text_;
    std::string_view name_;
    std::string_view suffix_;
};

void add_targets(Exposition& to, const probe::Tally& tally)
{
    to.begin_counter("targets", "Targets that are done, by their status.");
    for (std::size_t index = 0; index < probe::statuses; ++index)
        to.sample(
            fmt::format("status=\"{}\"", name(static_cast<probe::Status>(index))), tally.targets[index]
        );
    to.counter("targets_invalid", "Targets that are done: lines that are no target.", tally.targets_invalid);
    to.counter(
        "targets_excluded", "Targets that are done: domains that --exclude names.", tally.targets_excluded
    );
    to.gauge(
        "targets_under_way", "Targets that are looked up or spoken with now.",
        static_cast<double>(tally.targets_under_way)
    );
}

void add_sessions(Exposition& to, const probe::Tally& tally)
{
    to.counter("sessions", "Connections that were tried, whatever came of them.", tally.sessions_held);
    to.counter(
        "sessions_shared", "Results of a session that were told once more, for a further target.",
        tally.sessions_shared
    );
    to.gauge(
        "sessions_under_way", "Connections that are open, or being opened, now.",
        static_cast<double>(tally.sessions_under_way)
    );
    to.begin_counter("stages", "Stages of the sessions, by what came of them.");
    for (std::size_t index = 0; index < probe::columns; ++index) {
        const auto column = static_cast<probe::Column>(index);
        for (const auto result : {probe::Result::ok, probe::Result::fail, probe::Result::skip})
            to.sample(
                fmt::format("stage=\"{}\",result=\"{}\"", key(column), key(result)), tally.at(column, result)
            );
    }
    to.begin_counter("sent_bytes", "Octets sent in sessions over TCP, TLS records included.", "bytes");
    to.sample("", tally.octets_sent);
    to.begin_counter(
        "received_bytes", "Octets received in sessions over TCP, TLS records included.", "bytes"
    );
    to.sample("", tally.octets_received);
}

void add_findings(Exposition& to, const probe::Tally& tally)
{
    to.begin_counter("findings", "Findings told, by their code.");
    for (std::size_t index = 0; index < probe::all_codes; ++index) {
        const auto code = static_cast<probe::Code>(index);
        to.sample(fmt::format("code=\"{}\"", name(code)), tally.at(code));
    }
}

void add_look_ups(Exposition& to, const probe::Tally& tally)
{
    to.counter("dns_questions", "Questions sent to a resolver.", tally.dns_questions);
    to.counter("dns_cached", "Questions answered from the cache of the run.", tally.dns_cached);
    to.counter("policies_fetched", "MTA-STS policies fetched.", tally.policies_fetched);
}

} // namespace

std::string openmetrics(const probe::Tally& tally, std::optional<double> share_read)
{
    Exposition exposition;
    add_targets(exposition, tally);
    add_sessions(exposition, tally);
    add_findings(exposition, tally);
    add_look_ups(exposition, tally);
    const std::chrono::duration<double> elapsed = tally.elapsed;
    exposition.gauge("elapsed_seconds", "How long the run has lasted.", elapsed.count(), "seconds");
    if (share_read)
        exposition.gauge("input_read_ratio", "How much of the input was read.", *share_read, "ratio");
    return exposition.ended();
}

} // namespace report
