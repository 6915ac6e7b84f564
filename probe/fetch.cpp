#include "probe/fetch.hpp"

#include "probe/fields.hpp"
#include "smtp/printable.hpp"

#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

namespace probe
{
namespace
{

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr long ok_status = 200;

/// Once per process, at the first fetch.
void start_library()
{
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started != CURLE_OK)
        throw std::bad_alloc();
}

struct FreeMulti
{
    void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};
struct FreeEasy
{
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct FreeList
{
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

/// What goes into a URL and into an entry of curl's cache of names, both of which are text.
bool is_plain_host(std::string_view host)
{
    return !host.empty() && std::ranges::all_of(host, [](char octet) {
        return is_letter_or_digit(octet) || octet == '-' || octet == '_' || octet == '.';
    });
}

/// "HOST:PORT:[ADDRESS],…": all that curl will ever know of the host (CURLOPT_RESOLVE).
std::string entry_of(const FetchQuestion& question)
{
    std::string entry = fmt::format("{}:{}:", question.host, question.port);
    for (const auto& address : question.addresses) {
        entry += entry.ends_with(':') ? "" : ",";
        entry += address.is_v6() ? fmt::format("[{}]", address.to_string()) : address.to_string();
    }
    return entry;
}

/// The contact as a comment (RFC 9110 §5.6.5, §10.1.5).
std::string user_agent(std::string_view contact)
{
    std::string comment;
    for (const char octet : smtp::excerpt(contact)) {
        if (octet == '(' || octet == ')' || octet == '\\')
            comment += '\\';
        comment += octet;
    }
    return comment.empty() ? "mxtls" : fmt::format("mxtls (+{})", comment);
}

/// "error:0A00010B:SSL routines::wrong version number" → "wrong version number".
std::string reason_of(std::string_view words, CURLcode code)
{
    const auto colons = words.rfind("::");
    if (colons != std::string_view::npos)
        return smtp::excerpt(words.substr(colons + 2));
    return words.empty() ? std::string(curl_easy_strerror(code)) : smtp::excerpt(words);
}

/// RFC 9110 §8.3.1: without parameters, case-blind.
bool is_text_plain(std::string_view media_type)
{
    const auto essence = without_blanks_behind(media_type.substr(0, media_type.find(';')));
    return lower(essence) == "text/plain";
}

/// One fetch with all that curl needs for it, so that nothing of it outlives the coroutine that waits for it,
/// and no other fetch shares its names, connections or TLS sessions.
class Transfer : public std::enable_shared_from_this<Transfer>
{
public:
    Transfer(const asio::any_io_executor& executor, FetchQuestion question);
    ~Transfer();
    Transfer(Transfer&&) = delete;

    /// Over at once where the question allows no fetch.
    void start();
    bool is_over() const noexcept { return is_over_; }

    /// Never runs out: it is cancelled when the transfer is over, which resumes the coroutine from the
    /// io_context, never from inside curl.
    asio::steady_timer& over() noexcept { return over_; }
    Fetched take() { return std::move(fetched_); }

private:
    using Direction = asio::posix::stream_descriptor::wait_type;

    /// A duplicate of a socket of curl, since curl closes its own at any moment, not always with a word, and
    /// the number may be another socket's by the time that Asio lets it go.
    struct Watch
    {
        explicit Watch(const asio::any_io_executor& executor) : descriptor(executor) {}

        asio::posix::stream_descriptor descriptor;
        int wants = CURL_POLL_NONE;
        bool reading = false;
        bool writing = false;
    };

    static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
    static int on_socket(CURL* easy, curl_socket_t socket, int wants, void* self, void* unused) noexcept;
    static int on_timer(CURLM* multi, long delay, void* self) noexcept;
    static std::size_t on_header(char* octets, std::size_t size, std::size_t count, void* self) noexcept;
    static std::size_t on_body(char* octets, std::size_t size, std::size_t count, void* self) noexcept;
    static CURLcode on_tls(CURL* easy, void* context, void* self) noexcept;
    static int on_certificate(X509_STORE_CTX* context, void* self) noexcept;
    static int on_resolve(void* resolver, void* reserved, void* self) noexcept;

    template <class Value>
    void set(CURLoption option, Value value);
    void set_up_multi();
    void set_up_request();
    void set_up_tls();
    void set_up_isolation();
    void watch(curl_socket_t socket, int wants);
    void wait(curl_socket_t socket, const std::shared_ptr<Watch>& watch, Direction direction);
    void act(curl_socket_t socket, int events);
    void finish(CURLcode code);

    void take_head();
    void judge_head();
    std::string header(const char* name) const;
    void tell(FetchFault fault, std::string detail);
    void tell_failure(CURLcode code);
    std::string where_it_stopped() const;
    std::string why_no_connection() const;

    asio::any_io_executor executor_;
    FetchQuestion question_;
    Fetched fetched_;
    steady_clock::time_point begun_ = steady_clock::now();
    asio::steady_timer over_;
    asio::steady_timer clock_;
    bool is_over_ = false;
    bool is_closing_ = false;
    bool is_connected_ = false;
    bool has_head_ = false;
    std::size_t head_size_ = 0;
    std::array<char, CURL_ERROR_SIZE> words_{};
    std::map<curl_socket_t, std::shared_ptr<Watch>> watches_;
    std::unique_ptr<curl_slist, FreeList> addresses_;
    std::unique_ptr<CURLM, FreeMulti> multi_;
    std::unique_ptr<CURL, FreeEasy> easy_;
};

Transfer::Transfer(const asio::any_io_executor& executor, FetchQuestion question)
    : executor_(executor),
      question_(std::move(question)),
      over_(executor, asio::steady_timer::time_point::max()),
      clock_(executor)
{}

Transfer::~Transfer()
{
    is_closing_ = true;
    watches_.clear();
    if (multi_ && easy_)
        curl_multi_remove_handle(multi_.get(), easy_.get());
    easy_.reset();
    multi_.reset();
}

template <class Value>
void Transfer::set(CURLoption option, Value value)
{
    if (curl_easy_setopt(easy_.get(), option, value) != CURLE_OK)
        throw std::bad_alloc();
}

void Transfer::start()
{
    if (question_.addresses.empty())
        return tell(FetchFault::no_address, "it has no address");
    if (!is_plain_host(question_.host))
        return tell(FetchFault::no_address, fmt::format("{} is no name of a host", quoted(question_.host)));
    if (question_.deadline <= begun_)
        return tell(FetchFault::timeout, "no time was left for it");
    start_library();
    easy_.reset(curl_easy_init());
    multi_.reset(curl_multi_init());
    if (!easy_ || !multi_)
        throw std::bad_alloc();
    set_up_multi();
    set_up_request();
    set_up_tls();
    set_up_isolation();
    if (curl_multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK)
        throw std::bad_alloc();
}

void Transfer::set_up_multi()
{
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &Transfer::on_socket);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &Transfer::on_timer);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
}

void Transfer::set_up_request()
{
    const auto url = fmt::format("https://{}:{}{}", question_.host, question_.port, question_.path);
    const auto allowed = std::min<steady_clock::duration>(question_.deadline - begun_, fetch_limit);
    const auto timeout = std::chrono::ceil<milliseconds>(allowed);
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    set(CURLOPT_USERAGENT, user_agent(question_.contact).c_str());
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    set(CURLOPT_HTTP09_ALLOWED, 0L);
    set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_ERRORBUFFER, words_.data());
    set(CURLOPT_NOSIGNAL, 1L);
}

