#include "probe/log/bounded_table.hpp"

#include <gmock/gmock.h>

#include <vector>

using maillog::BoundedTable;

namespace
{

std::vector<int> contents(BoundedTable<int>& table)
{
    std::vector<int> values;
    table.for_each([&](int value) { values.push_back(value); });
    return values;
}

} // namespace

TEST(BoundedTable, ForgetsWhatNobodyAskedForLongest)
{
    BoundedTable<int> table(3);
    std::vector<int> forgotten;
    const auto forget = [&](int value) { forgotten.push_back(value); };
    for (const int key : {1, 2, 3})
        table.insert(static_cast<std::uint64_t>(key), forget) = key;
    ASSERT_TRUE(table.find(1));
    table.insert(4, forget) = 4;
    EXPECT_THAT(forgotten, testing::ElementsAre(2));
    EXPECT_EQ(table.find(2), nullptr);
    EXPECT_THAT(contents(table), testing::ElementsAre(3, 1, 4));
}

TEST(BoundedTable, WhatIsErasedMakesRoom)
{
    BoundedTable<int> table(2);
    const auto forget = [](int value) { FAIL() << value; };
    for (std::uint64_t key = 0; key < 100; ++key) {
        table.insert(key, forget) = static_cast<int>(key);
        if (key > 0)
            table.erase(key - 1);
    }
    EXPECT_THAT(contents(table), testing::ElementsAre(99));
    table.erase(12345);
    table.erase(99);
    EXPECT_TRUE(contents(table).empty());
}
