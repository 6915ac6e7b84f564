#include "report/table.hpp"

#include "report/phrases.hpp"
#include "report/protection.hpp"
#include "report/publish.hpp"
#include "report/survey.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

namespace report
{
namespace
{

std::vector<probe::Column> shown_columns(const probe::Verdict& verdict)
{
    std::vector<probe::Column> shown;
    for (std::size_t index = 0; index < probe::columns; ++index) {
        const auto column = static_cast<probe::Column>(index);
        if (column != probe::Column::to || verdict.rcpt)
            shown.push_back(column);
    }
    return shown;
}

Cell cell_of(const probe::StageVerdict& stage)
{
    switch (stage.result) {
    case probe::Result::ok:
        return {stage.took ? fmt::format("OK ({})", milliseconds(*stage.took)) : "OK", Ink::green};
    case probe::Result::fail:
        return {"FAIL", Ink::red};
    case probe::Result::skip:
        break;
    }
    return {"-"};
}

/// The share of the endpoints that passed, of those that got as far as the column.
Cell average(const probe::Verdict& verdict, probe::Column column)
{
    int reached = 0;
    int passed = 0;
    for (const auto& host : verdict.hosts) {
        for (const auto& endpoint : host.endpoints) {
            const auto result = endpoint.at(column).result;
            reached += result != probe::Result::skip;
            passed += result == probe::Result::ok;
        }
    }
    if (reached == 0)
        return {"-"};
    const auto text = fmt::format("{}%", 100 * passed / reached);
    if (passed == reached)
        return {text, Ink::green};
    return {text, passed == 0 ? Ink::red : Ink::yellow};
}

Row title_row(const std::vector<probe::Column>& shown)
{
    Row row{{"MX Server", Ink::bold}, {"Pref", Ink::bold}};
    for (const auto column : shown)
        row.push_back({std::string(title(column)), Ink::bold});
    return row;
}

Row average_row(const probe::Verdict& verdict, const std::vector<probe::Column>& shown)
{
    Row row{{"Average"}, {}};
    for (const auto column : shown)
        row.push_back(average(verdict, column));
    return row;
}

std::string told(std::string_view about, const std::vector<probe::Finding>& findings, bool color)
{
    std::string lines;
    for (const auto& finding : findings) {
        const auto code = paint(name(finding.code), ink(finding.severity), color);
        lines += fmt::format("{}: {}: {}\n", about, code, sentence(finding));
    }
    return lines;
}

std::string findings(const probe::Verdict& verdict, bool color)
{
    auto lines = told(label(verdict), verdict.findings, color);
    for (const auto& host : verdict.hosts) {
        lines += told(smtp::printable(host.name), host.findings, color);
        for (const auto& endpoint : host.endpoints) {
            const auto about = label(host, endpoint);
            lines += told(about, endpoint.findings, color);
            for (const auto& note : notes(endpoint, verdict.finished))
                lines += fmt::format("{}: {}\n", about, note);
        }
    }
    return lines;
}

std::string reason_line(const probe::Verdict& verdict, const probe::Reason& reason)
{
    auto line = fmt::format("  {:<4}  {}", reason.points, name(reason.code));
    if (reason.host.empty())
        return line + '\n';
    line += fmt::format(" at {}", smtp::printable(reason.host));
    const auto host = std::find_if(verdict.hosts.begin(), verdict.hosts.end(), [&reason](const auto& each) {
        return each.name == reason.host;
    });
    if (verdict.hosts.size() > 1 && host != verdict.hosts.end() && host->factor)
        line += fmt::format(", whose factor is {}", *host->factor);
    return line + '\n';
}

std::string left_out(const probe::Verdict& verdict)
{
    std::string lines;
    const auto add = [&lines](const std::string& about) {
        lines += fmt::format("Left out of the factor: {}\n", about);
    };
    for (const auto& host : verdict.hosts) {
        if (host.endpoints.empty() && !host.factor)
            add(label_without_address(host, verdict.finished));
        for (const auto& endpoint : host.endpoints) {
            if (!endpoint.counted)
                add(label(host, endpoint));
        }
    }
    return lines;
}

/// Why extra points are not earned.
std::string lack_of(const probe::Verdict& verdict, probe::Policy policy)
{
    if (policy == probe::Policy::mta_sts && !verdict.mta_sts->policy)
        return "the MTA-STS policy cannot be used";
    if (policy == probe::Policy::mta_sts && !verdict.mta_sts->is_enforced())
        return fmt::format("MTA-STS is in mode {}", name(verdict.mta_sts->policy->mode));
    if (!verdict.hosts_left_out.empty())
        return fmt::format("--quick does not see whether every host is protected by {}", title(policy));
    return fmt::format("not every host is protected by {}", title(policy));
}

Ink ink(probe::Outcome outcome) noexcept
{
    switch (outcome) {
    case probe::Outcome::encrypted_verified:
    case probe::Outcome::encrypted:
        return Ink::green;
    case probe::Outcome::plaintext:
        return Ink::yellow;
    case probe::Outcome::deferred:
    case probe::Outcome::not_sent:
        return Ink::red;
    case probe::Outcome::not_applicable:
        break;
    }
    return Ink::plain;
}

Cell mark(const probe::Verdict& verdict, probe::Policy policy)
{
    if (verdict.policy != policy)
        return {};
    if (met(policy, verdict.outcomes[static_cast<std::size_t>(policy)]))
        return {"the policy asked for: met", Ink::green};
    return {"the policy asked for: not met", Ink::red};
}

std::string outcomes(const probe::Verdict& verdict, bool color)
{
    auto rows = outcome_rows(verdict);
    if (rows.empty())
        return {};
    for (auto& row : rows)
        row.front().text.insert(0, "  ");
    return "What becomes of mail, by its sender's TLS policy:\n" + align(rows, color);
}

} // namespace

std::vector<Row> stage_rows(const probe::Verdict& verdict)
{
    const auto shown = shown_columns(verdict);
    std::vector<Row> rows{title_row(shown)};
    for (const auto& host : verdict.hosts) {
        if (host.endpoints.empty()) {
            Row row{{label_without_address(host, verdict.finished)}, {preference(host)}};
            row.resize(row.size() + shown.size(), Cell{"-"});
            rows.push_back(row);
        }
        for (const auto& endpoint : host.endpoints) {
            Row row{{label(host, endpoint)}, {preference(host)}};
            for (const auto column : shown)
                row.push_back(cell_of(endpoint.at(column)));
            rows.push_back(row);
        }
    }
    rows.push_back(average_row(verdict, shown));
    return rows;
}

std::vector<std::string> notes(const probe::EndpointVerdict& endpoint, bool finished)
{
    std::vector<std::string> lines;
    if (!endpoint.session.finished && endpoint.stopped_by != probe::Code::excluded)
        lines.push_back(unfinished(endpoint.session, finished));
    std::ranges::move(answers(endpoint), std::back_inserter(lines));
    if (endpoint.survey)
        lines.push_back(summary(*endpoint.survey));
    return lines;
}

std::string reasons(const probe::Verdict& verdict)
{
    const auto& confidence = verdict.confidence;
    if (!confidence.factor)
        return {};
    std::string lines;
    for (const auto& reason : confidence.reasons)
        lines += reason_line(verdict, reason);
    for (const auto& extra : confidence.extras) {
        if (extra.points == 0)
            lines += fmt::format("  -10   {}\n", lack_of(verdict, extra.policy));
    }
    if (!lines.empty())
        lines = fmt::format("Why {} and not {}:\n", *confidence.factor, confidence.max) + lines;
    return lines + left_out(verdict);
}

std::vector<Row> outcome_rows(const probe::Verdict& verdict)
{
    std::vector<Row> rows;
    for (const auto policy : probe::all_policies) {
        if (verdict.hosts.empty() && verdict.policy != policy)
            continue;
        const auto outcome = verdict.outcomes[static_cast<std::size_t>(policy)];
        rows.push_back(
            {{std::string(name(policy))}, {std::string(name(outcome)), ink(outcome)}, mark(verdict, policy)}
        );
    }
    return rows;
}

std::string table(const probe::Verdict& verdict, const Style& style)
{
    auto text = header(verdict, style.color);
    const auto add = [&text](const std::string& block) {
        if (!block.empty())
            text += '\n' + block;
    };
    if (!verdict.hosts.empty())
        add(align(stage_rows(verdict), style.color));
    add(protection(verdict, style.color));
    add(findings(verdict, style.color));
    add(reasons(verdict));
    add(outcomes(verdict, style.color));
    add(tlsa_records(verdict));
    return text;
}

} // namespace report
