#include "report/html_chain.hpp"

#include "report/names.hpp"
#include "report/phrases.hpp"
#include "report/remarks.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
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

using probe::ChainVerdict;
using probe::JudgedCertificate;

bool is_own_issuer(const probe::CertificateFacts& facts)
{
    return facts.subject == facts.issuer;
}

/// Those that the path has, from the server's own upwards: each behind the one that it issued, where names
/// tell that, and else as sent.
std::vector<const JudgedCertificate*> path_of(const ChainVerdict& chain)
{
    std::vector<const JudgedCertificate*> path;
    for (const auto& certificate : chain.certificates) {
        if (is_on_path(certificate))
            path.push_back(&certificate);
    }
    for (std::size_t index = 1; index < path.size(); ++index) {
        const auto& issuer = path[index - 1]->facts.issuer;
        const auto begin = path.begin() + static_cast<std::ptrdiff_t>(index);
        const auto next = std::find_if(begin, path.end(), [&](const JudgedCertificate* each) {
            return each->facts.subject == issuer;
        });
        if (next != path.end())
            std::rotate(begin, next, next + 1);
    }
    return path;
}

Markup line(const Markup& content)
{
    return block("p", {}, content);
}

Markup dim(const std::string& words)
{
    return block("p", {{"class", "dim"}}, text(words));
}

Markup stop(const std::string& kind, const Markup& title, const Markup& below)
{
    return block("li", {{"class", kind}}, line(title) + below);
}

Markup strong(const std::string& words)
{
    return element("strong", {}, text(words));
}

/// Behind which the path does not lead on.
Markup last_stop(const std::string& title, const std::string& why, const Markup& below = {})
{
    const auto fault = inked("The path breaks here: " + why, Ink::red);
    return stop("broken", strong(title), line(fault) + below);
}

std::string names_of(const probe::CertificateFacts& facts)
{
    const auto shown = std::min(facts.names.size(), max_names_shown);
    std::vector<std::string> names;
    for (std::size_t index = 0; index < shown; ++index)
        names.push_back(smtp::printable(facts.names[index]));
    if (shown < facts.names.size())
        names.push_back(fmt::format("and {} more", facts.names.size() - shown));
    return fmt::format("{}", fmt::join(names, ", "));
}

/// What is looked for in the certificate, and whether it is there.
Markup name_stop(const probe::Identity& identity)
{
    if (!identity.reference)
        return last_stop("no name", "an address literal has none that the certificate could carry");
    const auto name = smtp::printable(*identity.reference);
    if (!identity.matched)
        return last_stop(name, "the certificate does not have this name");
    const auto matched = smtp::printable(*identity.matched);
    if (identity.by == probe::Identity::By::cn)
        return stop(
            "doubtful", strong(name),
            line(inked(fmt::format("found as {}, though in the CN only", matched), Ink::yellow))
        );
    return stop("", strong(name), dim(fmt::format("the name to look for, found as {}", matched)));
}

Markup description(const JudgedCertificate& certificate)
{
    const auto& facts = certificate.facts;
    Markup lines;
    if (!facts.names.empty())
        lines += dim(names_of(facts));
    lines +=
        dim(fmt::format("{}, signed with {}", smtp::printable(facts.key), smtp::printable(facts.signature)));
    return lines + dim(fmt::format(
                       "valid from {} to {}: {}", date(facts.not_before), date(facts.not_after),
                       days(certificate.days_left)
                   ));
}

Markup certificate_stop(const JudgedCertificate& certificate, const ChainVerdict& chain)
{
    const auto number = &certificate - chain.certificates.data() + 1;
    const bool is_valid = certificate.verdict == "ok";
    const bool is_root = is_valid && is_own_issuer(certificate.facts);
    const auto place = fmt::format(
        "certificate {} of {}{}", number, chain.certificates.size(), is_root ? ", a trusted root" : ""
    );
    const auto name = short_name(certificate.facts);
    const auto below = dim(place) + description(certificate);
    return is_valid ? stop("", strong(name), below)
                    : last_stop(name, smtp::printable(certificate.verdict), below);
}

/// What is to blame where all that was sent is right, as a root that has expired; null where something is
/// told of already.
const probe::Finding* cause_elsewhere(const ChainVerdict& chain)
{
    const auto is_at_fault = [](const JudgedCertificate& each) {
        return is_on_path(each) && each.verdict != "ok";
    };
    const bool is_told = !chain.identity.matched || std::ranges::any_of(chain.certificates, is_at_fault);
    return chain.cert_ok || is_told ? nullptr : chain.cause();
}

/// What stands above the last certificate of the path that was sent.
Markup end_stop(const ChainVerdict& chain, const JudgedCertificate& last)
{
    const auto issuer = smtp::printable(last.facts.issuer);
    if (chain.lacks_issuer)
        return stop("absent", strong(issuer), dim("neither sent nor a trusted root"));
    if (const auto* cause = cause_elsewhere(chain))
        return last_stop(issuer, sentence(*cause));
    return is_own_issuer(last.facts) ? Markup() : stop("", strong(issuer), dim("trusted here, not sent"));
}

Markup beside(const ChainVerdict& chain)
{
    Markup items;
    for (const auto& certificate : chain.certificates) {
        if (!is_on_path(certificate))
            items += block(
                "li", {},
                line(
                    strong(short_name(certificate.facts)) +
                    text(fmt::format(
                        " certificate {} of {}: ", &certificate - chain.certificates.data() + 1,
                        chain.certificates.size()
                    )) +
                    inked(smtp::printable(certificate.verdict), Ink::yellow)
                )
            );
    }
    return items.empty() ? items
                         : block(
                               "div", {{"class", "beside"}},
                               block("p", {}, text("Sent beside the path:")) + block("ul", {}, items)
                           );
}

} // namespace

std::string short_name(const probe::CertificateFacts& facts)
{
    if (!facts.common_name.empty())
        return smtp::printable(facts.common_name);
    if (!facts.names.empty())
        return smtp::printable(facts.names.front());
    return facts.subject.empty() ? "without a subject" : smtp::printable(facts.subject);
}

Markup chain_path(const ChainVerdict& chain, const std::string& presented_by)
{
    const auto path = path_of(chain);
    auto stops = name_stop(chain.identity);
    for (const auto* certificate : path)
        stops += certificate_stop(*certificate, chain);
    stops +=
        path.empty() ? last_stop("no certificate", "the server sent none") : end_stop(chain, *path.back());
    return block(
        "figure", {{"class", "chain"}},
        block("figcaption", {}, text(presented_by)) + block("ol", {}, stops) + beside(chain)
    );
}

} // namespace report
