#include "report/phrases.hpp"

#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace report
{
namespace
{

bool is_ascii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char octet) {
        return static_cast<unsigned char>(octet) < 0x80;
    });
}

bool has(const probe::HostVerdict& host, probe::Code code)
{
    return std::any_of(host.findings.begin(), host.findings.end(), [code](const auto& finding) {
        return finding.code == code;
    });
}

/// What ended a session, as far as the server said something.
std::string last_words(const smtp::Session& session)
{
    for (auto step = session.steps.rbegin(); step != session.steps.rend(); ++step) {
        if (step->stage != smtp::Stage::quit && step->reply)
            return ", " + smtp::printable(step->reply->text());
    }
    return {};
}

std::vector<std::reference_wrapper<const probe::Finding>> all_findings(const probe::Verdict& verdict)
{
    std::vector<std::reference_wrapper<const probe::Finding>> all(
        verdict.findings.begin(), verdict.findings.end()
    );
    for (const auto& host : verdict.hosts) {
        all.insert(all.end(), host.findings.begin(), host.findings.end());
        for (const auto& endpoint : host.endpoints)
            all.insert(all.end(), endpoint.findings.begin(), endpoint.findings.end());
    }
    return all;
}

/// What a sentence would quote of it: without the code of a reply, which stands apart there, and the full
/// stop.
std::string_view words_of(std::string_view text)
{
    constexpr std::size_t code = 4; // "550 "
    if (text.size() > code && text[3] == ' ' &&
        text.substr(0, 3).find_first_not_of("0123456789") == std::string::npos)
        text.remove_prefix(code);
    while (text.ends_with('.') || text.ends_with(' '))
        text.remove_suffix(1);
    return text;
}

} // namespace

Ink ink(probe::Status status) noexcept
{
    switch (status) {
    case probe::Status::ok:
        return Ink::green;
    case probe::Status::warning:
        return Ink::yellow;
    case probe::Status::critical:
        return Ink::red;
    case probe::Status::unknown:
        return Ink::magenta;
    }
    return Ink::plain;
}

Ink ink(probe::Severity severity) noexcept
{
    return severity == probe::Severity::critical ? Ink::red : Ink::yellow;
}

std::string header(const probe::Verdict& verdict, bool color)
{
    const auto& confidence = verdict.confidence;
    const auto scale =
        confidence.factor ? fmt::format(" of {}  (best {})", confidence.max, confidence.best) : "";
    auto text = fmt::format(
        "CheckTLS-style confidence factor for \"{}\": {}{}   {}\n", legible(verdict.target),
        factor(confidence), scale, paint(name(verdict.status), ink(verdict.status), color)
    );
    for (const auto& [note, ink] : caveats(verdict))
        text += paint(note, ink, color) + '\n';
    return text;
}

std::vector<Cell> caveats(const probe::Verdict& verdict)
{
    std::vector<Cell> notes;
    if (verdict.label)
        notes.push_back({legible(*verdict.label)});
    if (verdict.contact)
        notes.push_back({"Contact: " + legible(*verdict.contact)});
    if (!is_ascii(verdict.target) && !verdict.domain.empty())
        notes.push_back({"Looked up as " + smtp::printable(verdict.domain)});
    if (verdict.finished)
        return notes;
    const std::chrono::duration<double> elapsed = verdict.elapsed;
    const auto known = verdict.hosts.empty() ? "before any host was known" : "this is what was known by then";
    notes.push_back({fmt::format("Interrupted after {:.1f} s: {}", elapsed.count(), known), Ink::magenta});
    return notes;
}

std::string title(const probe::Verdict& verdict)
{
    return legible(verdict.label.value_or(verdict.target));
}

std::string label(const probe::Verdict& verdict)
{
    return verdict.domain.empty() ? legible(verdict.target) : smtp::printable(verdict.domain);
}

std::string label(const probe::HostVerdict& host, const probe::EndpointVerdict& endpoint)
{
    const auto& peer = endpoint.session.peer;
    const auto address = peer.address().to_string();
    const auto name = smtp::printable(host.name);
    if (peer.address().is_v6())
        return fmt::format("{} [[{}]:{}]", name, address, peer.port());
    return fmt::format("{} [{}:{}]", name, address, peer.port());
}

std::string label_without_address(const probe::HostVerdict& host, bool finished)
{
    if (has(host, probe::Code::excluded))
        return smtp::printable(host.name) + " [excluded]";
    const bool answered = !has(host, probe::Code::dns_no_answer) && !has(host, probe::Code::dnssec_invalid);
    const bool none = has(host, probe::Code::mx_no_address) || (finished && answered);
    return smtp::printable(host.name) + (none ? " [no address]" : " [address unknown]");
}

std::string preference(const probe::HostVerdict& host)
{
    return host.preference ? std::to_string(*host.preference) : "-";
}

std::string sentence(const probe::Finding& finding)
{
    auto message = smtp::printable(finding.message);
    const auto text = smtp::printable(finding.text);
    if (text.empty() || message.find(words_of(text)) != std::string::npos)
        return message;
    return fmt::format("{}; the server said \"{}\"", message, text);
}

std::string_view title(probe::Policy policy) noexcept
{
    return policy == probe::Policy::dane      ? "DANE"
           : policy == probe::Policy::mta_sts ? "MTA-STS"
                                              : name(policy);
}

std::string factor(const probe::Confidence& confidence)
{
    return confidence.factor ? std::to_string(*confidence.factor) : "n/a";
}

bool began(const smtp::Session& session) noexcept
{
    return session.started != std::chrono::system_clock::time_point{};
}

std::string unfinished(const smtp::Session& session, bool finished)
{
    if (began(session))
        return fmt::format("interrupted while {}", phrase(session.now));
    return finished ? "not tried: the time of the whole target ran out before its turn"
                    : "not tried: interrupted before its turn";
}

std::string hint(const probe::Verdict& verdict, probe::Severity least)
{
    auto findings = all_findings(verdict);
    std::erase_if(findings, [least](const probe::Finding& finding) { return finding.severity < least; });
    std::ranges::stable_sort(findings, {}, &probe::Finding::code);
    std::ranges::stable_sort(findings, std::greater(), &probe::Finding::severity);

    std::vector<std::string_view> codes;
    for (const probe::Finding& finding : findings) {
        if (std::ranges::find(codes, name(finding.code)) == codes.end())
            codes.push_back(name(finding.code));
    }
    return codes.empty() ? "" : fmt::format("What to do: mxtls explain {}\n", fmt::join(codes, " "));
}

std::vector<std::string> answers(const probe::EndpointVerdict& endpoint)
{
    std::vector<std::string> lines;
    if (endpoint.shared)
        lines.push_back("connected once for several targets of this run");
    if (!endpoint.other_keys.empty()) {
        std::string states;
        for (const auto type : smtp::all_key_types) {
            const auto state = endpoint.key_states[static_cast<std::size_t>(type)];
            const auto known = state ? name(*state) : "unknown";
            states += fmt::format("{}{} {}", states.empty() ? "" : ", ", name(type), known);
        }
        lines.push_back("certificates: " + states);
    }
    if (endpoint.plaintext)
        lines.push_back(
            fmt::format("mail in clear: {}{}", name(*endpoint.plaintext), last_words(*endpoint.in_clear))
        );
    return lines;
}

} // namespace report
