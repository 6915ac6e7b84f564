#include "report/detail.hpp"

#include "report/phrases.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>
#include <vector>

namespace report
{
namespace
{

/// As wide as a stamp with its arrow, so that everything said or told begins in one column.
constexpr std::string_view indent = "              ";

struct Remark
{
    std::string text;
    Ink ink = Ink::plain;
};

/// Why a step did not go as it should.
std::string cause(const smtp::Step& step)
{
    const auto detail = smtp::printable(step.detail);
    const auto why = smtp::printable(step.fault.message());
    return detail.empty() ? why : fmt::format("{}: {}", why, detail);
}

/// What to say of a step that failed.
struct Wording
{
    std::string_view later; // after a 4xx (RFC 5321 §4.2.1)
    std::string_view no;    // after a 5xx
    std::string_view lost;  // after anything else, with the cause behind it
};

Wording wording(smtp::Stage stage)
{
    switch (stage) {
    case smtp::Stage::connect:
        return {"", "", "Cannot connect to server"};
    case smtp::Stage::greeting:
        return {
            "The server puts us off until later", "The server turns us away",
            "We are not allowed to connect"};
    case smtp::Stage::ehlo:
        return {"EHLO is put off until later", "EHLO is refused", "EHLO did not work"};
    case smtp::Stage::helo:
        return {"HELO is put off until later", "HELO is refused too", "HELO did not work"};
    case smtp::Stage::starttls:
        return {
            "STARTTLS is offered, but put off until later", "STARTTLS is offered, but refused",
            "STARTTLS command does not work on this server"};
    case smtp::Stage::handshake:
        return {"", "", "Connection not converted to SSL"};
    case smtp::Stage::ehlo_tls:
        return {
            "EHLO inside TLS is put off until later", "EHLO inside TLS is refused",
            "TLS did not start on this server"};
    case smtp::Stage::mail_from:
        return {"Sender is put off until later", "Sender is refused", "Sender got no answer"};
    case smtp::Stage::rcpt_to:
        return {"Recipient is put off until later", "Recipient is refused", "Recipient got no answer"};
    case smtp::Stage::quit:
        return {"", "", "QUIT got no proper answer, which is no fault"};
    }
    return {};
}

Remark failure(const smtp::Step& step)
{
    const auto [later, no, lost] = wording(step.stage);
    const bool replied = step.reply && step.fault == smtp::errc::unexpected_reply;
    if (replied && step.reply->code / 100 == 4 && !later.empty())
        return {std::string(later), Ink::yellow};
    if (replied && step.reply->code / 100 == 5 && !no.empty())
        return {std::string(no), Ink::red};
    const auto text = fmt::format("{}: {}", lost, cause(step));
    return {text, step.stage == smtp::Stage::quit ? Ink::plain : Ink::red};
}

Remark tls_option(const smtp::Session& session)
{
    if (!session.offered)
        return {};
    if (session.offered->starttls)
        return {"TLS is an option on this server", Ink::green};
    if (session.offered->masked)
        return {"TLS is hidden: something between us and the server wrote X's over the keyword", Ink::yellow};
    return {"TLS is not an option on this server", Ink::red};
}

/// What a step that went well means, in the words of the CheckTLS transcript.
std::vector<Remark> success(const smtp::Session& session, smtp::Stage stage)
{
    switch (stage) {
    case smtp::Stage::connect:
        return {{"Connected to server"}};
    case smtp::Stage::greeting:
        return {{"We are allowed to connect"}};
    case smtp::Stage::ehlo:
        return {{"We can use this server"}, tls_option(session)};
    case smtp::Stage::helo:
        return {{"We can use this server"}, {"TLS is not an option on this server: HELO has none", Ink::red}};
    case smtp::Stage::starttls:
        return {{"STARTTLS command works on this server"}};
    case smtp::Stage::handshake:
        return {{"Connection converted to SSL", Ink::green}};
    case smtp::Stage::ehlo_tls:
        return {{"TLS successfully started on this server", Ink::green}};
    case smtp::Stage::mail_from:
        return {{"Sender is OK"}};
    case smtp::Stage::rcpt_to:
        return {{"Recipient is OK"}};
    case smtp::Stage::quit:
        break;
    }
    return {};
}

std::string reply_lines(const smtp::Reply& reply)
{
    std::string lines;
    for (std::size_t index = 0; index < reply.lines.size(); ++index) {
        const bool last = index + 1 == reply.lines.size();
        const auto text = smtp::printable(reply.lines[index]);
        lines += index == 0 ? "" : indent;
        lines += fmt::format("{}{}{}\n", reply.code, last ? (text.empty() ? "" : " ") : "-", text);
    }
    return lines.empty() ? fmt::format("{}\n", reply.code) : lines;
}

std::string names_of(const probe::CertificateFacts& facts)
{
    std::vector<std::string> names;
    if (!facts.common_name.empty())
        names.push_back(smtp::printable(facts.common_name));
    for (const auto& name : facts.names)
        names.push_back(smtp::printable(name));
    return names.empty() ? "no name" : fmt::format("{}", fmt::join(names, " | "));
}

Remark host_name(const probe::Identity& identity, const probe::CertificateFacts& facts)
{
    const auto names = names_of(facts);
    if (!identity.reference)
        return {
            fmt::format("Cert Hostname DOES NOT VERIFY (no host name to look for != {})", names), Ink::red};
    const auto reference = smtp::printable(*identity.reference);
    if (identity.matched)
        return {fmt::format("Cert Hostname VERIFIED ({} = {})", reference, names), Ink::green};
    return {fmt::format("Cert Hostname DOES NOT VERIFY ({} != {})", reference, names), Ink::red};
}

std::string days(int left)
{
    if (left < 0)
        return "over";
    return left == 1 ? "1 day left" : fmt::format("{} days left", left);
}

std::vector<Remark> certificate(const probe::EndpointVerdict& endpoint, std::size_t index)
{
    const auto& chain = endpoint.chain->certificates;
    const auto& [facts, days_left, verdict] = chain[index];
    const bool valid = verdict == "ok";
    std::vector<Remark> remarks{
        {fmt::format(
             "Certificate {} of {} in chain: Cert {}: {}", index + 1, chain.size(),
             valid ? "VALIDATED" : "NOT VALIDATED", smtp::printable(verdict)
         ),
         valid ? Ink::green : Ink::red}};
    if (index == 0)
        remarks.push_back(host_name(endpoint.identity, facts));
    remarks.push_back({"Not Valid Before: " + gmt(facts.not_before)});
    remarks.push_back({fmt::format("Not Valid After: {} ({})", gmt(facts.not_after), days(days_left))});
    remarks.push_back({"subject= " + smtp::printable(facts.subject)});
    remarks.push_back({"issuer= " + smtp::printable(facts.issuer)});
    remarks.push_back(
        {fmt::format("key= {}, signed with {}", smtp::printable(facts.key), smtp::printable(facts.signature))}
    );
    return remarks;
}

/// What the handshake agreed on, and the chain certificate by certificate.
std::vector<Remark> handshake(const probe::EndpointVerdict& endpoint)
{
    std::vector<Remark> remarks;
    if (const auto& tls = endpoint.session.tls) {
        remarks.push_back({"SSLVersion in use: " + smtp::printable(tls->version)});
        remarks.push_back({"Cipher in use: " + smtp::printable(tls->cipher)});
        if (!tls->group.empty())
            remarks.push_back({"Key exchange in use: " + smtp::printable(tls->group)});
    }
    if (!endpoint.chain)
        return remarks;
    if (endpoint.chain->certificates.empty())
        remarks.push_back({"The server sent no certificate", Ink::red});
    for (std::size_t index = 0; index < endpoint.chain->certificates.size(); ++index) {
        const auto block = certificate(endpoint, index);
        remarks.insert(remarks.end(), block.begin(), block.end());
    }
    return remarks;
}

/// One step: what we said, what came back, and what it means.
std::string
step_lines(const probe::EndpointVerdict& endpoint, const smtp::Step& step, bool inside_tls, bool color)
{
    const auto ended = stamp(step.began + step.took);
    std::string lines;
    if (!step.sent.empty())
        lines += fmt::format(
            "{} {} {}\n", stamp(step.began), inside_tls ? "~~>" : "-->", smtp::printable(step.sent)
        );
    if (step.reply)
        lines += fmt::format("{} {} {}", ended, inside_tls ? "<~~" : "<--", reply_lines(*step.reply));

    const auto remarks = step.fault ? std::vector{failure(step)} : success(endpoint.session, step.stage);
    for (const auto& [text, ink] : remarks) {
        if (!text.empty())
            lines += fmt::format("{}     {}\n", ended, paint(text, ink, color));
    }
    if (step.stage != smtp::Stage::handshake || step.fault)
        return lines;
    for (const auto& [text, ink] : handshake(endpoint))
        lines += fmt::format("{}{}\n", indent, paint(text, ink, color));
    return lines;
}

std::string finding_lines(const std::vector<probe::Finding>& findings, bool color)
{
    std::vector<Row> rows;
    for (const auto& finding : findings) {
        const auto severity = std::string(name(finding.severity));
        const auto told = fmt::format("{}: {}", name(finding.code), sentence(finding));
        rows.push_back({{severity, ink(finding.severity)}, {told}});
    }
    return align(rows, color);
}

std::string terms(const probe::HostVerdict& host)
{
    return host.preference ? fmt::format(", preference {}", *host.preference) : "";
}

std::string transcript(const probe::HostVerdict& host, const probe::EndpointVerdict& endpoint, bool color)
{
    const auto& session = endpoint.session;
    const auto title = fmt::format("Trying TLS on {}", label(host, endpoint));
    auto text =
        fmt::format("{}{}, at {}\n", paint(title, Ink::bold, color), terms(host), rfc3339(session.started));

    bool inside_tls = false;
    for (const auto& step : session.steps) {
        text += step_lines(endpoint, step, inside_tls, color);
        inside_tls = inside_tls || (step.stage == smtp::Stage::handshake && !step.fault);
    }
    if (!session.finished) {
        const auto left = fmt::format("Stopped while {}", phrase(session.now));
        text += fmt::format("{}{}\n", indent, paint(left, Ink::magenta, color));
    }
    return text + finding_lines(endpoint.findings, color);
}

/// A host that there is something to tell of beside its transcripts.
std::string host_lines(const probe::Verdict& verdict, const probe::HostVerdict& host, bool color)
{
    if (!host.endpoints.empty() && host.findings.empty())
        return {};
    auto title = "About " + smtp::printable(host.name);
    if (host.endpoints.empty())
        title = "Nothing to try on " + label_without_address(host, verdict.finished);
    return paint(title, Ink::bold, color) + terms(host) + '\n' + finding_lines(host.findings, color);
}

/// Blocks with a blank line between them.
std::string joined(const std::vector<std::string>& blocks)
{
    std::string text;
    for (const auto& block : blocks) {
        if (!block.empty())
            text += (text.empty() ? "" : "\n") + block;
    }
    return text;
}

} // namespace

std::string detail(const probe::Verdict& verdict, const Style& style)
{
    const auto head = header(verdict, style.color);
    return joined({head, finding_lines(verdict.findings, style.color), transcripts(verdict, style)});
}

std::string transcripts(const probe::Verdict& verdict, const Style& style)
{
    std::vector<std::string> blocks;
    for (const auto& host : verdict.hosts) {
        blocks.push_back(host_lines(verdict, host, style.color));
        for (const auto& endpoint : host.endpoints)
            blocks.push_back(transcript(host, endpoint, style.color));
    }
    return joined(blocks);
}

} // namespace report
