#include "probe/survey.hpp"

#include "probe/strength.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace probe
{
namespace
{

constexpr std::size_t least_dh_bits = 2048; // RFC 7919 §1
constexpr std::size_t most_named = 6;
constexpr int least_curve_bits = 224; // as for the key of a certificate

/// Each once, in the order in which they came.
void add(std::vector<std::string>& names, const std::string& name)
{
    if (std::ranges::find(names, name) == names.end())
        names.push_back(name);
}

std::string versions_notice(const Survey& survey)
{
    std::vector<std::string> old;
    for (const auto& version : survey.versions) {
        const auto told = name(version.version);
        if (version.state == Accepted::yes && weak_version(told))
            old.push_back(told);
    }
    if (old.empty())
        return {};
    return fmt::format(
        "accepts {}, long out of use (RFC 8996): not a failure but a choice on port 25, where the other way "
        "is "
        "no TLS at all",
        fmt::join(old, ", ")
    );
}

std::string suites_notice(const Survey& survey)
{
    std::vector<std::string> weak;
    for (const auto& version : survey.versions) {
        for (const auto& suite : version.suites) {
            if (!weakness_of(suite).empty())
                add(weak, suite);
        }
    }
    if (weak.empty())
        return {};
    const auto rest = weak.size() - std::min(weak.size(), most_named);
    weak.resize(weak.size() - rest);
    const auto more = rest > 0 ? fmt::format(" and {} more", rest) : std::string();
    return fmt::format("would accept weak cipher suites: {}{}", fmt::join(weak, ", "), more);
}

std::string groups_notice(const Survey& survey)
{
    std::vector<std::string> small;
    for (const auto bits : survey.dh_bits) {
        if (bits < least_dh_bits)
            add(small, fmt::format("DH of {} bits", bits));
    }
    for (const auto& version : survey.versions) {
        for (const auto& group : version.groups.value_or(GroupSurvey()).accepted) {
            if (0 < group.bits && group.bits < least_curve_bits)
                add(small, group.name);
        }
    }
    return small.empty() ? ""
                         : fmt::format("would accept small key-exchange groups: {}", fmt::join(small, ", "));
}

} // namespace

std::string_view name(Accepted state) noexcept
{
    switch (state) {
    case Accepted::yes:
        return "accepted";
    case Accepted::no:
        return "refused";
    case Accepted::closed:
        return "closed";
    case Accepted::unknown:
        break;
    }
    return "unknown";
}

std::string_view name(Preference preference) noexcept
{
    switch (preference) {
    case Preference::server:
        return "server";
    case Preference::client:
        return "client";
    case Preference::unknown:
        break;
    }
    return "";
}

std::vector<std::string> notices(const Survey& survey)
{
    std::vector<std::string> all{versions_notice(survey), suites_notice(survey), groups_notice(survey)};
    if (survey.secure_renegotiation == false)
        all.emplace_back("has no secure renegotiation (RFC 5746), which keeps what is sent before a session "
                         "from being taken for a part of it");
    if (survey.compression == true)
        all.emplace_back("compresses inside TLS, from which secrets can be guessed (RFC 9325 section 3.3)");
    if (survey.extended_master_secret == false)
        all.emplace_back("has no extended master secret (RFC 7627), which binds a session to its handshake");
    if (survey.alpn_refused)
        all.emplace_back("refuses a handshake that offers the protocol \"smtp\" by ALPN");
    std::erase(all, "");
    return all;
}

} // namespace probe
