// What is made of an Observation: the tree that reports tell. Data only.
#pragma once

#include "probe/chain.hpp"
#include "probe/dane.hpp"
#include "probe/finding.hpp"
#include "probe/greeting_name.hpp"
#include "probe/observation.hpp"
#include "probe/policy.hpp"
#include "probe/sts_policy.hpp"

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
inline constexpr std::size_t statuses = 4;

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
inline constexpr std::size_t results = 3;

std::string_view key(Result result) noexcept; // "ok", "fail", "skip", as in JSON

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
    std::optional<ChainVerdict> chain;  // where a handshake finished
    std::optional<DaneVerdict> dane{};  // where the host has records that a sender goes by, and that too
    std::optional<bool> sts_verified{}; // as of the endpoint
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
    bool shared = false;                      // it was held for another target of the same run
    std::array<StageVerdict, columns> stages; // indexed by Column
    std::optional<ChainVerdict> chain;        // where a handshake finished
    Identity identity;                        // with its reference also where no handshake finished
    Offer offer = Offer::unknown;             // what a sender finds there
    std::optional<Code> stopped_by;           // what kept TLS from coming up, or the probe from judging
    Outcomes outcomes{};
    bool judged = false; // false: it counts with 50
    bool counted = true; // false: left out of the factor (connect-local, excluded, --ignore-unreachable)
    int factor = 0;
    std::vector<OtherKeyVerdict> other_keys;
    std::array<std::optional<KeyState>, smtp::all_key_types.size()>
        key_states;                        // indexed by KeyType; none: not known
    std::optional<smtp::Session> in_clear; // --assure
    std::optional<Plaintext> plaintext;    // none: not asked
    OwnNames own_names;                    // what the server calls itself
    ReverseDns reverse;                    // what DNS calls its address
    std::optional<Survey> survey;          // --protocols

    /// None where nobody looked for records, or where the handshake that would have to match usable ones did
    /// not finish.
    std::optional<DaneVerdict> dane;

    /// Whether the certificate is what the MTA-STS policy demands (RFC 8461 §4.2); none where no policy in
    /// force covers the host, or no handshake finished.
    std::optional<bool> sts_verified;

    std::vector<Finding> findings;

    const StageVerdict& at(Column column) const noexcept { return stages[static_cast<std::size_t>(column)]; }
};

/// What the TLSA records of a host are to a sender (RFC 7672 §2.2).
struct TlsaVerdict
{
    std::string base_domain;
    std::vector<dns::Tlsa> records;
    bool usable = false;      // secure, and SMTP can use at least one
    std::size_t unusable = 0; // of secure records: those that SMTP cannot use
};

/// A TLSA record that describes a certificate as it was presented.
struct AdvisedTlsa
{
    dns::Tlsa record{};
    CertificateFacts certificate{};
    std::vector<asio::ip::address> presented_at{};
    bool published = false; // already
};

/// What to publish so that DANE holds for a host as it was seen (--tlsa).
struct TlsaAdvice
{
    std::string owner{}; // "_25._tcp.mx1.example.com"; empty for an address without a name
    dns::Security dnssec = dns::Security::unknown; // of the answer at the owner; of the host where none came
    bool failed = false;                           // the look-up of what is published

    /// What is there now, held against all that was presented; none where nobody looked, or that failed.
    std::optional<std::vector<JudgedTlsa>> published{};

    std::vector<AdvisedTlsa> records{}; // each once: those of servers' own certificates, then of issuers
};

struct HostVerdict
{
    std::string name;
    std::optional<std::uint16_t> preference;
    std::uint16_t port = 25;
    bool is_literal = false; // an address: nothing was looked up
    dns::Security dnssec = dns::Security::unknown;
    std::optional<int> factor;               // rounded down; none where the host is left out of the domain's
    std::optional<TlsaVerdict> tlsa{};       // none where nobody looked, and where the look-up failed
    std::optional<TlsaAdvice> tlsa_advice{}; // where asked for
    std::optional<bool> sts_covered{};       // by the MTA-STS policy; none without one in force
    std::vector<EndpointVerdict> endpoints;
    std::vector<Finding> findings;
};

