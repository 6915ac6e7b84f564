#include "probe/aside_judge.hpp"

#include "probe/endpoint_judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace probe
{

namespace
{

using smtp::Session;
using smtp::Stage;

constexpr int starttls_first = 530; // RFC 3207 §4: "Must issue a STARTTLS command first"

// RFC 8446 §6.2.
constexpr int handshake_failure = 40;
constexpr int insufficient_security = 71;

std::optional<KeyState> state_of(const OtherKeyVerdict& other) noexcept
{
    if (other.chain)
        return other.chain->cert_ok ? KeyState::ok : KeyState::fail;
    // A server that has no such certificate says that nothing suits; whatever else happened proves nothing.
    const auto* handshake = other.session.at(Stage::handshake);
    const auto alert = handshake ? handshake->alert : std::nullopt;
    const bool nothing_suits = alert == handshake_failure || alert == insufficient_security;
    return nothing_suits ? std::optional(KeyState::none) : std::nullopt;
}

void set(EndpointVerdict& verdict, smtp::KeyType type, std::optional<KeyState> state) noexcept
{
    verdict.key_states[static_cast<std::size_t>(type)] = state;
}

/// A refusal for want of TLS, by its code or its words: one that comes on a second connection may as well be
/// for coming again so soon.
bool wants_tls(const smtp::Reply& reply)
{
    if (reply.code == starttls_first)
        return true;
    auto text = reply.text();
    std::ranges::transform(text, text.begin(), [](unsigned char octet) { return std::toupper(octet); });
    const bool named = text.find("TLS") != std::string::npos || text.find("ENCRYPT") != std::string::npos;
    return reply.code / 100 == 5 && named;
}

Plaintext plaintext_of(const Session& in_clear)
{
    const auto* clear = in_clear.at(Stage::mail_from);
    if (!clear)
        return Plaintext::unknown;
    if (!clear->fault)
        return Plaintext::accepted;
    return clear->reply && wants_tls(*clear->reply) ? Plaintext::refused : Plaintext::unknown;
}

} // namespace

void judge_key_types(
    EndpointVerdict& verdict, std::vector<KeyTypeSession> sessions, const Criteria& criteria,
    const Trust& trust
)
{
    if (sessions.empty())
        return;
    const auto presented = smtp::key_type_of(verdict.session.tls->chain.front());
    if (presented)
        set(verdict, *presented, verdict.chain->cert_ok ? KeyState::ok : KeyState::fail);
    for (auto& [type, session] : sessions) {
        OtherKeyVerdict other{type, std::move(session), std::nullopt};
        if (other.session.tls)
            other.chain = judge_presented(other.session, verdict.identity.reference, criteria, trust);
        if (other.chain) {
            for (auto finding : other.chain->findings) {
                finding.message = fmt::format("with its {} certificate: {}", name(type), finding.message);
                verdict.findings.push_back(std::move(finding));
            }
        }
        set(verdict, type, state_of(other));
        verdict.other_keys.push_back(std::move(other));
    }
}

void judge_plaintext(EndpointVerdict& verdict, std::optional<smtp::Session> session, const std::string& host)
{
    if (!session)
        return;
    verdict.plaintext = plaintext_of(*session);
    verdict.in_clear = std::move(session);
    if (verdict.plaintext == Plaintext::accepted)
        verdict.findings.push_back(usual_finding(
            Code::plaintext_accepted,
            fmt::format("{} offers STARTTLS, and takes MAIL FROM without it too", host)
        ));
}

} // namespace probe
