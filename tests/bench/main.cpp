// mxtls_bench COMMAND ARGUMENT...: the parts of the benchmarks that have to be fast, a process each. Measured
// and held against its limits by bench.py.
#include "tests/bench/certificates.hpp"
#include "tests/bench/clients.hpp"
#include "tests/bench/http_driver.hpp"
#include "tests/bench/server.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdio>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench
{
namespace
{

constexpr auto usage = "usage: mxtls_bench certificates FOLDER ALGORITHM\n"
                       "       mxtls_bench serve FOLDER THREADS LEAVES DELAY_MS TOGETHER [silent]\n"
                       "       mxtls_bench floor|ours|memory PORT ROOT SESSIONS AT_ONCE [DNS_PORT]\n"
                       "       mxtls_bench drive PORT PATH REQUESTS CONNECTIONS\n";

/// Sessions are held open by the thousand, a descriptor each.
void allow_many_descriptors()
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::uint16_t port(const std::string& text)
{
    return static_cast<std::uint16_t>(std::stoul(text));
}

void print(const Spent& spent)
{
    fmt::print("{:.3f} {:.3f} {}\n", spent.cpu_us, spent.wall_us, spent.agreed);
}

void run_client(std::span<const std::string> arguments)
{
    Work work{port(arguments[1]), arguments[2], std::stoul(arguments[3]), std::stoul(arguments[4])};
    if (arguments.size() > 5)
        work.dns_port = port(arguments[5]);
    if (arguments[0] == "floor")
        print(floor_sessions(work));
    else if (arguments[0] == "ours")
        print(our_sessions(work));
    else
        fmt::print("{:.0f}\n", our_memory(work));
}

void run_server(std::span<const std::string> arguments)
{
    const Service service{
        .certificates = arguments[1],
        .threads = std::stoul(arguments[2]),
        .leaves = std::stoul(arguments[3]),
        .delay = std::chrono::milliseconds(std::stoul(arguments[4])),
        .together = std::stoul(arguments[5]),
        .silent_inside = arguments.size() > 6};
    serve(service);
}

bool run(std::span<const std::string> arguments)
{
    const auto command = arguments.empty() ? std::string() : arguments.front();
    if (command == "certificates" && arguments.size() == 3)
        make_certificates(arguments[1], arguments[2]);
    else if (command == "serve" && arguments.size() >= 6)
        run_server(arguments);
    else if ((command == "floor" || command == "ours" || command == "memory") && arguments.size() >= 5)
        run_client(arguments);
    else if (command == "drive" && arguments.size() == 5)
        fmt::print(
            "{:.3f}\n",
            drive({port(arguments[1]), arguments[2], std::stoul(arguments[3]), std::stoul(arguments[4])})
        );
    else
        return false;
    return true;
}

} // namespace
} // namespace bench

int main(int argc, char** argv)
try {
    bench::allow_many_descriptors();
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (bench::run(arguments))
        return 0;
    std::fputs(bench::usage, stderr);
    return 2;
} catch (const std::exception& fault) {
    std::fprintf(stderr, "mxtls_bench: %s\n", fault.what());
    return 1;
}
