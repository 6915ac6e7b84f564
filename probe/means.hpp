// What an examination needs of the world outside: answers, conversations and policies, and who may be
// contacted at all. Whether each is had anew, or was had before for another target, is decided here.
#pragma once

#include "dns/records.hpp"
#include "probe/fetch.hpp"
#include "probe/observation.hpp"
#include "smtp/session.hpp"
#include "smtp/tls.hpp"

#include <asio/awaitable.hpp>
#include <asio/ip/address.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace probe
{

/// What a question is about: the domain of a target, of which hardly another target asks, or a host, which
/// many may have in common.
enum class Subject
{
    domain,
    host
};

/// What may have been had for several.
template <class Value>
struct Common
{
    std::shared_ptr<const Value> value; // never null
    bool known = false;                 // it was had for somebody else
};

/// Outlives the examinations that use it.
class Means
{
public:
    using Deadline = std::chrono::steady_clock::time_point;

    virtual ~Means() = default;

    /// Never throws for what the network does. Beyond the deadline the answer is a time-out.
    virtual asio::awaitable<Common<dns::Answer>>
    ask(std::string name, dns::Type type, Subject subject, Deadline deadline) = 0;

    /// Speaks with `session.peer`, when it is this session's turn there. A session whose turn does not come
    /// by the deadline is left as it is. With `only_key` nothing is offered that a certificate of the other
    /// algorithm could serve. `for_now`: what is known of the address counts only if it is fresh. Returns
    /// whether it was held for another target, and is only told again.
    virtual asio::awaitable<bool> converse(
        smtp::Session& session, smtp::Call call, std::optional<smtp::KeyType> only_key, Deadline deadline,
        bool for_now
    ) = 0;

    virtual asio::awaitable<Fetched> fetch(FetchQuestion question) = 0;

    /// Returns at once: what is found is written into `into` for as long as that is there.
    virtual void find_names(const asio::ip::address& address, std::weak_ptr<ReverseDns> into) = 0;

    /// --key-types.
    virtual bool tries_other_keys() const noexcept = 0;

    /// The rule by which nobody of that name, or at that address, is to be contacted; none where he may be.
    virtual std::optional<std::string> exclusion(const std::string& name) const = 0;
    virtual std::optional<std::string> exclusion(const asio::ip::address& address) const = 0;
};

} // namespace probe
