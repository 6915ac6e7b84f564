#include "probe/publish.hpp"

#include "dns/aliases.hpp"
#include "probe/dane_lookup.hpp"
#include "probe/sts_record.hpp"
#include "probe/tls_rpt.hpp"
#include "probe/tlsa.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace probe
{
namespace
{

using State = TlsaWord::State;

/// What one handshake presented.
struct Presented
{
    const asio::ip::address address;
    const std::vector<smtp::Certificate>& chain;
    const std::vector<JudgedCertificate>& judged;
};

std::vector<Presented> presented_by(const HostVerdict& host)
{
    std::vector<Presented> all;
    const auto add = [&](const smtp::Session& session, const std::optional<ChainVerdict>& chain) {
        if (session.tls && chain && !session.tls->chain.empty())
            all.push_back({session.peer.address(), session.tls->chain, chain->certificates});
    };
    for (const auto& endpoint : host.endpoints) {
        add(endpoint.session, endpoint.chain);
        for (const auto& other : endpoint.other_keys)
            add(other.session, other.chain);
    }
    return all;
}

/// Where the records are, or else where a sender looks first.
std::string
base_domain_of(const Host& host, const TlsaWord& word, const std::optional<std::string>& reference)
{
    if (word.state != State::none && word.state != State::not_asked)
        return word.base_domain;
    const auto candidates = tlsa_base_domains(host);
    if (!candidates.empty())
        return candidates.front();
    return host.literal ? reference.value_or("") : host.name;
}

/// Where the records of a base domain are kept: an alias may lead there.
std::string owner_of(const Host& host, const std::string& base_domain)
{
    if (base_domain.empty())
        return {};
    const auto asked = std::ranges::find(host.tlsa, base_domain, &TlsaLookup::base_domain);
    return asked != host.tlsa.end() ? dns::end_of_chain(asked->answer) : tlsa_name(base_domain, host.port);
}

dns::Security security_at(const Host& host, const TlsaWord& word, dns::Security of_host)
{
    switch (word.state) {
    case State::secure:
        return dns::Security::secure;
    case State::insecure:
        return dns::Security::insecure;
    case State::bogus:
        return dns::Security::bogus;
    case State::none:
        return host.tlsa.back().answer.security;
    case State::not_asked:
    case State::failed:
        break;
    }
    return of_host;
}

/// The certificate whose key a record describes: the server's own, or one behind it.
CertificateFacts described_by(const dns::Tlsa& record, const std::vector<JudgedCertificate>& chain)
{
    const auto found = std::find_if(
        chain.begin() + (record.usage == dane_ta ? 1 : 0), chain.end(),
        [key = data_text(record)](const auto& certificate) { return certificate.facts.spki_sha256 == key; }
    );
    return found != chain.end() ? found->facts : CertificateFacts{};
}

void add(std::vector<AdvisedTlsa>& records, const dns::Tlsa& record, const Presented& presented)
{
    auto known = std::ranges::find(records, record, &AdvisedTlsa::record);
    if (known == records.end())
        known = records.insert(
            records.end(), {.record = record, .certificate = described_by(record, presented.judged)}
        );
    auto& addresses = known->presented_at;
    if (std::ranges::find(addresses, presented.address) == addresses.end())
        addresses.push_back(presented.address);
}

/// Each by the chain that has the most to say for it.
std::vector<JudgedTlsa> judge_published(DaneQuestion question, const std::vector<Presented>& all)
{
    auto best = judge_dane(question).records;
    const auto rank = [](const JudgedTlsa& judged) { return std::pair(judged.state, !judged.why.empty()); };
    for (const auto& presented : all) {
        question.chain = presented.chain;
        auto judged = judge_dane(question).records;
        for (std::size_t index = 0; index < best.size(); ++index) {
            if (&presented == &all.front() || rank(judged[index]) < rank(best[index]))
                best[index] = std::move(judged[index]);
        }
    }
    return best;
}

bool is_local_fault(const EndpointVerdict& endpoint) noexcept
{
    return endpoint.stopped_by && lies_with_us(*endpoint.stopped_by);
}

/// Of hosts of which this holds at each address, at some, at none.
template <class Seen>
Status visibility(const std::vector<HostVerdict>& hosts, const Seen& seen) noexcept
{
    auto status = hosts.empty() ? Status::unknown : Status::ok;
    for (const auto& host : hosts) {
        const auto missed = [&](const auto& endpoint) {
            return !seen(endpoint) && !is_local_fault(endpoint);
        };
        if (std::ranges::none_of(host.endpoints, seen))
            status = worse(status, Status::unknown);
        else if (std::ranges::any_of(host.endpoints, missed))
            status = worse(status, Status::warning);
    }
    return status;
}

} // namespace

TlsaAdvice advise_tlsa(
    const HostVerdict& verdict, const Host& host, const Observation& observation, const Criteria& criteria
)
{
    const auto word = tlsa_word(host);
    const auto base_domain = base_domain_of(host, word, criteria.reference);
    const auto names = dane_reference_names(observation, host, base_domain);
    const auto all = presented_by(verdict);

    TlsaAdvice advice{
        .owner = owner_of(host, base_domain), .dnssec = security_at(host, word, verdict.dnssec)};
    advice.failed = word.state == State::failed || word.state == State::bogus;
    if (!advice.failed && word.state != State::not_asked)
        advice.published =
            judge_published({.records = word.records, .names = names, .moment = criteria.moment}, all);
    for (const auto& presented : all) {
        const DaneQuestion question{.chain = presented.chain, .names = names, .moment = criteria.moment};
        for (const auto& record : tlsa_records_for(question))
            add(advice.records, record, presented);
    }
    std::ranges::stable_sort(advice.records, std::ranges::greater(), [](const AdvisedTlsa& advised) {
        return advised.record.usage;
    });
    for (auto& advised : advice.records)
        advised.published = std::ranges::find(word.records, advised.record) != word.records.end();
    return advice;
}

Status advice_status(const Verdict& verdict) noexcept
{
    return visibility(verdict.hosts, [](const EndpointVerdict& endpoint) {
        return endpoint.session.tls && !endpoint.session.tls->chain.empty();
    });
}

StsPolicy policy_for(const Observation& observation, StsMode mode, std::uint32_t max_age)
{
    StsPolicy policy{.mode = mode, .max_age = max_age, .mx = {}};
    for (const auto& host : observation.hosts) {
        const StsPolicy alone{.mode = StsMode::enforce, .max_age = max_age, .mx = {host.name}};
        const bool is_pattern = host.name.starts_with('*');
        if (!host.literal && !is_pattern && read_sts_policy(write_sts_policy(alone)).policy == alone)
            policy.mx.push_back(host.name);
    }
    return policy;
}

PublishedSts published_sts(const Observation& observation)
{
    PublishedSts published;
    if (const auto& answer = observation.sts_record)
        published.has_record = read_sts_record(answer->all<dns::Text>()).state != StsRecord::State::none;
    if (const auto& fetched = observation.sts_policy; fetched && fetched->fault == FetchFault::none) {
        if (const auto policy = read_sts_policy(fetched->body).policy)
            published.mode = policy->mode;
    }
    if (const auto& answer = observation.tls_rpt_record)
        published.has_tls_rpt = read_tls_rpt(answer->all<dns::Text>()).state != TlsRptRecord::State::none;
    return published;
}

void suppose_published(Observation& observation, const StsPolicy& policy)
{
    auto& record = observation.sts_record.emplace();
    record.name = "_mta-sts." + observation.target.domain;
    record.type = dns::Type::txt;
    record.state = dns::State::found;
    record.records = {dns::Text{"v=STSv1; id=1;"}};
    observation.sts_policy = Fetched{.status = 200, .body = write_sts_policy(policy)};
}

Status compliance_status(const Verdict& verdict, StsMode mode) noexcept
{
    if (mode == StsMode::none)
        return Status::ok;
    auto status = visibility(verdict.hosts, [](const EndpointVerdict& endpoint) {
        return endpoint.offer != Offer::unknown;
    });
    for (const auto& host : verdict.hosts) {
        const bool fails = std::ranges::any_of(host.endpoints, [&](const EndpointVerdict& endpoint) {
            return compliance_of(host, endpoint) == Compliance::fails;
        });
        if (fails)
            status = worse(status, mode == StsMode::enforce ? Status::critical : Status::warning);
    }
    return status;
}

} // namespace probe
