// What the benchmarks run against: certificates in a folder of their own, and servers in processes of their
// own, so that none of what these take is counted.
#pragma once

#include <asio/ip/tcp.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bench
{

/// good.pem (key, leaf for mx.test, intermediate) and root.crt; gone when this is.
class Certificates
{
public:
    explicit Certificates(std::string_view algorithm); // "EC P-256", "RSA 2048"
    ~Certificates();
    Certificates(const Certificates&) = delete;
    Certificates& operator=(const Certificates&) = delete;

    const std::filesystem::path& folder() const { return folder_; }
    std::filesystem::path root() const { return folder_ / "root.crt"; }

private:
    std::filesystem::path folder_;
};

/// One process that plays a dialogue on loopback addresses; ends with this, or with us.
class ServerProcess
{
public:
    ServerProcess(
        std::string_view dialogue, const Certificates& certificates, std::vector<std::string> addresses,
        std::chrono::milliseconds delay = {}
    );
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    const std::vector<std::uint16_t>& ports() const { return ports_; }

private:
    pid_t pid_;
    std::vector<std::uint16_t> ports_; // one an address
};

/// Runs the function in a process of its own. Throws where it ends other than well.
void run_in_process(const std::function<void(int pipe)>& function, const std::function<void(int pipe)>& read);

/// The same for a function with a result that can cross a pipe as it is.
template <typename Result>
Result in_process(const std::function<Result()>& function)
{
    Result result{};
    run_in_process(
        [&](int pipe) {
            const Result made = function();
            if (::write(pipe, &made, sizeof made) != sizeof made)
                throw std::runtime_error("the pipe is broken");
        },
        [&](int pipe) {
            if (::read(pipe, &result, sizeof result) != sizeof result)
                throw std::runtime_error("no result");
        }
    );
    return result;
}

} // namespace bench
