// The means of a run that asks, speaks and fetches anew for every target.
#pragma once

#include "dns/resolver.hpp"
#include "probe/gate.hpp"
#include "probe/means.hpp"
#include "probe/name_finder.hpp"

#include <span>

namespace probe
{

/// Holds references: all of them outlive it.
class DirectMeans final : public Means
{
public:
    /// `only_key` is indexed by smtp::KeyType, and empty without --key-types; without `names` reverse DNS is
    /// left alone.
    DirectMeans(
        dns::Resolver& resolver, const smtp::TlsContext& tls, Gate& gate, const smtp::Settings& settings,
        std::span<const smtp::TlsContext> only_key = {}, NameFinder* names = nullptr
    )
        : resolver_(resolver), tls_(tls), gate_(gate), settings_(settings), only_key_(only_key), names_(names)
    {}

    asio::awaitable<Common<dns::Answer>>
    ask(std::string name, dns::Type type, Subject subject, Deadline deadline) override;
    asio::awaitable<bool> converse(
        smtp::Session& session, smtp::Call call, std::optional<smtp::KeyType> only_key, Deadline deadline,
        bool for_now
    ) override;
    asio::awaitable<Fetched> fetch(FetchQuestion question) override;
    void find_names(const asio::ip::address& address, std::weak_ptr<ReverseDns> into) override;
    bool tries_other_keys() const noexcept override { return !only_key_.empty(); }
    std::optional<std::string> exclusion(const std::string&) const override { return std::nullopt; }
    std::optional<std::string> exclusion(const asio::ip::address&) const override { return std::nullopt; }

private:
    dns::Resolver& resolver_;
    const smtp::TlsContext& tls_;
    Gate& gate_;
    const smtp::Settings& settings_;
    std::span<const smtp::TlsContext> only_key_;
    NameFinder* names_;
};

} // namespace probe
