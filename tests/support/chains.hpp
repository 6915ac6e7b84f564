// A small public key infrastructure for tests of what judges chains: made once, as of a fixed moment.
#pragma once

#include "fixtures/pki/pki.hpp"

#include <chrono>
#include <string>

namespace support
{

inline constexpr std::chrono::days day{1};
inline constexpr std::chrono::sys_seconds now =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(12);

/// Root CA → Intermediate CA, both good.
struct Authorities
{
    pki::Issued root = pki::issue({.common_name = "Root CA", .authority = true}, nullptr, now);
    pki::Issued intermediate = pki::issue({.common_name = "Intermediate CA", .authority = true}, &root, now);
};

inline const Authorities& authorities()
{
    static const Authorities made;
    return made;
}

/// A good recipe for mx.test, to be spoiled.
inline pki::Recipe good()
{
    return {.common_name = "mx.test", .names = {"DNS:mx.test"}};
}

/// Issued by the intermediate.
inline pki::Issued leaf(const pki::Recipe& recipe = good())
{
    return pki::issue(recipe, &authorities().intermediate, now);
}

/// One name of subjectAltName and no CN.
inline pki::Issued named(const std::string& name)
{
    return leaf({.common_name = "", .names = {name}});
}

} // namespace support