/// The chain is only kept: the judging verifies it, with its own roots and moment.
void Transfer::set_up_tls()
{
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
    set(CURLOPT_SSL_CTX_FUNCTION, &Transfer::on_tls);
    set(CURLOPT_SSL_CTX_DATA, this);
    set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

/// Whatever curl would find in the environment, in a cache, or by asking for names.
void Transfer::set_up_isolation()
{
    addresses_.reset(curl_slist_append(nullptr, entry_of(question_).c_str()));
    if (!addresses_)
        throw std::bad_alloc();
    set(CURLOPT_RESOLVE, addresses_.get());
    set(CURLOPT_RESOLVER_START_FUNCTION, &Transfer::on_resolve);
    set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open);
    set(CURLOPT_OPENSOCKETDATA, this);
    set(CURLOPT_PROTOCOLS_STR, "https");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_FRESH_CONNECT, 1L);
    set(CURLOPT_FORBID_REUSE, 1L);
}

int Transfer::on_socket(CURL*, curl_socket_t socket, int wants, void* self, void*) noexcept
{
    static_cast<Transfer*>(self)->watch(socket, wants);
    return 0;
}

/// The only way in which curl would look a name up, which it never gets to.
int Transfer::on_resolve(void*, void*, void*) noexcept
{
    return 1;
}

/// The number of a socket that curl has closed without a word, and of which it still wants the same.
curl_socket_t Transfer::on_open(void* self, curlsocktype, curl_sockaddr* address) noexcept
{
    auto& transfer = *static_cast<Transfer*>(self);
    const auto socket = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    const auto known = transfer.watches_.find(socket);
    if (known != transfer.watches_.end()) {
        const int wants = known->second->wants;
        transfer.watches_.erase(known);
        transfer.watch(socket, wants);
    }
    return socket;
}

