#include "probe/dane_lookup.hpp"

#include "dns/aliases.hpp"
#include "dns/error.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace probe
{
namespace
{

using dns::Security;
using State = TlsaWord::State;

bool is_found(const std::optional<dns::Answer>& answer)
{
    return answer && answer->state == dns::State::found;
}

bool is_secure(const std::optional<dns::Answer>& answer)
{
    return is_found(answer) && answer->security == Security::secure;
}

bool is_insecure_behind_alias(const std::optional<dns::Answer>& answer)
{
    return is_found(answer) && answer->security == Security::insecure && !answer->aliases.empty();
}

/// It is asked only after a secure answer, or one that is proved to be insecure: an answer for which nobody
/// vouches comes from another resolver, and says nothing of what the first would not give.
State state_of(const dns::Answer& tlsa)
{
    if (tlsa.state != dns::State::failed && tlsa.security == Security::unknown)
        return State::failed;
    if (tlsa.state == dns::State::found)
        return tlsa.security == Security::secure ? State::secure : State::insecure;
    if (tlsa.state != dns::State::failed)
        return State::none;
    if (tlsa.fault == dns::errc::bad_name) // too long: there can be nothing at it
        return State::none;
    return tlsa.security == Security::bogus ? State::bogus : State::failed;
}

/// Resolvers give the records of a set in any order, a report in one.
std::vector<dns::Tlsa> in_order(std::vector<dns::Tlsa> records)
{
    std::ranges::sort(records, {}, [](const dns::Tlsa& record) {
        return std::tie(record.usage, record.selector, record.matching, record.data);
    });
    return records;
}

TlsaWord word_of(const std::string& base_domain, const dns::Answer& tlsa)
{
    return {state_of(tlsa), base_domain, in_order(tlsa.all<dns::Tlsa>()), tlsa.fault};
}

void add_once(std::vector<std::string>& names, const std::string& name)
{
    if (std::ranges::find(names, name) == names.end())
        names.push_back(name);
}

} // namespace

std::string tlsa_name(const std::string& base_domain, std::uint16_t port)
{
    return "_" + std::to_string(port) + "._tcp." + base_domain;
}

bool needs_first_alias(const Host& host)
{
    if (is_secure(host.ipv4) || is_secure(host.ipv6))
        return false;
    return is_insecure_behind_alias(host.ipv4) || is_insecure_behind_alias(host.ipv6);
}

std::vector<std::string> tlsa_base_domains(const Host& host)
{
    std::vector<std::string> names;
    for (const auto* answer : {&host.ipv4, &host.ipv6}) {
        if (!is_secure(*answer))
            continue;
        add_once(names, dns::end_of_chain(**answer));
        add_once(names, host.name);
        return names;
    }
    if (needs_first_alias(host) && is_secure(host.first_alias))
        names.push_back(host.name);
    return names;
}

bool decides(const dns::Answer& tlsa) noexcept
{
    const auto state = state_of(tlsa);
    return state != State::none && state != State::insecure;
}

const TlsaLookup* secure_tlsa(const Host& host) noexcept
{
    if (host.tlsa.empty() || state_of(host.tlsa.back().answer) != State::secure)
        return nullptr;
    return &host.tlsa.back();
}

TlsaWord tlsa_word(const Host& host)
{
    const auto& alias = host.first_alias;
    if (alias && (alias->state == dns::State::failed || alias->security == Security::unknown))
        return word_of(host.name, *alias);
    if (host.tlsa.empty())
        return {};
    const auto& last = host.tlsa.back();
    if (!decides(last.answer) && host.tlsa.size() < tlsa_base_domains(host).size())
        return {}; // interrupted: the next look-up would have had a say
    auto word = word_of(last.base_domain, last.answer);
    if (word.state != State::none)
        return word;
    for (const auto& earlier : host.tlsa) { // that there are some, unsigned, is worth telling
        auto other = word_of(earlier.base_domain, earlier.answer);
        if (other.state == State::insecure)
            return other;
    }
    return word;
}

TlsaWord tlsa_word(const Host& host, const asio::ip::address& address)
{
    const auto& answer = address.is_v4() ? host.ipv4 : host.ipv6;
    if (is_secure(answer) || is_insecure_behind_alias(answer))
        return tlsa_word(host);
    return {};
}

std::vector<std::string>
dane_reference_names(const Observation& observation, const Host& host, const std::string& base_domain)
{
    std::vector<std::string> names;
    if (!base_domain.empty()) // an empty reference name matches whatever it is held against
        names.push_back(base_domain);
    add_once(names, host.name);
    if (observation.mx && observation.mx->security == Security::secure) {
        add_once(names, observation.mx->name);
        add_once(names, dns::end_of_chain(*observation.mx));
    }
    return names;
}

} // namespace probe