/// What an endpoint is to a sender under the MTA-STS policy in force (RFC 8461 §4).
enum class Compliance : std::uint8_t
{
    complies,
    fails, // mail is not delivered there in mode enforce
    unseen // nobody knows
};

Compliance compliance_of(const HostVerdict& host, const EndpointVerdict& endpoint) noexcept;

struct Reason
{
    int points = 0; // below zero
    Code code{};
    std::string host;
    bool operator==(const Reason&) const = default;
};

/// Ten points beyond the hundred that a domain can have, and has where what it publishes holds at every host.
struct Extra
{
    Policy policy{}; // dane or mta_sts
    int points = 0;  // 10, or 0 where it does not
    bool operator==(const Extra&) const = default;
};

struct Confidence
{
    std::optional<int> factor; // none: null MX, no such domain, or DNS failed
    int max = 100;
    int best = 120;
    std::vector<Reason> reasons; // each once
    std::vector<Extra> extras{}; // of what the domain publishes

    /// What the extras add to the factor; no limit is held against it.
    int bonus() const noexcept;
};

/// The MTA-STS of a domain (RFC 8461).
struct StsVerdict
{
    enum class State : std::uint8_t
    {
        none,    // no record: most domains
        ok,      // a policy in mode enforce or none
        testing, // a policy in mode testing
        error    // the record or the policy is broken, or could not be found out
    };

    State state = State::none;
    std::string id;                   // of the record; empty where that is not well-formed
    std::optional<StsPolicy> policy;  // where one could be fetched and read
    std::vector<std::string> stale;   // patterns of the policy that no MX host matches
    std::vector<std::string> remarks; // what senders may take amiss in the policy
    std::vector<std::string> lines{}; // of the policy as it was sent, also one that cannot be read; printable

    /// Whether senders have to obey it or report on it: mode enforce or testing.
    bool in_force() const noexcept { return policy && policy->mode != StsMode::none; }

    /// Whether they must not deliver against it.
    bool is_enforced() const noexcept { return policy && policy->mode == StsMode::enforce; }
};

/// "none", "ok", "testing", "error".
std::string_view name(StsVerdict::State state) noexcept;

/// Where senders are asked to send TLS reports (RFC 8460 §3).
struct TlsRptVerdict
{
    enum class State : std::uint8_t
    {
        none,
        ok,
        error
    };

    State state = State::none;
    std::vector<std::string> rua; // URIs
};

/// "none", "ok", "error".
std::string_view name(TlsRptVerdict::State state) noexcept;

/// What the status was held against.
struct Thresholds
{
    int warn_below = 100; // of the factor without its extras
    int fail_below = 90;  // likewise
    int expiry_days = 21; // that a certificate must have left
};

struct Verdict
{
    std::string target; // as given
    std::string domain;
    std::optional<std::string> label{};   // what its user calls it, who may have it checked in several ways
    std::optional<std::string> contact{}; // whom to write to about it
    std::chrono::system_clock::time_point started;
    std::chrono::microseconds elapsed{};
    bool finished = false;
    Status status = Status::unknown;
    Confidence confidence;
    Route route = Route::unknown;
    dns::Security dnssec = dns::Security::unknown;
    std::vector<HostVerdict> hosts;
    std::vector<std::string> hosts_left_out{}; // by --quick: hosts of the MX answer that nobody looked at
    bool one_family = false;           // -4 or -6: a host without address may have one that was not asked for
    std::optional<StsVerdict> mta_sts; // none where nobody looked
    std::optional<TlsRptVerdict> tls_rpt; // likewise
    Outcomes outcomes{};
    std::optional<Policy> policy;  // the one asked for by --policy
    Thresholds thresholds{};       // the ones asked for
    bool rcpt = false;             // --rcpt: the column To is shown
    std::vector<Finding> findings; // about the domain
};

/// "found", "implicit", "null", "none", "nxdomain", "error"; empty where no MX was asked for.
std::string_view name(Route route) noexcept;

} // namespace probe
