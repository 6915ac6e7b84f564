// One session → what it shows: stages, findings, and what a sender finds there. Pure.
#pragma once

#include "probe/judge.hpp"

#include <optional>
#include <string>

namespace probe
{

/// `reference` is the name that the certificate must carry; none where there is no such name. The factor and
/// the place in it are left to confidence.hpp.
EndpointVerdict judge_endpoint(
    Endpoint endpoint, const std::string& host, const std::optional<std::string>& reference,
    const Criteria& criteria, const Trust& trust
);

/// The chain that a session was presented with, whose handshake finished.
ChainVerdict judge_presented(
    const smtp::Session& session, const std::optional<std::string>& reference, const Criteria& criteria,
    const Trust& trust
);

/// Whether the TCP connection opened, whatever came of it.
bool answered(const EndpointVerdict& endpoint) noexcept;

} // namespace probe
