// Octets out, octets in: one way to one server, driven by c-ares. It retries nothing and reads no answer;
// which server, how often, and what an answer says is the resolver's business.
#pragma once

#include "dns/resolver.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace dns
{

enum class Transport
{
    udp,
    tcp
};

struct Reply
{
    std::error_code fault; // timed_out or unreachable; none where octets came
    std::vector<std::uint8_t> octets;
};

/// A question under way. It belongs to the coroutine that waits for its reply.
class Exchange
{
public:
    /// Until there is a reply. Once.
    auto wait()
    {
        return pending_->done.async_wait(asio::redirect_error(asio::use_awaitable, pending_->ended));
    }

    /// Throws std::system_error where the wait was cancelled from outside. Once.
    Reply take();

private:
    friend class Channel;

    /// The timer runs out where the reply is there, which resumes the coroutine from the io_context, never
    /// from inside c-ares. The coroutine belongs to it, and it to the coroutine and the io_context, so that
    /// neither outlives an io_context that is destroyed half-way.
    struct Pending
    {
        explicit Pending(const asio::any_io_executor& executor)
            : done(executor, asio::steady_timer::time_point::max())
        {}

        asio::steady_timer done;
        std::error_code ended;
        std::optional<Reply> reply;
    };

    explicit Exchange(std::shared_ptr<Pending> pending) : pending_(std::move(pending)) {}

    std::shared_ptr<Pending> pending_;
};

/// May be destroyed at any moment, before or after its questions and its io_context: a question still under
/// way then ends as unreachable, or with its coroutine.
class Channel
{
public:
    /// Of the settings it takes the timeout of each question, which it sees up to 100 ms late, and the burst.
    /// Throws std::bad_alloc at most.
    Channel(
        asio::any_io_executor executor, const Server& server, Transport transport, const Settings& settings
    );
    ~Channel();
    Channel(Channel&&) noexcept;

    /// Its reply is what comes back with the id and the question of `query`, whatever that says.
    Exchange send(std::vector<std::uint8_t> query);

    /// Of this way to this server alone.
    const Statistics& statistics() const noexcept;

private:
    using Pending = Exchange::Pending;
    class State;
    std::shared_ptr<State> state_;
};

} // namespace dns
