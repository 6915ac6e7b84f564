#include "report/names.hpp"

#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace report
{
namespace
{

bool greeted(const smtp::Session& session) noexcept
{
    const auto* step = session.at(smtp::Stage::greeting);
    return step && !step->fault;
}

Row row(std::string_view about, std::string_view name, Cell mark = {})
{
    return {{fmt::format("  {}", about)}, {name.empty() ? "-" : smtp::excerpt(name)}, std::move(mark)};
}

/// Whether a name is that of the MX record; nothing where that has none.
Cell mark(std::string_view name, const std::optional<std::string>& mx_name)
{
    if (!mx_name)
        return {};
    return probe::same_name(name, *mx_name) ? Cell{"agrees", Ink::green} : Cell{"differs", Ink::yellow};
}

/// What the server calls itself.
Row own_row(
    std::string_view place, const std::optional<std::string>& name, const std::optional<std::string>& mx_name
)
{
    return name ? row(place, *name, mark(*name, mx_name)) : row(place, "", {"begins with no name"});
}

void add_own_names(
    std::vector<Row>& rows, const probe::EndpointVerdict& endpoint, const std::optional<std::string>& mx_name
)
{
    const auto& [greeting, ehlo, ehlo_tls] = endpoint.own_names;
    rows.push_back(own_row("greeting", greeting, mx_name));
    if (endpoint.session.offered)
        rows.push_back(own_row("EHLO reply", ehlo, mx_name));
    const bool same =
        ehlo.has_value() == ehlo_tls.has_value() && (!ehlo || probe::same_name(*ehlo, *ehlo_tls));
    if (endpoint.session.offered_inside_tls && !same)
        rows.push_back(own_row("EHLO in TLS", ehlo_tls, mx_name));
}

/// Those that a certificate is looked at by: the DNS names, the CN where there are none. The one that matched
/// comes first.
std::vector<std::string> names_in(const probe::CertificateFacts& facts, const probe::Identity& identity)
{
    constexpr std::string_view dns = "DNS:";
    std::vector<std::string> names;
    for (const auto& name : facts.names) {
        if (name.starts_with(dns))
            names.push_back(name.substr(dns.size()));
    }
    if (names.empty() && !facts.common_name.empty())
        names.push_back(facts.common_name);
    std::ranges::stable_partition(names, [&](const auto& name) { return name == identity.matched; });
    return names;
}

Cell certificate_mark(const probe::Identity& identity)
{
    if (!identity.reference)
        return {};
    if (!identity.matched)
        return {"none agrees", Ink::red};
    const bool by_cn = identity.by == probe::Identity::By::cn;
    return {by_cn ? "agrees, though it is in the CN only" : "agrees", by_cn ? Ink::yellow : Ink::green};
}

void add_certificate(std::vector<Row>& rows, const probe::EndpointVerdict& endpoint)
{
    if (!endpoint.chain || endpoint.chain->certificates.empty())
        return;
    const auto& identity = endpoint.identity;
    const auto names = names_in(endpoint.chain->certificates.front().facts, identity);
    const auto shown = std::min(names.size(), max_names_shown);
    rows.push_back(row("certificate", shown > 0 ? names.front() : "", certificate_mark(identity)));
    for (std::size_t index = 1; index < shown; ++index)
        rows.push_back(row("", names[index]));
    if (shown < names.size())
        rows.push_back(row("", fmt::format("and {} more", names.size() - shown)));
}

Cell reverse_mark(const probe::ReverseName& reverse, const std::optional<std::string>& mx_name)
{
    const std::string agrees = mx_name && probe::same_name(reverse.name, *mx_name) ? "agrees, " : "";
    if (!reverse.confirmed)
        return {agrees + "not known whether it leads back to the address"};
    if (*reverse.confirmed)
        return {agrees + "leads back to the address", Ink::green};
    return {agrees + "does not lead back to the address", Ink::yellow};
}

void add_reverse(
    std::vector<Row>& rows, const probe::ReverseDns& reverse, const std::optional<std::string>& mx_name
)
{
    using State = probe::ReverseDns::State;
    constexpr std::string_view about = "reverse DNS";
    if (reverse.state == State::none)
        rows.push_back(row(about, "", {"the address has no name"}));
    if (reverse.state == State::failed)
        rows.push_back(row(about, "", {"DNS did not answer"}));
    if (reverse.state == State::unknown)
        rows.push_back(row(about, "", {"not known"}));
    for (const auto& name : reverse.names)
        rows.push_back(
            row(&name == &reverse.names.front() ? about : "", name.name, reverse_mark(name, mx_name))
        );
    if (reverse.left_out > 0)
        rows.push_back(row("", fmt::format("and {} more", reverse.left_out)));
}

} // namespace

std::string names(const probe::HostVerdict& host, const probe::EndpointVerdict& endpoint, bool color)
{
    if (!greeted(endpoint.session))
        return {};
    const auto& reference = endpoint.identity.reference;
    const auto mx_name = probe::mx_name_of(host.name, reference);
    std::vector<Row> rows{row("MX host", host.name)};
    if (reference && *reference != host.name)
        rows.push_back(row("reference", *reference));
    add_certificate(rows, endpoint);
    add_own_names(rows, endpoint, mx_name);
    add_reverse(rows, endpoint.reverse, mx_name);
    return "Names of the server, side by side:\n" + align(rows, color);
}

} // namespace report
