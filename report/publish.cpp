#include "report/publish.hpp"

#include "probe/sts_record.hpp"
#include "probe/tlsa.hpp"
#include "report/phrases.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

namespace report
{
namespace
{

using probe::AdvisedTlsa;
using probe::JudgedTlsa;
using probe::TlsaAdvice;

/// A name as DNS gave it, whose octets that mean something in a zone file are escaped as well.
std::string zone_name(std::string_view name)
{
    constexpr std::string_view plain = "-_.*\\"; // the last begins an escape already
    std::string text;
    for (const char octet : name) {
        const bool letter = (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z');
        const bool digit = octet >= '0' && octet <= '9';
        if (letter || digit || plain.find(octet) != std::string_view::npos)
            text += octet;
        else
            text += fmt::format("\\{:03}", static_cast<unsigned char>(octet));
    }
    return text + '.';
}

std::string comment(std::string_view text)
{
    return fmt::format("; {}\n", smtp::printable(text));
}

std::string_view protection_of(const TlsaAdvice& advice) noexcept
{
    switch (advice.dnssec) {
    case dns::Security::secure:
        return "DNSSEC protects this name";
    case dns::Security::insecure:
        return "DNSSEC DOES NOT PROTECT THIS NAME: no sender uses its TLSA records before the zone is signed";
    case dns::Security::bogus:
        return "THE DNSSEC SIGNATURES DO NOT HOLD: senders with DANE do not deliver before they are mended";
    case dns::Security::unknown:
        break;
    }
    return "WHETHER DNSSEC PROTECTS THIS NAME IS NOT KNOWN, and without it no sender uses its TLSA records: "
           "give "
           "the host by its name, and ask a resolver that validates (--resolver, --trust-ad)";
}

/// Whether a record that is published is good for all that was presented, or at least matches something.
bool authenticates(const TlsaAdvice& advice)
{
    return std::ranges::any_of(*advice.published, [](const JudgedTlsa& judged) {
        return judged.state == probe::TlsaState::matched && judged.why.empty();
    });
}

std::string publication_of(const TlsaAdvice& advice)
{
    if (advice.failed)
        return "what is published here is not known: the look-up failed";
    if (!advice.published)
        return "what is published here was not looked up";
    const auto count = advice.published->size();
    if (count == 0)
        return "no TLSA record is published here";
    if (advice.dnssec == dns::Security::secure && !authenticates(advice))
        return fmt::format(
            "{} published here, and NONE AUTHENTICATES THE SERVER: senders with DANE do not deliver",
            count == 1 ? "1 TLSA record is" : fmt::format("{} TLSA records are", count)
        );
    return count == 1 ? "1 TLSA record is published here"
                      : fmt::format("{} TLSA records are published here", count);
}

std::string advice_on(const AdvisedTlsa& advised, const TlsaAdvice& advice)
{
    if (advised.published)
        return "published already";
    const std::string_view missing = advice.published ? "not published yet: " : "";
    if (advised.record.usage == probe::dane_ee)
        return fmt::format("{}publish this one; it holds as long as the key is in use", missing);
    return fmt::format(
        "{}may stand beside that of the certificate, or in its place; it holds for whatever this CA issues "
        "for "
        "the host",
        missing
    );
}

std::string record_lines(const AdvisedTlsa& advised, const TlsaAdvice& advice)
{
    const auto& certificate = advised.certificate;
    std::vector<std::string> places;
    for (const auto& address : advised.presented_at)
        places.push_back(address.to_string());
    return comment(fmt::format(
               "{}{}, {}, ends at {}, presented at {}",
               advised.record.usage == probe::dane_ee ? "the certificate " : "its issuer ",
               certificate.subject, certificate.key, rfc3339(certificate.not_after), fmt::join(places, ", ")
           )) +
           comment(advice_on(advised, advice)) +
           fmt::format("{} IN TLSA {}\n", zone_name(advice.owner), probe::text(advised.record));
}

/// A record that is published, and not among those advised.
std::string other_line(const JudgedTlsa& judged)
{
    const auto why = judged.why.empty() ? "" : fmt::format(" ({})", judged.why);
    const auto record = ": " + probe::text(judged.record);
    switch (judged.state) {
    case probe::TlsaState::matched:
        return comment(fmt::format("published as well, and matches{}{}", why, record));
    case probe::TlsaState::not_matched:
        return comment(
            fmt::format("published, and matches nothing that was presented: spare, or old{}{}", why, record)
        );
    case probe::TlsaState::unusable:
        break;
    }
    return comment(fmt::format("of no use: published, and SMTP passes over it{}{}", why, record));
}

std::string others(const TlsaAdvice& advice)
{
    std::string lines;
    for (const auto& judged : advice.published.value_or(std::vector<JudgedTlsa>())) {
        if (std::ranges::find(advice.records, judged.record, &AdvisedTlsa::record) == advice.records.end())
            lines += other_line(judged);
    }
    return lines;
}

std::string what_stopped(const probe::EndpointVerdict& endpoint, bool finished)
{
    const auto found = std::ranges::find_if(endpoint.findings, [&](const probe::Finding& finding) {
        return finding.code == endpoint.stopped_by;
    });
    if (found != endpoint.findings.end())
        return sentence(*found);
    return endpoint.session.finished ? "no certificate came" : unfinished(endpoint.session, finished);
}

bool has_chain(const probe::EndpointVerdict& endpoint) noexcept
{
    return endpoint.session.tls && !endpoint.session.tls->chain.empty();
}

std::string unreached(const probe::Verdict& verdict, const probe::HostVerdict& host)
{
    const auto label = label_without_address(host, verdict.finished);
    return host.findings.empty() ? label : fmt::format("{}: {}", label, sentence(host.findings.front()));
}

std::vector<std::string> unseen_of(const probe::Verdict& verdict, const probe::HostVerdict& host)
{
    if (host.endpoints.empty())
        return {"nothing was seen of " + unreached(verdict, host)};
    std::vector<std::string> lines;
    for (const auto& endpoint : host.endpoints) {
        if (!has_chain(endpoint))
            lines.push_back(fmt::format(
                "no certificate was seen at {}: {}", label(host, endpoint),
                what_stopped(endpoint, verdict.finished)
            ));
    }
    return lines;
}

std::string host_records(const probe::Verdict& verdict, const probe::HostVerdict& host)
{
    const auto& advice = *host.tlsa_advice;
    auto text = comment(fmt::format(
        "TLSA records for what {} presents on port {}, as of {}", host.name, host.port,
        rfc3339(std::chrono::floor<std::chrono::seconds>(verdict.started))
    ));
    for (const auto& line : unseen_of(verdict, host))
        text += comment(line);
    if (host.endpoints.empty())
        return text;
    if (advice.owner.empty())
        return text +
               comment("an address has none: they are published at the name of the host (--reference)");
    text += comment(protection_of(advice));
    text += comment(publication_of(advice));
    for (const auto& advised : advice.records)
        text += record_lines(advised, advice);
    return text + others(advice);
}

std::string failure_of(
    const probe::Verdict& verdict, const probe::HostVerdict& host, const probe::EndpointVerdict& endpoint
)
{
    const auto where = label(host, endpoint);
    if (compliance_of(host, endpoint) == probe::Compliance::unseen)
        return fmt::format("{} was not seen: {}", where, what_stopped(endpoint, verdict.finished));
    const auto certificate =
        std::ranges::find(endpoint.findings, probe::Code::sts_webpki_invalid, &probe::Finding::code);
    if (certificate != endpoint.findings.end())
        return fmt::format("{}: {}", where, sentence(*certificate));
    return fmt::format("{} fails the policy: {}", where, what_stopped(endpoint, verdict.finished));
}

} // namespace

std::string tlsa_records(const probe::Verdict& verdict)
{
    std::string text;
    for (const auto& host : verdict.hosts) {
        if (host.tlsa_advice)
            text += (text.empty() ? "" : "\n") + host_records(verdict, host);
    }
    return text;
}

std::vector<std::string> unseen(const probe::Verdict& verdict)
{
    std::vector<std::string> lines;
    for (const auto& host : verdict.hosts)
        std::ranges::move(unseen_of(verdict, host), std::back_inserter(lines));
    return lines;
}

std::vector<std::string> policy_failures(const probe::Verdict& verdict)
{
    std::vector<std::string> lines;
    for (const auto& host : verdict.hosts) {
        if (host.endpoints.empty())
            lines.push_back("nothing was seen of " + unreached(verdict, host));
        else if (host.sts_covered == false) {
            lines.push_back(fmt::format("{} cannot be covered: a policy holds host names", host.name));
            continue;
        }
        for (const auto& endpoint : host.endpoints) {
            if (compliance_of(host, endpoint) != probe::Compliance::complies)
                lines.push_back(failure_of(verdict, host, endpoint));
        }
    }
    return lines;
}

std::string policy_records(const probe::Verdict& verdict, const probe::PublishedSts& published)
{
    const auto domain = zone_name(verdict.domain);
    auto id = rfc3339(std::chrono::floor<std::chrono::seconds>(verdict.started));
    std::erase_if(id, [](char octet) { return octet < '0' || octet > '9'; });
    auto text = comment(fmt::format(
        "serve it as text/plain at https://{}{}, then publish:", probe::sts_host(verdict.domain),
        probe::sts_path
    ));
    text += comment(
        published.has_record ? "in place of what is there now, and with a new id whenever the policy changes"
                             : "with a new id whenever the policy changes"
    );
    text += fmt::format("_mta-sts.{} IN TXT \"v=STSv1; id={};\"\n", domain, id);
    if (published.has_tls_rpt)
        return text + comment("where senders report failures to is published already (_smtp._tls)");
    return text + comment("where senders report failures to: a mailbox that is read") +
           fmt::format(
               "_smtp._tls.{} IN TXT \"v=TLSRPTv1; rua=mailto:tls-reports@{}\"\n", domain, verdict.domain
           );
}

} // namespace report
