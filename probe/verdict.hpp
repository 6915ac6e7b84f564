// What is made of an Observation: the tree that reports tell. Data only.
#pragma once

#include "probe/chain.hpp"
#include "probe/finding.hpp"
#include "probe/greeting_name.hpp"
#include "probe/observation.hpp"
#include "probe/policy.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace probe
{

enum class Status : std::uint8_t
{
    ok = 0,
    warning = 1,
    critical = 2,
    unknown = 3
};

/// "OK", "WARNING", "CRITICAL", "UNKNOWN".
std::string_view name(Status status) noexcept;

/// The worse of two: CRITICAL before UNKNOWN before WARNING before OK.
Status worse(Status one, Status other) noexcept;

/// The columns of the matrix, in their order.
enum class Column : std::uint8_t
{
    answer,
    connect,
    helo,
    tls,
    cert,
    secure,
    from,
    to
};
inline constexpr std::size_t columns = 8;

std::string_view key(Column column) noexcept;   // "answer", as in JSON
std::string_view title(Column column) noexcept; // "Answer", as in the table

enum class Result : std::uint8_t
{
    ok,
    fail,
    skip
};

struct StageVerdict
{
    Result result = Result::skip;
    std::optional<std::chrono::microseconds> took; // none where it was skipped
};

/// What is known of an endpoint's certificate of one algorithm.
enum class KeyState : std::uint8_t
{
    ok,   // it verifies
    fail, // it does not
    none  // the endpoint has no such certificate
};

std::string_view name(KeyState state) noexcept; // "ok", "fail", "none"

/// Of a session in which only certificates of one algorithm could be presented (--key-types).
struct OtherKeyVerdict
{
    smtp::KeyType type{};
    smtp::Session session;
    std::optional<ChainVerdict> chain; // where a handshake finished
};

/// What became of a MAIL FROM in clear, where STARTTLS is offered (--assure).
enum class Plaintext : std::uint8_t
{
    refused,
    accepted,
    unknown
};

std::string_view name(Plaintext plaintext) noexcept; // "refused", "accepted", "unknown"

struct EndpointVerdict
{
    smtp::Session session;                    // for the transcript, and for what the server said of itself
    std::array<StageVerdict, columns> stages; // indexed by Column
    std::optional<ChainVerdict> chain;        // where a handshake finished
    Identity identity;                        // with its reference also where no handshake finished
    Offer offer = Offer::unknown;             // what a sender finds there
    std::optional<Code> stopped_by;           // what kept TLS from coming up, or the probe from judging
    Outcomes outcomes{};
    bool judged = false; // false: it counts with 50
    bool counted = true; // false: left out of the factor (connect-local, --ignore-unreachable)
    int factor = 0;
    std::vector<OtherKeyVerdict> other_keys;
    std::array<std::optional<KeyState>, smtp::all_key_types.size()>
        key_states;                        // indexed by KeyType; none: not known
    std::optional<smtp::Session> in_clear; // --assure
    std::optional<Plaintext> plaintext;    // none: not asked
    OwnNames own_names;                    // what the server calls itself
    ReverseDns reverse;                    // what DNS calls its address
    std::optional<Survey> survey;          // --protocols
    std::vector<Finding> findings;

    const StageVerdict& at(Column column) const noexcept { return stages[static_cast<std::size_t>(column)]; }
};

struct HostVerdict
{
    std::string name;
    std::optional<std::uint16_t> preference;
    std::uint16_t port = 25;
    dns::Security dnssec = dns::Security::unknown;
    std::optional<int> factor; // rounded down; none where the host is left out of the domain's
    std::vector<EndpointVerdict> endpoints;
    std::vector<Finding> findings;
};

struct Reason
{
    int points = 0; // below zero
    Code code{};
    std::string host;
    bool operator==(const Reason&) const = default;
};

struct Confidence
{
    std::optional<int> factor; // none: null MX, no such domain, or DNS failed
    int max = 100;
    int best = 120;
    std::vector<Reason> reasons; // each once
};

struct Verdict
{
    std::string target; // as given
    std::string domain;
    std::chrono::system_clock::time_point started;
    std::chrono::microseconds elapsed{};
    bool finished = false;
    Status status = Status::unknown;
    Confidence confidence;
    Route route = Route::unknown;
    dns::Security dnssec = dns::Security::unknown;
    std::vector<HostVerdict> hosts;
    bool one_family = false; // -4 or -6: a host without address may have one that was not asked for
    Outcomes outcomes{};
    std::optional<Policy> policy;  // the one asked for by --policy
    bool rcpt = false;             // --rcpt: the column To is shown
    std::vector<Finding> findings; // about the domain
};

/// "found", "implicit", "null", "none", "nxdomain", "error"; empty for Route::given.
std::string_view name(Route route) noexcept;

} // namespace probe
