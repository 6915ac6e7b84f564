#include "report/tls_report.hpp"

#include "probe/tlsa.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace report
{
namespace
{

using Json = nlohmann::ordered_json;
using probe::Code;
using probe::EndpointVerdict;
using probe::HostVerdict;
using probe::Verdict;

/// What went wrong, in the words of RFC 8460 §4.3 and in ours.
struct Failure
{
    std::string type{};
    std::string reason{};
};

/// A failure and where it was met. What is empty is left out: only the type is always there.
struct Detail
{
    Failure failure{};
    std::string sender{};
    std::string host{};
    std::string helo{};
    std::string address{};

    auto key() const { return std::tie(failure.type, failure.reason, sender, host, helo, address); }
};

/// The sessions under one policy.
struct Account
{
    Json policy;
    std::uint64_t successes = 0;
    std::uint64_t failures = 0;
    std::vector<std::pair<Detail, std::uint64_t>> details{};
};

class Accounts
{
public:
    /// Stays where it is.
    Account& of(const Json& policy)
    {
        const auto [place, is_new] = by_policy_.try_emplace(policy.dump(), all_.size());
        if (is_new)
            all_.push_back({.policy = policy});
        return all_[place->second];
    }

    const std::deque<Account>& all() const noexcept { return all_; }

private:
    std::deque<Account> all_;
    std::map<std::string, std::size_t> by_policy_;
};

void add(Account& account, const Detail& detail, std::uint64_t count)
{
    const auto is_same = [&](const auto& known) { return known.first.key() == detail.key(); };
    const auto known = std::ranges::find_if(account.details, is_same);
    if (known == account.details.end())
        account.details.emplace_back(detail, count);
    else
        known->second += count;
}

Json texts(const std::vector<std::string>& lines)
{
    auto array = Json::array();
    for (const auto& line : lines)
        array.push_back(smtp::printable(line));
    return array;
}

const probe::Finding* find(const std::vector<probe::Finding>& findings, Code code)
{
    const auto found = std::ranges::find(findings, code, &probe::Finding::code);
    return found == findings.end() ? nullptr : &*found;
}

std::string reason(const probe::Finding* finding)
{
    return finding ? fmt::format("{}: {}", name(finding->code), finding->message) : "";
}

Failure failure_of(const probe::Finding& finding)
{
    return {.type = std::string(result_type(finding)), .reason = reason(&finding)};
}

/// What kept senders from the MTA-STS policy that the domain announces; null where nothing did.
const probe::Finding* lack_of_sts(const Verdict& verdict)
{
    for (const auto code :
         {Code::sts_policy_fetch_error, Code::sts_policy_invalid, Code::sts_webpki_invalid}) {
        if (const auto* found = find(verdict.findings, code))
            return found;
    }
    return nullptr;
}

bool has_sts(const Verdict& verdict)
{
    return verdict.mta_sts && (verdict.mta_sts->in_force() || lack_of_sts(verdict));
}

/// What the domain itself publishes.
Json policy_of(const Verdict& verdict)
{
    const auto domain = smtp::printable(verdict.domain);
    if (!has_sts(verdict))
        return {{"policy-type", "no-policy-found"}, {"policy-domain", domain}};
    const auto& sts = *verdict.mta_sts;
    Json policy{{"policy-type", "sts"}, {"policy-string", texts(sts.lines)}, {"policy-domain", domain}};
    if (sts.policy)
        policy["mx-host"] = texts(sts.policy->mx);
    return policy;
}

/// The TLSA records of a host; none are known where the look-up failed.
Json policy_of(const HostVerdict& host)
{
    auto records = Json::array();
    for (const auto& record : host.tlsa ? host.tlsa->records : std::vector<dns::Tlsa>())
        records.push_back(probe::text(record));
    const auto& domain = host.tlsa ? host.tlsa->base_domain : host.name;
    return {{"policy-type", "tlsa"}, {"policy-string", records}, {"policy-domain", smtp::printable(domain)}};
}

bool has_usable_records(const HostVerdict& host)
{
    return host.tlsa && host.tlsa->usable;
}

bool has_tls(const EndpointVerdict& endpoint)
{
    return endpoint.offer == probe::Offer::verified || endpoint.offer == probe::Offer::unverified;
}

bool lacks_records(const EndpointVerdict& endpoint)
{
    return endpoint.dane && endpoint.dane->state == probe::DaneState::error;
}

/// RFC 7672 §2.2, RFC 8461 §2. Where the records cannot be had, a sender defers.
bool goes_by_dane(const HostVerdict& host, const EndpointVerdict& endpoint)
{
    if (!endpoint.dane)
        return has_usable_records(host) && !has_tls(endpoint);
    const auto state = endpoint.dane->state;
    return state != probe::DaneState::none && state != probe::DaneState::unusable;
}

bool counts(const HostVerdict& host, const EndpointVerdict& endpoint)
{
    if (endpoint.offer == probe::Offer::unknown)
        return false;
    return !lacks_records(endpoint) || find(host.findings, Code::dnssec_invalid);
}

/// Why TLS did not come up.
std::optional<Failure> judge_tls(const EndpointVerdict& endpoint)
{
    if (has_tls(endpoint))
        return std::nullopt;
    const auto* found = endpoint.stopped_by ? find(endpoint.findings, *endpoint.stopped_by) : nullptr;
    const bool is_plain = endpoint.offer == probe::Offer::plain;
    return Failure{
        .type = is_plain ? "starttls-not-supported" : "validation-failure", .reason = reason(found)};
}

std::optional<Failure> judge_by_dane(const HostVerdict& host, const EndpointVerdict& endpoint)
{
    if (lacks_records(endpoint))
        return failure_of(*find(host.findings, Code::dnssec_invalid));
    if (auto failure = judge_tls(endpoint))
        return failure;
    if (endpoint.dane->state == probe::DaneState::valid)
        return std::nullopt;
    return Failure{.type = "tlsa-invalid", .reason = reason(find(endpoint.findings, Code::tlsa_invalid))};
}

/// Why the policy is not satisfied with the certificate: "sts-webpki-invalid" is about the policy host's in
/// TLS reports, and its reason here says what the certificate lacks.
Failure judge_certificate(const EndpointVerdict& endpoint)
{
    auto failure = Failure{
        .type = "certificate-host-mismatch",
        .reason = reason(find(endpoint.findings, Code::sts_webpki_invalid))};
    if (!endpoint.chain)
        return failure;
    for (const auto& finding : endpoint.chain->findings) {
        if (fails_cert(finding.code) && finding.code != Code::certificate_host_mismatch)
            return failure_of(finding);
    }
    return failure;
}

std::optional<Failure> judge_by_sts(const HostVerdict& host, const EndpointVerdict& endpoint)
{
    if (const auto* found = find(host.findings, Code::sts_mx_mismatch))
        return failure_of(*found);
    if (auto failure = judge_tls(endpoint))
        return failure;
    return endpoint.sts_verified == false ? std::optional(judge_certificate(endpoint)) : std::nullopt;
}

std::optional<Failure> judge(const HostVerdict& host, const EndpointVerdict& endpoint, bool by_dane)
{
    if (const auto* found = find(host.findings, Code::dane_required)) // --policy dane
        return failure_of(*found);
    return by_dane ? judge_by_dane(host, endpoint) : judge_by_sts(host, endpoint);
}

Detail detail_of(Failure failure, const HostVerdict& host, const EndpointVerdict& endpoint)
{
    const auto& session = endpoint.session;
    return {
        .failure = std::move(failure),
        .sender = session.local ? session.local->to_string() : "",
        .host = host.name,
        .helo = session.offered ? session.offered->name : "",
        .address = session.peer.address().to_string()};
}

void count(Account& account, const HostVerdict& host, const EndpointVerdict& endpoint, bool by_dane)
{
    auto failure = judge(host, endpoint, by_dane);
    if (!failure) {
        ++account.successes;
        return;
    }
    ++account.failures;
    add(account, detail_of(std::move(*failure), host, endpoint), 1);
}

/// How many of them go by what the domain itself publishes.
std::uint64_t count_sessions(Accounts& accounts, const Verdict& verdict, const HostVerdict& host)
{
    std::uint64_t own = 0;
    bool is_told = false;
    for (const auto& endpoint : host.endpoints) {
        if (!counts(host, endpoint))
            continue;
        const bool by_dane = goes_by_dane(host, endpoint);
        count(accounts.of(by_dane ? policy_of(host) : policy_of(verdict)), host, endpoint, by_dane);
        own += by_dane ? 0 : 1;
        is_told = is_told || lacks_records(endpoint);
    }
    if (const auto* bogus = find(host.findings, Code::dnssec_invalid); bogus && !is_told)
        add(accounts.of(policy_of(verdict)), {.failure = failure_of(*bogus), .host = host.name}, 1);
    return own;
}

void count_target(Accounts& accounts, const Verdict& verdict)
{
    if (has_sts(verdict))
        accounts.of(policy_of(verdict)); // also where all hosts have TLSA records
    std::uint64_t own = 0;
    for (const auto& host : verdict.hosts) {
        if (has_usable_records(host))
            accounts.of(policy_of(host));
        own += count_sessions(accounts, verdict, host);
    }
    if (const auto* lack = lack_of_sts(verdict))
        add(accounts.of(policy_of(verdict)), {.failure = failure_of(*lack)}, std::max<std::uint64_t>(own, 1));
    if (const auto* bogus = find(verdict.findings, Code::dnssec_invalid))
        add(accounts.of(policy_of(verdict)), {.failure = failure_of(*bogus)}, 1);
}

Json told(const Detail& detail, std::uint64_t count)
{
    Json object{{"result-type", detail.failure.type}};
    const auto tell = [&](const char* key, const std::string& text) {
        if (!text.empty())
            object[key] = smtp::printable(text);
    };
    tell("sending-mta-ip", detail.sender);
    tell("receiving-mx-hostname", detail.host);
    tell("receiving-mx-helo", detail.helo);
    tell("receiving-ip", detail.address);
    object["failed-session-count"] = count;
    tell("failure-reason-code", detail.failure.reason);
    return object;
}

Json told(const Account& account)
{
    auto details = Json::array();
    for (const auto& [detail, count] : account.details)
        details.push_back(told(detail, count));
    return {
        {"policy", account.policy},
        {"summary",
         {{"total-successful-session-count", account.successes},
          {"total-failure-session-count", account.failures}}},
        {"failure-details", details}};
}

struct DateRange
{
    std::string start;
    std::string end;
};

DateRange range_of(std::span<const Verdict> verdicts)
{
    auto start = verdicts.front().started;
    auto end = start;
    for (const auto& verdict : verdicts) {
        start = std::min(start, verdict.started);
        end = std::max(end, verdict.started + verdict.elapsed);
    }
    return {rfc3339(start), rfc3339(end)};
}

/// The same for the same report only: nobody probes the same domain twice at the same moment.
std::string report_id(const DateRange& range, std::span<const Verdict> verdicts)
{
    auto id = fmt::format("{}_{}_{}", range.start, range.end, smtp::printable(verdicts.front().domain));
    return verdicts.size() == 1 ? id : fmt::format("{}+{}", id, verdicts.size() - 1);
}

} // namespace

std::string tls_report(std::span<const Verdict> verdicts, std::string_view contact)
{
    if (verdicts.empty())
        return {};
    Accounts accounts;
    for (const auto& verdict : verdicts)
        count_target(accounts, verdict);
    auto policies = Json::array();
    for (const auto& account : accounts.all())
        policies.push_back(told(account));
    const auto range = range_of(verdicts);
    const Json report{
        {"organization-name", "mxtls"},
        {"date-range", {{"start-datetime", range.start}, {"end-datetime", range.end}}},
        {"contact-info", smtp::printable(contact)},
        {"report-id", report_id(range, verdicts)},
        {"policies", policies}};
    return report.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace report
