// HTTP POST of a few words to whoever wants to hear them: libcurl.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace command
{

inline constexpr std::size_t max_answer = 64 * 1024; // octets that are read of one, and thrown away

struct PostLimits
{
    std::chrono::milliseconds connect = std::chrono::seconds(10);
    std::chrono::milliseconds whole = std::chrono::seconds(30);
};

/// JSON, to an http or https URL. No redirect is followed. Certificates are held against the system's roots,
/// or those that SSL_CERT_FILE or SSL_CERT_DIR names; the proxy is that of http_proxy and https_proxy. Waits
/// for the answer. Returns why it did not arrive, which follows on the server's name; none for a status 2xx.
std::optional<std::string>
post(const std::string& url, const std::string& json, const PostLimits& limits = {});

/// "https://hooks.example.com:8443": what of a URL is no secret. Throws std::invalid_argument, one line, for
/// what is no http or https URL.
std::string server_of(const std::string& url);

} // namespace command
