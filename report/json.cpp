#include "report/json.hpp"

#include "probe/tlsa.hpp"
#include "report/json_writer.hpp"
#include "report/pages.hpp"
#include "report/text.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace report
{
namespace
{

using Json = JsonWriter;

void texts(Json& json, const std::vector<std::string>& lines)
{
    json.array(lines, [](Json& item, const std::string& line) { item.text(line); });
}

/// The type of a failure in TLS reports. That of an MTA-STS policy is about its web server: of a mail host
/// the finding beside it about its certificate has the type.
std::string_view result_of(const probe::Finding& finding, bool of_endpoint) noexcept
{
    return of_endpoint && finding.code == probe::Code::sts_webpki_invalid ? "" : result_type(finding);
}

void findings(Json& json, const std::vector<probe::Finding>& all, bool of_endpoint)
{
    json.array(all, [of_endpoint](Json& item, const probe::Finding& finding) {
        const auto object = item.object();
        item.field("code", name(finding.code));
        item.field("severity", name(finding.severity));
        item.text("message", finding.message);
        item.text_or_null("text", finding.text);
        item.text_or_null("result_type", result_of(finding, of_endpoint));
        item.field("remedy", remedy(finding.code));
    });
}

void reason(Json& json, const probe::Reason& reason)
{
    const auto object = json.object();
    json.field("points", reason.points);
    json.field("code", name(reason.code));
    json.text_or_null("host", reason.host);
}

void extra(Json& json, const probe::Extra& extra)
{
    const auto object = json.object();
    json.field("points", extra.points);
    json.field("for", name(extra.policy));
}

void confidence(Json& json, const probe::Confidence& confidence)
{
    const auto object = json.object();
    json.field("factor", confidence.factor);
    json.field("max", confidence.max);
    json.field("best", confidence.best);
    json.array("reasons", confidence.reasons, reason);
    json.array("extras", confidence.extras, extra);
}

void outcomes(Json& json, const probe::Outcomes& outcomes)
{
    const auto object = json.object();
    for (const auto policy : probe::all_policies)
        json.field(name(policy), name(outcomes[static_cast<std::size_t>(policy)]));
}

void stage(Json& json, const probe::StageVerdict& stage)
{
    const auto object = json.object();
    json.field("result", probe::key(stage.result));
    json.field("ms", stage.took);
}

void stages(Json& json, const probe::EndpointVerdict& endpoint)
{
    const auto object = json.object();
    for (std::size_t index = 0; index < probe::columns; ++index) {
        const auto column = static_cast<probe::Column>(index);
        json.field(key(column), stage, endpoint.at(column));
    }
}

void tls(Json& json, const smtp::TlsFacts& tls)
{
    const auto object = json.object();
    json.text("version", tls.version);
    json.text("cipher", tls.cipher);
    json.field("bits", tls.bits);
    json.text_or_null("group", tls.group);
    json.field("forward_secrecy", tls.forward_secrecy);
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

void identity(Json& json, const probe::Identity& identity)
{
    const auto object = json.object();
    json.text_or_null("reference", identity.reference.value_or(""));
    json.text_or_null("matched", identity.matched.value_or(""));
    json.field("by", name(identity.by));
}

void certificate(Json& json, const probe::JudgedCertificate& certificate)
{
    const auto& facts = certificate.facts;
    const auto object = json.object();
    json.text("subject", facts.subject);
    json.text("issuer", facts.issuer);
    json.text("serial", facts.serial);
    json.field("not_before", rfc3339(facts.not_before));
    json.field("not_after", rfc3339(facts.not_after));
    json.field("days_left", certificate.days_left);
    json.text("key", facts.key);
    json.text("signature", facts.signature);
    json.field("names", texts, facts.names);
    json.text("sha256", facts.sha256);
    json.text("spki_sha256", facts.spki_sha256);
    json.text("verdict", certificate.verdict);
}

void chain(Json& json, const probe::ChainVerdict& chain)
{
    json.array(chain.certificates, certificate);
}

void tlsa_record(Json& json, const probe::JudgedTlsa& judged)
{
    const auto& record = judged.record;
    const auto object = json.object();
    json.field("usage", record.usage);
    json.field("selector", record.selector);
    json.field("matching", record.matching);
    json.field("data", probe::data_text(record));
    json.field("state", name(judged.state));
    json.text_or_null("reason", judged.why);
}

void dane(Json& json, const probe::DaneVerdict& dane)
{
    const auto object = json.object();
    json.field("state", name(dane.state));
    json.text_or_null("reason", dane.why);
    json.array("records", dane.records, tlsa_record);
}

void key_types(Json& json, const probe::EndpointVerdict& endpoint)
{
    if (endpoint.other_keys.empty())
        return json.null();
    const auto object = json.object();
    const auto state = [&](std::string_view key, smtp::KeyType type) {
        json.key(key);
        const auto known = endpoint.key_states[static_cast<std::size_t>(type)];
        known ? json.value(name(*known)) : json.null();
    };
    state("ecdsa", smtp::KeyType::ecdsa);
    state("rsa", smtp::KeyType::rsa);
}

/// The session in which the endpoint presented the chain that it has for whoever cannot use the first.
const probe::OtherKeyVerdict* other_session(const probe::EndpointVerdict& endpoint)
{
    const auto has_chain = [](const probe::OtherKeyVerdict& other) { return other.chain.has_value(); };
    const auto found = std::ranges::find_if(endpoint.other_keys, has_chain);
    return found == endpoint.other_keys.end() ? nullptr : &*found;
}

void group(Json& json, const probe::GroupOffered& group)
{
    const auto object = json.object();
    json.field("name", group.name);
    json.field("bits", group.bits > 0 ? std::optional(group.bits) : std::nullopt);
}

void groups(Json& json, const probe::GroupSurvey& groups)
{
    json.array(groups.accepted, group);
}

void offered_version(Json& json, const probe::VersionSurvey& version)
{
    const auto object = json.object();
    json.field("version", name(version.version));
    json.field("state", name(version.state));
    json.text_or_null("reason", version.reason);
    json.text_or_null("preference", name(version.preference));
    json.field("ciphers", texts, version.suites);
    json.field("ciphers_complete", version.complete);
    json.field_or_null("groups", groups, version.groups);
    json.field("groups_complete", version.groups ? std::optional(version.groups->complete) : std::nullopt);
    json.field("resumption", version.resumption);
}

void alpn(Json& json, const probe::Survey& survey)
{
    if (survey.alpn_refused)
        return json.value("refused");
    if (!survey.alpn)
        return json.null();
    json.text(survey.alpn->empty() ? "none" : *survey.alpn);
}

void told(Json& json, const probe::Survey& survey)
{
    const auto object = json.object();
    json.array("versions", survey.versions, offered_version);
    json.array("dh_bits", survey.dh_bits, [](Json& item, std::size_t bits) { item.value(bits); });
    json.field("secure_renegotiation", survey.secure_renegotiation);
    json.field("compression", survey.compression);
    json.field("extended_master_secret", survey.extended_master_secret);
    json.field("session_tickets", survey.session_tickets);
    json.field("alpn", alpn, survey);
    json.field("connections", survey.connections);
    json.text_or_null("stopped", survey.stopped);
    json.field("notices", texts, notices(survey));
}

std::string greeting(const smtp::Session& session)
{
    const auto* step = session.at(smtp::Stage::greeting);
    return step && step->reply ? step->reply->text() : std::string();
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

void reverse_name(Json& json, const probe::ReverseName& found)
{
    const auto object = json.object();
    json.text("name", found.name);
    json.field("confirmed", found.confirmed);
}

void reverse(Json& json, const probe::ReverseDns& dns)
{
    const auto object = json.object();
    json.field("state", name(dns.state));
    json.array("names", dns.names, reverse_name);
}

/// What the server said of itself.
void introduction(Json& json, const probe::EndpointVerdict& endpoint)
{
    const auto& offered = endpoint.session.offered;
    json.text_or_null("greeting", greeting(endpoint.session));
    json.text_or_null("greeting_name", endpoint.own_names.greeting.value_or(""));
    json.text_or_null("ehlo_name", offered ? offered->name : "");
    json.key("extensions");
    offered ? texts(json, offered->lines) : json.null();
}

void endpoint(Json& json, const probe::EndpointVerdict& endpoint)
{
    const auto& peer = endpoint.session.peer;
    const auto* other = other_session(endpoint);
    const auto* other_chain = other ? &*other->chain : nullptr;
    const auto* other_dane = other && other->dane ? &*other->dane : nullptr;
    const auto object = json.object();
    json.field("address", peer.address().to_string());
    json.field("port", peer.port());
    json.field("shared", endpoint.shared);
    json.field("reverse", reverse, endpoint.reverse);
    introduction(json, endpoint);
    json.field("stages", stages, endpoint);
    json.field_or_null("tls", tls, endpoint.session.tls);
    json.field("identity", identity, endpoint.identity);
    json.field_or_null("chain", chain, endpoint.chain);
    json.field_or_null("dane", dane, endpoint.dane);
    json.field("mta_sts", endpoint.sts_verified);
    json.field("key_types", key_types, endpoint);
    json.field_or_null("other_chain", chain, other_chain);
    json.field_or_null("other_dane", dane, other_dane);
    json.field("plaintext", endpoint.plaintext ? std::optional(name(*endpoint.plaintext)) : std::nullopt);
    json.field_or_null("offered", told, endpoint.survey);
    json.field("outcomes", outcomes, endpoint.outcomes);
    json.field("findings", findings, endpoint.findings, true);
}

void tlsa(Json& json, const probe::TlsaVerdict& tlsa)
{
    const auto object = json.object();
    json.text_or_null("base_domain", tlsa.base_domain);
    json.array("records", tlsa.records, [](Json& item, const dns::Tlsa& record) {
        item.value(probe::text(record));
    });
}

void host(Json& json, const probe::HostVerdict& host)
{
    const auto object = json.object();
    json.text("host", host.name);
    json.field("preference", host.preference);
    json.field("dnssec", name(host.dnssec));
    json.field_or_null("tlsa", tlsa, host.tlsa);
    json.field("mta_sts", host.sts_covered);
    json.field("factor", host.factor);
    json.array("endpoints", host.endpoints, endpoint);
    json.field("findings", findings, host.findings, false);
}

void mta_sts(Json& json, const probe::StsVerdict& mta_sts)
{
    const auto& policy = mta_sts.policy;
    const auto object = json.object();
    json.field("state", name(mta_sts.state));
    json.field("mode", policy ? std::optional(name(policy->mode)) : std::nullopt);
    json.text_or_null("id", mta_sts.id);
    json.field("max_age", policy ? std::optional(policy->max_age) : std::nullopt);
    json.field("mx", texts, policy ? policy->mx : std::vector<std::string>());
    json.field("stale", texts, mta_sts.stale);
    json.field("remarks", texts, mta_sts.remarks);
}

void tls_rpt(Json& json, const probe::TlsRptVerdict& tls_rpt)
{
    const auto object = json.object();
    json.field("state", name(tls_rpt.state));
    json.field("rua", texts, tls_rpt.rua);
}

void resolution(Json& json, const probe::Verdict& verdict)
{
    const auto object = json.object();
    json.text_or_null("mx", name(verdict.route));
    json.field("dnssec", name(verdict.dnssec));
}

/// What the user has said of it.
void label(Json& json, const probe::Verdict& verdict)
{
    const auto text = [&json](std::string_view key, const std::optional<std::string>& said) {
        json.field(key, said ? std::optional(legible(*said)) : std::nullopt);
    };
    text("label", verdict.label);
    text("contact", verdict.contact);
}

void target(Json& json, const probe::Verdict& verdict)
{
    const auto object = json.object();
    json.field("schema", "mxtls/1");
    json.field("target", legible(verdict.target));
    json.text_or_null("domain", verdict.domain);
    label(json, verdict);
    json.field("started", rfc3339(verdict.started));
    json.field("elapsed_ms", verdict.elapsed);
    json.field("status", name(verdict.status));
    json.field("confidence", confidence, verdict.confidence);
    json.field("dns", resolution, verdict);
    json.array("hosts", verdict.hosts, host);
    json.field("outcomes", outcomes, verdict.outcomes);
    json.field_or_null("mta_sts", mta_sts, verdict.mta_sts);
    json.field_or_null("tls_rpt", tls_rpt, verdict.tls_rpt);
    json.field("findings", findings, verdict.findings, false);
}

} // namespace

std::string json(std::span<const probe::Verdict> verdicts)
{
    Json json(Json::Layout::indented);
    json.array(verdicts, target);
    return std::move(json).finish();
}

std::string ndjson(const probe::Verdict& verdict)
{
    Json json(Json::Layout::line);
    target(json, verdict);
    return std::move(json).finish();
}

} // namespace report
