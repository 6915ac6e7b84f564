#include "probe/history/sighting.hpp"

#include "probe/target.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

namespace history
{
namespace
{

constexpr std::array<std::string_view, all_aspects.size()> aspect_names{
    "status", "factor", "mx", "policy", "certificate", "protocol", "finding"};

Place place_of(const probe::HostVerdict& host)
{
    return {.host = smtp::printable(host.name)};
}

Place place_of(const probe::HostVerdict& host, const probe::EndpointVerdict& endpoint)
{
    const auto& peer = endpoint.session.peer;
    return {smtp::printable(host.name), peer.address().to_string(), peer.port()};
}

const probe::JudgedCertificate* own_certificate(const probe::EndpointVerdict& endpoint)
{
    if (!endpoint.chain || endpoint.chain->certificates.empty())
        return nullptr;
    return &endpoint.chain->certificates.front();
}

Run run_of(const probe::Verdict& verdict)
{
    using std::chrono::milliseconds;
    Run run{
        .began = std::chrono::floor<milliseconds>(verdict.started),
        .elapsed = std::chrono::round<milliseconds>(verdict.elapsed),
        .status = verdict.status,
        .factor = verdict.confidence.factor};
    for (const auto& host : verdict.hosts) {
        for (const auto& endpoint : host.endpoints) {
            if (const auto* certificate = own_certificate(endpoint))
                run.days_left =
                    std::min(run.days_left.value_or(certificate->days_left), certificate->days_left);
        }
    }
    return run;
}

/// The MX set, or what stands for it; none where it is not known, or was not asked for.
std::optional<std::string> mx_of(const probe::Verdict& verdict)
{
    const auto route = verdict.route;
    const bool is_known = route != probe::Route::untried && route != probe::Route::unknown &&
                          route != probe::Route::given && verdict.hosts_left_out.empty();
    if (!is_known)
        return std::nullopt;
    if (route != probe::Route::mx)
        return std::string(name(route));
    std::vector<std::string> hosts;
    for (const auto& host : verdict.hosts)
        hosts.push_back(fmt::format("{} {}", host.preference.value_or(0), smtp::printable(host.name)));
    return fmt::format("{}", fmt::join(hosts, ", "));
}

std::optional<std::string> policy_of(const probe::Verdict& verdict)
{
    const auto& sts = verdict.mta_sts;
    if (!sts || (sts->id.empty() && sts->state != probe::StsVerdict::State::none))
        return std::nullopt;
    return smtp::printable(sts->id);
}

Certificate certificate_of(const probe::CertificateFacts& facts)
{
    return {facts.sha256, facts.serial, facts.spki_sha256, facts.key, facts.issuer, facts.not_after};
}

class Notebook
{
public:
    explicit Notebook(const probe::Verdict& verdict);

    Sighting finished() && { return std::move(sighting_); }

private:
    void note(Aspect aspect, const Place& place, const std::optional<std::string>& value);
    void note(const Place& place, const std::vector<probe::Finding>& findings);
    void note(const probe::HostVerdict& host);
    void note(const probe::HostVerdict& host, const probe::EndpointVerdict& endpoint);

    Sighting sighting_;
};

Notebook::Notebook(const probe::Verdict& verdict)
{
    const auto factor = verdict.confidence.factor;
    sighting_.target = name_of(verdict);
    sighting_.run = run_of(verdict);
    note(Aspect::status, {}, std::string(name(verdict.status)));
    note(Aspect::factor, {}, factor ? std::to_string(*factor) : "");
    note(Aspect::mx, {}, mx_of(verdict));
    note(Aspect::policy, {}, policy_of(verdict));
    note(Place{}, verdict.findings);
    for (const auto& host : verdict.hosts)
        note(host);
    if (verdict.route == probe::Route::unknown)
        return;
    sighting_.looked_at.emplace_back();
    if (!verdict.hosts_left_out.empty())
        return;
    sighting_.hosts.emplace();
    for (const auto& host : verdict.hosts)
        sighting_.hosts->push_back(smtp::printable(host.name));
}

void Notebook::note(Aspect aspect, const Place& place, const std::optional<std::string>& value)
{
    const Fact fact{aspect, place, value.value_or("")};
    auto& facts = sighting_.facts;
    if (value && std::ranges::find(facts, fact) == facts.end())
        facts.push_back(fact);
}

void Notebook::note(const Place& place, const std::vector<probe::Finding>& findings)
{
    for (const auto& finding : findings)
        note(Aspect::finding, place, std::string(name(finding.code)));
}

void Notebook::note(const probe::HostVerdict& host)
{
    const auto place = place_of(host);
    note(place, host.findings);
    for (const auto& endpoint : host.endpoints) {
        note(place, endpoint.findings);
        note(host, endpoint);
    }
    if (std::ranges::any_of(host.endpoints, [](const auto& endpoint) { return endpoint.judged; }))
        sighting_.looked_at.push_back(place);
}

void Notebook::note(const probe::HostVerdict& host, const probe::EndpointVerdict& endpoint)
{
    const auto place = place_of(host, endpoint);
    const auto& tls = endpoint.session.tls;
    if (endpoint.judged)
        note(Aspect::protocol, place, tls ? smtp::printable(tls->version) : "");
    const auto* certificate = own_certificate(endpoint);
    if (!certificate)
        return;
    const auto& facts = certificate->facts;
    note(Aspect::certificate, place, facts.sha256);
    auto& known = sighting_.certificates;
    if (std::ranges::find(known, facts.sha256, &Certificate::sha256) == known.end())
        known.push_back(certificate_of(facts));
}

} // namespace

std::string_view name(Aspect aspect) noexcept
{
    return aspect_names[static_cast<std::size_t>(aspect)];
}

std::optional<Aspect> aspect_named(std::string_view name) noexcept
{
    for (const auto aspect : all_aspects) {
        if (history::name(aspect) == name)
            return aspect;
    }
    return std::nullopt;
}

std::string name_of(const std::string& given, const std::string& domain)
{
    const auto at = given.rfind('@');
    return at == std::string::npos ? domain : given.substr(0, at + 1) + domain;
}

std::string name_of(const probe::Verdict& verdict)
{
    return verdict.label.value_or(name_of(verdict.target, verdict.domain));
}

std::string name_of(const std::string& given)
{
    try {
        return name_of(given, probe::parse_target(given).domain);
    } catch (const std::invalid_argument&) {
        return given;
    }
}

Sighting sighting_of(const probe::Verdict& verdict)
{
    return Notebook(verdict).finished();
}

} // namespace history
