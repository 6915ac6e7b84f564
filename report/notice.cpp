#include "report/notice.hpp"

#include "report/history.hpp"
#include "report/json.hpp"
#include "report/json_writer.hpp"
#include "report/pages.hpp"
#include "report/phrases.hpp"
#include "report/table.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <span>

namespace report
{
namespace
{

using history::Certificate;
using history::Event;
using probe::Code;

constexpr std::size_t most_told = 20; // faults: the table has them all

struct Fault
{
    std::string place; // "mx1.example.com [192.0.2.1:25]"; empty: the domain
    std::string host;
    const probe::Finding* finding = nullptr;
    probe::Severity severity{};
};

void add(
    std::vector<Fault>& faults, const std::string& place, const std::string& host,
    const std::vector<probe::Finding>& findings
)
{
    for (const auto& finding : findings) {
        if (finding.severity != probe::Severity::notice)
            faults.push_back({place, host, &finding, finding.severity});
    }
}

std::vector<Fault> faults_of(const probe::Verdict& verdict)
{
    std::vector<Fault> faults;
    add(faults, label(verdict), "", verdict.findings);
    for (const auto& host : verdict.hosts) {
        const auto name = smtp::printable(host.name);
        add(faults, name, name, host.findings);
        for (const auto& endpoint : host.endpoints)
            add(faults, label(host, endpoint), name, endpoint.findings);
    }
    return faults;
}

/// The worst first, then the most basic. Without ESMTP there is no STARTTLS: that is one fault.
std::vector<Fault> causes_of(const probe::Verdict& verdict)
{
    auto faults = faults_of(verdict);
    std::vector<std::string> without_esmtp;
    for (auto& fault : faults) {
        const auto is_consequence = [&](const Fault& other) {
            return other.place == fault.place && other.finding->code == Code::starttls_not_supported;
        };
        const auto consequence = std::ranges::find_if(faults, is_consequence);
        if (fault.finding->code != Code::ehlo_refused || consequence == faults.end())
            continue;
        fault.severity = consequence->severity;
        without_esmtp.push_back(fault.place);
    }
    std::erase_if(faults, [&](const Fault& fault) {
        return fault.finding->code == Code::starttls_not_supported &&
               std::ranges::find(without_esmtp, fault.place) != without_esmtp.end();
    });
    std::ranges::stable_sort(faults, {}, [](const Fault& fault) { return fault.finding->code; });
    std::ranges::stable_sort(faults, std::greater(), &Fault::severity);
    return faults;
}

/// What an appliance alerts on reads as what it is.
std::string_view phrase(Code code)
{
    switch (code) {
    case Code::ehlo_refused:
        return "no ESMTP: EHLO is refused";
    case Code::starttls_not_supported:
        return "STARTTLS is not offered";
    case Code::starttls_refused:
        return "STARTTLS is offered, and was answered with an error";
    default:
        break;
    }
    const auto* page = page_of(name(code));
    return page ? page->brief : name(code);
}

std::string target_of(const probe::Verdict& verdict)
{
    return legible(history::name_of(verdict.target, label(verdict)));
}

/// What a person calls it, and what it is.
std::string title_of(const probe::Verdict& verdict)
{
    const auto target = target_of(verdict);
    return verdict.label ? fmt::format("{} ({})", legible(*verdict.label), target) : target;
}

/// Where it was presented: the first of the hosts.
std::string host_of(const probe::Verdict& verdict, const Certificate& certificate)
{
    for (const auto& host : verdict.hosts) {
        for (const auto& endpoint : host.endpoints) {
            const auto& chain = endpoint.chain;
            if (chain && !chain->certificates.empty() &&
                chain->certificates.front().facts.sha256 == certificate.sha256)
                return smtp::printable(host.name);
        }
    }
    return {};
}

std::string cause_of(const probe::Verdict& verdict)
{
    const auto faults = causes_of(verdict);
    if (faults.empty())
        return fmt::format("the factor is {}", factor(verdict.confidence));
    const auto& worst = faults.front();
    const auto is_other = [&](const Fault& fault) {
        return fault.finding->code != worst.finding->code || fault.host != worst.host;
    };
    const auto where = worst.host.empty() ? "" : fmt::format(" ({})", worst.host);
    const auto others = std::ranges::count_if(faults, is_other);
    const auto more = others == 0 ? "" : fmt::format(", and {} more", others);
    return fmt::format("{}{}{}", phrase(worst.finding->code), where, more);
}

const history::Ending* first_ending(const history::Notice& notice)
{
    const auto& ending = notice.ending;
    const auto first =
        std::ranges::min_element(ending, {}, [](const auto& one) { return one.certificate.not_after; });
    return first == ending.end() ? nullptr : &*first;
}

std::string days(int number)
{
    return number == 1 ? "1 day" : fmt::format("{} days", number);
}

bool has(const Alert& alert, Event event)
{
    return std::ranges::find(alert.notice.events, event) != alert.notice.events.end();
}

std::string clause(const Alert& alert, Event event)
{
    const auto& [verdict, notice, failing] = alert;
    const auto at = [&](const Certificate& certificate) { return host_of(verdict, certificate); };
    switch (event) {
    case Event::worse:
        return cause_of(verdict);
    case Event::unknown:
        return fmt::format(
            "nothing could be judged since {}: {}", rfc3339(notice.unknown_since.value()), cause_of(verdict)
        );
    case Event::recovery:
        if (verdict.status == notice.previous) // for the sake of servers that turned the probe away
            return "what was wrong before is mended, and not all servers could be judged";
        return fmt::format("recovered from {}", name(notice.previous));
    case Event::key:
        return fmt::format("a new certificate with a new key ({})", at(notice.fresh.front()));
    case Event::certificate:
        return has(alert, Event::key)
                   ? "a new certificate with a known key"
                   : fmt::format("a new certificate with a known key ({})", at(notice.fresh.front()));
    case Event::expiry:
        break;
    }
    const auto& first = *first_ending(notice);
    return fmt::format("a certificate ends within {} ({})", days(first.days), at(first.certificate));
}

std::string state_of(const Alert& alert)
{
    const auto now = name(alert.verdict.status);
    const auto before = name(alert.notice.previous);
    if (has(alert, Event::worse) || has(alert, Event::unknown) || has(alert, Event::recovery))
        return fmt::format("{} is {} now, and was {} before.\n", title_of(alert.verdict), now, before);
    return fmt::format("{} is {}.\n", title_of(alert.verdict), now);
}

std::string streak_of(const history::Streak& failing)
{
    if (failing.runs == 0 || !failing.since)
        return {};
    if (failing.runs == 1)
        return fmt::format("It was found to fail for the first time at {}.\n", rfc3339(*failing.since));
    return fmt::format(
        "It has been found to fail in {} runs in a row, since {}.\n", failing.runs, rfc3339(*failing.since)
    );
}

std::string faults_in(const probe::Verdict& verdict)
{
    const auto faults = causes_of(verdict);
    if (faults.empty())
        return {};
    std::string lines = "\nWhat is wrong:\n";
    for (const auto& [place, host, finding, severity] :
         std::span(faults).first(std::min(faults.size(), most_told)))
        lines += fmt::format(
            "  {}: {}: {}: {}\n", place, name(finding->code), phrase(finding->code), sentence(*finding)
        );
    return lines;
}

std::string described(const Certificate& certificate)
{
    return fmt::format(
        "    serial {}\n    key {}, SHA-256 {}\n    issued by {}\n    valid until {}\n    SHA-256 {}\n",
        smtp::printable(certificate.serial), smtp::printable(certificate.key),
        smtp::printable(certificate.spki_sha256), smtp::printable(certificate.issuer),
        rfc3339(certificate.not_after), smtp::printable(certificate.sha256)
    );
}

std::string certificates_in(const Alert& alert)
{
    const auto& [verdict, notice, failing] = alert;
    std::string lines;
    for (const auto& fresh : notice.fresh)
        lines += fmt::format(
            "\n{} presents a certificate that it was not seen with before:\n{}", host_of(verdict, fresh),
            described(fresh)
        );
    for (const auto& [certificate, threshold] : notice.ending)
        lines += fmt::format(
            "\nA certificate of {} ends within {}:\n{}", host_of(verdict, certificate), days(threshold),
            described(certificate)
        );
    return lines;
}

std::vector<std::string_view> codes_of(const probe::Verdict& verdict)
{
    std::vector<std::string_view> codes;
    for (const auto& fault : faults_of(verdict)) {
        const auto code = name(fault.finding->code);
        if (std::ranges::find(codes, code) == codes.end())
            codes.push_back(code);
    }
    return codes;
}

std::string events_of(const history::Notice& notice)
{
    std::vector<std::string_view> names;
    for (const auto event : notice.events)
        names.push_back(name(event));
    return fmt::format("{}", fmt::join(names, ","));
}

/// The certificate that an alert is about: the new one, or the one that ends first.
const Certificate* subject_of(const history::Notice& notice)
{
    const auto* ending = first_ending(notice);
    return !notice.fresh.empty() ? &notice.fresh.front() : ending ? &ending->certificate : nullptr;
}

std::optional<std::string> since(const history::Streak& failing)
{
    return failing.since ? std::optional(rfc3339(*failing.since)) : std::nullopt;
}

void write_certificate(JsonWriter& json, const probe::Verdict& verdict, const Certificate& certificate)
{
    const auto open = json.object();
    json.text("host", host_of(verdict, certificate));
    write_facts(json, certificate);
}

void write_certificates(JsonWriter& json, const Alert& alert)
{
    auto certificates = alert.notice.fresh;
    for (const auto& ending : alert.notice.ending) {
        if (std::ranges::find(certificates, ending.certificate) == certificates.end())
            certificates.push_back(ending.certificate);
    }
    json.array("certificates", certificates, [&](JsonWriter& into, const Certificate& certificate) {
        write_certificate(into, alert.verdict, certificate);
    });
}

/// Without its end, so that the report can follow.
std::string json_of_facts(const Alert& alert)
{
    const auto& [verdict, notice, failing] = alert;
    const auto* const ending = first_ending(notice);
    const auto put = [](JsonWriter& json, std::string_view value) { json.value(value); };
    JsonWriter json(JsonWriter::Layout::line);
    {
        const auto open = json.object();
        json.field("schema", "mxtls-alert/1");
        json.field("text", subject(alert));
        json.field("target", target_of(verdict));
        json.text_or_null("label", verdict.label.value_or(""));
        json.array("events", notice.events, [](JsonWriter& into, Event event) { into.value(name(event)); });
        json.field("status", name(verdict.status));
        json.field("previous_status", name(notice.previous));
        json.field("factor", verdict.confidence.factor);
        json.array("codes", codes_of(verdict), put);
        json.field("failing_runs", failing.runs);
        json.field("failing_since", since(failing));
        json.field("expiry_days", ending ? std::optional(ending->days) : std::nullopt);
        json.field(
            "not_after", ending ? std::optional(rfc3339(ending->certificate.not_after)) : std::nullopt
        );
        write_certificates(json, alert);
    }
    auto text = std::move(json).finish();
    text.erase(text.rfind('}'));
    return text;
}

} // namespace

std::string subject(const Alert& alert)
{
    std::vector<std::string> clauses;
    for (const auto event : alert.notice.events)
        clauses.push_back(clause(alert, event));
    return fmt::format(
        "{} {}: {}", title_of(alert.verdict), name(alert.verdict.status), fmt::join(clauses, "; ")
    );
}

std::string text(const Alert& alert)
{
    auto lines = subject(alert) + "\n\n" + state_of(alert);
    if (has(alert, Event::worse))
        lines += streak_of(alert.failing);
    lines += faults_in(alert.verdict);
    lines += certificates_in(alert);
    return lines + "\n" + table(alert.verdict, {});
}

std::string alert_json(const Alert& alert)
{
    const auto facts = json_of_facts(alert);
    auto report = ndjson(alert.verdict);
    while (report.ends_with('\n'))
        report.pop_back();
    if (facts.size() + report.size() + 100 > max_alert)
        report = "null";
    return fmt::format("{},\"report\":{}}}\n", facts, report);
}

std::vector<std::pair<std::string, std::string>> facts(const Alert& alert)
{
    const auto& [verdict, notice, failing] = alert;
    const auto* const ending = first_ending(notice);
    const auto* const certificate = subject_of(notice);
    const auto of = [&](auto member) {
        return certificate ? smtp::printable(certificate->*member) : std::string();
    };
    return {
        {"MXTLS_TARGET", target_of(verdict)},
        {"MXTLS_LABEL", legible(verdict.label.value_or(""))},
        {"MXTLS_DOMAIN", label(verdict)},
        {"MXTLS_EVENT", events_of(notice)},
        {"MXTLS_SUBJECT", subject(alert)},
        {"MXTLS_STATUS", std::string(name(verdict.status))},
        {"MXTLS_PREVIOUS_STATUS", std::string(name(notice.previous))},
        {"MXTLS_FACTOR", verdict.confidence.factor ? std::to_string(*verdict.confidence.factor) : ""},
        {"MXTLS_CODES", fmt::format("{}", fmt::join(codes_of(verdict), ","))},
        {"MXTLS_FAILING_RUNS", std::to_string(failing.runs)},
        {"MXTLS_FAILING_SINCE", since(failing).value_or("")},
        {"MXTLS_HOST", certificate ? host_of(verdict, *certificate) : ""},
        {"MXTLS_SERIAL", of(&Certificate::serial)},
        {"MXTLS_KEY", of(&Certificate::key)},
        {"MXTLS_ISSUER", of(&Certificate::issuer)},
        {"MXTLS_SHA256", of(&Certificate::sha256)},
        {"MXTLS_SPKI_SHA256", of(&Certificate::spki_sha256)},
        {"MXTLS_NOT_AFTER", certificate ? rfc3339(certificate->not_after) : ""},
        {"MXTLS_EXPIRY_DAYS", ending ? std::to_string(ending->days) : ""}};
}

} // namespace report
