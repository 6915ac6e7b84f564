// Drives a prometheus-blackbox-exporter as fast as it goes, at next to no cost of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace bench
{

struct Drive
{
    std::uint16_t port = 0; // of the exporter, on 127.0.0.1
    std::string path;       // "/probe?target=…"
    std::size_t requests = 1;
    std::size_t connections = 1; // kept alive, one request at a time on each
};

/// Requests a second. Throws where one does not say "probe_success 1".
double drive(const Drive& drive);

} // namespace bench
