// The means of an examination in a scan: each thing is had once, by the shard that owns it.
#pragma once

#include "probe/means.hpp"
#include "probe/scan/shard.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace scan
{

class Exclusions;

/// For the examinations of one loop. Deadlines of an examination are left aside: what is waited for is had
/// for others too, and has limits of its own. All arguments outlive it.
class SharedMeans final : public probe::Means
{
public:
    SharedMeans(
        std::span<const std::unique_ptr<Shard>> shards, std::size_t own, Budget& budget,
        const Exclusions& exclusions, bool key_types
    )
        : shards_(shards), own_(own), budget_(budget), exclusions_(exclusions), key_types_(key_types)
    {}

    asio::awaitable<probe::Common<dns::Answer>>
    ask(std::string name, dns::Type type, probe::Subject subject, Deadline deadline) override;
    asio::awaitable<bool> converse(
        smtp::Session& session, smtp::Call call, std::optional<smtp::KeyType> only_key, Deadline deadline,
        bool for_now
    ) override;
    asio::awaitable<probe::Fetched> fetch(probe::FetchQuestion question) override;

    /// Does nothing: nothing is judged by the reverse names, and a scan asks for no more than it needs.
    void find_names(const asio::ip::address& address, std::weak_ptr<probe::ReverseDns> into) override;

    bool tries_other_keys() const noexcept override { return key_types_; }
    std::optional<std::string> exclusion(const std::string& name) const override;
    std::optional<std::string> exclusion(const asio::ip::address& address) const override;

private:
    std::size_t owner_of(std::size_t hash) const noexcept { return hash % shards_.size(); }

    std::span<const std::unique_ptr<Shard>> shards_;
    std::size_t own_;
    Budget& budget_;
    const Exclusions& exclusions_;
    bool key_types_;
};

} // namespace scan
