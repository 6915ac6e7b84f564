// The certificates of the server that all clients of the benchmarks talk to.
#pragma once

#include <filesystem>
#include <string_view>

namespace bench
{

/// Writes root.crt, and good.pem: key, leaf for mx.test and *.mx.test, intermediate. `algorithm`: "EC P-256"
/// or "RSA 2048".
void make_certificates(const std::filesystem::path& folder, std::string_view algorithm);

} // namespace bench
