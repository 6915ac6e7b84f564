// What each step of a conversation means, in one line, in the words of the CheckTLS transcript, and honest
// ones for what its sample does not show.
#pragma once

#include "probe/verdict.hpp"
#include "report/text.hpp"

#include <string>
#include <vector>

namespace report
{

struct Remark
{
    std::string text;
    Ink ink = Ink::plain;
};

/// Of a certificate: "expired", "less than a day left", "61 days left".
std::string days(int left);

/// Whether the verdict on it counts: others were sent beside the path.
bool is_on_path(const probe::JudgedCertificate& certificate);

/// "We can use this server", "TLS is an option on this server"; or what went wrong, and why.
std::vector<Remark> remarks_on(const smtp::Step& step, const smtp::Session& session);

/// What the handshake agreed on, and the chain certificate by certificate. Nothing where none finished.
std::vector<Remark> agreement(const smtp::Session& session, const std::optional<probe::ChainVerdict>& chain);

} // namespace report
