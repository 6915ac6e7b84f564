#include "probe/judged_chains.hpp"

#include "probe/path_faults.hpp"

#include <functional>
#include <utility>

namespace probe
{

JudgedChains::Key::Key(const ChainQuestion& question)
    : chain(question.chain.begin(), question.chain.end()),
      ocsp_staple(question.ocsp_staple.begin(), question.ocsp_staple.end()),
      reference(question.reference),
      moment(question.moment),
      expiry_days(question.expiry_days)
{
    if (!ocsp_staple.empty() || !as_of(question).empty())
        received = question.received; // else it makes no difference
}

std::size_t JudgedChains::Hash::operator()(const Key& key) const noexcept
{
    auto hash = std::hash<std::optional<std::string>>()(key.reference);
    for (const auto& certificate : key.chain)
        hash = hash * 31 + std::hash<smtp::Certificate>()(certificate);
    return hash;
}

const ChainVerdict& JudgedChains::judge(const ChainQuestion& question, const TrustStore& trust)
{
    const bool any_seen = question.evidence && !question.evidence->seen.empty();
    Key key(question);
    const auto known = kept_.find(key);
    if (known != kept_.end() && !(known->second.verdict.lacks_issuer && any_seen)) {
        uses_.splice(uses_.begin(), uses_, known->second.use);
        return known->second.verdict;
    }
    auto verdict = judge_chain(question, trust);
    if (!verdict.lacks_issuer || !any_seen)
        return keep(std::move(key), std::move(verdict));
    latest_ = std::move(verdict);
    return latest_;
}

const ChainVerdict& JudgedChains::keep(Key key, ChainVerdict verdict)
{
    make_room();
    const auto made = kept_.emplace(std::move(key), Kept{std::move(verdict)}).first;
    uses_.push_front(&made->first);
    made->second.use = uses_.begin();
    return made->second.verdict;
}

void JudgedChains::make_room()
{
    if (kept_.size() < most_)
        return;
    kept_.erase(kept_.find(*uses_.back()));
    uses_.pop_back();
}

} // namespace probe
