#include "probe/strength.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace probe
{

namespace
{

struct Weakness
{
    std::string_view part; // of the cipher's name, between its hyphens
    std::string_view why;
};

// The worst first: it is the one that is told.
constexpr std::array weaknesses{
    Weakness{"NULL", "which does not encrypt"},
    Weakness{"ADH", "which authenticates nobody"},
    Weakness{"AECDH", "which authenticates nobody"},
    Weakness{"EXP", "whose keys are of export strength"},
    Weakness{"EXP1024", "whose keys are of export strength"},
    Weakness{"RC4", "which is RC4"},
    Weakness{"CBC3", "which is 3DES"},
    Weakness{"DES", "which is DES"},
    Weakness{"MD5", "which relies on MD5"},
};

bool has_part(std::string_view cipher, std::string_view part) noexcept
{
    for (auto rest = cipher; !rest.empty();) {
        const auto end = std::min(rest.find('-'), rest.size());
        if (rest.substr(0, end) == part)
            return true;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return false;
}

} // namespace

bool weak_version(std::string_view version) noexcept
{
    constexpr std::array weak{
        std::string_view("SSLv3"), std::string_view("TLSv1.0"), std::string_view("TLSv1.1")};
    return std::ranges::find(weak, version) != weak.end();
}

std::string_view weakness_of(std::string_view cipher) noexcept
{
    const auto found = std::ranges::find_if(weaknesses, [&](const Weakness& weakness) {
        return has_part(cipher, weakness.part);
    });
    return found == weaknesses.end() ? std::string_view() : found->why;
}

std::vector<Finding> judge_strength(const smtp::TlsFacts& tls, const std::string& host)
{
    std::vector<Finding> findings;
    if (weak_version(tls.version))
        findings.push_back(usual_finding(
            Code::tls_version_weak, fmt::format("{} chose {}, which is below TLS 1.2", host, tls.version)
        ));
    if (const auto why = weakness_of(tls.cipher); !why.empty())
        findings.push_back(
            usual_finding(Code::cipher_weak, fmt::format("{} chose {}, {}", host, tls.cipher, why))
        );
    if (!tls.forward_secrecy)
        findings.push_back(usual_finding(
            Code::cipher_no_forward_secrecy,
            fmt::format("{} chose {}, which has no forward secrecy", host, tls.cipher)
        ));
    return findings;
}

} // namespace probe
