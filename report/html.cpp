#include "report/html.hpp"

#include "report/detail.hpp"
#include "report/html_bars.hpp"
#include "report/html_chain.hpp"
#include "report/html_page.hpp"
#include "report/html_timeline.hpp"
#include "report/pages.hpp"
#include "report/phrases.hpp"
#include "report/protection.hpp"
#include "report/table.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace report
{

using markup::block;
using markup::element;
using markup::inked;
using markup::Markup;
using markup::text;

namespace
{

std::string scale(const probe::Confidence& confidence)
{
    return confidence.factor ? fmt::format(" of {} (best {})", confidence.max, confidence.best) : "";
}

/// What is told of the same thing at several places, together.
struct Told
{
    const probe::Finding* finding = nullptr;
    std::vector<std::string> about{};
};

void add(std::vector<Told>& all, const std::string& about, const std::vector<probe::Finding>& findings)
{
    for (const auto& finding : findings) {
        const auto same =
            std::ranges::find_if(all, [&](const Told& told) { return *told.finding == finding; });
        if (same == all.end())
            all.push_back({&finding, {about}});
        else if (same->about.back() != about)
            same->about.push_back(about);
    }
}

/// The worst first.
std::vector<Told> collected(const probe::Verdict& verdict)
{
    std::vector<Told> all;
    add(all, label(verdict), verdict.findings);
    for (const auto& host : verdict.hosts) {
        add(all, smtp::printable(host.name), host.findings);
        for (const auto& endpoint : host.endpoints)
            add(all, label(host, endpoint), endpoint.findings);
    }
    std::ranges::stable_sort(all, std::greater(), [](const Told& told) { return told.finding->severity; });
    return all;
}

Markup finding_item(const Told& told)
{
    const auto& finding = *told.finding;
    const auto shade = finding.severity == probe::Severity::notice ? Ink::plain : ink(finding.severity);
    const auto title = badge(name(finding.severity), shade) + text(" ") +
                       element("code", {}, element("strong", {}, text(name(finding.code))));
    Markup about;
    for (const auto& place : told.about)
        about += element("p", {{"class", "dim"}}, text(place));
    return block(
        "li", {{"class", std::string(name(shade))}},
        block("p", {}, title) + block("p", {}, text(sentence(finding))) + about + markup::constant("\n") +
            block("p", {}, element("strong", {}, text("Remedy: ")) + text(remedy(finding.code)))
    );
}

Markup findings(const probe::Verdict& verdict)
{
    Markup items;
    for (const auto& told : collected(verdict))
        items += finding_item(told);
    return items.empty() ? items : block("ul", {{"class", "findings"}}, items);
}

Markup stages(const probe::Verdict& verdict)
{
    return verdict.hosts.empty() ? Markup() : data_table("stages", stage_rows(verdict));
}

/// What the handshakes agreed on.
Markup agreements(const probe::Verdict& verdict)
{
    std::vector<Row> rows{{{"MX Server"}, {"Version"}, {"Cipher"}, {"Key exchange"}}};
    for (const auto& host : verdict.hosts) {
        for (const auto& endpoint : host.endpoints) {
            if (const auto& tls = endpoint.session.tls)
                rows.push_back(
                    {{label(host, endpoint)},
                     {smtp::printable(tls->version)},
                     {smtp::printable(tls->cipher)},
                     {tls->group.empty() ? "-" : smtp::printable(tls->group)}}
                );
        }
    }
    return rows.size() == 1 ? Markup() : data_table("tls", rows);
}

Markup outcomes(const probe::Verdict& verdict)
{
    Markup rows;
    for (const auto& row : outcome_rows(verdict)) {
        auto told = inked(row[1].text, row[1].ink);
        if (!row[2].text.empty())
            told += text("; ") + inked(row[2].text, row[2].ink);
        rows +=
            block("tr", {}, element("th", {{"scope", "row"}}, text(row[0].text)) + element("td", {}, told));
    }
    if (rows.empty())
        return rows;
    return block("table", {}, block("caption", {}, text("By its sender's TLS policy")) + rows);
}

Markup all_notes(const probe::Verdict& verdict)
{
    std::string lines;
    for (const auto& host : verdict.hosts) {
        for (const auto& endpoint : host.endpoints) {
            for (const auto& note : notes(endpoint, verdict.finished))
                lines += fmt::format("{}: {}\n", label(host, endpoint), note);
        }
    }
    return list_of_lines(lines);
}

/// A chain, and who presents it.
struct Presented
{
    const probe::ChainVerdict* chain = nullptr;
    std::vector<std::string> by{};
};

void add(
    std::vector<Presented>& all, const std::optional<probe::ChainVerdict>& chain, const std::string& where
)
{
    if (!chain)
        return;
    const auto same = std::ranges::find_if(all, [&](const Presented& each) {
        return each.chain->certificates == chain->certificates && each.chain->identity == chain->identity &&
               each.chain->findings == chain->findings;
    });
    if (same == all.end())
        all.push_back({&*chain, {where}});
    else
        same->by.push_back(where);
}

Markup chains(const probe::Verdict& verdict)
{
    std::vector<Presented> all;
    for (const auto& host : verdict.hosts) {
        for (const auto& endpoint : host.endpoints) {
            const auto where = label(host, endpoint);
            add(all, endpoint.chain, where);
            for (const auto& other : endpoint.other_keys)
                add(all, other.chain,
                    fmt::format("{}, taking {} certificates only", where, name(other.type)));
        }
    }
    Markup figures;
    for (const auto& [chain, by] : all)
        figures += chain_path(*chain, fmt::format("{}", fmt::join(by, ", ")));
    return figures.empty() ? figures : block("div", {{"class", "grid wide"}}, figures);
}

Markup transcripts(const probe::Verdict& verdict)
{
    Markup all;
    for (const auto& [about, told] : conversations(verdict, true))
        all +=
            block("details", {}, block("summary", {}, text(about)) + block("pre", {}, markup::painted(told)));
    return all;
}

Markup summary(const probe::Verdict& verdict)
{
    auto lines = block(
        "p", {{"class", "factor"}},
        text("CheckTLS-style confidence factor ") + element("strong", {}, text(factor(verdict.confidence))) +
            text(scale(verdict.confidence))
    );
    lines += block(
        "p", {{"class", "dim"}},
        text(fmt::format("Checked at {}, in {}", rfc3339(verdict.started), milliseconds(verdict.elapsed)))
    );
    for (const auto& [note, shade] : caveats(verdict))
        lines += block("p", {}, inked(note, shade));
    return lines + list_of_lines(reasons(verdict));
}

Part part(const probe::Verdict& verdict)
{
    auto body = summary(verdict) + section("Stages", stages(verdict) + all_notes(verdict)) +
                section("Findings", findings(verdict)) +
                section("DNSSEC, DANE and MTA-STS", list_of_lines(protection(verdict, true))) +
                section("What becomes of mail", outcomes(verdict)) +
                section("Encryption", agreements(verdict)) + section("Certificates", chains(verdict)) +
                section("Expiry", timeline(verdict)) +
                section("Time that each stage took", stage_bars(verdict)) +
                section("Transcripts", transcripts(verdict));
    return {
        .target = legible(verdict.target),
        .status = verdict.status,
        .summary = fmt::format(
            "{}factor {}{}", verdict.label ? legible(*verdict.label) + ", " : "", factor(verdict.confidence),
            scale(verdict.confidence)
        ),
        .body = std::move(body)};
}

} // namespace

std::string html(std::span<const probe::Verdict> verdicts)
{
    std::vector<Part> parts;
    for (const auto& verdict : verdicts)
        parts.push_back(part(verdict));
    return page(
        parts.size() == 1 ? "TLS of a mail domain" : fmt::format("TLS of {} mail domains", parts.size()),
        parts
    );
}

} // namespace report
