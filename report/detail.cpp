#include "report/detail.hpp"

#include "report/names.hpp"
#include "report/pages.hpp"
#include "report/phrases.hpp"
#include "report/protection.hpp"
#include "report/publish.hpp"
#include "report/remarks.hpp"
#include "report/survey.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

namespace report
{
namespace
{

/// As wide as a stamp with its arrow, so that everything said or told begins in one column.
constexpr std::string_view indent = "              ";

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

/// A session, and the chain that it was presented with.
struct Held
{
    const smtp::Session& session;
    const std::optional<probe::ChainVerdict>& chain;
    const std::optional<probe::DaneVerdict>& dane;
    bool target_finished = false;
};

/// One step: what we said, what came back, and what it means.
std::string step_lines(const Held& held, const smtp::Step& step, bool inside_tls, bool color)
{
    const auto ended = stamp(step.began + step.took);
    std::string lines;
    if (!step.sent.empty())
        lines += fmt::format(
            "{} {} {}\n", stamp(step.began), inside_tls ? "~~>" : "-->", smtp::printable(step.sent)
        );
    if (step.reply)
        lines += fmt::format("{} {} {}", ended, inside_tls ? "<~~" : "<--", reply_lines(*step.reply));

    for (const auto& [text, ink] : remarks_on(step, held.session))
        lines += fmt::format("{}     {}\n", ended, paint(text, ink, color));
    if (step.stage != smtp::Stage::handshake || step.fault)
        return lines;
    for (const auto& [text, ink] : agreement(held.session, held.chain))
        lines += fmt::format("{}{}\n", indent, paint(text, ink, color));
    for (const auto& [text, ink] : records_of(held.dane))
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
        rows.push_back({{}, {fmt::format("Remedy: {}", remedy(finding.code))}});
    }
    return align(rows, color);
}

std::string terms(const probe::HostVerdict& host)
{
    return host.preference ? fmt::format(", preference {}", *host.preference) : "";
}

std::string transcript(const std::string& title, const Held& held, bool color)
{
    const auto& session = held.session;
    const auto when = began(session) ? ", at " + rfc3339(session.started) : "";
    auto text = fmt::format("{}{}\n", title, when);
    bool inside_tls = false;
    for (const auto& step : session.steps) {
        text += step_lines(held, step, inside_tls, color);
        inside_tls = inside_tls || (step.stage == smtp::Stage::handshake && !step.fault);
    }
    if (!session.finished)
        text += fmt::format(
            "{}{}\n", indent, paint(unfinished(session, held.target_finished), Ink::magenta, color)
        );
    return text;
}

/// The session that all is judged by, those that followed it, and what was found.
std::string endpoint_lines(
    const probe::HostVerdict& host, const probe::EndpointVerdict& endpoint, bool finished, bool color
)
{
    const auto where = label(host, endpoint);
    const auto title = [&](const std::string& what) { return paint(what + where, Ink::bold, color); };
    if (endpoint.stopped_by == probe::Code::excluded)
        return title("Not trying ") + terms(host) + '\n' + finding_lines(endpoint.findings, color);
    auto text = transcript(
        title("Trying TLS on ") + terms(host), {endpoint.session, endpoint.chain, endpoint.dane, finished},
        color
    );
    for (const auto& other : endpoint.other_keys) {
        const auto only = fmt::format(", taking {} certificates only", name(other.type));
        text += '\n' +
                transcript(
                    title("Trying TLS on ") + only, {other.session, other.chain, other.dane, finished}, color
                );
    }
    if (endpoint.in_clear)
        text += '\n' + transcript(
                           title("Trying mail in clear on "),
                           {*endpoint.in_clear, std::nullopt, std::nullopt, finished}, color
                       );
    if (const auto compared = names(host, endpoint, color); !compared.empty())
        text += '\n' + compared;
    if (endpoint.survey)
        text += '\n' + survey_lines(*endpoint.survey, where, color);
    auto told = finding_lines(endpoint.findings, color);
    for (const auto& answer : answers(endpoint))
        told += answer + '\n';
    return told.empty() ? text : text + '\n' + told;
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
    return joined(
        {head, protection(verdict, style.color), finding_lines(verdict.findings, style.color),
         transcripts(verdict, style), tlsa_records(verdict)}
    );
}

std::vector<Conversation> conversations(const probe::Verdict& verdict, bool color)
{
    std::vector<Conversation> all;
    for (const auto& host : verdict.hosts) {
        if (auto told = host_lines(verdict, host, color); !told.empty())
            all.push_back(
                {host.endpoints.empty() ? label_without_address(host, verdict.finished)
                                        : smtp::printable(host.name),
                 std::move(told)}
            );
        for (const auto& endpoint : host.endpoints)
            all.push_back({label(host, endpoint), endpoint_lines(host, endpoint, verdict.finished, color)});
    }
    return all;
}

std::string transcripts(const probe::Verdict& verdict, const Style& style)
{
    std::vector<std::string> blocks;
    for (auto& told : conversations(verdict, style.color))
        blocks.push_back(std::move(told.text));
    return joined(blocks);
}

} // namespace report
