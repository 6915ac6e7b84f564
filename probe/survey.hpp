// What an endpoint offers, not only what was negotiated with it (--protocols): facts, and what is worth a
// notice among them. Never part of the factor. Pure.
#pragma once

#include "smtp/cipher_suites.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace probe
{

enum class Accepted : std::uint8_t
{
    unknown, // it was not asked, did not answer, or not in a way that can be read
    yes,
    no,    // by an alert, or by an older version in its place
    closed // it closed the connection, as some do at a version that they do not know
};

/// "accepted", "refused", "closed", "unknown".
std::string_view name(Accepted state) noexcept;

/// Whose order of cipher suites decides.
enum class Preference : std::uint8_t
{
    unknown, // also where there is but one suite
    server,
    client
};

/// "server", "client"; empty for Preference::unknown.
std::string_view name(Preference preference) noexcept;

struct GroupOffered
{
    std::string name; // OpenSSL's
    int bits = 0;     // 0: it has no one size
    bool operator==(const GroupOffered&) const = default;
};

struct GroupSurvey
{
    std::vector<GroupOffered> accepted{}; // in the order in which the endpoint chose them
    bool complete = false;                // false: there may be more
};

struct VersionSurvey
{
    smtp::ProtocolVersion version{};
    Accepted state = Accepted::unknown;
    std::string reason{};              // why it is not Accepted::yes, or why the lists are not complete
    std::vector<std::string> suites{}; // OpenSSL's names, in the order in which the endpoint chose them
    bool complete = false;             // false: there may be more
    Preference preference = Preference::unknown;
    std::optional<GroupSurvey> groups{}; // of elliptic curves up to TLS 1.2; none: not asked
    std::optional<bool> resumption{};    // of sessions; none: not known
};

/// The newest version first.
inline constexpr std::array surveyed_versions{
    smtp::ProtocolVersion::tls13, smtp::ProtocolVersion::tls12, smtp::ProtocolVersion::tls11,
    smtp::ProtocolVersion::tls10, smtp::ProtocolVersion::ssl3};

struct Survey
{
    std::array<VersionSurvey, surveyed_versions.size()> versions{}; // in the order of surveyed_versions
    std::vector<std::size_t> dh_bits{}; // of DHE up to TLS 1.2: each size once, the least first

    // Of versions before TLS 1.3, which does without: none where none of them is accepted, or that is not
    // known.
    std::optional<bool> secure_renegotiation{};   // RFC 5746
    std::optional<bool> compression{};            // RFC 3749
    std::optional<bool> extended_master_secret{}; // RFC 7627; none where only SSL 3 is accepted
    std::optional<bool> session_tickets{};        // RFC 5077; likewise

    std::optional<std::string> alpn{}; // RFC 7301: "smtp", or empty for none; none: not known
    bool alpn_refused = false;         // the handshake failed for its sake
    std::size_t connections = 0;       // that were made for this
    std::string stopped{};             // why it ended before all was asked; empty: it did not
};

/// Sentences on what an operator may want to know: old versions, weak suites, small groups, what protects a
/// session and is missing. None of them is a failure.
std::vector<std::string> notices(const Survey& survey);

} // namespace probe
