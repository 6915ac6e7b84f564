#include "probe/sts_judge.hpp"

#include "dns/error.hpp"
#include "probe/policy_host.hpp"
#include "probe/route_judge.hpp"
#include "probe/sts_record.hpp"
#include "probe/tls_rpt.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace probe
{

namespace
{

constexpr std::size_t told_patterns = 5; // of one sentence

std::string list_of(const std::vector<std::string>& patterns)
{
    const auto told = std::min(patterns.size(), told_patterns);
    const auto list =
        fmt::format("{}", fmt::join(patterns.begin(), patterns.begin() + std::ptrdiff_t(told), ", "));
    return patterns.size() > told ? fmt::format("{} and {} more", list, patterns.size() - told) : list;
}

/// What a fault of fetching is called in TLS reports (RFC 8460 §4.3.2).
Code code_of(FetchFault fault) noexcept
{
    return fault == FetchFault::media_type || fault == FetchFault::too_large ? Code::sts_policy_invalid
                                                                             : Code::sts_policy_fetch_error;
}

/// What kept a sender from having the policy; the first thing on the way.
std::optional<Finding>
judge_fetch(const Fetched& fetched, const std::string& host, const Criteria& criteria, const Trust& trust)
{
    if (!fetched.chain.empty()) {
        const auto distrust = distrust_of(fetched.chain, host, criteria.moment, trust.roots());
        if (!distrust.empty())
            return usual_finding(
                Code::sts_webpki_invalid,
                fmt::format("the certificate of the policy host {} is not valid: {}", host, distrust)
            );
    }
    if (fetched.fault == FetchFault::none)
        return std::nullopt;
    return usual_finding(
        code_of(fetched.fault), fmt::format("the policy cannot be had from {}: {}", host, fetched.detail)
    );
}

/// Where the name is too long for DNS, there can be nothing at it.
bool is_unknown(const dns::Answer& answer)
{
    return answer.state == dns::State::failed && answer.fault != dns::errc::bad_name;
}

StsVerdict in_error(StsVerdict verdict)
{
    verdict.state = StsVerdict::State::error;
    return verdict;
}

/// Without the empty ones.
std::vector<std::string> lines_of(std::string_view body)
{
    std::vector<std::string> lines;
    while (!body.empty()) {
        auto line = body.substr(0, body.find('\n'));
        body.remove_prefix(std::min(line.size() + 1, body.size()));
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (!line.empty())
            lines.push_back(smtp::printable(line));
    }
    return lines;
}

StsVerdict read_policy(StsVerdict verdict, const Fetched& fetched, std::vector<Finding>& findings)
{
    auto reading = read_sts_policy(fetched.body);
    verdict.remarks = std::move(reading.remarks);
    verdict.lines = lines_of(fetched.body);
    if (!reading.policy) {
        findings.push_back(usual_finding(
            Code::sts_policy_invalid, fmt::format("senders cannot use the policy: {}", reading.fault)
        ));
        return in_error(std::move(verdict));
    }
    verdict.state =
        reading.policy->mode == StsMode::testing ? StsVerdict::State::testing : StsVerdict::State::ok;
    verdict.policy = std::move(reading.policy);
    return verdict;
}

/// None where the run was interrupted before the policy that is announced was there.
std::optional<StsVerdict> read_mta_sts(
    const Observation& observation, const Criteria& criteria, const Trust& trust,
    std::vector<Finding>& findings
)
{
    StsVerdict verdict;
    const auto& answer = *observation.sts_record;
    if (is_unknown(answer)) {
        findings.push_back(judge_failure(answer));
        return in_error(std::move(verdict));
    }
    const auto texts = answer.all<dns::Text>();
    auto record = read_sts_record(texts);
    if (record.state == StsRecord::State::none)
        return verdict;
    if (record.state == StsRecord::State::invalid) {
        findings.push_back(usual_finding(
            Code::sts_record_invalid,
            fmt::format("the TXT record at {} is not usable: {}", answer.name, record.fault)
        ));
        return in_error(std::move(verdict));
    }
    if (!observation.sts_policy)
        return std::nullopt;
    verdict.id = std::move(record.id);
    if (auto fault =
            judge_fetch(*observation.sts_policy, sts_host(observation.target.domain), criteria, trust)) {
        findings.push_back(std::move(*fault));
        return in_error(std::move(verdict));
    }
    return read_policy(std::move(verdict), *observation.sts_policy, findings);
}

/// Not for hosts that the user named in place of the domain's.
std::vector<std::string> stale_patterns(const StsPolicy& policy, const Verdict& verdict)
{
    if (verdict.route != Route::mx && verdict.route != Route::implicit)
        return {};
    auto names = verdict.hosts_left_out;
    for (const auto& host : verdict.hosts)
        names.push_back(host.name);
    auto stale = policy.mx;
    std::erase_if(stale, [&](const std::string& pattern) {
        return std::ranges::any_of(names, [&](const std::string& name) { return matches(pattern, name); });
    });
    return stale;
}

Finding by_mode(Code code, StsMode mode, std::string message)
{
    auto finding = usual_finding(code, std::move(message));
    if (mode == StsMode::enforce)
        finding.severity = Severity::critical;
    return finding;
}

bool covers(const StsPolicy& policy, const std::string& host)
{
    return std::ranges::any_of(policy.mx, [&](const std::string& pattern) { return matches(pattern, host); });
}

Finding judge_mismatch(const StsPolicy& policy, const std::string& host, const std::string& domain)
{
    return by_mode(
        Code::sts_mx_mismatch, policy.mode,
        fmt::format(
            "{} is not in the MTA-STS policy of {}, in mode {}, which covers {}", host, domain,
            name(policy.mode), list_of(policy.mx)
        )
    );
}

/// Why the certificate is not what RFC 8461 §4.2 demands: the chain trusted and in its dates, the host among
/// the names of subjectAltName, where no --reference takes its place. A clause; empty where all is well.
std::string fault_of(const ChainVerdict& chain, const smtp::TlsFacts& tls, const std::string& host)
{
    const auto fails = [](const Finding& finding) {
        return fails_cert(finding.code) && finding.code != Code::certificate_host_mismatch;
    };
    const auto cause = std::ranges::find_if(chain.findings, fails);
    if (cause != chain.findings.end())
        return cause->message;
    const auto identity = identify(tls.chain.front(), host);
    if (identity.by == Identity::By::cn)
        return fmt::format("the certificate names {} in its common name only, which does not count", host);
    return identity.by == Identity::By::none ? fmt::format("the certificate does not name {}", host) : "";
}

/// `which` begins the message.
Finding judge_dissatisfaction(const std::string& which, const std::string& fault, StsMode mode)
{
    return by_mode(
        Code::sts_webpki_invalid, mode,
        fmt::format("{}the MTA-STS policy, in mode {}, is not satisfied: {}", which, name(mode), fault)
    );
}

void cross_endpoint(EndpointVerdict& endpoint, const std::string& host, StsMode mode)
{
    if (!endpoint.chain)
        return;
    const auto fault = fault_of(*endpoint.chain, *endpoint.session.tls, host);
    endpoint.sts_verified = fault.empty();
    if (!fault.empty())
        endpoint.findings.push_back(judge_dissatisfaction("", fault, mode));
    for (auto& other : endpoint.other_keys) {
        if (!other.chain)
            continue;
        const auto its_fault = fault_of(*other.chain, *other.session.tls, host);
        const auto which = fmt::format("with its {} certificate: ", name(other.type));
        other.sts_verified = its_fault.empty();
        if (!its_fault.empty())
            endpoint.findings.push_back(judge_dissatisfaction(which, its_fault, mode));
    }
}

void cross(HostVerdict& host, const StsPolicy& policy, const std::string& domain)
{
    host.sts_covered = covers(policy, host.name);
    if (!*host.sts_covered) {
        host.findings.push_back(judge_mismatch(policy, host.name, domain));
        return;
    }
    for (auto& endpoint : host.endpoints)
        cross_endpoint(endpoint, host.name, policy.mode);
}

} // namespace

void judge_mta_sts(
    Verdict& verdict, const Observation& observation, const Criteria& criteria, const Trust& trust
)
{
    if (!observation.sts_record)
        return;
    verdict.mta_sts = read_mta_sts(observation, criteria, trust, verdict.findings);
    if (!verdict.mta_sts || !verdict.mta_sts->in_force())
        return;
    auto& mta_sts = *verdict.mta_sts;
    const auto& policy = *mta_sts.policy;
    mta_sts.stale = stale_patterns(policy, verdict);
    for (auto& host : verdict.hosts)
        cross(host, policy, verdict.domain);
    for (const auto& host : verdict.hosts_left_out) {
        if (!covers(policy, host))
            verdict.findings.push_back(judge_mismatch(policy, host, verdict.domain));
    }
}

Demand
sts_demand(const StsVerdict& mta_sts, const HostVerdict& host, const EndpointVerdict& endpoint) noexcept
{
    if (!mta_sts.is_enforced())
        return Demand::none;
    const bool satisfied = host.sts_covered == true && endpoint.sts_verified == true;
    return satisfied ? Demand::satisfied : Demand::unsatisfied;
}

Finding lack_of_mta_sts(const Verdict& verdict)
{
    const auto lack = [](std::string message) {
        return usual_finding(Code::sts_required, std::move(message));
    };
    if (!verdict.mta_sts)
        return lack("no MTA-STS policy was looked for, since none covers an address: give the host's name");
    if (!verdict.mta_sts->policy)
        return lack(fmt::format("{} announces no MTA-STS policy", verdict.domain));
    return lack(fmt::format(
        "the MTA-STS policy of {} is in mode {}, and demands nothing of senders", verdict.domain,
        name(verdict.mta_sts->policy->mode)
    ));
}

void judge_tls_rpt(Verdict& verdict, const Observation& observation)
{
    if (!observation.tls_rpt_record)
        return;
    const auto& answer = *observation.tls_rpt_record;
    auto& tls_rpt = verdict.tls_rpt.emplace();
    if (is_unknown(answer)) {
        tls_rpt.state = TlsRptVerdict::State::error;
        verdict.findings.push_back(judge_failure(answer));
        return;
    }
    const auto texts = answer.all<dns::Text>();
    auto record = read_tls_rpt(texts);
    tls_rpt.rua = std::move(record.rua);
    if (record.state == TlsRptRecord::State::none)
        return;
    tls_rpt.state = TlsRptVerdict::State::ok;
    if (record.state == TlsRptRecord::State::valid)
        return;
    tls_rpt.state = TlsRptVerdict::State::error;
    verdict.findings.push_back(usual_finding(
        Code::tls_rpt_invalid,
        fmt::format("the TXT record at {} is not usable: {}", answer.name, record.fault)
    ));
}

} // namespace probe
