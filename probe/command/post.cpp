#include "probe/command/post.hpp"

#include "probe/command/child.hpp"
#include "smtp/printable.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace command
{
namespace
{

template <auto Free>
struct Deleter
{
    template <class Handle>
    void operator()(Handle* handle) const noexcept
    {
        Free(handle);
    }
};
using Easy = std::unique_ptr<CURL, Deleter<curl_easy_cleanup>>;
using Fields = std::unique_ptr<curl_slist, Deleter<curl_slist_free_all>>;
using Url = std::unique_ptr<CURLU, Deleter<curl_url_cleanup>>;

std::string part_of(CURLU* url, CURLUPart part)
{
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK)
        return {};
    const std::unique_ptr<char, Deleter<curl_free>> owner(text);
    return text;
}

std::size_t throw_away(const char*, std::size_t, std::size_t size, void* into)
{
    auto& left = *static_cast<std::size_t*>(into);
    if (size > left)
        return 0;
    left -= size;
    return size;
}

int stop_when_asked(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    return HeldSignals::has_come() ? 1 : 0;
}

Fields fields()
{
    Fields all;
    // Without an Expect: the whole is small, and some servers never answer one.
    for (const auto* field : {"Content-Type: application/json", "Accept:", "Expect:"})
        all.reset(curl_slist_append(all.release(), field));
    return all;
}

void set_roots(CURL* easy)
{
    if (const auto* file = std::getenv("SSL_CERT_FILE"))
        curl_easy_setopt(easy, CURLOPT_CAINFO, file);
    if (const auto* folder = std::getenv("SSL_CERT_DIR"))
        curl_easy_setopt(easy, CURLOPT_CAPATH, folder);
}

} // namespace

std::optional<std::string> post(const std::string& url, const std::string& json, const PostLimits& limits)
{
    static const auto is_ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    const Easy owner(is_ready == CURLE_OK ? curl_easy_init() : nullptr);
    auto* const easy = owner.get();
    if (!easy)
        return "cannot be asked: libcurl does not start";
    const auto head = fields();
    std::array<char, CURL_ERROR_SIZE> words{};
    auto left = max_answer;
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "mxtls");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, head.get());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(json.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, json.c_str());
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(limits.whole.count()));
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, words.data());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, throw_away);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &left);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, stop_when_asked);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    set_roots(easy);

    const auto code = curl_easy_perform(easy);
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    const bool has_answer = code == CURLE_OK || status >= 200; // whatever becomes of the rest
    if (!has_answer)
        return fmt::format(
            "was not reached: {}", smtp::excerpt(words[0] == 0 ? curl_easy_strerror(code) : words.data())
        );
    if (status < 200 || status > 299)
        return fmt::format("answered with status {}", status);
    return std::nullopt;
}

std::string server_of(const std::string& text)
{
    const Url url(curl_url());
    const bool is_url = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) == CURLUE_OK;
    const auto scheme = part_of(url.get(), CURLUPART_SCHEME);
    if (!is_url || (scheme != "http" && scheme != "https"))
        throw std::invalid_argument(fmt::format(
            "'{}' is no URL to post to: expected https://HOST/PATH, or http://", smtp::excerpt(scheme)
        ));
    const auto port = part_of(url.get(), CURLUPART_PORT);
    return smtp::printable(
        fmt::format("{}://{}{}{}", scheme, part_of(url.get(), CURLUPART_HOST), port.empty() ? "" : ":", port)
    );
}

} // namespace command
