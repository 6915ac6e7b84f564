#include "probe/tally.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

namespace probe
{

namespace
{

bool was_held(const smtp::Session& session) noexcept
{
    return session.started != std::chrono::system_clock::time_point{};
}

void count_session(Tally& tally, const smtp::Session& session)
{
    if (!was_held(session))
        return;
    ++tally.sessions_held;
    tally.octets_sent += session.octets_sent;
    tally.octets_received += session.octets_received;
}

void count_endpoint(Tally& tally, const EndpointVerdict& endpoint)
{
    if (endpoint.shared) {
        ++tally.sessions_shared;
        return;
    }
    count_session(tally, endpoint.session);
    for (const auto& other : endpoint.other_keys)
        count_session(tally, other.session);
    if (endpoint.in_clear)
        count_session(tally, *endpoint.in_clear);
    if (endpoint.survey)
        tally.sessions_held += endpoint.survey->connections;
    if (!was_held(endpoint.session))
        return;
    for (std::size_t column = 0; column < columns; ++column)
        ++tally.stages[column][static_cast<std::size_t>(endpoint.stages[column].result)];
}

void count_findings(Tally& tally, const std::vector<Finding>& findings)
{
    for (const auto& finding : findings)
        ++tally.findings[static_cast<std::size_t>(finding.code)];
}

bool has(const Verdict& verdict, Code code)
{
    return std::ranges::find(verdict.findings, code, &Finding::code) != verdict.findings.end();
}

template <std::size_t size>
void add(std::array<std::uint64_t, size>& to, const std::array<std::uint64_t, size>& from)
{
    std::ranges::transform(to, from, to.begin(), std::plus());
}

} // namespace

void Tally::count(const Verdict& verdict)
{
    ++targets[static_cast<std::size_t>(verdict.status)];
    targets_invalid += has(verdict, Code::target_invalid);
    targets_excluded += has(verdict, Code::excluded);
    count_findings(*this, verdict.findings);
    for (const auto& host : verdict.hosts) {
        count_findings(*this, host.findings);
        for (const auto& endpoint : host.endpoints) {
            count_findings(*this, endpoint.findings);
            count_endpoint(*this, endpoint);
        }
    }
}

Tally& Tally::operator+=(const Tally& other)
{
    add(targets, other.targets);
    targets_invalid += other.targets_invalid;
    targets_excluded += other.targets_excluded;
    sessions_held += other.sessions_held;
    sessions_shared += other.sessions_shared;
    for (std::size_t column = 0; column < columns; ++column)
        add(stages[column], other.stages[column]);
    add(findings, other.findings);
    dns_questions += other.dns_questions;
    dns_cached += other.dns_cached;
    policies_fetched += other.policies_fetched;
    octets_sent += other.octets_sent;
    octets_received += other.octets_received;
    targets_skipped += other.targets_skipped;
    targets_under_way += other.targets_under_way;
    sessions_under_way += other.sessions_under_way;
    elapsed = std::max(elapsed, other.elapsed);
    return *this;
}

std::uint64_t Tally::targets_done() const noexcept
{
    return std::accumulate(targets.begin(), targets.end(), std::uint64_t{0});
}

} // namespace probe
