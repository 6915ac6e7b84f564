// What the further sessions with an address show: a certificate of the other algorithm, mail in clear. Pure.
#pragma once

#include "probe/judge.hpp"

namespace probe
{

/// Fills other_keys, key_states and their findings, where --key-types asked for them. The verdict already has
/// the chain of its own session.
void judge_key_types(
    EndpointVerdict& verdict, std::vector<KeyTypeSession> sessions, const Criteria& criteria,
    const Trust& trust
);

/// Fills in_clear, plaintext and its finding, where --assure asked for it (RFC 3207 §4).
void judge_plaintext(EndpointVerdict& verdict, std::optional<smtp::Session> session, const std::string& host);

} // namespace probe
