// Many things at once, and things with an end.
#pragma once

#include "dns/resolver.hpp"

#include <asio/awaitable.hpp>

#include <chrono>
#include <vector>

namespace probe
{

/// Runs all tasks at the same time; ends when the last of them has. They must not throw.
asio::awaitable<void> all_of(std::vector<asio::awaitable<void>> tasks);

/// `resolver.ask`, but not beyond the deadline: from then on the answer is a time-out.
asio::awaitable<dns::Answer> ask_until(
    std::chrono::steady_clock::time_point deadline, dns::Resolver& resolver, std::string name, dns::Type type
);

} // namespace probe
