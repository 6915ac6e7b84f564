// A table of a bounded number of things, which forgets the one that nobody has asked for longest.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace maillog
{

/// Keys are expected to be mixed() (probe/log/mixed.hpp). What a value holds is kept when it is erased, so
/// that its memory serves the next: whoever inserts sets all of it. References hold until the next insert().
template <class Value>
class BoundedTable
{
public:
    explicit BoundedTable(std::size_t capacity) : capacity_(capacity) {}

    /// None where the key is not in the table.
    Value* find(std::uint64_t key)
    {
        const auto slot = lookup(key);
        if (slot == none)
            return nullptr;
        unlink(slot);
        link_newest(slot);
        return &slots_[slot].value;
    }

    /// Of a key that is not in the table. Where that is full, `forget(value)` is told what goes.
    template <class Forget>
    Value& insert(std::uint64_t key, Forget forget)
    {
        if (buckets_.empty())
            buckets_.assign(std::bit_ceil(2 * capacity_), none);
        if (free_ == none && slots_.size() == capacity_) {
            forget(slots_[oldest_].value);
            erase(slots_[oldest_].key);
        }
        const auto slot = take_free();
        slots_[slot].key = key;
        auto& bucket = bucket_of(key);
        slots_[slot].next_in_bucket = std::exchange(bucket, slot);
        link_newest(slot);
        return slots_[slot].value;
    }

    void erase(std::uint64_t key)
    {
        const auto slot = lookup(key);
        if (slot == none)
            return;
        auto* link = &bucket_of(key);
        while (*link != slot)
            link = &slots_[*link].next_in_bucket;
        *link = slots_[slot].next_in_bucket;
        unlink(slot);
        slots_[slot].newer = std::exchange(free_, slot);
    }

    /// All of them, the one that was not asked for longest first.
    template <class Visit>
    void for_each(Visit visit)
    {
        for (auto slot = oldest_; slot != none; slot = slots_[slot].newer)
            visit(slots_[slot].value);
    }

private:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    struct Slot
    {
        std::uint64_t key = 0;
        std::uint32_t next_in_bucket = none;
        std::uint32_t older = none;
        std::uint32_t newer = none; // of a free one: the next that is free
        Value value{};
    };

    std::uint32_t& bucket_of(std::uint64_t key) { return buckets_[key & (buckets_.size() - 1)]; }

    std::uint32_t lookup(std::uint64_t key)
    {
        auto slot = buckets_.empty() ? none : bucket_of(key);
        while (slot != none && slots_[slot].key != key)
            slot = slots_[slot].next_in_bucket;
        return slot;
    }

    std::uint32_t take_free()
    {
        if (free_ != none)
            return std::exchange(free_, slots_[free_].newer);
        slots_.emplace_back();
        return static_cast<std::uint32_t>(slots_.size() - 1);
    }

    void link_newest(std::uint32_t slot)
    {
        slots_[slot].older = newest_;
        slots_[slot].newer = none;
        (newest_ == none ? oldest_ : slots_[newest_].newer) = slot;
        newest_ = slot;
    }

    void unlink(std::uint32_t slot)
    {
        const auto [older, newer] = std::pair(slots_[slot].older, slots_[slot].newer);
        (older == none ? oldest_ : slots_[older].newer) = newer;
        (newer == none ? newest_ : slots_[newer].older) = older;
    }

    std::size_t capacity_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> buckets_; // the first slot of each chain; a power of two of them
    std::uint32_t oldest_ = none;
    std::uint32_t newest_ = none;
    std::uint32_t free_ = none;
};

} // namespace maillog
