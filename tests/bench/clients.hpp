// The two clients that are compared: the least that a session can cost, and ours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace bench
{

struct Work
{
    std::uint16_t port = 0;     // on 127.0.0.1
    std::filesystem::path root; // the certificate that is trusted, PEM
    std::size_t sessions = 1;
    std::size_t at_once = 1;
    std::uint16_t dns_port = 0; // on 127.0.0.1, UDP; 0: nothing is asked
};

/// What the sessions took, with all that is done once for a run left out.
struct Spent
{
    double cpu_us = 0; // of one session, user and system
    double wall_us = 0;
    std::string agreed; // "TLSv1.3 TLS_AES_256_GCM_SHA384 X25519"
};

// Each throws where a session is not played to its end or its certificate does not verify.

/// OpenSSL, blocking sockets and nothing else, one after the other. With a DNS port, each session has the
/// questions of a target before it, for MX, A and AAAA, sent and received and not looked at.
Spent floor_sessions(const Work& work);
/// smtp::converse and probe::judge, many at once.
Spent our_sessions(const Work& work);

/// Octets of resident memory that one more session takes while it waits for a reply inside TLS; `at_once`
/// shake hands at the same time.
double our_memory(const Work& work);

/// Octets of resident memory and µs of CPU of this process by now.
double resident_octets();
double cpu_us();

inline constexpr auto host_name = "mx.test";
inline constexpr auto ehlo_name = "probe.test";

} // namespace bench
