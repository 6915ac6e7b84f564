#include "report/openmetrics.hpp"

#include "report/exposition.hpp"
#include "report/remarks.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <string_view>
#include <vector>

namespace report
{
namespace
{

struct Target
{
    Labels labels;
    const probe::Verdict& verdict;
};

struct Host
{
    Labels labels;
    const probe::HostVerdict& verdict;
};

struct Endpoint
{
    Labels labels;
    const probe::EndpointVerdict& verdict;
};

/// All verdicts, by what they are about.
struct Subjects
{
    std::vector<Target> targets;
    std::vector<Host> hosts;
    std::vector<Endpoint> endpoints;
};

Labels labels_of(const Labels& host, const probe::EndpointVerdict& endpoint)
{
    const auto& peer = endpoint.session.peer;
    return host.with("address", peer.address().to_string()).with("port", std::to_string(peer.port()));
}

Labels labels_of(const probe::Verdict& verdict)
{
    const auto target = Labels().with("target", legible(verdict.target));
    return verdict.label ? target.with("label", legible(*verdict.label)) : target;
}

/// Of those that were given alike only one can be told: the worst.
std::vector<const probe::Verdict*> one_of_each(std::span<const probe::Verdict> verdicts)
{
    std::vector<const probe::Verdict*> all;
    for (const auto& verdict : verdicts) {
        const auto same = std::ranges::find_if(all, [&](const probe::Verdict* other) {
            return other->target == verdict.target && other->label == verdict.label;
        });
        if (same == all.end())
            all.push_back(&verdict);
        else if (probe::worse((*same)->status, verdict.status) != (*same)->status)
            *same = &verdict;
    }
    return all;
}

Subjects subjects_in(std::span<const probe::Verdict> verdicts)
{
    Subjects all;
    for (const auto* each : one_of_each(verdicts)) {
        const auto& verdict = *each;
        const auto target = labels_of(verdict);
        all.targets.push_back({target, verdict});
        for (const auto& host : verdict.hosts) {
            const auto labels = target.with("host", smtp::printable(host.name));
            all.hosts.push_back({labels, host});
            for (const auto& endpoint : host.endpoints)
                all.endpoints.push_back({labels_of(labels, endpoint), endpoint});
        }
    }
    return all;
}

double seconds(std::chrono::microseconds duration)
{
    return std::chrono::duration<double>(duration).count();
}

double unix_time(std::chrono::system_clock::time_point moment)
{
    const auto since = std::chrono::floor<std::chrono::milliseconds>(moment).time_since_epoch();
    return std::chrono::duration<double>(since).count();
}

template <class State>
void add_state(
    Exposition& to, const Labels& labels, std::string_view label, std::span<const State> all, State now
)
{
    for (const auto state : all)
        to.sample(labels.with(label, name(state)), state == now ? 1 : 0);
}

void add_status(Exposition& to, const Subjects& all)
{
    using probe::Status;
    constexpr std::array states{Status::ok, Status::warning, Status::critical, Status::unknown};
    to.gauge("probe_success", "Whether the status is OK or WARNING.");
    for (const auto& [labels, verdict] : all.targets) {
        const bool succeeded = verdict.status == Status::ok || verdict.status == Status::warning;
        to.sample(labels, succeeded ? 1 : 0);
    }
    to.gauge("probe_duration_seconds", "How long the check of the target took.", "seconds");
    for (const auto& [labels, verdict] : all.targets)
        to.sample(labels, seconds(verdict.elapsed));
    to.gauge("mxtls_started_timestamp_seconds", "When the check of the target began.", "seconds");
    for (const auto& [labels, verdict] : all.targets)
        to.sample(labels, unix_time(verdict.started));
    to.gauge("mxtls_status", "The status of the target, which is that of a monitoring plugin.");
    for (const auto& [labels, verdict] : all.targets)
        add_state<Status>(to, labels, "status", states, verdict.status);
}

void add_factors(Exposition& to, const Subjects& all)
{
    to.gauge("mxtls_factor", "The CheckTLS-style confidence factor of the target.");
    for (const auto& [labels, verdict] : all.targets) {
        if (verdict.confidence.factor)
            to.sample(labels, *verdict.confidence.factor);
    }
    to.gauge(
        "mxtls_factor_max",
        "What the factor would be if all were well: more where DANE or MTA-STS is published."
    );
    for (const auto& [labels, verdict] : all.targets) {
        if (verdict.confidence.factor)
            to.sample(labels, verdict.confidence.max);
    }
    to.gauge("mxtls_host_factor", "The factor of one host.");
    for (const auto& [labels, verdict] : all.hosts) {
        if (verdict.factor)
            to.sample(labels, *verdict.factor);
    }
    to.gauge("mxtls_endpoint_factor", "The factor of one address of a host.");
    for (const auto& [labels, verdict] : all.endpoints) {
        if (verdict.counted)
            to.sample(labels, verdict.factor);
    }
}

void add_stages(Exposition& to, const Subjects& all)
{
    const auto each = [&all](const auto& told) {
        for (const auto& [labels, verdict] : all.endpoints) {
            for (std::size_t index = 0; index < probe::columns; ++index)
                told(labels.with("stage", key(static_cast<probe::Column>(index))), verdict.stages[index]);
        }
    };
    to.gauge(
        "mxtls_stage_success", "Whether a stage of the session passed; nothing where it was not reached."
    );
    each([&to](const Labels& labels, const probe::StageVerdict& stage) {
        if (stage.result != probe::Result::skip)
            to.sample(labels, stage.result == probe::Result::ok ? 1 : 0);
    });
    to.gauge("mxtls_stage_duration_seconds", "How long a stage of the session took.", "seconds");
    each([&to](const Labels& labels, const probe::StageVerdict& stage) {
        if (stage.took)
            to.sample(labels, seconds(*stage.took));
    });
}

/// As Go calls it, and with it blackbox_exporter: "TLS 1.3" of "TLSv1.3".
std::string version_for_go(std::string_view version)
{
    constexpr std::string_view prefix = "TLSv";
    if (version.starts_with(prefix))
        return "TLS " + smtp::printable(version.substr(prefix.size()));
    return smtp::printable(version);
}

void add_tls(Exposition& to, const Subjects& all)
{
    to.gauge("probe_ip_protocol", "Whether the address is of IPv4 or IPv6.");
    for (const auto& [labels, verdict] : all.endpoints)
        to.sample(labels, verdict.session.peer.address().is_v4() ? 4 : 6);
    to.gauge("probe_tls_version_info", "The TLS version agreed on.");
    for (const auto& [labels, verdict] : all.endpoints) {
        if (verdict.session.tls)
            to.sample(labels.with("version", version_for_go(verdict.session.tls->version)), 1);
    }
    to.gauge("probe_tls_cipher_info", "The TLS cipher suite agreed on, by the name that OpenSSL has for it.");
    for (const auto& [labels, verdict] : all.endpoints) {
        if (verdict.session.tls)
            to.sample(labels.with("cipher", smtp::printable(verdict.session.tls->cipher)), 1);
    }
}

/// "mx1.example.com,mx2.example.com": DNS names alone, as blackbox_exporter has it.
std::string dns_names(const probe::CertificateFacts& facts)
{
    constexpr std::string_view prefix = "DNS:";
    std::string names;
    for (const auto& each : facts.names) {
        if (each.starts_with(prefix))
            names += (names.empty() ? "" : ",") + each.substr(prefix.size());
    }
    return names;
}

Labels labels_of(const Labels& endpoint, const probe::CertificateFacts& facts)
{
    return endpoint.with("fingerprint_sha256", smtp::printable(facts.sha256))
        .with("subject", smtp::printable(facts.subject))
        .with("issuer", smtp::printable(facts.issuer))
        .with("subjectalternative", smtp::printable(dns_names(facts)))
        .with("serialnumber", smtp::printable(facts.serial));
}

std::chrono::sys_seconds end_of_path(const probe::ChainVerdict& chain)
{
    auto end = chain.certificates.front().facts.not_after;
    for (const auto& each : chain.certificates) {
        if (is_on_path(each))
            end = std::min(end, each.facts.not_after);
    }
    return end;
}

void add_certificates(Exposition& to, const Subjects& all)
{
    std::vector<Endpoint> with_chain;
    std::ranges::copy_if(all.endpoints, std::back_inserter(with_chain), [](const Endpoint& endpoint) {
        return endpoint.verdict.chain && !endpoint.verdict.chain->certificates.empty();
    });
    to.gauge("probe_ssl_earliest_cert_expiry", "When the first of the certificates sent ends, as Unix time.");
    for (const auto& [labels, verdict] : with_chain) {
        const auto end = [](const probe::JudgedCertificate& each) { return each.facts.not_after; };
        to.sample(labels, unix_time(end(*std::ranges::min_element(verdict.chain->certificates, {}, end))));
    }
    to.gauge(
        "probe_ssl_last_chain_expiry_timestamp_seconds",
        "When the first of the certificates sent ends that the chain needs, as Unix time.", "seconds"
    );
    for (const auto& [labels, verdict] : with_chain)
        to.sample(labels, unix_time(end_of_path(*verdict.chain)));
    to.gauge("probe_ssl_last_chain_info", "The certificate of the server itself.");
    for (const auto& [labels, verdict] : with_chain)
        to.sample(labels_of(labels, verdict.chain->certificates.front().facts), 1);
    to.gauge(
        "mxtls_certificate_not_after_timestamp_seconds",
        "When each of the certificates sent ends; position 1 is the one of the server itself.", "seconds"
    );
    for (const auto& [labels, verdict] : with_chain) {
        std::size_t position = 0;
        for (const auto& each : verdict.chain->certificates)
            to.sample(labels.with("position", std::to_string(++position)), unix_time(each.facts.not_after));
    }
}

void add_published(Exposition& to, const Subjects& all)
{
    using probe::DaneState;
    constexpr std::array dane{
        DaneState::none, DaneState::valid, DaneState::invalid, DaneState::unusable, DaneState::error};
    to.gauge("mxtls_dane", "What DANE makes of the address.");
    for (const auto& [labels, verdict] : all.endpoints) {
        if (verdict.dane)
            add_state<DaneState>(to, labels, "state", dane, verdict.dane->state);
    }
    using Sts = probe::StsVerdict::State;
    constexpr std::array sts{Sts::none, Sts::ok, Sts::testing, Sts::error};
    to.gauge("mxtls_mta_sts", "The MTA-STS of the domain.");
    for (const auto& [labels, verdict] : all.targets) {
        if (verdict.mta_sts)
            add_state<Sts>(to, labels, "state", sts, verdict.mta_sts->state);
    }
    to.gauge("mxtls_mta_sts_policy_info", "The MTA-STS policy of the domain: its id, and its mode.");
    for (const auto& [labels, verdict] : all.targets) {
        if (verdict.mta_sts && verdict.mta_sts->policy)
            to.sample(
                labels.with("id", smtp::printable(verdict.mta_sts->id))
                    .with("mode", name(verdict.mta_sts->policy->mode)),
                1
            );
    }
    using Rpt = probe::TlsRptVerdict::State;
    constexpr std::array rpt{Rpt::none, Rpt::ok, Rpt::error};
    to.gauge("mxtls_tls_rpt", "Whether the domain asks for TLS reports.");
    for (const auto& [labels, verdict] : all.targets) {
        if (verdict.tls_rpt)
            add_state<Rpt>(to, labels, "state", rpt, verdict.tls_rpt->state);
    }
}

void add_outcomes(Exposition& to, const Subjects& all)
{
    to.gauge("mxtls_outcome_info", "What becomes of mail, by its sender's TLS policy.");
    for (const auto& [labels, verdict] : all.targets) {
        for (const auto policy : probe::all_policies) {
            const auto outcome = verdict.outcomes[static_cast<std::size_t>(policy)];
            to.sample(labels.with("policy", name(policy)).with("outcome", name(outcome)), 1);
        }
    }
}

void add_findings(Exposition& to, const Labels& labels, const std::vector<probe::Finding>& findings)
{
    std::map<std::pair<probe::Code, probe::Severity>, int> counted;
    for (const auto& finding : findings)
        ++counted[{finding.code, finding.severity}];
    for (const auto& [which, number] : counted)
        to.sample(labels.with("code", name(which.first)).with("severity", name(which.second)), number);
}

void add_findings(Exposition& to, const Subjects& all)
{
    to.gauge(
        "mxtls_findings", "What was found; of the target where host is empty, of the host where address is."
    );
    const auto without = [](Labels labels, std::initializer_list<std::string_view> names) {
        for (const auto each : names)
            labels = labels.with(each, "");
        return labels;
    };
    for (const auto& [labels, verdict] : all.targets)
        add_findings(to, without(labels, {"host", "address", "port"}), verdict.findings);
    for (const auto& [labels, verdict] : all.hosts)
        add_findings(to, without(labels, {"address", "port"}), verdict.findings);
    for (const auto& [labels, verdict] : all.endpoints)
        add_findings(to, labels, verdict.findings);
}

} // namespace

std::string openmetrics(std::span<const probe::Verdict> verdicts)
{
    const auto all = subjects_in(verdicts);
    Exposition exposition;
    add_status(exposition, all);
    add_factors(exposition, all);
    add_stages(exposition, all);
    add_tls(exposition, all);
    add_certificates(exposition, all);
    add_published(exposition, all);
    add_outcomes(exposition, all);
    add_findings(exposition, all);
    return exposition.ended();
}

} // namespace report
