#include "report/csv.hpp"

#include "report/csv_line.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace report
{
namespace
{

constexpr std::array<std::string_view, 7> leading{"target",     "status",  "factor", "host",
                                                  "preference", "address", "port"};
constexpr std::array<std::string_view, 3> of_tls{"version", "cipher", "days_left"};

/// Of the columns behind those about the address.
constexpr std::size_t columns_of_endpoint = 2 * probe::columns + of_tls.size();

template <class Number>
std::string number_or_nothing(const std::optional<Number>& number)
{
    return number ? std::to_string(*number) : "";
}

void add_target(CsvLine& line, const probe::Verdict& verdict)
{
    line.add_foreign(legible(verdict.target));
    line.add(name(verdict.status));
    line.add(number_or_nothing(verdict.confidence.factor));
}

void add_host(CsvLine& line, const probe::HostVerdict& host)
{
    line.add_foreign(smtp::printable(host.name));
    line.add(number_or_nothing(host.preference));
}

/// Milliseconds, to the microsecond, without the zeros at the end.
std::string milliseconds_of(std::chrono::microseconds took)
{
    return fmt::format("{}", static_cast<double>(took.count()) / 1000.0);
}

void add_endpoint(CsvLine& line, const probe::EndpointVerdict& endpoint)
{
    const auto& session = endpoint.session;
    const auto& chain = endpoint.chain;
    line.add(session.peer.address().to_string());
    line.add(std::to_string(session.peer.port()));
    for (const auto& [result, took] : endpoint.stages) {
        line.add(key(result));
        line.add(took ? milliseconds_of(*took) : "");
    }
    line.add_foreign(session.tls ? smtp::printable(session.tls->version) : "");
    line.add_foreign(session.tls ? smtp::printable(session.tls->cipher) : "");
    const bool has_certificate = chain && !chain->certificates.empty();
    line.add(has_certificate ? std::to_string(chain->certificates.front().days_left) : "");
}

void add_outcomes(CsvLine& line, const probe::Outcomes& outcomes)
{
    for (const auto outcome : outcomes)
        line.add(name(outcome));
}

using Findings = std::vector<probe::Finding>;

void add_codes(CsvLine& line, std::initializer_list<const Findings*> levels)
{
    std::vector<std::string_view> codes;
    for (const auto* findings : levels) {
        for (const auto& finding : *findings) {
            if (std::ranges::find(codes, name(finding.code)) == codes.end())
                codes.push_back(name(finding.code));
        }
    }
    line.add(fmt::format("{}", fmt::join(codes, " ")));
}

void add_label(CsvLine& line, const probe::Verdict& verdict)
{
    line.add_foreign(legible(verdict.label.value_or("")));
}

std::string endpoint_row(
    const probe::Verdict& verdict, const probe::HostVerdict& host, const probe::EndpointVerdict& endpoint
)
{
    CsvLine line;
    add_target(line, verdict);
    add_host(line, host);
    add_endpoint(line, endpoint);
    add_outcomes(line, endpoint.outcomes);
    add_codes(line, {&verdict.findings, &host.findings, &endpoint.findings});
    add_label(line, verdict);
    return line.ended();
}

bool has_endpoint(const probe::Verdict& verdict)
{
    return std::ranges::any_of(verdict.hosts, [](const probe::HostVerdict& host) {
        return !host.endpoints.empty();
    });
}

/// Of a host without an address, or of a target without `host`.
std::string bare_row(const probe::Verdict& verdict, const probe::HostVerdict* host)
{
    constexpr std::size_t of_address = 2;
    CsvLine line;
    add_target(line, verdict);
    if (host)
        add_host(line, *host);
    else
        line.add_nothing(2);
    line.add_nothing(of_address + columns_of_endpoint);
    if (has_endpoint(verdict))
        line.add_nothing(verdict.outcomes.size());
    else
        add_outcomes(line, verdict.outcomes);
    const Findings none;
    add_codes(line, {&verdict.findings, host ? &host->findings : &none});
    add_label(line, verdict);
    return line.ended();
}

} // namespace

std::string csv_header()
{
    CsvLine line;
    for (const auto title : leading)
        line.add(title);
    for (std::size_t column = 0; column < probe::columns; ++column) {
        const auto stage = key(static_cast<probe::Column>(column));
        line.add(stage);
        line.add(fmt::format("{}_ms", stage));
    }
    for (const auto title : of_tls)
        line.add(title);
    for (const auto policy : probe::all_policies) {
        auto title = fmt::format("outcome_{}", name(policy));
        std::ranges::replace(title, '-', '_');
        line.add(title);
    }
    line.add("codes");
    line.add("label");
    return line.ended();
}

std::string csv_rows(const probe::Verdict& verdict)
{
    if (verdict.hosts.empty())
        return bare_row(verdict, nullptr);
    std::string rows;
    for (const auto& host : verdict.hosts) {
        if (host.endpoints.empty())
            rows += bare_row(verdict, &host);
        for (const auto& endpoint : host.endpoints)
            rows += endpoint_row(verdict, host, endpoint);
    }
    return rows;
}

} // namespace report
