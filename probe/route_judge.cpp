#include "probe/route_judge.hpp"

#include "dns/error.hpp"
#include "probe/routing.hpp"
#include "probe/untried.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace probe
{

namespace
{

using dns::Answer;
using dns::State;

std::string_view name_of(dns::Type type) noexcept
{
    switch (type) {
    case dns::Type::a:
        return "A";
    case dns::Type::aaaa:
        return "AAAA";
    case dns::Type::cname:
        return "CNAME";
    case dns::Type::ptr:
        return "PTR";
    case dns::Type::ns:
        return "NS";
    case dns::Type::mx:
        return "MX";
    case dns::Type::tlsa:
        return "TLSA";
    case dns::Type::txt:
        return "TXT";
    }
    return "";
}

bool failed(const Answer& answer) noexcept
{
    return answer.state == State::failed;
}

/// The answers about a host's addresses that are there.
std::vector<const Answer*> answers_of(const Host& host)
{
    std::vector<const Answer*> answers;
    for (const auto* answer : {&host.ipv4, &host.ipv6}) {
        if (*answer)
            answers.push_back(&**answer);
    }
    return answers;
}

bool without_address(const std::vector<const Answer*>& answers)
{
    const auto empty = [](const Answer* answer) {
        return answer->state == State::no_data || answer->state == State::no_such_name;
    };
    return !answers.empty() && std::ranges::all_of(answers, empty);
}

/// A domain with no other host gets no mail at all.
Finding judge_lack(const Host& host, const std::vector<const Answer*>& answers, bool only_host)
{
    const bool missing = std::ranges::any_of(answers, [](const Answer* answer) {
        return answer->state == State::no_such_name;
    });
    auto lack = usual_finding(Code::mx_no_address, fmt::format("{} does not exist", host.name));
    if (!missing && answers.size() == 1)
        lack.message = fmt::format(
            "{} has no {} address; whether it has an {} one was not asked", host.name,
            host.ipv4 ? "IPv4" : "IPv6", host.ipv4 ? "IPv6" : "IPv4"
        );
    else if (!missing)
        lack.message = fmt::format("{} has no address", host.name);
    if (only_host && (missing || !one_family_asked(host)))
        lack.severity = Severity::critical;
    return lack;
}

std::optional<Finding> judge_alias(const Host& host, const std::vector<const Answer*>& answers)
{
    const auto found =
        std::ranges::find_if(answers, [](const Answer* answer) { return !answer->aliases.empty(); });
    if (found == answers.end())
        return std::nullopt;
    return usual_finding(
        Code::mx_is_alias, fmt::format(
                               "the MX exchange {} is an alias of {}, which RFC 2181 section 10.3 forbids",
                               host.name, (*found)->aliases.back()
                           )
    );
}

asio::ip::address without_mapping(const asio::ip::address& address)
{
    if (!address.is_v6() || !address.to_v6().is_v4_mapped())
        return address;
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

bool leads_back(const asio::ip::address& address)
{
    const auto plain = without_mapping(address);
    return plain.is_unspecified() || plain.is_loopback();
}

std::optional<Finding> judge_loop(const Host& host)
{
    const auto addresses = addresses_of(host);
    const auto found = std::ranges::find_if(addresses, leads_back);
    if (found == addresses.end())
        return std::nullopt;
    return usual_finding(
        Code::mx_loop,
        fmt::format(
            "{} has the address {}, which leads every sender to itself", host.name, found->to_string()
        )
    );
}

std::optional<Finding> judge_route(const Observation& observation)
{
    const auto& domain = observation.target.domain;
    switch (observation.route) {
    case Route::unknown:
        if (observation.mx && failed(*observation.mx))
            return judge_failure(*observation.mx);
        return std::nullopt;
    case Route::implicit:
        return usual_finding(
            Code::mx_implicit,
            fmt::format("{} has no MX record, so that mail goes to its own address", domain)
        );
    case Route::null_mx:
        return usual_finding(Code::mx_null, fmt::format("{} takes no mail: it has a null MX", domain));
    case Route::no_domain:
        return usual_finding(Code::dns_nxdomain, fmt::format("{} does not exist", domain));
    case Route::none: {
        auto lack = usual_finding(
            Code::mx_no_address, fmt::format("{} has neither an MX record nor an address", domain)
        );
        lack.severity = Severity::critical;
        return lack;
    }
    case Route::untried:
    case Route::given:
    case Route::mx:
        return std::nullopt;
    }
    return std::nullopt;
}

} // namespace

std::vector<Finding> judge_domain(const Observation& observation)
{
    std::vector<Finding> findings;
    if (auto found = judge_route(observation))
        findings.push_back(std::move(*found));
    if (observation.null_mx_beside_others)
        findings.push_back(usual_finding(
            Code::mx_null_not_alone,
            fmt::format(
                "{} has a null MX beside other MX records, which RFC 7505 section 3 forbids",
                observation.target.domain
            )
        ));
    return findings;
}

std::vector<Finding> judge_host(const Host& host, const Observation& observation)
{
    if (host.excluded)
        return {exclusion_of(host.name, *host.excluded)};
    std::vector<Finding> findings;
    const auto answers = answers_of(host);
    for (const auto* answer : answers) {
        if (failed(*answer))
            findings.push_back(judge_failure(*answer));
    }
    if (without_address(answers))
        findings.push_back(judge_lack(host, answers, observation.hosts.size() == 1));

    const auto add = [&](std::optional<Finding> found) {
        if (found)
            findings.push_back(std::move(*found));
    };
    if (observation.route == Route::mx && host.literal)
        add(usual_finding(
            Code::mx_is_address,
            fmt::format(
                "the MX exchange {} is an address, where RFC 5321 section 5.1 wants a name", host.name
            )
        ));
    if (observation.route == Route::mx)
        add(judge_alias(host, answers));
    if (observation.route != Route::given && !observation.local_resolver)
        add(judge_loop(host));
    std::ranges::stable_sort(findings, {}, &Finding::code);
    return findings;
}

Finding judge_failure(const Answer& answer)
{
    const auto type = name_of(answer.type);
    if (answer.fault == dns::errc::bogus)
        return usual_finding(
            Code::dnssec_invalid,
            fmt::format("the {} answer for {} is bogus: DNSSEC validation of it fails", type, answer.name)
        );
    return usual_finding(
        Code::dns_no_answer,
        fmt::format("the {} look-up for {} failed: {}", type, answer.name, answer.fault.message())
    );
}

bool leaves_nothing_to_try(Code code) noexcept
{
    return code == Code::dns_nxdomain || code == Code::dns_no_answer || code == Code::dnssec_invalid ||
           code == Code::mx_no_address;
}

bool one_family_asked(const Host& host) noexcept
{
    return host.ipv4.has_value() != host.ipv6.has_value();
}

dns::Security dnssec_of_domain(const Observation& observation) noexcept
{
    return observation.mx ? observation.mx->security : dns::Security::unknown;
}

dns::Security dnssec_of_host(const Host& host) noexcept
{
    std::optional<dns::Security> least;
    for (const auto* answer : {&host.ipv4, &host.ipv6}) {
        if (!*answer)
            continue;
        const auto security = (*answer)->security;
        if ((*answer)->state == State::found || security == dns::Security::bogus)
            least = std::min(least.value_or(security), security);
    }
    return least.value_or(dns::Security::unknown);
}

} // namespace probe
