// The names of the addresses that are spoken with, looked up beside the conversations: nobody waits for them.
#pragma once

#include "dns/resolver.hpp"
#include "probe/observation.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/ip/address.hpp>

#include <cstddef>
#include <memory>

namespace probe
{

/// Names of one address that are looked at; RFC 8601 §3 asks for a limit.
inline constexpr std::size_t max_reverse_names = 4;

/// Addresses looked up at the same time; one beyond them stays unknown. Where DNS does not answer, those that
/// nobody wants to know any more are kept until they have timed out.
inline constexpr std::size_t max_reverse_look_ups = 1000;

/// Shared by all sessions of a run; single-threaded. It has a resolver of its own, so that no question that
/// somebody waits for stands in line behind one that nobody does. May be destroyed at any moment.
class NameFinder
{
public:
    NameFinder(asio::any_io_executor executor, dns::Settings settings);

    /// Asks for the names of an address, and after the address of each name. What is known is written into
    /// `into` as it comes, for as long as that is there. Returns at once.
    void find(const asio::ip::address& address, std::weak_ptr<ReverseDns> into);

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace probe