void Transfer::watch(curl_socket_t socket, int wants)
{
    if (is_closing_)
        return;
    if (wants == CURL_POLL_REMOVE) {
        watches_.erase(socket);
        return;
    }
    auto& watch = watches_[socket];
    if (!watch) {
        watch = std::make_shared<Watch>(executor_);
        std::error_code failed; // then the transfer times out
        watch->descriptor.assign(::fcntl(socket, F_DUPFD_CLOEXEC, 0), failed);
    }
    watch->wants = wants;
    wait(socket, watch, Direction::wait_read);
    wait(socket, watch, Direction::wait_write);
}

void Transfer::wait(curl_socket_t socket, const std::shared_ptr<Watch>& watch, Direction direction)
{
    const bool reads = direction == Direction::wait_read;
    auto& waiting = reads ? watch->reading : watch->writing;
    const bool is_wanted = (watch->wants & (reads ? CURL_POLL_IN : CURL_POLL_OUT)) != 0;
    if (waiting || !is_wanted || !watch->descriptor.is_open())
        return;
    waiting = true;
    const std::weak_ptr<Watch> kept = watch;
    watch->descriptor.async_wait(
        direction,
        [weak = weak_from_this(), kept, socket, direction, reads](std::error_code) {
            const auto self = weak.lock();
            const auto ready = kept.lock();
            if (!self || !ready)
                return;
            (reads ? ready->reading : ready->writing) = false;
            self->act(socket, reads ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
            const auto known = self->watches_.find(socket);
            if (known != self->watches_.end() && known->second == ready)
                self->wait(socket, ready, direction);
        }
    );
}

int Transfer::on_timer(CURLM*, long delay, void* self) noexcept
{
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.is_closing_)
        return 0;
    transfer.clock_.cancel();
    if (delay < 0)
        return 0;
    transfer.clock_.expires_after(milliseconds(delay));
    transfer.clock_.async_wait([weak = transfer.weak_from_this()](std::error_code cancelled) {
        const auto ringing = weak.lock();
        if (!cancelled && ringing)
            ringing->act(CURL_SOCKET_TIMEOUT, 0);
    });
    return 0;
}

void Transfer::act(curl_socket_t socket, int events)
{
    if (is_over_)
        return;
    int running = 0;
    curl_multi_socket_action(multi_.get(), socket, events, &running);
    int left = 0;
    while (const auto* message = curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg == CURLMSG_DONE)
            return finish(message->data.result);
    }
}

/// Before the handshake of a connection that is open.
CURLcode Transfer::on_tls(CURL*, void* context, void* self) noexcept
{
    static_cast<Transfer*>(self)->is_connected_ = true;
    SSL_CTX_set_cert_verify_callback(static_cast<SSL_CTX*>(context), &Transfer::on_certificate, self);
    return CURLE_OK;
}

int Transfer::on_certificate(X509_STORE_CTX* context, void* self) noexcept
{
    auto& chain = static_cast<Transfer*>(self)->fetched_.chain;
    chain.clear();
    const auto* sent = X509_STORE_CTX_get0_untrusted(context);
    for (int i = 0; i < sk_X509_num(sent); ++i) {
        auto* certificate = sk_X509_value(sent, i);
        X509_up_ref(certificate);
        chain.emplace_back(certificate, X509_free);
    }
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
}

std::size_t Transfer::on_header(char* octets, std::size_t, std::size_t count, void* self) noexcept
{
    auto& transfer = *static_cast<Transfer*>(self);
    transfer.head_size_ += count;
    if (transfer.head_size_ > max_fetched_head)
        transfer.tell(
            FetchFault::protocol, fmt::format("its header fields are more than {} octets", max_fetched_head)
        );
    else if (const std::string_view line(octets, count);
             !transfer.has_head_ && (line == "\r\n" || line == "\n"))
        transfer.take_head();
    return transfer.fetched_.fault == FetchFault::none ? count : 0;
}

std::size_t Transfer::on_body(char* octets, std::size_t, std::size_t count, void* self) noexcept
{
    auto& transfer = *static_cast<Transfer*>(self);
    auto& body = transfer.fetched_.body;
    if (count > max_fetched - body.size()) {
        transfer.tell(FetchFault::too_large, fmt::format("it is longer than {} octets", max_fetched));
        return 0;
    }
    body.append(octets, count);
    return count;
}

/// The value of a field of the answer, of several all; none of one that came before or behind the answer.
std::string Transfer::header(const char* name) const
{
    std::string values;
    curl_header* field = nullptr;
    for (std::size_t index = 0;; ++index) {
        if (curl_easy_header(easy_.get(), name, index, CURLH_HEADER, -1, &field) != CURLHE_OK)
            return values;
        values += (index > 0 ? ", " : "") + smtp::excerpt(field->value);
    }
}

/// Of the answer itself, not of what may come before it (RFC 9110 §15.2).
void Transfer::take_head()
{
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &fetched_.status);
    if (fetched_.status < ok_status)
        return;
    has_head_ = true;
    fetched_.media_type = header("Content-Type");
    judge_head();
}

