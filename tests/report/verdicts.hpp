// Verdicts made by hand: one for each thing that a report has to tell well.
#pragma once

#include "probe/verdict.hpp"

#include <asio/error.hpp>
#include <asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace verdicts
{

using namespace std::chrono_literals;
using probe::Code;
using probe::Column;
using probe::Outcome;
using probe::Result;
using probe::Severity;
using smtp::Stage;
using std::chrono::microseconds;

inline constexpr auto noon = std::chrono::sys_days{std::chrono::November / 20 / 2026} + 12h;

/// A session, told step by step.
class Conversation
{
public:
    explicit Conversation(const std::string& address, std::uint16_t port = 25)
    {
        session_.peer = {asio::ip::make_address(address), port};
        session_.started = noon + 131ms;
        session_.finished = true;
    }

    Conversation&
    say(Stage stage, microseconds took, std::string sent, int code, std::vector<std::string> lines)
    {
        pass(stage, took);
        session_.steps.back().sent = std::move(sent);
        session_.steps.back().reply = smtp::Reply{code, std::move(lines)};
        return *this;
    }

    Conversation& pass(Stage stage, microseconds took)
    {
        smtp::Step step;
        step.stage = stage;
        step.began = now_;
        step.took = took;
        now_ += took;
        session_.now = stage;
        session_.steps.push_back(step);
        return *this;
    }

    /// The step just told did not go as it should.
    Conversation& fault(std::error_code fault, std::string detail = "")
    {
        session_.steps.back().fault = fault;
        session_.steps.back().detail = std::move(detail);
        return *this;
    }

    /// Up to the EHLO reply, which offers what is given.
    Conversation& greet(
        const std::string& name, const std::vector<std::string>& extensions, microseconds connect = 41'200us
    )
    {
        pass(Stage::connect, connect);
        session_.local =
            asio::ip::make_address(session_.peer.address().is_v4() ? "198.51.100.25" : "2001:db8:ffff::25");
        say(Stage::greeting, 421'800us, "", 220, {name + " ESMTP"});
        auto lines = extensions;
        lines.insert(lines.begin(), name);
        say(Stage::ehlo, 50'100us, "EHLO probe.example.org", 250, lines);
        session_.offered = smtp::Extensions{
            .name = name,
            .lines = extensions,
            .starttls = std::count(extensions.begin(), extensions.end(), "STARTTLS") > 0,
            .masked = std::count(extensions.begin(), extensions.end(), "XXXXXXXA") > 0};
        return *this;
    }

    Conversation& start_tls(const smtp::TlsFacts& facts)
    {
        say(Stage::starttls, 48'000us, "STARTTLS", 220, {"2.0.0 Ready to start TLS"});
        pass(Stage::handshake, 457'900us);
        session_.tls = facts;
        return *this;
    }

    /// EHLO inside TLS, MAIL FROM and QUIT.
    Conversation& end_well(const std::string& name)
    {
        say(Stage::ehlo_tls, 50'300us, "EHLO probe.example.org", 250, {name, "SIZE 10240000", "8BITMIME"});
        session_.offered_inside_tls = smtp::Extensions{name, {"SIZE 10240000", "8BITMIME"}, false, false};
        say(Stage::mail_from, 41'400us, "MAIL FROM:<>", 250, {"2.1.0 Ok"});
        return *this;
    }

    Conversation& quit() { return say(Stage::quit, 40'900us, "QUIT", 221, {"2.0.0 Bye"}); }

    /// The step under way never ended.
    Conversation& stop(Stage now)
    {
        session_.now = now;
        session_.finished = false;
        return *this;
    }

    operator smtp::Session() const { return session_; }

private:
    smtp::Session session_;
    microseconds now_{};
};

inline smtp::TlsFacts tls13()
{
    return {
        .version = "TLSv1.3",
        .cipher = "TLS_AES_256_GCM_SHA384",
        .bits = 256,
        .group = "X25519",
        .forward_secrecy = true,
        .chain = {},
        .ocsp_staple = {}};
}

inline probe::JudgedCertificate leaf(const std::string& name, std::string verdict = "ok")
{
    return {
        .facts =
            {.subject = "/CN=" + name,
             .issuer = "/C=US/O=Example Trust/CN=Example TLS CA 2",
             .serial = "04c3f1",
             .not_before = noon - 30 * 24h + 35min + 32s,
             .not_after = noon + 61 * 24h + 35min + 31s,
             .key = "RSA 2048",
             .signature = "sha256WithRSAEncryption",
             .names = {"DNS:" + name, "DNS:smtp." + name},
             .common_name = name,
             .sha256 = std::string(64, 'a'),
             .spki_sha256 = std::string(64, 'b')},
        .days_left = 61,
        .verdict = std::move(verdict)};
}

inline probe::JudgedCertificate intermediate()
{
    return {
        .facts =
            {.subject = "/C=US/O=Example Trust/CN=Example TLS CA 2",
             .issuer = "/C=US/O=Example Trust/CN=Example Root",
             .serial = "11",
             .not_before = std::chrono::sys_days{std::chrono::October / 3 / 2018} + 12h + 35min + 32s,
             .not_after = std::chrono::sys_days{std::chrono::October / 3 / 2028} + 12h + 45min,
             .key = "EC P-384",
             .signature = "ecdsa-with-SHA384",
             .names = {},
             .common_name = "Example TLS CA 2",
             .sha256 = std::string(64, 'c'),
             .spki_sha256 = std::string(64, 'd')},
        .days_left = 683,
        .verdict = "ok"};
}

inline probe::Outcomes outcomes(probe::Offer offer)
{
    probe::Outcomes result{};
    for (const auto policy : probe::all_policies)
        result[static_cast<std::size_t>(policy)] = outcome(policy, offer, {});
    return result;
}

/// Stages up to `last` passed, that one with `result`.
inline void set_stages(probe::EndpointVerdict& endpoint, Column last, Result result)
{
    constexpr std::array took{41'200us, 421'800us, 50'100us, 48'000us, 950us, 508'200us, 41'400us, 43'000us};
    for (std::size_t index = 0; index <= static_cast<std::size_t>(last); ++index)
        endpoint.stages[index] = {Result::ok, took[index]};
    endpoint.stages[static_cast<std::size_t>(last)].result = result;
}

/// TLS is up, the certificate is the host's own, everything verifies.
inline probe::EndpointVerdict good_endpoint(const std::string& address, const std::string& name)
{
    Conversation conversation(address);
    conversation.greet(name, {"SIZE 10240000", "STARTTLS", "8BITMIME"});
    conversation.start_tls(tls13()).end_well(name).quit();

    probe::EndpointVerdict endpoint;
    endpoint.session = conversation;
    endpoint.own_names = probe::own_names(endpoint.session);
    endpoint.reverse = {probe::ReverseDns::State::found, {{name, true}}, 0};
    set_stages(endpoint, Column::from, Result::ok);
    endpoint.identity = {name, name, probe::Identity::By::san};
    endpoint.chain = probe::ChainVerdict{
        .cert_ok = true,
        .weak = false,
        .identity = endpoint.identity,
        .certificates = {leaf(name), intermediate()},
        .findings = {}};
    endpoint.offer = probe::Offer::verified;
    endpoint.outcomes = outcomes(endpoint.offer);
    endpoint.judged = true;
    endpoint.factor = 100;
    return endpoint;
}

/// One that came no further than `last`.
inline probe::EndpointVerdict
bad_endpoint(const Conversation& conversation, Column last, probe::Finding finding, probe::Offer offer)
{
    probe::EndpointVerdict endpoint;
    endpoint.session = conversation;
    endpoint.own_names = probe::own_names(endpoint.session);
    set_stages(endpoint, last, Result::fail);
    endpoint.offer = offer;
    endpoint.stopped_by = finding.code;
    endpoint.outcomes = outcomes(offer);
    endpoint.judged = offer != probe::Offer::unknown;
    endpoint.factor = endpoint.judged ? 0 : 50;
    endpoint.findings = {std::move(finding)};
    return endpoint;
}

inline probe::HostVerdict
host(std::string name, std::uint16_t preference, int factor, std::vector<probe::EndpointVerdict> endpoints)
{
    for (auto& endpoint : endpoints) {
        if (!endpoint.identity.reference)
            endpoint.identity.reference = name;
    }
    return {
        .name = std::move(name),
        .preference = preference,
        .port = 25,
        .dnssec = dns::Security::secure,
        .factor = factor,
        .endpoints = std::move(endpoints),
        .findings = {}};
}

inline probe::Verdict target(std::string given, std::string domain, probe::Status status)
{
    probe::Verdict verdict;
    verdict.target = std::move(given);
    verdict.domain = std::move(domain);
    verdict.started = noon + 123ms;
    verdict.elapsed = 1'204'700us;
    verdict.finished = true;
    verdict.status = status;
    verdict.outcomes.fill(Outcome::not_applicable);
    return verdict;
}

/// Two addresses of one host, TLS 1.3, everything verifies.
inline probe::Verdict well()
{
    auto verdict = target("example.com", "example.com", probe::Status::ok);
    verdict.confidence.factor = 100;
    verdict.route = probe::Route::mx;
    verdict.dnssec = dns::Security::secure;
    const std::string name = "mx1.example.com";
    verdict.hosts = {
        host(name, 10, 100, {good_endpoint("192.0.2.1", name), good_endpoint("2001:db8::1", name)})};
    verdict.outcomes = outcomes(probe::Offer::verified);
    return verdict;
}

/// The contract's example: the certificate names another host. An address, with --rcpt and --policy.
inline probe::Verdict mismatch()
{
    auto verdict = target("user@example.com", "example.com", probe::Status::critical);
    verdict.confidence = {90, 100, 120, {{-10, Code::certificate_host_mismatch, "mx1.example.com"}}};
    verdict.route = probe::Route::mx;
    verdict.dnssec = dns::Security::insecure;

    auto endpoint = good_endpoint("192.0.2.1", "mx1.example.com");
    set_stages(endpoint, Column::to, Result::fail);
    endpoint.stages[static_cast<std::size_t>(Column::answer)].took = 1'203'400us;
    endpoint.stages[static_cast<std::size_t>(Column::cert)].result = Result::fail;
    Conversation conversation("192.0.2.1");
    conversation.greet("mx1.example.com", {"SIZE 10240000", "STARTTLS", "8BITMIME"}, 1'203'400us);
    conversation.start_tls(tls13()).end_well("mx1.example.com");
    conversation.say(Stage::rcpt_to, 43'000us, "RCPT TO:<user@example.com>", 450, {"4.2.0 Greylisted"});
    conversation.fault(smtp::errc::unexpected_reply).quit();
    endpoint.session = conversation;
    endpoint.identity = {"mx1.example.com", std::nullopt, probe::Identity::By::none};
    endpoint.chain->cert_ok = false;
    endpoint.chain->identity = endpoint.identity;
    endpoint.chain->certificates = {leaf("mail.example.net"), intermediate()};
    endpoint.offer = probe::Offer::unverified;
    endpoint.outcomes = outcomes(endpoint.offer);
    endpoint.factor = 90;
    endpoint.findings = {
        {Code::certificate_host_mismatch, Severity::critical,
         "the certificate names mail.example.net and smtp.mail.example.net, not mx1.example.com", ""},
        {Code::rcpt_deferred, Severity::notice, "RCPT TO was put off", "450 4.2.0 Greylisted"}};
    verdict.hosts = {host("mx1.example.com", 5, 90, {endpoint})};
    verdict.outcomes = endpoint.outcomes;
    verdict.policy = probe::Policy::required_verify;
    verdict.rcpt = true;
    return verdict;
}

inline probe::EndpointVerdict refused()
{
    Conversation conversation("192.0.2.11");
    conversation.pass(Stage::connect, 700us).fault(asio::error::connection_refused);
    return bad_endpoint(
        conversation, Column::answer,
        {Code::connect_refused, Severity::warning, "192.0.2.11 refused the connection to port 25", ""},
        probe::Offer::unknown
    );
}

inline probe::EndpointVerdict put_off()
{
    Conversation conversation("192.0.2.12");
    conversation.pass(Stage::connect, 41'200us);
    conversation.say(
        Stage::greeting, 6'021'000us, "", 421, {"4.7.0 Too many connections,", "try again later"}
    );
    conversation.fault(smtp::errc::unexpected_reply).quit();
    auto endpoint = bad_endpoint(
        conversation, Column::connect,
        {Code::greeting_deferred, Severity::warning,
         "the server puts the probe off, so that its TLS cannot be seen",
         "421 4.7.0 Too many connections, try again later"},
        probe::Offer::unknown
    );
    return endpoint;
}

inline probe::EndpointVerdict without_starttls()
{
    Conversation conversation("192.0.2.13");
    conversation.greet("mx3.example.com", {"SIZE 10240000"});
    conversation.say(Stage::mail_from, 41'400us, "MAIL FROM:<>", 550, {"5.7.1 Clear text? No"});
    conversation.fault(smtp::errc::unexpected_reply).quit();
    auto endpoint = bad_endpoint(
        conversation, Column::tls,
        {Code::starttls_not_supported, Severity::critical, "STARTTLS is not in the reply to EHLO", ""},
        probe::Offer::plain
    );
    endpoint.stages[static_cast<std::size_t>(Column::tls)].took.reset();
    endpoint.stages[static_cast<std::size_t>(Column::from)] = {Result::fail, 41'400us};
    endpoint.findings.push_back(
        {Code::mail_from_refused, Severity::warning, "MAIL FROM was refused: 550 5.7.1 Clear text? No",
         "550 5.7.1 Clear text? No"}
    );
    return endpoint;
}

inline probe::EndpointVerdict broken_handshake()
{
    Conversation conversation("192.0.2.14");
    conversation.greet("mx4.example.com", {"STARTTLS"});
    conversation.say(Stage::starttls, 48'000us, "STARTTLS", 220, {"Go ahead"});
    conversation.pass(Stage::handshake, 50'000us);
    conversation.fault(smtp::errc::handshake_failed, "alert handshake failure (40)");
    auto endpoint = bad_endpoint(
        conversation, Column::secure,
        {Code::tls_handshake_failed, Severity::critical,
         "the TLS handshake failed: alert handshake failure (40)", ""},
        probe::Offer::broken
    );
    endpoint.stages[static_cast<std::size_t>(Column::cert)] = {};
    return endpoint;
}

inline probe::EndpointVerdict masked()
{
    Conversation conversation("192.0.2.15");
    conversation.greet("mx5.example.com", {"SIZE 10240000", "XXXXXXXA"});
    conversation.say(Stage::mail_from, 41'400us, "MAIL FROM:<>", 250, {"2.1.0 Ok"}).quit();
    auto endpoint = bad_endpoint(
        conversation, Column::tls,
        {Code::starttls_masked, Severity::warning,
         "something on the way wrote XXXXXXXA over the keyword STARTTLS", ""},
        probe::Offer::unknown
    );
    endpoint.stages[static_cast<std::size_t>(Column::from)] = {Result::ok, 41'400us};
    return endpoint;
}

inline probe::EndpointVerdict injected()
{
    Conversation conversation("192.0.2.16");
    conversation.greet("mx6.example.com", {"STARTTLS"});
    conversation.say(Stage::starttls, 48'000us, "STARTTLS", 220, {"Go ahead"});
    conversation.fault(smtp::errc::plaintext_after_starttls, "250 injected\\x0d\\x0a");
    return bad_endpoint(
        conversation, Column::tls,
        {Code::starttls_injection, Severity::critical, "14 octets in clear came behind the 220 to STARTTLS",
         "250 injected\\x0d\\x0a"},
        probe::Offer::broken
    );
}

inline probe::EndpointVerdict expired()
{
    auto endpoint = good_endpoint("192.0.2.17", "mx7.example.com");
    endpoint.stages[static_cast<std::size_t>(Column::cert)].result = Result::fail;
    auto& own = endpoint.chain->certificates.front();
    own.verdict = "certificate has expired";
    own.days_left = -3;
    own.facts.not_after = noon - 2 * 24h - 5h;
    endpoint.chain->cert_ok = false;
    endpoint.offer = probe::Offer::unverified;
    endpoint.outcomes = outcomes(endpoint.offer);
    endpoint.factor = 90;
    endpoint.findings = {
        {Code::certificate_expired, Severity::warning,
         "the certificate of mx7.example.com ended on 2026-11-18", ""}};
    return endpoint;
}

/// A host a way to fail, and one that goes well, at an IPv6 address.
inline probe::Verdict failures()
{
    auto verdict = target("example.com", "example.com", probe::Status::critical);
    verdict.route = probe::Route::mx;
    verdict.confidence = {
        41,
        100,
        120,
        {{-50, Code::connect_refused, "mx1.example.com"},
         {-50, Code::greeting_deferred, "mx2.example.com"},
         {-100, Code::starttls_not_supported, "mx3.example.com"},
         {-100, Code::tls_handshake_failed, "mx4.example.com"},
         {-50, Code::starttls_masked, "mx5.example.com"},
         {-100, Code::starttls_injection, "mx6.example.com"},
         {-10, Code::certificate_expired, "mx7.example.com"}}};
    verdict.hosts = {
        host("mx1.example.com", 10, 50, {refused()}),
        host("mx2.example.com", 10, 50, {put_off()}),
        host("mx3.example.com", 10, 0, {without_starttls()}),
        host("mx4.example.com", 10, 0, {broken_handshake()}),
        host("mx5.example.com", 10, 50, {masked()}),
        host("mx6.example.com", 10, 0, {injected()}),
        host("mx7.example.com", 10, 90, {expired()}),
        host("mx8.example.com", 10, 50, {}),
        host("mx9.example.com", 20, 100, {good_endpoint("2001:db8::9", "mx9.example.com")})};
    verdict.hosts[7].factor.reset();
    verdict.hosts[7].findings = {
        {Code::mx_no_address, Severity::warning, "mx8.example.com has neither an A nor an AAAA record", ""}};
    verdict.hosts[8].findings = {
        {Code::mx_is_alias, Severity::warning, "mx9.example.com is an alias of mail.example.net", ""}};
    verdict.findings = {
        {Code::mx_null_not_alone, Severity::warning, "a null MX stands beside other MX records", ""}};
    verdict.outcomes = outcomes(probe::Offer::plain);
    return verdict;
}

/// Stopped by Ctrl-C: one endpoint done, one under way, one host still being looked up.
inline probe::Verdict interrupted()
{
    auto verdict = well();
    verdict.finished = false;
    verdict.status = probe::Status::unknown;
    verdict.confidence = {66, 100, 120, {{-50, Code::greeting_timeout, "mx1.example.com"}}};
    verdict.hosts[0].factor = 75;
    auto& slow = verdict.hosts[0].endpoints[1];
    Conversation conversation("2001:db8::1");
    conversation.pass(Stage::connect, 41'200us).stop(Stage::greeting);
    slow = bad_endpoint(conversation, Column::answer, {}, probe::Offer::unknown);
    slow.stages[0].result = Result::ok;
    slow.findings.clear();
    slow.identity.reference = "mx1.example.com";
    verdict.hosts.push_back(host("mx2.example.com", 20, 50, {}));
    return verdict;
}

/// Stopped before DNS had answered.
inline probe::Verdict interrupted_early()
{
    auto verdict = target("example.com", "example.com", probe::Status::unknown);
    verdict.finished = false;
    verdict.elapsed = 300ms;
    return verdict;
}

inline probe::Verdict null_mx()
{
    auto verdict = target("example.com", "example.com", probe::Status::ok);
    verdict.route = probe::Route::null_mx;
    verdict.findings = {
        {Code::mx_null, Severity::notice, "example.com takes no mail: its only MX is \".\" (RFC 7505)", ""}};
    return verdict;
}

inline probe::Verdict no_domain()
{
    auto verdict = target("user@nowhere.example", "nowhere.example", probe::Status::unknown);
    verdict.route = probe::Route::no_domain;
    verdict.findings = {{Code::dns_nxdomain, Severity::warning, "there is no domain nowhere.example", ""}};
    return verdict;
}

inline probe::Verdict dns_failed()
{
    auto verdict = target("example.com", "example.com", probe::Status::unknown);
    verdict.findings = {
        {Code::dns_no_answer, Severity::warning, "no resolver answered for the MX of example.com: timed out",
         ""}};
    verdict.policy = probe::Policy::required;
    return verdict;
}

inline probe::Verdict no_hosts()
{
    auto verdict = target("example.com", "example.com", probe::Status::critical);
    verdict.route = probe::Route::none;
    verdict.confidence.factor = 50;
    verdict.findings = {
        {Code::mx_no_address, Severity::critical, "example.com has neither MX nor address records", ""}};
    return verdict;
}

/// --mx 192.0.2.9: no MX, no preference, no name that could match.
inline probe::Verdict given_address()
{
    auto verdict = well();
    verdict.route = probe::Route::given;
    verdict.dnssec = dns::Security::unknown;
    verdict.status = probe::Status::critical;
    verdict.confidence = {90, 100, 120, {{-10, Code::certificate_host_mismatch, "192.0.2.9"}}};
    auto endpoint = good_endpoint("192.0.2.9", "mail.example.net");
    endpoint.stages[static_cast<std::size_t>(Column::cert)].result = Result::fail;
    endpoint.identity = {};
    endpoint.chain->identity = {};
    endpoint.offer = probe::Offer::unverified;
    endpoint.outcomes = outcomes(endpoint.offer);
    endpoint.factor = 90;
    endpoint.findings = {
        {Code::certificate_host_mismatch, Severity::warning,
         "an address has no name for a certificate to match", ""}};
    probe::HostVerdict literal;
    literal.name = "192.0.2.9";
    literal.is_literal = true;
    literal.factor = 90;
    literal.endpoints = {endpoint};
    verdict.hosts = {literal};
    verdict.outcomes = endpoint.outcomes;
    return verdict;
}

/// A line of a scan that is no target.
inline probe::Verdict invalid()
{
    auto verdict = target("exa mple.com", "", probe::Status::unknown);
    verdict.route = probe::Route::untried;
    verdict.elapsed = {};
    verdict.findings = {{Code::target_invalid, Severity::warning, "'exa mple.com' is not a domain name", ""}};
    return verdict;
}

inline probe::EndpointVerdict excluded()
{
    probe::EndpointVerdict endpoint;
    endpoint.session.peer = {asio::ip::make_address("192.0.2.21"), 25};
    endpoint.outcomes.fill(Outcome::not_applicable);
    endpoint.stopped_by = Code::excluded;
    endpoint.counted = false;
    endpoint.factor = 50;
    endpoint.findings = {
        {Code::excluded, Severity::notice, "192.0.2.21 was not contacted: --exclude has \"192.0.2.16/28\"",
         ""}};
    return endpoint;
}

/// One host that --exclude names, and one that has an address in a network that it names.
inline probe::Verdict partly_excluded()
{
    auto verdict = well();
    verdict.hosts[0].endpoints.push_back(excluded());
    auto named = host("mx.example.net", 20, 0, {});
    named.dnssec = dns::Security::unknown;
    named.factor.reset();
    named.findings = {
        {Code::excluded, Severity::notice, "mx.example.net was not contacted: --exclude has \"example.net\"",
         ""}};
    verdict.hosts.push_back(named);
    return verdict;
}

/// DANE and MTA-STS, of which each holds at one of two hosts, with what is left of older keys and hosts.
inline probe::Verdict published()
{
    auto verdict = well();
    const dns::Tlsa good{3, 1, 1, std::vector<std::uint8_t>(32, 0xb0)};
    const dns::Tlsa spare{3, 1, 1, std::vector<std::uint8_t>(32, 0x01)};
    auto& first = verdict.hosts[0];
    first.tlsa = probe::TlsaVerdict{first.name, {good, spare}, true};
    first.sts_covered = false;
    first.findings = {
        {Code::sts_mx_mismatch, Severity::critical,
         "mx1.example.com is not in the MTA-STS policy of example.com, in mode enforce, which covers "
         "mx2.example.com "
         "and old.example.com",
         ""}};
    for (auto& endpoint : first.endpoints) {
        endpoint.dane = probe::DaneVerdict{
            .state = probe::DaneState::valid,
            .records = {{good, probe::TlsaState::matched, ""}, {spare, probe::TlsaState::not_matched, ""}},
            .by = 0};
        endpoint.outcomes[static_cast<std::size_t>(probe::Policy::dane)] = Outcome::encrypted_verified;
        endpoint.outcomes[static_cast<std::size_t>(probe::Policy::mta_sts)] = Outcome::deferred;
    }
    const std::string name = "mx2.example.com";
    verdict.hosts.push_back(host(name, 20, 100, {good_endpoint("192.0.2.2", name)}));
    auto& second = verdict.hosts[1];
    second.tlsa = probe::TlsaVerdict{name, {}, false};
    second.sts_covered = true;
    second.endpoints[0].dane = probe::DaneVerdict{};
    second.endpoints[0].sts_verified = true;
    second.endpoints[0].outcomes[static_cast<std::size_t>(probe::Policy::mta_sts)] =
        Outcome::encrypted_verified;
    verdict.mta_sts = probe::StsVerdict{
        probe::StsVerdict::State::ok,
        "20261101T000000",
        probe::StsPolicy{probe::StsMode::enforce, 604'800, {name, "old.example.com"}},
        {"old.example.com"},
        {},
        {"version: STSv1", "mode: enforce", "mx: mx2.example.com", "mx: old.example.com", "max_age: 604800"}};
    verdict.tls_rpt = probe::TlsRptVerdict{probe::TlsRptVerdict::State::ok, {"mailto:tls@example.com"}};
    verdict.confidence = {100, 120, 120, {}, {{probe::Policy::dane, 0}, {probe::Policy::mta_sts, 0}}};
    verdict.status = probe::Status::critical;
    verdict.outcomes[static_cast<std::size_t>(probe::Policy::dane)] = Outcome::encrypted_verified;
    verdict.outcomes[static_cast<std::size_t>(probe::Policy::mta_sts)] = Outcome::encrypted_verified;
    return verdict;
}

/// A name outside ASCII.
inline probe::Verdict international()
{
    auto verdict = well();
    verdict.target = "post@b\u00fccher.example";
    verdict.domain = "xn--bcher-kva.example";
    return verdict;
}

/// Twelve endpoints on six hosts, with names of every length.
inline probe::Verdict twelve()
{
    auto verdict = well();
    verdict.hosts.clear();
    for (int index = 1; index <= 6; ++index) {
        const auto digit = std::to_string(index);
        const auto name =
            std::string(static_cast<std::size_t>(index * index), 'x') + ".mx" + digit + ".example.com";
        verdict.hosts.push_back(host(
            name, static_cast<std::uint16_t>(index * index * 100), 100,
            {good_endpoint("192.0.2." + digit, name), good_endpoint("2001:db8::" + digit, name)}
        ));
        auto& stages = verdict.hosts.back().endpoints.front().stages;
        stages[0].took = microseconds(index * index * index * index * index * 12'345);
    }
    return verdict;
}

} // namespace verdicts
