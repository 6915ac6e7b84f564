#include "probe/scan/octets.hpp"

#include <string>
#include <variant>
#include <vector>

namespace scan
{
namespace
{

constexpr std::size_t certificate = 6 * 1024; // as OpenSSL holds one, with its key

std::size_t octets_in(const std::vector<std::string>& texts) noexcept
{
    auto octets = texts.capacity() * sizeof(std::string);
    for (const auto& text : texts)
        octets += text.size();
    return octets;
}

std::size_t octets_in(const dns::Record& record) noexcept
{
    if (const auto* text = std::get_if<dns::Text>(&record))
        return sizeof(record) + text->octets.size();
    if (const auto* tlsa = std::get_if<dns::Tlsa>(&record))
        return sizeof(record) + tlsa->data.size();
    if (const auto* mx = std::get_if<dns::Mx>(&record))
        return sizeof(record) + mx->exchange.size();
    return sizeof(record);
}

std::size_t octets_in(const smtp::Step& step) noexcept
{
    const auto reply = step.reply ? octets_in(step.reply->lines) : 0;
    return sizeof(step) + step.sent.size() + step.detail.size() + reply;
}

std::size_t octets_in(const std::optional<smtp::Extensions>& extensions) noexcept
{
    return extensions ? extensions->name.size() + octets_in(extensions->lines) : 0;
}

} // namespace

std::size_t octets_of(const dns::Answer& answer) noexcept
{
    auto octets = sizeof(answer) + answer.name.size() + octets_in(answer.aliases);
    for (const auto& record : answer.records)
        octets += octets_in(record);
    return octets;
}

std::size_t octets_of(const smtp::Session& session) noexcept
{
    auto octets = sizeof(session) + octets_in(session.offered) + octets_in(session.offered_inside_tls);
    for (const auto& step : session.steps)
        octets += octets_in(step);
    if (session.tls)
        octets += certificate + session.tls->ocsp_staple.size();
    return octets;
}

std::size_t octets_of(const probe::Fetched& fetched) noexcept
{
    return sizeof(fetched) + fetched.body.size() + fetched.detail.size() + certificate;
}

} // namespace scan
