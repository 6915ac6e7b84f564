// mxtls_bench MXTLS: measures what the project promises and prints it beside its limits.
#include "fixtures/peer/dialogue.hpp"
#include "tests/bench/clients.hpp"
#include "tests/bench/world.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>

namespace bench
{
namespace
{

constexpr std::size_t rounds = 5;
constexpr std::size_t sessions_a_round = 2000;
constexpr std::size_t sessions_at_once = 32;
constexpr std::size_t sessions_held = 1000;
constexpr std::size_t starts = 20;

constexpr double cpu_ratio_limit = 1.30;
constexpr double latency_ratio_limit = 1.15;
constexpr double memory_limit = 40.0; // KiB
constexpr double start_limit = 10.0;  // ms of CPU

constexpr auto good = "S: 220 mx.test ESMTP\n"
                      "C: EHLO probe.test\n"
                      "S+ 250-mx.test\n"
                      "S+ 250-SIZE 10240000\n"
                      "S: 250 STARTTLS\n"
                      "C: STARTTLS\n"
                      "S: 220 2.0.0 Ready to start TLS\n"
                      "TLS good\n"
                      "C: EHLO *\n"
                      "S+ 250-mx.test\n"
                      "S: 250 SIZE 10240000\n"
                      "C: MAIL FROM:<>\n"
                      "S: 250 2.1.0 Ok\n"
                      "C: QUIT\n"
                      "S: 221 2.0.0 Bye\n";

constexpr auto waiting_inside_tls = "S: 220 mx.test ESMTP\n"
                                    "C: EHLO *\n"
                                    "S+ 250-mx.test\n"
                                    "S: 250 STARTTLS\n"
                                    "C: STARTTLS\n"
                                    "S: 220 2.0.0 Ready to start TLS\n"
                                    "TLS good\n"
                                    "C: EHLO *\n"
                                    "WAIT\n";

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

std::string list(const std::vector<double>& values)
{
    std::string text;
    for (const double value : values)
        text += fmt::format(" {:.0f}", value);
    return text;
}

bool all_met = true;

std::string held_against(double value, double limit, std::string_view shown)
{
    all_met = all_met && value <= limit;
    return fmt::format("limit {}: {}", shown, value <= limit ? "met" : "NOT met");
}

void print_heading(std::string_view text)
{
    fmt::print("\n{}\n", text);
    std::fflush(stdout);
}

void bench_cpu(std::string_view algorithm)
{
    const Certificates certificates(algorithm);
    const ServerProcess server(good, certificates, {"127.0.0.1"});
    const Work work{server.ports().at(0), certificates.root(), sessions_a_round, sessions_at_once};

    std::vector<double> floor_cpu, our_cpu, floor_wall, our_wall;
    Spent floor, ours;
    for (std::size_t round = 0; round < rounds; ++round) {
        floor = in_process<Spent>([&] { return floor_sessions(work); });
        ours = in_process<Spent>([&] { return our_sessions(work); });
        floor_cpu.push_back(floor.cpu_us);
        floor_wall.push_back(floor.wall_us);
        our_cpu.push_back(ours.cpu_us);
        our_wall.push_back(ours.wall_us);
    }
    if (floor.agreed != ours.agreed)
        throw std::runtime_error(
            fmt::format("the two speak different TLS: {} and {}", floor.agreed.data(), ours.agreed.data())
        );

    const double ratio = median(our_cpu) / median(floor_cpu);
    print_heading(fmt::format(
        "CPU of one session: {} rounds of {} sessions each, {} leaf + intermediate, {}", rounds,
        sessions_a_round, algorithm, floor.agreed.data()
    ));
    fmt::print(
        "  floor  {:6.0f} µs  wall {:6.0f} µs  rounds:{}\n", median(floor_cpu), median(floor_wall),
        list(floor_cpu)
    );
    fmt::print(
        "  mxtls  {:6.0f} µs  wall {:6.0f} µs  rounds:{}\n", median(our_cpu), median(our_wall), list(our_cpu)
    );
    fmt::print("  ratio  {:6.2f}     {}\n", ratio, held_against(ratio, cpu_ratio_limit, "1.30"));
}

struct Ended
{
    double wall_ms = 0;
    double cpu_ms = 0;
    int status = 0;
};

/// Runs a program to its end, its output thrown away.
Ended run(std::vector<std::string> arguments)
{
    std::vector<char*> argv;
    for (auto& argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);

    const auto before = std::chrono::steady_clock::now();
    pid_t pid = 0;
    if (::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ) != 0)
        throw std::runtime_error(arguments[0] + ": cannot be run");
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    rusage usage{};
    ::wait4(pid, &status, 0, &usage);
    const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - before;

