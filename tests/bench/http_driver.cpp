#include "tests/bench/http_driver.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace bench
{
namespace
{

class HttpConnection
{
public:
    explicit HttpConnection(std::uint16_t port)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("exporter: cannot connect");
    }

    ~HttpConnection() { ::close(fd_); }
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    std::string get(const std::string& path)
    {
        const auto request = fmt::format("GET {} HTTP/1.1\r\nHost: exporter\r\n\r\n", path);
        if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) < 0)
            throw std::runtime_error("exporter: cannot send");
        std::string text;
        while (!is_whole(text)) {
            char more[16384];
            const auto size = ::recv(fd_, more, sizeof more, 0);
            if (size <= 0)
                throw std::runtime_error("exporter: closed the connection");
            text.append(more, static_cast<std::size_t>(size));
        }
        return text;
    }

private:
    /// The exporter sends chunks, or a short answer with its length.
    static bool is_whole(std::string_view text)
    {
        constexpr std::string_view length = "Content-Length: ";
        const auto head = text.find("\r\n\r\n");
        if (head == std::string_view::npos)
            return false;
        const auto at = text.find(length);
        if (at > head)
            return text.ends_with("\r\n0\r\n\r\n");
        return text.size() == head + 4 + std::stoul(std::string(text.substr(at + length.size(), 9)));
    }

    int fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

} // namespace

double drive(const Drive& drive)
{
    std::atomic<std::size_t> begun = 0;
    std::vector<std::future<void>> clients;
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < drive.connections; ++i) {
        clients.push_back(std::async(std::launch::async, [&] {
            HttpConnection connection(drive.port);
            while (begun++ < drive.requests) {
                if (connection.get(drive.path).find("\nprobe_success 1\n") == std::string::npos)
                    throw std::runtime_error("exporter: a probe failed");
            }
        }));
    }
    for (auto& client : clients)
        client.get();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    return static_cast<double>(drive.requests) / took.count();
}

} // namespace bench
