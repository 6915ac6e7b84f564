#include "dns/message_ids.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace
{

std::vector<std::uint16_t> draw(dns::MessageIds& ids, std::size_t count)
{
    std::vector<std::uint16_t> drawn;
    while (drawn.size() < count)
        drawn.push_back(ids.next());
    return drawn;
}

TEST(MessageIds, UseAllTheirBits)
{
    dns::MessageIds ids;
    unsigned zeros = 0;
    unsigned ones = 0;
    for (const auto id : draw(ids, 1000)) { // that one bit stays the same has a chance of 2^-995
        ones |= id;
        zeros |= ~unsigned{id};
    }
    EXPECT_EQ(ones, 0xffffu);
    EXPECT_EQ(zeros & 0xffff, 0xffffu);
}

TEST(MessageIds, DoNotRepeatThemselves)
{
    dns::MessageIds ids;
    dns::MessageIds others;
    std::set<std::vector<std::uint16_t>> runs;
    for (int round = 0; round < 50; ++round) {
        runs.insert(draw(ids, 64));
        runs.insert(draw(others, 64));
    }
    EXPECT_EQ(runs.size(), 100u);
}

} // namespace