void Transfer::judge_head()
{
    if (fetched_.status >= 300 && fetched_.status < 400) {
        fetched_.location = header("Location");
        const auto to = fetched_.location.empty() ? "" : fmt::format(" to {}", quoted(fetched_.location));
        return tell(
            FetchFault::redirect,
            fmt::format("it is a redirect{} (status {}), which must not be followed", to, fetched_.status)
        );
    }
    if (fetched_.status != ok_status)
        return tell(FetchFault::status, fmt::format("its status is {}, not 200", fetched_.status));
    for (const auto* name : {"Content-Encoding", "Transfer-Encoding"}) {
        const auto encoding = lower(header(name));
        if (!encoding.empty() && encoding != "identity" && encoding != "chunked")
            return tell(FetchFault::protocol, fmt::format("it is encoded as {}, unasked", quoted(encoding)));
    }
    if (fetched_.media_type.empty())
        return tell(FetchFault::media_type, "it has no media type, where text/plain must be");
    if (!is_text_plain(fetched_.media_type))
        tell(
            FetchFault::media_type,
            fmt::format("its media type is {}, not text/plain", quoted(fetched_.media_type))
        );
}

/// The first fault counts.
void Transfer::tell(FetchFault fault, std::string detail)
{
    if (fetched_.fault != FetchFault::none)
        return;
    fetched_.fault = fault;
    fetched_.detail = std::move(detail);
    is_over_ = !multi_;
}

std::string Transfer::where_it_stopped() const
{
    if (!is_connected_)
        return "no connection could be opened in time";
    curl_off_t shaken_hands = 0; // microseconds after the beginning
    curl_easy_getinfo(easy_.get(), CURLINFO_APPCONNECT_TIME_T, &shaken_hands);
    if (shaken_hands == 0)
        return "the TLS handshake did not end in time";
    return has_head_ ? "its body did not end in time" : "no answer came in time";
}

std::string Transfer::why_no_connection() const
{
    long error = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &error);
    const auto why = error == 0 ? std::string(curl_easy_strerror(CURLE_COULDNT_CONNECT))
                                : std::error_code(static_cast<int>(error), std::system_category()).message();
    return fmt::format("no connection could be opened: {}", why);
}

void Transfer::tell_failure(CURLcode code)
{
    const auto reason = reason_of(words_.data(), code);
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return tell(FetchFault::timeout, where_it_stopped());
    case CURLE_COULDNT_CONNECT:
        return tell(FetchFault::connect, why_no_connection());
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
        return tell(FetchFault::tls, fmt::format("the TLS handshake failed: {}", reason));
    default:
        return tell(FetchFault::protocol, fmt::format("the answer cannot be read: {}", reason));
    }
}

void Transfer::finish(CURLcode code)
{
    if (code != CURLE_OK)
        tell_failure(code);
    else if (!has_head_)
        tell(FetchFault::protocol, "the answer cannot be read: it has no head");
    if (fetched_.fault != FetchFault::none)
        fetched_.body.clear();
    char* peer = nullptr;
    curl_easy_getinfo(easy_.get(), CURLINFO_PRIMARY_IP, &peer);
    std::error_code no_address;
    const auto address = asio::ip::make_address(peer ? peer : "", no_address);
    if (!no_address)
        fetched_.peer = address;
    is_over_ = true;
    clock_.cancel();
    watches_.clear();
    over_.cancel();
}

} // namespace

std::string_view name(FetchFault fault) noexcept
{
    switch (fault) {
    case FetchFault::none:
        break;
    case FetchFault::no_address:
        return "no-address";
    case FetchFault::connect:
        return "connect";
    case FetchFault::timeout:
        return "timeout";
    case FetchFault::tls:
        return "tls";
    case FetchFault::protocol:
        return "protocol";
    case FetchFault::redirect:
        return "redirect";
    case FetchFault::status:
        return "status";
    case FetchFault::media_type:
        return "media-type";
    case FetchFault::too_large:
        return "too-large";
    }
    return "none";
}

asio::awaitable<Fetched> fetch(FetchQuestion question)
{
    const auto begun = steady_clock::now();
    const auto executor = co_await asio::this_coro::executor;
    const auto transfer = std::make_shared<Transfer>(executor, std::move(question));
    transfer->start();
    std::error_code ended;
    if (!transfer->is_over())
        co_await transfer->over().async_wait(asio::redirect_error(asio::use_awaitable, ended));
    if (!transfer->is_over()) // cancelled by the caller
        throw std::system_error(ended);
    auto fetched = transfer->take();
    fetched.received = std::chrono::system_clock::now();
    fetched.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begun);
    co_return fetched;
}

} // namespace probe
