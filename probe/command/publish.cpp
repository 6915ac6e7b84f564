#include "probe/command/publish.hpp"

#include "probe/command/output.hpp"
#include "probe/command/run.hpp"
#include "probe/publish.hpp"
#include "report/phrases.hpp"
#include "report/publish.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace command
{
namespace
{

constexpr int unknown = static_cast<int>(probe::Status::unknown);

void complain_of(const std::vector<std::string>& lines)
{
    for (const auto& line : lines)
        complain(line);
}

int status_of(probe::Status status, bool whole)
{
    if (!whole)
        complain("interrupted: what was known by then is printed");
    return whole ? static_cast<int>(status) : unknown;
}

bool has_records(const probe::Verdict& verdict)
{
    return std::ranges::any_of(verdict.hosts, [](const probe::HostVerdict& host) {
        return host.tlsa_advice && !host.tlsa_advice->records.empty();
    });
}

/// Why there is nothing to cover.
std::string lack_of_hosts(const probe::Verdict& verdict)
{
    if (!verdict.hosts.empty())
        return fmt::format("{} has no mail host with a name, and a policy holds host names", verdict.domain);
    if (!verdict.findings.empty())
        return report::sentence(verdict.findings.front());
    return fmt::format("the mail hosts of {} are not known", verdict.domain);
}

} // namespace

int tlsa(Options options)
{
    complain_of_refusals(options.refused);
    if (options.requests.empty())
        return unknown;
    Run run(options);
    Output output(options.output);

    auto [observations, whole] = run.observe();
    auto status = options.refused.empty() ? probe::Status::ok : probe::Status::unknown;
    bool any = false;
    std::string text;
    for (const auto& verdict : run.judge(std::move(observations))) {
        complain_of(report::unseen(verdict));
        text += (text.empty() ? "" : "\n") + report::tlsa_records(verdict);
        status = probe::worse(status, probe::advice_status(verdict));
        any = any || has_records(verdict);
    }
    if (any) // a file that served until now is not emptied
        output.write(text);
    return status_of(status, whole);
}

int sts_policy(Options options)
{
    complain_of_refusals(options.refused);
    if (options.requests.empty())
        return unknown;
    Run run(options);
    Output output(options.output);

    auto [observations, whole] = run.observe();
    if (observations.empty())
        return status_of(probe::Status::unknown, whole);
    auto& observation = observations.front();
    const auto policy =
        probe::policy_for(observation, options.sts_mode, static_cast<std::uint32_t>(options.sts_max_age));
    const auto published = probe::published_sts(observation);
    if (!policy.mx.empty())
        probe::suppose_published(observation, policy);
    const auto verdict = std::move(run.judge(std::move(observations)).front());
    if (policy.mx.empty()) {
        complain(lack_of_hosts(verdict));
        return unknown;
    }
    if (policy.mode != probe::StsMode::none)
        complain_of(report::policy_failures(verdict));
    if (published.mode == probe::StsMode::enforce && policy.mode != probe::StsMode::enforce)
        complain(fmt::format(
            "the policy that {} has now is in mode enforce, and this one in mode {}: see --mode",
            verdict.domain, name(policy.mode)
        ));
    output.write(probe::write_sts_policy(policy));
    if (!options.quiet)
        std::fputs(report::policy_records(verdict, published).c_str(), stderr);
    return status_of(probe::compliance_status(verdict, policy.mode), whole);
}

} // namespace command
