#include "dns/aliases.hpp"

#include "dns/error.hpp"

#include <algorithm>

namespace dns
{
namespace
{

const Cname* alias_at(const Message& message, const std::string& owner)
{
    const auto has_owner = [&](const Cname& alias) { return alias.owner == owner; };
    const auto found = std::find_if(message.aliases.begin(), message.aliases.end(), has_owner);
    return found == message.aliases.end() ? nullptr : &*found;
}

bool was_passed(const Answer& answer, const std::string& name)
{
    return name == answer.name ||
           std::find(answer.aliases.begin(), answer.aliases.end(), name) != answer.aliases.end();
}

/// The least TTL of all that was used; the first one is the least.
void shorten(Answer& answer, std::uint32_t ttl)
{
    const bool first = answer.aliases.empty() && answer.records.empty();
    answer.ttl = std::min(first ? longest_ttl : answer.ttl, ttl);
}

/// That there is nothing lasts as long as the aliases that lead to it, and as the zone says.
void shorten_for_nothing(const Message& message, Answer& answer)
{
    shorten(answer, std::min(message.negative_ttl, longest_negative_ttl));
}

/// False where the chain is too long or comes back to itself.
bool follow(const Message& message, Answer& answer)
{
    while (const auto* alias = alias_at(message, end_of_chain(answer))) {
        if (answer.aliases.size() == alias_limit || was_passed(answer, alias->target))
            return false;
        shorten(answer, alias->ttl);
        answer.aliases.push_back(alias->target);
        if (answer.type == Type::cname)
            return true;
    }
    return true;
}

void take_records(const Message& message, Answer& answer)
{
    const auto& owner = end_of_chain(answer);
    for (const auto& record : message.records) {
        if (record.owner != owner)
            continue;
        shorten(answer, record.ttl);
        answer.records.push_back(record.data);
    }
}

} // namespace

const std::string& end_of_chain(const Answer& answer)
{
    return answer.aliases.empty() ? answer.name : answer.aliases.back();
}

bool absorb(const Message& message, Security security, Answer& answer)
{
    const auto known = answer.aliases.size();
    answer.security = std::min(answer.security, security);
    if (!follow(message, answer)) {
        answer.state = State::failed;
        answer.fault = errc::too_many_aliases;
        answer.security = Security::unknown;
        answer.ttl = 0;
        return true;
    }
    if (message.rcode == Rcode::name_error) { // of the end of the chain (RFC 6604 §3)
        answer.state = State::no_such_name;
        shorten_for_nothing(message, answer);
        return true;
    }
    take_records(message, answer);
    const bool went_on = answer.aliases.size() > known;
    if (!answer.records.empty() || (answer.type == Type::cname && went_on)) {
        answer.state = State::found;
        return true;
    }
    answer.state = State::no_data;
    if (went_on && !message.start_of_authority)
        return false;
    shorten_for_nothing(message, answer);
    return true;
}

} // namespace dns
