// Octets out, octets in: one way to one server, driven by c-ares. It retries nothing and reads no answer;
// which server, how often, and what an answer says is the resolver's business.
#pragma once

#include "dns/resolver.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <system_error>
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

    /// The octets that came back with the id and the question of `query`, whatever they say.
    asio::awaitable<Reply> exchange(std::vector<std::uint8_t> query);

    /// Of this way to this server alone.
    const Statistics& statistics() const noexcept;

private:
    class State;
    std::shared_ptr<State> state_;
};

} // namespace dns