    const auto ms = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
    };
    return {
        wall.count(), ms(usage.ru_utime) + ms(usage.ru_stime), WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

void bench_latency(const std::string& mxtls)
{
    constexpr std::size_t many = 12;
    const Certificates certificates("EC P-256");
    std::vector<std::string> addresses;
    for (std::size_t i = 1; i <= many; ++i)
        addresses.push_back(fmt::format("127.0.1.{}", i));
    const ServerProcess server(good, certificates, addresses, std::chrono::milliseconds(100));

    const auto wall = [&](std::size_t endpoints) {
        std::vector<std::string> arguments{
            mxtls, "--ca-file", certificates.root(), "--reference", host_name, "--ehlo", ehlo_name};
        for (std::size_t i = 0; i < endpoints; ++i) {
            arguments.insert(
                arguments.end(), {"--mx", fmt::format("{}:{}", addresses[i], server.ports()[i])}
            );
        }
        arguments.emplace_back(host_name);
        const auto ended = run(std::move(arguments));
        if (ended.status != 0)
            throw std::runtime_error(fmt::format("mxtls ended with status {}", ended.status));
        return ended.wall_ms;
    };
    std::vector<double> one, twelve;
    for (std::size_t round = 0; round < rounds; ++round) {
        one.push_back(wall(1));
        twelve.push_back(wall(many));
    }
    const double ratio = median(twelve) / median(one);
    print_heading(fmt::format("Time of a domain whose every reply is held back 100 ms: {} rounds", rounds));
    fmt::print("  1 endpoint    {:6.0f} ms  rounds:{}\n", median(one), list(one));
    fmt::print("  {} endpoints  {:6.0f} ms  rounds:{}\n", many, median(twelve), list(twelve));
    fmt::print("  ratio         {:6.2f}     {}\n", ratio, held_against(ratio, latency_ratio_limit, "1.15"));
}

void bench_memory()
{
    const Certificates certificates("EC P-256");
    const ServerProcess server(waiting_inside_tls, certificates, {"127.0.0.1"});
    const auto kib = [&](std::size_t at_once) {
        const Work work{server.ports().at(0), certificates.root(), sessions_held, at_once};
        return in_process<double>([&] { return our_memory(work); }) / 1024;
    };
    const double one_more = kib(sessions_at_once);
    const double all_at_once = kib(sessions_held); // leaves what the handshakes freed scattered among them
    print_heading(fmt::format("Memory of one more open session: {} held inside TLS", sessions_held));
    fmt::print("  mxtls  {:6.1f} KiB    {}\n", one_more, held_against(one_more, memory_limit, "40 KiB"));
    fmt::print("  where all shake hands at the same moment: {:.1f} KiB\n", all_at_once);
}

void bench_start(const std::string& mxtls)
{
    print_heading(fmt::format("CPU of a start: {} of each", starts));
    for (const auto* const option : {"--version", "--help"}) {
        std::vector<double> cpu;
        for (std::size_t i = 0; i < starts; ++i)
            cpu.push_back(run({mxtls, option}).cpu_ms);
        const double ms = median(cpu);
        fmt::print(
            "  mxtls {:9}  {:6.1f} ms (most {:.1f})  {}\n", option, ms, std::ranges::max(cpu),
            held_against(ms, start_limit, "10 ms")
        );
    }
}

/// Sessions are held open by the thousand, a descriptor each.
void allow_many_descriptors()
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace
} // namespace bench

int main(int argc, char** argv)
try {
    if (argc != 2) {
        std::fprintf(stderr, "usage: mxtls_bench MXTLS\n");
        return 2;
    }
    bench::allow_many_descriptors();
    bench::bench_cpu("EC P-256");
    bench::bench_cpu("RSA 2048");
    bench::bench_memory();
    bench::bench_latency(argv[1]);
    bench::bench_start(argv[1]);
    return bench::all_met ? 0 : 1;
} catch (const std::exception& fault) {
    std::fprintf(stderr, "bench: %s\n", fault.what());
    return 2;
}
