// The server that all clients of the benchmarks talk to: SMTP with STARTTLS on every loopback address, lean
// enough that it is never what is measured, and good for tens of thousands of connections at once.
#pragma once

#include <chrono>
#include <filesystem>

namespace bench
{

struct Service
{
    std::filesystem::path certificates; // the folder of make_certificates()
    std::size_t threads = 1;
    std::size_t leaves = 1; // certificates that differ: each connection is shown the next one
    std::chrono::milliseconds
        delay{}; // each reply is held back so long, the greeting too; TLS flights are not
    std::size_t together =
        1; // the greetings wait until so many connections are open, and the delay after that
    bool silent_inside = false; // gives no reply inside TLS
};

/// Listens on a free port of 0.0.0.0, which it prints to standard output. For each line on standard input it
/// then prints what came since the line before: the sessions that got to QUIT, the addresses that they were
/// held with, and the most connections that were open at once. Returns at the end of the input.
void serve(const Service& service);

} // namespace bench
