// What a history keeps of a run, and of what was seen in it that may change. Data, and what is made of a
// verdict. Pure.
#pragma once

#include "probe/verdict.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace history
{

using Moment = std::chrono::sys_time<std::chrono::milliseconds>;

enum class Aspect : std::uint8_t
{
    status,      // "CRITICAL"
    factor,      // "90"; empty: it has none
    mx,          // "5 mx1.example.com, 10 mx2.example.com"; "null", "implicit", "none", "nxdomain"
    policy,      // the id of the MTA-STS record; empty: there is none
    certificate, // of a server's own: its SHA-256
    protocol,    // "TLSv1.3"; empty: TLS does not come up there
    finding      // a code; any number of them hold at once
};
inline constexpr std::array all_aspects{Aspect::status,      Aspect::factor,   Aspect::mx,     Aspect::policy,
                                        Aspect::certificate, Aspect::protocol, Aspect::finding};

/// "status", "factor", "mx", "policy", "certificate", "protocol", "finding".
std::string_view name(Aspect aspect) noexcept;
std::optional<Aspect> aspect_named(std::string_view name) noexcept;

/// What it is about: all empty for the domain; without an address, a host.
struct Place
{
    std::string host{};
    std::string address{};
    std::uint16_t port = 0;
    auto operator<=>(const Place&) const = default;
};

struct Fact
{
    Aspect aspect{};
    Place place{};
    std::string value{}; // printable
    bool operator==(const Fact&) const = default;
};

/// All text is printable.
struct Certificate
{
    std::string sha256{};
    std::string serial{};
    std::string spki_sha256{};
    std::string key{}; // "EC P-256"
    std::string issuer{};
    std::chrono::sys_seconds not_after{};
    bool operator==(const Certificate&) const = default;
};

struct Run
{
    Moment began{};
    std::chrono::milliseconds elapsed{};
    probe::Status status = probe::Status::unknown;
    std::optional<int> factor{};
    std::optional<int> days_left{}; // of the server's certificate that ends first
    bool operator==(const Run&) const = default;
};

/// One run of one target.
struct Sighting
{
    std::string target{}; // as name_of() says
    Run run{};
    std::vector<Fact> facts{};
    std::vector<Certificate> certificates{}; // those that facts name, each once

    /// Of what findings are known to be gone where none are among the facts: the domain, hosts.
    std::vector<Place> looked_at{};

    /// None but these hosts are left; none where that is not known.
    std::optional<std::vector<std::string>> hosts{};
};

/// What a target is called in a history: "example.com", "user@example.com", the domain in A-labels.
std::string name_of(const std::string& given, const std::string& domain);

/// Its label, or else that.
std::string name_of(const probe::Verdict& verdict);

/// What stands there without a label, of what a user writes; as it is where it is no target.
std::string name_of(const std::string& given);

/// Of a verdict that is finished. What could not be seen is not among the facts: a server that was not
/// reached has the certificate that it had.
Sighting sighting_of(const probe::Verdict& verdict);

} // namespace history
