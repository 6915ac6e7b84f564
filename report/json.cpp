#include "report/json.hpp"

#include "probe/tlsa.hpp"
#include "report/pages.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace report
{
namespace
{

using Json = nlohmann::ordered_json;

/// Text from elsewhere: escaped visibly, null where there is none.
Json text_or_null(std::string_view text)
{
    return text.empty() ? Json() : Json(smtp::printable(text));
}

Json texts(const std::vector<std::string>& lines)
{
    auto array = Json::array();
    for (const auto& line : lines)
        array.push_back(smtp::printable(line));
    return array;
}

template <class Number>
Json number_or_null(const std::optional<Number>& number)
{
    return number ? Json(*number) : Json();
}

Json bool_or_null(const std::optional<bool>& fact)
{
    return fact ? Json(*fact) : Json();
}

/// Milliseconds, to the microsecond: the shortest decimal that a double needs has no more than three places.
Json ms(std::chrono::microseconds duration)
{
    return static_cast<double>(duration.count()) / 1000.0;
}

/// The type of a failure in TLS reports. That of an MTA-STS policy is about its web server: of a mail host
/// the finding beside it about its certificate has the type.
std::string_view result_of(const probe::Finding& finding, bool of_endpoint) noexcept
{
    return of_endpoint && finding.code == probe::Code::sts_webpki_invalid ? "" : result_type(finding);
}

Json findings(const std::vector<probe::Finding>& all, bool of_endpoint = false)
{
    auto array = Json::array();
    for (const auto& finding : all) {
        array.push_back(
            {{"code", name(finding.code)},
             {"severity", name(finding.severity)},
             {"message", smtp::printable(finding.message)},
             {"text", text_or_null(finding.text)},
             {"result_type", text_or_null(result_of(finding, of_endpoint))},
             {"remedy", remedy(finding.code)}}
        );
    }
    return array;
}

Json extras(const std::vector<probe::Extra>& extras)
{
    auto array = Json::array();
    for (const auto& [policy, points] : extras)
        array.push_back({{"points", points}, {"for", name(policy)}});
    return array;
}

Json confidence(const probe::Confidence& confidence)
{
    auto reasons = Json::array();
    for (const auto& reason : confidence.reasons) {
        reasons.push_back(
            {{"points", reason.points}, {"code", name(reason.code)}, {"host", text_or_null(reason.host)}}
        );
    }
    return {
        {"factor", number_or_null(confidence.factor)},
        {"max", confidence.max},
        {"best", confidence.best},
        {"reasons", reasons},
        {"extras", extras(confidence.extras)}};
}

Json outcomes(const probe::Outcomes& outcomes)
{
    Json object;
    for (const auto policy : probe::all_policies)
        object[std::string(name(policy))] = name(outcomes[static_cast<std::size_t>(policy)]);
    return object;
}

Json stages(const probe::EndpointVerdict& endpoint)
{
    Json object;
    for (std::size_t index = 0; index < probe::columns; ++index) {
        const auto column = static_cast<probe::Column>(index);
        const auto& [result, took] = endpoint.at(column);
        object[std::string(key(column))] = {{"result", key(result)}, {"ms", took ? ms(*took) : Json()}};
    }
    return object;
}

Json tls(const std::optional<smtp::TlsFacts>& tls)
{
    if (!tls)
        return nullptr;
    return {
        {"version", smtp::printable(tls->version)},
        {"cipher", smtp::printable(tls->cipher)},
        {"bits", tls->bits},
        {"group", text_or_null(tls->group)},
        {"forward_secrecy", tls->forward_secrecy}};
}

std::string_view name(probe::Identity::By by) noexcept
{
    switch (by) {
    case probe::Identity::By::san:
        return "san";
    case probe::Identity::By::cn:
        return "cn";
    case probe::Identity::By::none:
        break;
    }
    return "none";
}

Json identity(const probe::Identity& identity)
{
    return {
        {"reference", text_or_null(identity.reference.value_or(""))},
        {"matched", text_or_null(identity.matched.value_or(""))},
        {"by", name(identity.by)}};
}

Json certificate(const probe::JudgedCertificate& certificate)
{
    const auto& facts = certificate.facts;
    return {
        {"subject", smtp::printable(facts.subject)},
        {"issuer", smtp::printable(facts.issuer)},
        {"serial", smtp::printable(facts.serial)},
        {"not_before", rfc3339(facts.not_before)},
        {"not_after", rfc3339(facts.not_after)},
        {"days_left", certificate.days_left},
        {"key", smtp::printable(facts.key)},
        {"signature", smtp::printable(facts.signature)},
        {"names", texts(facts.names)},
        {"sha256", smtp::printable(facts.sha256)},
        {"spki_sha256", smtp::printable(facts.spki_sha256)},
        {"verdict", smtp::printable(certificate.verdict)}};
}

Json chain(const std::optional<probe::ChainVerdict>& chain)
{
    if (!chain)
        return nullptr;
    auto array = Json::array();
    for (const auto& each : chain->certificates)
        array.push_back(certificate(each));
    return array;
}

Json tlsa_record(const probe::JudgedTlsa& judged)
{
    const auto& record = judged.record;
    return {{"usage", record.usage},       {"selector", record.selector},
            {"matching", record.matching}, {"data", probe::data_text(record)},
            {"state", name(judged.state)}, {"reason", text_or_null(judged.why)}};
}

Json dane(const std::optional<probe::DaneVerdict>& dane)
{
    if (!dane)
        return nullptr;
    auto records = Json::array();
    for (const auto& record : dane->records)
        records.push_back(tlsa_record(record));
    return {{"state", name(dane->state)}, {"reason", text_or_null(dane->why)}, {"records", records}};
}

Json key_types(const probe::EndpointVerdict& endpoint)
{
    if (endpoint.other_keys.empty())
        return nullptr;
    const auto state = [&](smtp::KeyType type) -> Json {
        const auto known = endpoint.key_states[static_cast<std::size_t>(type)];
        return known ? Json(name(*known)) : Json();
    };
    return {{"ecdsa", state(smtp::KeyType::ecdsa)}, {"rsa", state(smtp::KeyType::rsa)}};
}

/// The session in which the endpoint presented the chain that it has for whoever cannot use the first.
const probe::OtherKeyVerdict* other_session(const probe::EndpointVerdict& endpoint)
{
    const auto has_chain = [](const probe::OtherKeyVerdict& other) { return other.chain.has_value(); };
    const auto found = std::ranges::find_if(endpoint.other_keys, has_chain);
    return found == endpoint.other_keys.end() ? nullptr : &*found;
}

Json groups(const std::optional<probe::GroupSurvey>& groups)
{
    if (!groups)
        return nullptr;
    auto array = Json::array();
    for (const auto& group : groups->accepted)
        array.push_back({{"name", group.name}, {"bits", group.bits > 0 ? Json(group.bits) : Json()}});
    return array;
}

Json offered_version(const probe::VersionSurvey& version)
{
    const auto& groups_asked = version.groups;
    return {
        {"version", name(version.version)},
        {"state", name(version.state)},
        {"reason", text_or_null(version.reason)},
        {"preference", text_or_null(name(version.preference))},
        {"ciphers", texts(version.suites)},
        {"ciphers_complete", version.complete},
        {"groups", groups(groups_asked)},
        {"groups_complete", groups_asked ? Json(groups_asked->complete) : Json()},
        {"resumption", bool_or_null(version.resumption)}};
}

Json alpn(const probe::Survey& survey)
{
    if (survey.alpn_refused)
        return "refused";
    if (!survey.alpn)
        return nullptr;
    return survey.alpn->empty() ? "none" : smtp::printable(*survey.alpn);
}

Json told(const std::optional<probe::Survey>& survey)
{
    if (!survey)
        return nullptr;
    auto versions = Json::array();
    for (const auto& version : survey->versions)
        versions.push_back(offered_version(version));
    return {
        {"versions", versions},
        {"dh_bits", survey->dh_bits},
        {"secure_renegotiation", bool_or_null(survey->secure_renegotiation)},
        {"compression", bool_or_null(survey->compression)},
        {"extended_master_secret", bool_or_null(survey->extended_master_secret)},
        {"session_tickets", bool_or_null(survey->session_tickets)},
        {"alpn", alpn(*survey)},
        {"connections", survey->connections},
        {"stopped", text_or_null(survey->stopped)},
        {"notices", texts(notices(*survey))}};
}

Json greeting(const smtp::Session& session)
{
    const auto* step = session.at(smtp::Stage::greeting);
    return step && step->reply ? text_or_null(step->reply->text()) : Json();
}

std::string_view name(probe::ReverseDns::State state) noexcept
{
    switch (state) {
    case probe::ReverseDns::State::found:
        return "found";
    case probe::ReverseDns::State::none:
        return "none";
    case probe::ReverseDns::State::failed:
        return "error";
    case probe::ReverseDns::State::unknown:
        break;
    }
    return "unknown";
}

Json reverse(const probe::ReverseDns& dns)
{
    auto names = Json::array();
    for (const auto& found : dns.names)
        names.push_back(
            {{"name", smtp::printable(found.name)}, {"confirmed", number_or_null(found.confirmed)}}
        );
    return {{"state", name(dns.state)}, {"names", names}};
}

Json endpoint(const probe::EndpointVerdict& endpoint)
{
    const auto& session = endpoint.session;
    const auto& offered = session.offered;
    const auto* other = other_session(endpoint);
    return {
        {"address", session.peer.address().to_string()},
        {"port", session.peer.port()},
        {"shared", endpoint.shared},
        {"reverse", reverse(endpoint.reverse)},
        {"greeting", greeting(session)},
        {"greeting_name", text_or_null(endpoint.own_names.greeting.value_or(""))},
        {"ehlo_name", offered ? text_or_null(offered->name) : Json()},
        {"extensions", offered ? texts(offered->lines) : Json()},
        {"stages", stages(endpoint)},
        {"tls", tls(session.tls)},
        {"identity", identity(endpoint.identity)},
        {"chain", chain(endpoint.chain)},
        {"dane", dane(endpoint.dane)},
        {"mta_sts", bool_or_null(endpoint.sts_verified)},
        {"key_types", key_types(endpoint)},
        {"other_chain", other ? chain(other->chain) : Json()},
        {"other_dane", other ? dane(other->dane) : Json()},
        {"plaintext", endpoint.plaintext ? Json(name(*endpoint.plaintext)) : Json()},
        {"offered", told(endpoint.survey)},
        {"outcomes", outcomes(endpoint.outcomes)},
        {"findings", findings(endpoint.findings, true)}};
}

Json tlsa(const std::optional<probe::TlsaVerdict>& tlsa)
{
    if (!tlsa)
        return nullptr;
    auto records = Json::array();
    for (const auto& record : tlsa->records)
        records.push_back(probe::text(record));
    return {{"base_domain", text_or_null(tlsa->base_domain)}, {"records", records}};
}

Json host(const probe::HostVerdict& host)
{
    auto endpoints = Json::array();
    for (const auto& each : host.endpoints)
        endpoints.push_back(endpoint(each));
    return {
        {"host", smtp::printable(host.name)},
        {"preference", number_or_null(host.preference)},
        {"dnssec", name(host.dnssec)},
        {"tlsa", tlsa(host.tlsa)},
        {"mta_sts", bool_or_null(host.sts_covered)},
        {"factor", number_or_null(host.factor)},
        {"endpoints", endpoints},
        {"findings", findings(host.findings)}};
}

Json mta_sts(const std::optional<probe::StsVerdict>& mta_sts)
{
    if (!mta_sts)
        return nullptr;
    const auto& policy = mta_sts->policy;
    return {
        {"state", name(mta_sts->state)},
        {"mode", policy ? Json(name(policy->mode)) : Json()},
        {"id", text_or_null(mta_sts->id)},
        {"max_age", policy ? Json(policy->max_age) : Json()},
        {"mx", policy ? texts(policy->mx) : Json::array()},
        {"stale", texts(mta_sts->stale)},
        {"remarks", texts(mta_sts->remarks)}};
}

Json tls_rpt(const std::optional<probe::TlsRptVerdict>& tls_rpt)
{
    if (!tls_rpt)
        return nullptr;
    return {{"state", name(tls_rpt->state)}, {"rua", texts(tls_rpt->rua)}};
}

Json target(const probe::Verdict& verdict)
{
    auto hosts = Json::array();
    for (const auto& each : verdict.hosts)
        hosts.push_back(host(each));
    return {
        {"schema", "mxtls/1"},
        {"target", legible(verdict.target)},
        {"domain", text_or_null(verdict.domain)},
        {"started", rfc3339(verdict.started)},
        {"elapsed_ms", ms(verdict.elapsed)},
        {"status", name(verdict.status)},
        {"confidence", confidence(verdict.confidence)},
        {"dns", {{"mx", text_or_null(name(verdict.route))}, {"dnssec", name(verdict.dnssec)}}},
        {"hosts", hosts},
        {"outcomes", outcomes(verdict.outcomes)},
        {"mta_sts", mta_sts(verdict.mta_sts)},
        {"tls_rpt", tls_rpt(verdict.tls_rpt)},
        {"findings", findings(verdict.findings)}};
}

std::string dump(const Json& value, int indent)
{
    return value.dump(indent, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace

std::string json(std::span<const probe::Verdict> verdicts)
{
    auto array = Json::array();
    for (const auto& verdict : verdicts)
        array.push_back(target(verdict));
    return dump(array, 2);
}

std::string ndjson(const probe::Verdict& verdict)
{
    return dump(target(verdict), -1);
}

} // namespace report
