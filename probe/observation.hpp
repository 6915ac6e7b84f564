// Everything that was seen of one target. Facts only: from here on there are only functions.
#pragma once

#include "dns/records.hpp"
#include "probe/fetch.hpp"
#include "probe/survey.hpp"
#include "probe/target.hpp"
#include "smtp/session.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace probe
{

/// Where the hosts come from.
enum class Route
{
    untried,  // no target, or one that --exclude names: nothing was asked
    unknown,  // the MX look-up failed, or has not ended
    given,    // --mx, or an address literal: no MX was asked for
    mx,       // MX records
    implicit, // no MX, an address of the domain's own (RFC 5321 §5.1)
    null_mx,  // RFC 7505
    none,     // neither MX nor address
    no_domain // NXDOMAIN
};

/// A session in which only certificates of one algorithm could be presented.
struct KeyTypeSession
{
    smtp::KeyType type{};
    smtp::Session session;
};

/// A name that DNS gives an address, and whether it leads back to it.
struct ReverseName
{
    std::string name;              // lower case, no trailing dot, escaped as in dns::Answer
    std::optional<bool> confirmed; // none: not known in time, or DNS did not say
};

/// Forward-confirmed reverse DNS of an address (RFC 8601 §3): information, by which nothing is judged.
struct ReverseDns
{
    enum class State
    {
        unknown, // not asked for, or not known before the sessions of the target were over
        found,
        none,  // the address has no name
        failed // DNS did not say
    };

    State state = State::unknown;
    std::vector<ReverseName> names{}; // alphabetically
    std::size_t left_out = 0;         // names above max_reverse_names: not looked at
};

/// One address of a host, and all that was seen there.
struct Endpoint
{
    smtp::Session session; // its peer is the address

    /// The rule of --exclude that kept it from being contacted: nothing else is there then.
    std::optional<std::string> excluded{};

    /// The session was held for another target of the same run.
    bool shared = false;

    /// --key-types: one for each algorithm that the session's own certificate is not of.
    std::vector<KeyTypeSession> other_keys{};

    /// --assure: MAIL FROM without the STARTTLS that is offered.
    std::optional<smtp::Session> in_clear{};

    /// Looked up while the sessions went on, which never waited for it.
    ReverseDns reverse{};

    /// --protocols: none where STARTTLS did not work.
    std::optional<Survey> survey{};
};

/// One TLSA question (RFC 6698 §3) for one candidate for the TLSA base domain (RFC 7671 §7).
struct TlsaLookup
{
    std::string base_domain; // the records are at _PORT._tcp. of it
    dns::Answer answer;
};

struct Host
{
    std::string name;                         // A-labels, lower case, no trailing dot; an IP literal bare
    std::optional<asio::ip::address> literal; // where the name is one: nothing was looked up
    std::optional<std::uint16_t> preference;  // of its MX record
    std::uint16_t port = 25;

    /// The rule of --exclude that names it: nothing was looked up then, and it has no endpoints.
    std::optional<std::string> excluded{};

    std::optional<dns::Answer> ipv4; // the A answer; none where it was not asked for
    std::optional<dns::Answer> ipv6; // the AAAA answer

    /// The CNAME answer for the name: asked only where the addresses lie behind an alias and their answer is
    /// insecure, since the alias itself may be signed all the same (RFC 7672 §2.2.2).
    std::optional<dns::Answer> first_alias;

    /// In the order asked: the last one decides. None where there is nothing that DANE could rest on: no
    /// secure answer of addresses or first alias, an address literal, --no-dane.
    std::vector<TlsaLookup> tlsa{};

    std::vector<Endpoint> endpoints; // one an address: IPv4 first, each family numerically
};

struct Observation
{
    Target target;
    std::chrono::system_clock::time_point started;
    std::chrono::microseconds elapsed{};
    bool finished = false;         // false: interrupted, and what is here is what was known
    std::optional<dns::Answer> mx; // none with Route::given
    Route route = Route::unknown;
    bool null_mx_beside_others = false; // a "." among other MX records
    std::vector<Host> hosts;            // by preference, then name

    bool dane_asked = false; // --no-dane leaves the TLSA look-ups out

    /// The TXT answers for _mta-sts (RFC 8461 §3.1) and _smtp._tls (RFC 8460 §3) of the domain; none where
    /// they were not asked for: no host to send to, or none with a name; the first with --no-mta-sts, the
    /// second with --no-dane and --no-mta-sts.
    std::optional<dns::Answer> sts_record;
    std::optional<dns::Answer> tls_rpt_record;

    /// What came from https://mta-sts.DOMAIN/.well-known/mta-sts.txt; none where no record announces it.
    std::optional<Fetched> sts_policy;

    std::size_t addresses_left_out = 0;      // above max_endpoints: not connected to
    bool local_resolver = false;             // every resolver asked is on loopback
    std::optional<bool> known_good_answered; // --known-good; none where there was no need to try it
};

} // namespace probe
