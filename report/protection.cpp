#include "report/protection.hpp"

#include "probe/tlsa.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace report
{
namespace
{

using probe::DaneState;
using probe::DaneVerdict;
using probe::StsVerdict;

constexpr auto dot = " \u00b7 ";
constexpr std::size_t told_octets = 64; // of a spare record: those of SHA-512, the longest digest
constexpr std::size_t told = 5; // spare records, stale patterns, remarks and the like: the rest is counted

std::string first_of(const std::vector<std::string>& all, std::string_view separator)
{
    const auto shown = std::min(all.size(), told);
    std::vector<std::string> safe;
    for (std::size_t index = 0; index < shown; ++index)
        safe.push_back(smtp::printable(all[index]));
    const auto text = fmt::format("{}", fmt::join(safe, separator));
    return all.size() > told ? fmt::format("{}{}{} more", text, separator, all.size() - told) : text;
}

void add_once(std::vector<std::string>& texts, std::string text)
{
    if (std::ranges::find(texts, text) == texts.end())
        texts.push_back(std::move(text));
}

/// As in a zone file, where the data is no longer than a digest; of more, its beginning.
std::string short_text(const dns::Tlsa& record)
{
    if (record.data.size() <= told_octets)
        return probe::text(record);
    auto begun = record;
    begun.data.resize(told_octets);
    return fmt::format("{}... ({} octets)", probe::text(begun), record.data.size());
}

/// What is known of a host's endpoints, and of the chains that they have beside.
std::vector<const DaneVerdict*> judged(const probe::HostVerdict& host)
{
    std::vector<const DaneVerdict*> all;
    for (const auto& endpoint : host.endpoints) {
        if (endpoint.dane)
            all.push_back(&*endpoint.dane);
        for (const auto& other : endpoint.other_keys) {
            if (other.dane)
                all.push_back(&*other.dane);
        }
    }
    return all;
}

std::ptrdiff_t count(const probe::HostVerdict& host, DaneState state)
{
    return std::ranges::count_if(host.endpoints, [&](const probe::EndpointVerdict& endpoint) {
        return endpoint.dane && endpoint.dane->state == state;
    });
}

/// "3 1 1": by what the server is authenticated.
std::string kinds_of(const probe::HostVerdict& host)
{
    std::vector<std::string> kinds;
    for (const auto& endpoint : host.endpoints) {
        if (!endpoint.dane || !endpoint.dane->by)
            continue;
        const auto& record = endpoint.dane->records[*endpoint.dane->by].record;
        add_once(kinds, fmt::format("{} {} {}", record.usage, record.selector, record.matching));
    }
    return fmt::format("{}", fmt::join(kinds, ", "));
}

/// What a match is worth: nobody vouches for the name of a host that an unsigned MX answer led to.
std::pair<std::string, Ink> valid_by(const probe::Verdict& verdict, std::string text)
{
    const bool by_mx = verdict.route == probe::Route::mx || verdict.route == probe::Route::implicit;
    if (!by_mx || verdict.dnssec == dns::Security::secure)
        return {std::move(text), Ink::green};
    return {fmt::format("{}, MX {}", text, name(verdict.dnssec)), Ink::yellow};
}

/// The algorithm of which a second certificate matches no record (--key-types); none where none is so.
std::optional<smtp::KeyType> key_type_without(const probe::HostVerdict& host)
{
    for (const auto& endpoint : host.endpoints) {
        for (const auto& other : endpoint.other_keys) {
            if (other.dane && other.dane->state == DaneState::invalid)
                return other.type;
        }
    }
    return std::nullopt;
}

/// "valid (3 1 1)", or what else the records come to at all addresses of a host.
std::pair<std::string, Ink> dane_of(const probe::Verdict& verdict, const probe::HostVerdict& host)
{
    const auto all = std::ssize(host.endpoints);
    const auto at = [&](DaneState state) {
        const auto some = count(host, state);
        return some == all ? "" : fmt::format(" at {} of {} addresses", some, all);
    };
    if (count(host, DaneState::error) > 0)
        return {"look-up failed", Ink::red};
    if (count(host, DaneState::invalid) > 0)
        return {"invalid" + at(DaneState::invalid), Ink::red};
    if (const auto type = key_type_without(host))
        return {fmt::format("valid ({}), but not with {}", kinds_of(host), name(*type)), Ink::red};
    if (count(host, DaneState::unusable) > 0)
        return {"records that SMTP cannot use", Ink::yellow};
    if (count(host, DaneState::valid) > 0)
        return valid_by(verdict, fmt::format("valid ({}){}", kinds_of(host), at(DaneState::valid)));
    if (host.tlsa && host.tlsa->usable)
        return {"records, which only TLS could match", Ink::yellow};
    if (host.tlsa || count(host, DaneState::none) > 0)
        return {"none", Ink::plain};
    if (host.dnssec == dns::Security::unknown)
        return {"unknown", Ink::yellow};
    return {"not looked at", Ink::plain};
}

/// Whether a sender that demands TLS is let down here, which is more than not to be known.
bool lacks_tls(probe::Offer offer) noexcept
{
    return offer == probe::Offer::plain || offer == probe::Offer::broken;
}

std::pair<std::string, Ink> mta_sts_of(const StsVerdict& mta_sts, const probe::HostVerdict& host)
{
    if (!mta_sts.in_force())
        return {mta_sts.policy ? "mode none" : std::string(name(mta_sts.state)), Ink::plain};
    const auto mode = name(mta_sts.policy->mode);
    const auto bad = mta_sts.is_enforced() ? Ink::red : Ink::yellow;
    if (host.sts_covered != true)
        return {fmt::format("{}, not covered", mode), bad};
    const auto fails = [](const probe::EndpointVerdict& endpoint) {
        return endpoint.sts_verified == false || lacks_tls(endpoint.offer);
    };
    if (std::ranges::any_of(host.endpoints, fails))
        return {fmt::format("{}, covered, not satisfied", mode), bad};
    const auto verified = [](const probe::EndpointVerdict& endpoint) {
        return endpoint.sts_verified == true;
    };
    const bool is_satisfied = std::ranges::any_of(host.endpoints, verified);
    return {fmt::format("{}, covered", mode), is_satisfied ? Ink::green : Ink::plain};
}

std::string host_line(const probe::Verdict& verdict, const probe::HostVerdict& host, bool color)
{
    std::vector<std::string> parts{fmt::format("DNSSEC {}", name(host.dnssec))};
    const auto add = [&](std::string_view about, const std::pair<std::string, Ink>& word) {
        parts.push_back(fmt::format("{} {}", about, paint(word.first, word.second, color)));
    };
    add("DANE", dane_of(verdict, host));
    if (verdict.mta_sts)
        add("MTA-STS", mta_sts_of(*verdict.mta_sts, host));
    return fmt::format("{}: {}\n", smtp::printable(host.name), fmt::join(parts, dot));
}

bool asked_for_both_keys(const probe::HostVerdict& host)
{
    return std::ranges::any_of(host.endpoints, [](const auto& endpoint) {
        return !endpoint.other_keys.empty();
    });
}

/// The records of a host whose server is authenticated by another: kept from the last key, or for the next.
std::string spare_line(const probe::HostVerdict& host)
{
    const auto all = judged(host);
    const auto is_valid = [](const DaneVerdict* dane) { return dane->state == DaneState::valid; };
    if (!std::ranges::any_of(all, is_valid))
        return {};
    const auto matches_here = [&](const dns::Tlsa& record) {
        return std::ranges::any_of(all, [&](const DaneVerdict* dane) {
            return std::ranges::any_of(dane->records, [&](const probe::JudgedTlsa& judged) {
                return judged.record == record && judged.state == probe::TlsaState::matched;
            });
        });
    };
    std::vector<std::string> spare;
    for (const auto* dane : all) {
        for (const auto& [record, state, why] : dane->records) {
            if (state == probe::TlsaState::not_matched && !matches_here(record))
                add_once(spare, short_text(record));
        }
    }
    if (spare.empty())
        return {};
    return fmt::format(
        "{}: spare TLSA {}, which {} nothing that was presented{}: {}\n", smtp::printable(host.name),
        spare.size() == 1 ? "record" : "records", spare.size() == 1 ? "matches" : "match",
        asked_for_both_keys(host) ? "" : " (without --key-types)", first_of(spare, ", ")
    );
}

/// Of records of which some are good: the others are nothing to rely on.
std::string unusable_line(const probe::HostVerdict& host)
{
    if (!host.tlsa || !host.tlsa->usable)
        return {};
    const auto useless = host.tlsa->unusable;
    if (useless == 0)
        return {};
    return fmt::format(
        "{}: SMTP cannot use {} of the {} TLSA records: -v says why\n", smtp::printable(host.name), useless,
        host.tlsa->records.size()
    );
}

std::string duration_of(std::uint32_t seconds)
{
    constexpr std::uint32_t day = 86'400;
    if (seconds % day == 0 && seconds > 0)
        return fmt::format("{} {}", seconds / day, seconds == day ? "day" : "days");
    return fmt::format("{} s", seconds);
}

std::string mta_sts_line(const StsVerdict& mta_sts)
{
    if (!mta_sts.policy)
        return fmt::format("MTA-STS {}", name(mta_sts.state));
    return fmt::format(
        "MTA-STS mode {}, id {}, for {}", name(mta_sts.policy->mode), smtp::printable(mta_sts.id),
        duration_of(mta_sts.policy->max_age)
    );
}

std::string domain_lines(const probe::Verdict& verdict)
{
    std::vector<std::string> parts;
    if (verdict.route == probe::Route::mx || verdict.route == probe::Route::implicit)
        parts.push_back(fmt::format("DNSSEC {}", name(verdict.dnssec)));
    if (verdict.mta_sts)
        parts.push_back(mta_sts_line(*verdict.mta_sts));
    if (verdict.tls_rpt) {
        const auto& rua = verdict.tls_rpt->rua;
        parts.push_back(fmt::format(
            "TLS-RPT {}", rua.empty() ? std::string(name(verdict.tls_rpt->state)) : first_of(rua, ", ")
        ));
    }
    if (parts.empty())
        return {};
    const auto domain = smtp::printable(verdict.domain);
    auto lines = fmt::format("{}: {}\n", domain, fmt::join(parts, dot));
    if (!verdict.mta_sts)
        return lines;
    if (!verdict.mta_sts->stale.empty())
        lines +=
            fmt::format("{}: no MX host is covered by {}\n", domain, first_of(verdict.mta_sts->stale, ", "));
    for (const auto& remark : verdict.mta_sts->remarks)
        lines += fmt::format("{}: of the MTA-STS policy: {}\n", domain, smtp::printable(remark));
    return lines;
}

/// Not so of a target that is an address itself: it has no other name.
bool is_address_of_a_named_host(const probe::Verdict& verdict, const probe::HostVerdict& host)
{
    const bool is_target = verdict.target.find('[') != std::string::npos;
    return verdict.route == probe::Route::given && host.is_literal && !is_target;
}

} // namespace

std::string protection(const probe::Verdict& verdict, bool color)
{
    std::string lines;
    for (const auto& host : verdict.hosts) {
        const bool looked_up = host.dnssec != dns::Security::unknown || host.tlsa || verdict.mta_sts;
        if (!looked_up && is_address_of_a_named_host(verdict, host))
            lines += fmt::format(
                "{}: DANE and MTA-STS are not looked at for an address: give the host's name\n",
                smtp::printable(host.name)
            );
        if (!looked_up)
            continue;
        lines += host_line(verdict, host, color);
        lines += spare_line(host);
        lines += unusable_line(host);
    }
    return lines + domain_lines(verdict);
}

std::vector<Remark> records_of(const std::optional<DaneVerdict>& dane)
{
    std::vector<Remark> remarks;
    if (!dane)
        return remarks;
    for (const auto& [record, state, why] : dane->records) {
        const auto reason = why.empty() ? "" : ": " + smtp::printable(why);
        const auto ink = state == probe::TlsaState::matched && why.empty() ? Ink::green : Ink::plain;
        remarks.push_back({fmt::format("TLSA {}: {}{}", probe::text(record), name(state), reason), ink});
    }
    if (!dane->records.empty())
        remarks.push_back(
            {fmt::format("DANE {}", name(dane->state)),
             dane->state == DaneState::valid ? Ink::green : Ink::red}
        );
    return remarks;
}

} // namespace report
