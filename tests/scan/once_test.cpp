#include "probe/scan/once.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <gmock/gmock.h>

namespace
{

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

using Kept = scan::Kept<std::string>;
using Once = scan::Once<std::string>;

constexpr auto for_ever = Kept::Clock::time_point::max();

Kept::Shared text(const std::string& words)
{
    return std::make_shared<const std::string>(words);
}

TEST(Kept, IsFoundUntilItsMoment)
{
    Kept kept({10, 10'000});
    kept.keep("lasting", text("one"), for_ever);
    kept.keep("over", text("two"), Kept::Clock::now());
    EXPECT_EQ(*kept.find("lasting"), "one");
    EXPECT_EQ(kept.find("over"), nullptr);
    EXPECT_EQ(kept.find("unknown"), nullptr);
    EXPECT_EQ(kept.size(), 1U);
}

TEST(Kept, WhatIsOverIsGoneWhenItIsLookedFor)
{
    Kept kept({10, 10'000});
    const auto soon = Kept::Clock::now() + 5ms;
    kept.keep("brief", text("one"), soon);
    while (Kept::Clock::now() < soon)
        std::this_thread::yield();
    EXPECT_EQ(kept.find("brief"), nullptr);
    EXPECT_EQ(kept.size(), 0U);
}

TEST(Kept, WhatNobodyWantedForLongestGoesFirst)
{
    Kept kept({3, 10'000});
    for (const auto* key : {"a", "b", "c"})
        kept.keep(key, text(key), for_ever);
    EXPECT_NE(kept.find("a"), nullptr); // wanted again
    kept.keep("d", text("d"), for_ever);
    EXPECT_EQ(kept.size(), 3U);
    EXPECT_EQ(kept.find("b"), nullptr);
    for (const auto* key : {"a", "c", "d"})
        EXPECT_NE(kept.find(key), nullptr) << key;
}

TEST(Kept, NeverHoldsMoreThanItMay)
{
    Kept kept({100, 10'000});
    for (int key = 0; key < 10'000; ++key)
        kept.keep(std::to_string(key), text("value"), for_ever);
    EXPECT_EQ(kept.size(), 100U);
    EXPECT_NE(kept.find("9999"), nullptr);
    EXPECT_NE(kept.find("9900"), nullptr);
    EXPECT_EQ(kept.find("9899"), nullptr);
}

TEST(Kept, NeverHoldsMoreOctetsThanThereIsRoomFor)
{
    Kept kept({100, 10 * (sizeof(std::string) + 1)}); // ten of one octet as a key
    for (char key = 'a'; key <= 'z'; ++key)
        kept.keep(std::string(1, key), text("value"), for_ever);
    EXPECT_EQ(kept.size(), 10U);
    EXPECT_EQ(kept.octets(), 10 * (sizeof(std::string) + 1));
    EXPECT_EQ(kept.find("p"), nullptr);
    EXPECT_NE(kept.find("q"), nullptr);
}

TEST(Kept, KeptAgainItIsAsNew)
{
    Kept kept({2, 10'000});
    kept.keep("a", text("old"), for_ever);
    kept.keep("b", text("b"), for_ever);
    kept.keep("a", text("new"), for_ever);
    kept.keep("c", text("c"), for_ever);
    EXPECT_EQ(kept.find("b"), nullptr);
    EXPECT_EQ(*kept.find("a"), "new");
    EXPECT_EQ(kept.size(), 2U);
}

TEST(Kept, WhoHasSomethingHasItAlsoWhenItIsNotKeptAnyMore)
{
    Kept kept({1, 10'000});
    kept.keep("a", text("mine"), for_ever);
    const auto mine = kept.find("a");
    kept.keep("b", text("b"), for_ever);
    EXPECT_EQ(kept.find("a"), nullptr);
    EXPECT_EQ(*mine, "mine");
}

/// Makes its own name in capitals when it is let, and counts.
class Workshop
{
public:
    asio::awaitable<Once::Made> make()
    {
        ++made;
        co_await open_.wait();
        Once::Made result;
        result.value = value;
        result.until = until;
        result.known = known;
        co_return result;
    }

    asio::awaitable<void> ask(std::string key)
    {
        const auto make_it = [this] { return make(); };
        const auto got = co_await once_.get(std::move(key), make_it);
        told.push_back(*got.value + (got.known ? " known" : " new"));
    }

    void begin(const std::string& key)
    {
        asio::co_spawn(loop_, ask(key), asio::detached);
        loop_.restart();
        loop_.poll();
    }

    void open()
    {
        open_.happen();
        loop_.restart();
        loop_.poll();
    }

    int made = 0;
    std::string value = "value";
    Once::Clock::time_point until = for_ever;
    bool known = false;
    std::vector<std::string> told;

private:
    asio::io_context loop_{1};
    probe::Event open_{loop_.get_executor()};
    Once once_{loop_.get_executor(), {100, 10'000}};
};

TEST(Once, ThoseWhoAskWhileItIsMadeGetTheSameAndWait)
{
    Workshop shop;
    for (int count = 0; count < 3; ++count)
        shop.begin("key");
    EXPECT_THAT(shop.told, IsEmpty());
    EXPECT_EQ(shop.made, 1);
    shop.open();
    EXPECT_THAT(shop.told, ElementsAre("value new", "value known", "value known"));
    EXPECT_EQ(shop.made, 1);
}

TEST(Once, WhoAsksLaterGetsWhatIsKnown)
{
    Workshop shop;
    shop.open();
    shop.begin("key");
    shop.begin("key");
    shop.begin("other");
    EXPECT_THAT(shop.told, ElementsAre("value new", "value known", "value new"));
    EXPECT_EQ(shop.made, 2);
}

TEST(Once, WhatDoesNotLastIsMadeAnewButNotWhileItIsMade)
{
    Workshop shop;
    shop.until = Once::Clock::now();
    shop.begin("key");
    shop.begin("key");
    shop.open();
    EXPECT_EQ(shop.made, 1);
    shop.value = "another";
    shop.begin("key");
    EXPECT_EQ(shop.made, 2);
    EXPECT_THAT(shop.told, ElementsAre("value new", "value known", "another new"));
}

TEST(Once, WhatTurnsOutToBeKnownIsToldSo)
{
    Workshop shop;
    shop.known = true;
    shop.open();
    shop.begin("key");
    EXPECT_THAT(shop.told, ElementsAre("value known"));
}

TEST(Once, OneThatIsAbandonedTakesThoseWhoWaitWithIt)
{
    const auto shop = std::make_unique<Workshop>();
    shop->begin("key");
    shop->begin("key");
    EXPECT_THAT(shop->told, IsEmpty()); // and the sanitizers see no leak
}

} // namespace
