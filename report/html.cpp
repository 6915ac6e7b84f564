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

Markup head_row(const Row& row)
{
    Markup cells;
    for (const auto& cell : row)
        cells += element("th", {{"scope", "col"}}, text(cell.text));
    return block("thead", {}, block("tr", {}, cells));
}

/// `titles`: of the columns, for where they do not stand above them.
Markup body_row(const Row& row, const Row& titles)
{
    auto cells = element("th", {{"scope", "row"}}, text(row.front().text));
    for (std::size_t index = 1; index < row.size(); ++index)
        cells += element("td", {{"data-title", titles[index].text}}, inked(row[index].text, row[index].ink));
    return block("tr", {}, cells);
}

Markup stages(const probe::Verdict& verdict)
{
    if (verdict.hosts.empty())
        return {};
    const auto rows = stage_rows(verdict);
    Markup body;
    for (std::size_t index = 1; index < rows.size(); ++index)
        body += body_row(rows[index], rows.front());
    return block("table", {{"class", "stages"}}, head_row(rows.front()) + block("tbody", {}, body));
}

Markup outcomes(const probe::Verdict& verdict)
{
    Markup body;
    for (const auto& row : outcome_rows(verdict)) {
        auto told = inked(row[1].text, row[1].ink);
        if (!row[2].text.empty())
            told += text("; ") + inked(row[2].text, row[2].ink);
        body +=
            block("tr", {}, element("th", {{"scope", "row"}}, text(row[0].text)) + element("td", {}, told));
    }
    if (body.empty())
        return body;
    return block(
        "table", {},
        head_row({{"The sender's TLS policy"}, {"What becomes of mail"}}) + block("tbody", {}, body)
    );
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

std::string anchor(std::size_t index)
{
    return fmt::format("target-{}", index + 1);
}

Markup article(const probe::Verdict& verdict, std::size_t index)
{
    const auto title = text(legible(verdict.target) + ' ') + badge(name(verdict.status), ink(verdict.status));
    return block(
        "article", {{"id", anchor(index)}},
        block("h2", {}, title) + summary(verdict) + section("Stages", stages(verdict) + all_notes(verdict)) +
            section("Findings", findings(verdict)) +
            section("DNSSEC, DANE and MTA-STS", list_of_lines(protection(verdict, true))) +
            section("What becomes of mail", outcomes(verdict)) + section("Certificates", chains(verdict)) +
            section("Expiry", timeline(verdict)) + section("Time that each stage took", stage_bars(verdict)) +
            section("Transcripts", transcripts(verdict))
    );
}

/// Links to the targets, where there are several.
Markup contents(std::span<const probe::Verdict> verdicts)
{
    if (verdicts.size() < 2)
        return {};
    Markup items;
    for (std::size_t index = 0; index < verdicts.size(); ++index) {
        const auto& verdict = verdicts[index];
        items += block(
            "li", {},
            element("a", {{"href", '#' + anchor(index)}}, text(legible(verdict.target))) + text(" ") +
                badge(name(verdict.status), ink(verdict.status)) +
                text(fmt::format(" factor {}{}", factor(verdict.confidence), scale(verdict.confidence)))
        );
    }
    return block("nav", {{"aria-label", "Targets"}}, block("ul", {{"class", "targets"}}, items));
}

std::string page_title(std::span<const probe::Verdict> verdicts)
{
    if (verdicts.size() != 1)
        return fmt::format("mxtls: {} targets", verdicts.size());
    const auto& verdict = verdicts.front();
    return fmt::format("mxtls: {}: {}", legible(verdict.target), name(verdict.status));
}

} // namespace

std::string html(std::span<const probe::Verdict> verdicts)
{
    Markup articles;
    for (std::size_t index = 0; index < verdicts.size(); ++index)
        articles += article(verdicts[index], index);
    const auto title = verdicts.size() == 1 ? "TLS of a mail domain"
                                            : fmt::format("TLS of {} mail domains", verdicts.size());
    return page(
        page_title(verdicts),
        block("header", {}, block("h1", {}, text(title)) + contents(verdicts)) + block("main", {}, articles)
    );
}

} // namespace report
