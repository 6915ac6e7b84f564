// Observations made by hand: what a session, a look-up, a domain may have shown.
#pragma once

#include "dns/error.hpp"
#include "fixtures/pki/pki.hpp"
#include "probe/judge.hpp"
#include "probe/observation.hpp"
#include "smtp/error.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace seen
{

using namespace std::chrono_literals;
using probe::Code;
using probe::Severity;
using smtp::errc;
using smtp::Stage;

inline constexpr std::chrono::sys_seconds noon =
    std::chrono::sys_days{std::chrono::November / 20 / 2026} + 12h;
inline const std::string mx1 = "mx1.example.com";

inline const pki::Issued& root()
{
    static const auto issued = pki::issue({.common_name = "Root", .authority = true}, nullptr, noon);
    return issued;
}

inline const probe::TrustStore& trust()
{
    static const probe::TrustStore store(std::array{smtp::Certificate(root().certificate)});
    return store;
}

/// For sessions that have no chain: whoever asks for the roots all the same fails the test.
inline const probe::TrustStore& nobody()
{
    throw std::logic_error("trust() was asked for without a chain");
}

inline std::vector<smtp::Certificate> chain_for(const std::string& name)
{
    const pki::Recipe leaf{.common_name = name, .names = {"DNS:" + name}};
    return {pki::issue(leaf, &root(), noon).certificate};
}

inline smtp::TlsFacts tls_with(std::vector<smtp::Certificate> chain)
{
    return {"TLSv1.3", "TLS_AES_256_GCM_SHA384", 256, "X25519", true, std::move(chain), {}};
}

inline smtp::Reply reply(int code, std::string text = "so it is")
{
    return {code, {std::move(text)}};
}

inline smtp::Step step(Stage stage, std::chrono::microseconds took, std::error_code fault = {})
{
    smtp::Step taken;
    taken.stage = stage;
    taken.took = took;
    taken.fault = fault;
    if (fault == errc::unexpected_reply && stage != Stage::greeting)
        taken.sent = "NOOP"; // what was answered was asked
    return taken;
}

/// The steps of a good session in their order, and how long each takes here.
inline constexpr std::array<std::pair<Stage, std::chrono::milliseconds>, 8> good_steps{
    {{Stage::connect, 10ms},
     {Stage::greeting, 20ms},
     {Stage::ehlo, 30ms},
     {Stage::starttls, 40ms},
     {Stage::handshake, 50ms},
     {Stage::ehlo_tls, 60ms},
     {Stage::mail_from, 70ms},
     {Stage::quit, 90ms}}};

inline smtp::Extensions offering(bool starttls)
{
    smtp::Extensions extensions;
    extensions.name = mx1;
    extensions.starttls = starttls;
    return extensions;
}

/// A session in which everything before `stage` went well; it is still under way.
inline smtp::Session before(Stage stage, std::vector<smtp::Certificate> chain = {})
{
    smtp::Session session;
    session.peer = {asio::ip::make_address("192.0.2.1"), 25};
    session.now = stage;
    for (const auto& [taken, took] : good_steps) {
        if (taken == stage)
            break;
        session.steps.push_back(step(taken, took));
        if (taken == Stage::ehlo)
            session.offered = offering(true);
        if (taken == Stage::handshake)
            session.tls = tls_with(chain);
        if (taken == Stage::ehlo_tls)
            session.offered_inside_tls = offering(false);
    }
    return session;
}

inline smtp::Session& end(smtp::Session& session, smtp::Step last)
{
    session.steps.push_back(std::move(last));
    session.finished = true;
    return session;
}

/// A session that ended at `stage`.
inline smtp::Session
ended(Stage stage, std::error_code fault, std::optional<smtp::Reply> said = {}, std::string detail = {})
{
    auto session = before(stage);
    auto last = step(stage, 1500ms, fault);
    last.reply = std::move(said);
    last.detail = std::move(detail);
    return end(session, std::move(last));
}

/// A session that ended at a reply that is not the one the step needs.
inline smtp::Session answered(Stage stage, int code, std::string text = "so it is")
{
    return ended(stage, errc::unexpected_reply, reply(code, std::move(text)));
}

/// A session that the server left before the step could ask.
inline smtp::Session hung_up(Stage stage)
{
    auto session = answered(stage, 421, "4.3.2 shutting down");
    session.steps.back().sent.clear();
    return session;
}

/// A session that went well to its QUIT, with this chain.
inline smtp::Session whole(std::vector<smtp::Certificate> chain)
{
    auto session = before(Stage::quit, std::move(chain));
    return end(session, step(Stage::quit, 90ms));
}

/// A session with a server that never offers STARTTLS: MAIL FROM in clear.
inline smtp::Session in_clear()
{
    auto session = before(Stage::starttls);
    session.offered = offering(false);
    session.steps.push_back(step(Stage::mail_from, 70ms));
    return end(session, step(Stage::quit, 90ms));
}

/// The same where a middlebox wrote over the keyword.
inline smtp::Session masked()
{
    auto session = in_clear();
    session.offered->masked = true;
    return session;
}

/// EHLO refused with this code, then HELO with `last`.
inline smtp::Session with_helo(smtp::Step last, int refusal = 502)
{
    auto session = before(Stage::ehlo);
    auto ehlo = step(Stage::ehlo, 30ms, errc::unexpected_reply);
    ehlo.reply = reply(refusal, "what is EHLO?");
    session.steps.push_back(std::move(ehlo));
    return end(session, std::move(last));
}

inline smtp::Session helo_only(int refusal = 502)
{
    auto session = with_helo(step(Stage::helo, 35ms), refusal);
    return end(session, step(Stage::mail_from, 70ms));
}

inline dns::Answer answer(std::string name, dns::Type type, std::vector<dns::Record> records)
{
    dns::Answer found;
    found.name = std::move(name);
    found.type = type;
    found.state = records.empty() ? dns::State::no_data : dns::State::found;
    found.records = std::move(records);
    return found;
}

inline dns::Answer failure(std::string name, dns::Type type, dns::errc fault)
{
    auto failed = answer(std::move(name), type, {});
    failed.state = dns::State::failed;
    failed.fault = fault;
    failed.security = fault == dns::errc::bogus ? dns::Security::bogus : dns::Security::unknown;
    return failed;
}

inline dns::Answer no_such_name(std::string name, dns::Type type)
{
    auto missing = answer(std::move(name), type, {});
    missing.state = dns::State::no_such_name;
    return missing;
}

inline dns::Record address(const std::string& text)
{
    return asio::ip::make_address(text);
}

/// A host with an A record, and one session each.
inline probe::Host
host(const std::string& name, std::optional<std::uint16_t> preference, std::vector<smtp::Session> sessions)
{
    probe::Host seen;
    seen.name = name;
    seen.preference = preference;
    seen.ipv4 = answer(name, dns::Type::a, {address("192.0.2.1")});
    seen.ipv6 = answer(name, dns::Type::aaaa, {});
    for (auto& session : sessions)
        seen.endpoints.push_back({std::move(session)});
    return seen;
}

/// A host that there is no address for.
inline probe::Host host_without_address(const std::string& name, std::optional<std::uint16_t> preference = 10)
{
    auto seen = host(name, preference, {});
    seen.ipv4 = answer(name, dns::Type::a, {});
    return seen;
}

/// A host whose addresses nobody could tell.
inline probe::Host host_without_answer(const std::string& name, std::optional<std::uint16_t> preference = 10)
{
    auto seen = host(name, preference, {});
    seen.ipv4 = failure(name, dns::Type::a, dns::errc::timed_out);
    seen.ipv6 = failure(name, dns::Type::aaaa, dns::errc::timed_out);
    return seen;
}

/// An address that --exclude keeps from being contacted, and a host that it names.
inline probe::Endpoint excluded_endpoint()
{
    probe::Endpoint left_alone;
    left_alone.session.peer = {asio::ip::make_address("192.0.2.1"), 25};
    left_alone.excluded = "192.0.2.0/24";
    return left_alone;
}

inline probe::Host excluded_host(const std::string& name, std::optional<std::uint16_t> preference = 10)
{
    probe::Host left_alone;
    left_alone.name = name;
    left_alone.preference = preference;
    left_alone.excluded = name;
    return left_alone;
}

inline probe::Observation domain(probe::Route route, std::vector<probe::Host> hosts = {})
{
    probe::Observation seen;
    seen.target.given = "user@example.com";
    seen.target.domain = "example.com";
    seen.finished = true;
    seen.route = route;
    seen.hosts = std::move(hosts);
    if (route != probe::Route::given)
        seen.mx = answer("example.com", dns::Type::mx, {});
    return seen;
}

/// example.com with one host, and this one session with it.
inline probe::Observation domain_with(smtp::Session session)
{
    return domain(probe::Route::mx, {host(mx1, 10, {std::move(session)})});
}

inline probe::Criteria criteria()
{
    probe::Criteria criteria;
    criteria.moment = noon;
    return criteria;
}

inline probe::Verdict judged(probe::Observation observation, const probe::Criteria& with = criteria())
{
    return probe::judge(std::move(observation), with, trust);
}

inline std::vector<Code> codes(const std::vector<probe::Finding>& findings)
{
    std::vector<Code> found;
    for (const auto& finding : findings)
        found.push_back(finding.code);
    return found;
}

} // namespace seen

namespace probe
{

// How GoogleTest shows these in a failure.
inline void PrintTo(Code code, std::ostream* out)
{
    *out << name(code);
}
inline void PrintTo(Severity severity, std::ostream* out)
{
    *out << name(severity);
}
inline void PrintTo(Status status, std::ostream* out)
{
    *out << name(status);
}
inline void PrintTo(Outcome outcome, std::ostream* out)
{
    *out << name(outcome);
}
inline void PrintTo(const Reason& reason, std::ostream* out)
{
    *out << reason.points << ' ' << name(reason.code) << ' ' << reason.host;
}

} // namespace probe
