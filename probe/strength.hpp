// What a handshake agreed on → whether that is strong enough. Pure.
#pragma once

#include "probe/finding.hpp"
#include "smtp/tls.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace probe
{

/// Below TLS 1.2, which RFC 8996 took out of use.
bool weak_version(std::string_view version) noexcept;

/// Why nobody should use a cipher, as the end of a sentence: "which does not encrypt"; empty for one that is
/// good enough. `cipher` is OpenSSL's name.
std::string_view weakness_of(std::string_view cipher) noexcept;

std::vector<Finding> judge_strength(const smtp::TlsFacts& tls, const std::string& host);

} // namespace probe
