// The verdicts on chains that were judged before: of a run with many targets, a few servers present most of
// what there is to judge.
#pragma once

#include "probe/chain.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace probe
{

/// Answers as judge_chain does, and at next to no cost where it was asked the same before. All its questions
/// are put with the same roots and the same evidence but for Evidence::seen. Chains for which that matters,
/// those that lack an issuer, are judged anew where anything was seen. For one thread.
class JudgedChains
{
public:
    /// At most that many are kept; the one that nobody has asked for longest goes first.
    explicit JudgedChains(std::size_t most = 2'048) : most_(most) {}

    /// Valid until the next question.
    const ChainVerdict& judge(const ChainQuestion& question, const TrustStore& trust);

    std::size_t size() const noexcept { return kept_.size(); }

private:
    /// All that a verdict hangs on. It shares the certificates, whose addresses are theirs as long as it
    /// does.
    struct Key
    {
        explicit Key(const ChainQuestion& question);
        bool operator==(const Key&) const = default;

        std::vector<smtp::Certificate> chain;
        std::vector<std::uint8_t> ocsp_staple;
        std::optional<std::string> reference;
        std::chrono::sys_seconds received{};
        std::chrono::sys_seconds moment;
        int expiry_days;
    };
    struct Hash
    {
        std::size_t operator()(const Key& key) const noexcept;
    };
    using Uses = std::list<const Key*>;
    struct Kept
    {
        ChainVerdict verdict;
        Uses::iterator use{};
    };

    const ChainVerdict& keep(Key key, ChainVerdict verdict);
    void make_room();

    std::size_t most_;
    std::unordered_map<Key, Kept, Hash> kept_;
    Uses uses_;           // the latest first
    ChainVerdict latest_; // of those that are not kept
};

} // namespace probe
