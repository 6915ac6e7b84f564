#include "probe/dane_judge.hpp"

#include "probe/dane_lookup.hpp"
#include "probe/endpoint_judge.hpp"
#include "probe/route_judge.hpp"
#include "probe/tlsa.hpp"
#include "probe/x509.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>

namespace probe
{

namespace
{

using State = TlsaWord::State;

constexpr std::size_t told_reasons = 5; // of one sentence

std::string number_of_records(std::size_t count)
{
    return count == 1 ? "the TLSA record" : fmt::format("the {} TLSA records", count);
}

std::size_t count_unusable(const std::vector<dns::Tlsa>& records)
{
    const auto unusable = [](const dns::Tlsa& record) { return !unusable_reason(record).empty(); };
    return static_cast<std::size_t>(std::ranges::count_if(records, unusable));
}

/// Each reason once.
std::string reasons_of(const std::vector<dns::Tlsa>& records)
{
    std::vector<std::string> reasons;
    for (const auto& record : records) {
        auto reason = unusable_reason(record);
        if (reasons.size() < told_reasons && std::ranges::find(reasons, reason) == reasons.end())
            reasons.push_back(std::move(reason));
    }
    return fmt::format("{}", fmt::join(reasons, "; "));
}

Finding judge_unusable(const TlsaVerdict& tlsa, const std::string& owner)
{
    return usual_finding(
        Code::tlsa_unusable, fmt::format(
                                 "SMTP cannot use {} at {}: {}", number_of_records(tlsa.records.size()),
                                 owner, reasons_of(tlsa.records)
                             )
    );
}

Finding judge_lack_of_answer(const dns::Answer& answer)
{
    if (answer.state == dns::State::failed)
        return judge_failure(answer);
    return usual_finding(
        Code::dns_no_answer,
        fmt::format(
            "only a resolver that does not validate gives an answer about the TLSA records at {}", answer.name
        )
    );
}

/// What is to be said of the records whatever the host presents.
void judge_records(HostVerdict& verdict, const Host& host, const TlsaWord& word, bool mx_is_secure)
{
    const auto owner = tlsa_name(word.base_domain, host.port);
    if (word.state == State::insecure)
        verdict.findings.push_back(usual_finding(
            Code::tlsa_insecure,
            fmt::format(
                "DNSSEC does not protect {} at {}, so that senders take {} for absent",
                number_of_records(word.records.size()), owner, word.records.size() == 1 ? "it" : "them"
            )
        ));
    if (word.state != State::secure)
        return;
    auto& tlsa = *verdict.tlsa;
    tlsa.unusable = count_unusable(tlsa.records);
    tlsa.usable = tlsa.unusable < tlsa.records.size();
    if (!tlsa.usable)
        verdict.findings.push_back(judge_unusable(tlsa, owner));
    if (!mx_is_secure)
        verdict.findings.push_back(usual_finding(
            Code::tlsa_insecure,
            fmt::format(
                "DNSSEC protects {} at {}, but not the MX answer that leads there: who is named by it is not "
                "authenticated",
                number_of_records(tlsa.records.size()), owner
            )
        ));
}

/// What a sender makes of one chain; none where only a finished handshake could tell.
std::optional<DaneVerdict> judge_chain_by(
    const TlsaWord& word, const smtp::Session& session, std::span<const std::string> names,
    const Criteria& criteria
)
{
    if (word.state == State::failed || word.state == State::bogus)
        return DaneVerdict{.state = DaneState::error};
    if (word.state != State::secure)
        return DaneVerdict{};
    DaneQuestion question{.records = word.records, .names = names, .moment = moment_for(session, criteria)};
    const auto& tls = session.tls;
    if (tls)
        question.chain = tls->chain;
    auto dane = judge_dane(question);
    if (!tls && dane.state != DaneState::unusable)
        return std::nullopt;
    return dane;
}

std::optional<Finding>
judge_mismatch(const std::optional<DaneVerdict>& dane, const std::string& owner, const std::string& which)
{
    if (!dane || dane->state != DaneState::invalid)
        return std::nullopt;
    return usual_finding(
        Code::tlsa_invalid, fmt::format(
                                "{}{} at {} {} not match: {}", which, number_of_records(dane->records.size()),
                                owner, dane->records.size() == 1 ? "does" : "do", dane->why
                            )
    );
}

/// Whether a DANE-TA(2) record vouches for each root that was sent.
bool are_roots_needed(const DaneVerdict& dane, std::span<const smtp::Certificate> chain)
{
    const auto is_needed = [&](const smtp::Certificate& root) {
        return std::ranges::any_of(dane.records, [&](const JudgedTlsa& judged) {
            return judged.state == TlsaState::matched && judged.record.usage == dane_ta &&
                   describes(judged.record, root);
        });
    };
    return std::ranges::all_of(chain.subspan(1), [&](const smtp::Certificate& sent) {
        return !is_root(sent.get()) || is_needed(sent);
    });
}

/// The anchor that records name has to be sent, be it a root that everybody has (RFC 7672 §3.1.2): takes back
/// what the judge of the chain said of that. `prefix` begins the messages in `findings`.
void allow_roots(
    std::vector<Finding>& findings, const std::optional<DaneVerdict>& dane,
    std::optional<ChainVerdict>& chain, const std::optional<smtp::TlsFacts>& tls, const std::string& prefix
)
{
    if (!dane || !chain || !tls || tls->chain.empty() || !are_roots_needed(*dane, tls->chain))
        return;
    std::erase_if(chain->findings, [&](const Finding& needless) {
        if (needless.code != Code::chain_root_included)
            return false;
        std::erase_if(findings, [&](const Finding& told) {
            return told.code == needless.code && told.message == prefix + needless.message;
        });
        return true;
    });
}

/// Whether nothing more is to be known: DNSSEC says that the address is not signed, so that no sender with
/// DANE looks for records.
bool is_surely_without(const Host& host, const asio::ip::address& address) noexcept
{
    const auto& answer = address.is_v4() ? host.ipv4 : host.ipv6;
    return answer && answer->security == dns::Security::insecure;
}

void judge_endpoint_dane(
    EndpointVerdict& endpoint, const Host& host, std::span<const std::string> names, const Criteria& criteria
)
{
    const auto address = endpoint.session.peer.address();
    const auto word = tlsa_word(host, address);
    if (word.state == State::not_asked && !is_surely_without(host, address))
        return;
    const auto owner = tlsa_name(word.base_domain, host.port);
    auto& findings = endpoint.findings;
    endpoint.dane = judge_chain_by(word, endpoint.session, names, criteria);
    allow_roots(findings, endpoint.dane, endpoint.chain, endpoint.session.tls, "");
    if (auto finding = judge_mismatch(endpoint.dane, owner, ""))
        findings.push_back(std::move(*finding));
    for (auto& other : endpoint.other_keys) {
        const auto prefix = fmt::format("with its {} certificate: ", name(other.type));
        other.dane = judge_chain_by(word, other.session, names, criteria);
        allow_roots(findings, other.dane, other.chain, other.session.tls, prefix);
        if (auto finding = judge_mismatch(other.dane, owner, prefix))
            findings.push_back(std::move(*finding));
    }
}

} // namespace

void judge_host_dane(
    HostVerdict& verdict, const Host& host, const Observation& observation, const Criteria& criteria
)
{
    if (!observation.dane_asked)
        return;
    const auto word = tlsa_word(host);
    if (word.state == State::failed || word.state == State::bogus)
        verdict.findings.push_back(
            judge_lack_of_answer(host.tlsa.empty() ? *host.first_alias : host.tlsa.back().answer)
        );
    else if (word.state != State::not_asked)
        verdict.tlsa = TlsaVerdict{.base_domain = word.base_domain, .records = word.records};
    judge_records(verdict, host, word, is_mx_secure(observation));
    const auto names = dane_reference_names(observation, host, word.base_domain);
    for (auto& endpoint : verdict.endpoints)
        judge_endpoint_dane(endpoint, host, names, criteria);
}

Demand dane_demand(const HostVerdict& host, const EndpointVerdict& endpoint, bool mx_is_secure) noexcept
{
    if (!endpoint.dane && endpoint.session.tls)
        return Demand::none; // nobody looked
    if (!endpoint.dane)
        return host.tlsa && host.tlsa->usable ? Demand::unsatisfied : Demand::none;
    switch (endpoint.dane->state) {
    case DaneState::none:
        return Demand::none;
    case DaneState::unusable:
        return Demand::encryption;
    case DaneState::valid:
        return mx_is_secure ? Demand::satisfied : Demand::encryption;
    case DaneState::invalid:
    case DaneState::error:
        break;
    }
    return Demand::unsatisfied;
}

bool is_mx_secure(const Observation& observation) noexcept
{
    return !observation.mx || observation.mx->security == dns::Security::secure;
}

Finding lack_of_dane(const HostVerdict& host)
{
    if (host.is_literal)
        return usual_finding(
            Code::dane_required,
            fmt::format(
                "{} is an address, and TLSA records are looked up by name: give --mx the host's name",
                host.name
            )
        );
    if (host.dnssec == dns::Security::unknown)
        return usual_finding(
            Code::dane_required, fmt::format(
                                     "whether {} has TLSA records to go by is not known: no resolver that is "
                                     "believed and validates was asked",
                                     host.name
                                 )
        );
    return usual_finding(
        Code::dane_required, fmt::format("{} has no TLSA record that DNSSEC protects", host.name)
    );
}

} // namespace probe
