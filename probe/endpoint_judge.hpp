// One session → what it shows: stages, findings, and what a sender finds there. Pure.
#pragma once

#include "probe/judge.hpp"

#include <chrono>
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

/// As of when the certificates of a session are judged. Where that is simply now, and one of them has expired
/// since the session was held, as a session that many targets share may have been hours ago: as of then. The
/// server may present another by now.
std::chrono::sys_seconds moment_for(const smtp::Session& session, const Criteria& criteria);

/// The chain that a session was presented with, whose handshake finished.
ChainVerdict judge_presented(
    const smtp::Session& session, const std::optional<std::string>& reference, const Criteria& criteria,
    const Trust& trust
);

/// Whether the TCP connection opened, whatever came of it.
bool answered(const EndpointVerdict& endpoint) noexcept;

} // namespace probe
