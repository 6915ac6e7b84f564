#include "tests/bench/world.hpp"

#include "fixtures/peer/server.hpp"
#include "fixtures/pki/pki.hpp"

#include <sys/prctl.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>

namespace bench
{
namespace
{

pki::Recipe recipe(std::string common_name, pki::Algorithm algorithm)
{
    pki::Recipe recipe;
    recipe.common_name = std::move(common_name);
    recipe.algorithm = algorithm;
    return recipe;
}

void make_certificates(const std::filesystem::path& folder, pki::Algorithm algorithm)
{
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    auto authority = recipe("Root", algorithm);
    authority.authority = true;
    const auto root = pki::issue(authority, nullptr, now);
    authority.common_name = "Intermediate";
    const auto intermediate = pki::issue(authority, &root, now);
    auto server = recipe("mx.test", algorithm);
    server.names = {"DNS:mx.test"};
    const auto leaf = pki::issue(server, &intermediate, now);

    std::ofstream(folder / "root.crt") << pki::pem(root.certificate);
    std::ofstream(folder / "good.pem")
        << pki::pem(leaf.key) << pki::pem(leaf.certificate) << pki::pem(intermediate.certificate);
}

std::array<int, 2> make_pipe()
{
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0)
        throw std::system_error(errno, std::system_category(), "pipe");
    return ends;
}

/// The child runs the function and ends; it never returns here.
pid_t fork_and_run(const std::function<void()>& function)
{
    const pid_t pid = ::fork();
    if (pid != 0)
        return pid;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
        function();
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "bench: %s\n", fault.what());
        std::_Exit(1);
    }
    std::_Exit(0);
}

/// Serves until it is killed.
void serve(const peer::Options& options, const std::vector<std::string>& addresses, int pipe)
{
    std::vector<std::unique_ptr<peer::Server>> servers;
    for (const auto& address : addresses) {
        auto own = options;
        own.address = address;
        servers.push_back(std::make_unique<peer::Server>(std::move(own)));
        const std::uint16_t port = servers.back()->endpoint().port();
        if (::write(pipe, &port, sizeof port) != sizeof port)
            return;
    }
    for (;;)
        ::pause();
}

} // namespace

Certificates::Certificates(std::string_view algorithm)
{
    std::string name = std::filesystem::temp_directory_path() / "mxtls-bench-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    // In another process: OpenSSL is to be as new in the clients as in a program of their own.
    run_in_process(
        [&](int) {
            make_certificates(
                folder_, algorithm == "RSA 2048" ? pki::Algorithm::rsa_2048 : pki::Algorithm::ec_p256
            );
        },
        [](int) {}
    );
}

Certificates::~Certificates()
{
    std::filesystem::remove_all(folder_);
}

ServerProcess::ServerProcess(
    std::string_view dialogue, const Certificates& certificates, std::vector<std::string> addresses,
    std::chrono::milliseconds delay
)
{
    const auto [reading, writing] = make_pipe();
    const int to_parent = writing; // a structured binding cannot be captured
    pid_ = fork_and_run([&] {
        peer::Options options{
            .dialogue = peer::parse_dialogue(dialogue), .certificates = certificates.folder()};
        options.delay = delay;
        options.keep_runs = false;
        serve(options, addresses, to_parent);
    });
    ::close(writing);
    ports_.resize(addresses.size());
    for (auto& port : ports_) {
        if (::read(reading, &port, sizeof port) != sizeof port)
            throw std::runtime_error("the server does not start");
    }
    ::close(reading);
}

ServerProcess::~ServerProcess()
{
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void run_in_process(const std::function<void(int pipe)>& function, const std::function<void(int pipe)>& read)
{
    const auto [reading, writing] = make_pipe();
    const int to_parent = writing;
    const pid_t pid = fork_and_run([&] { function(to_parent); });
    ::close(writing);
    read(reading);
    ::close(reading);
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (status != 0)
        throw std::runtime_error("a process of the benchmark failed");
}

} // namespace bench
