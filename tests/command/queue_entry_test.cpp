#include "probe/command/queue_entry.hpp"

#include <gmock/gmock.h>

namespace
{

using command::queue_task;
using command::queue_ticket;
using command::QueueEntry;
using testing::HasSubstr;

TEST(QueueEntry, BecomesATask)
{
    const auto task =
        queue_task({.id = "17-0", .target = " user@example.com\r\n", .run = "weekly"}, "default");
    EXPECT_EQ(task.target, "user@example.com");
    EXPECT_EQ(task.fault, "");
    const auto ticket = queue_ticket(task);
    EXPECT_EQ(ticket.id, "17-0");
    EXPECT_EQ(ticket.run, "weekly");
    EXPECT_EQ(ticket.done, "user@example.com");
}

TEST(QueueEntry, WithoutARunIsOfTheWorkersOwn)
{
    EXPECT_EQ(queue_ticket(queue_task({.id = "17-0", .target = "example.com"}, "daily")).run, "daily");
}

TEST(QueueEntry, WithNonAsciiLettersIsATarget)
{
    EXPECT_EQ(
        queue_task(
            {.id = "1-0",
             .target = "b\xc3\xbc"
                       "cher.example"},
            "d"
        )
            .fault,
        ""
    );
}

TEST(QueueEntry, ThatIsNoneSaysWhyAndIsDoneByItself)
{
    const std::pair<QueueEntry, const char*> cases[] = {
        {{.id = "1-0"}, "entry 1-0 has no field 'target'"},
        {{.id = "1-0", .target = " \t"}, "entry 1-0 has an empty target"},
        {{.id = "1-0", .target = std::string(1001, 'a')}, "more than 1000 octets: 'aaaa"},
        {{.id = "1-0", .target = "a\x1b[2J.example"},
         "control characters in its target: 'a\\x1b[2J.example'"},
        {{.id = "1-0", .target = std::string("a\0b", 3)}, "'a\\x00b'"},
        {{.id = "1-0", .target = "a.example", .run = "two words"}, "has the run 'two words'"},
        {{.id = "1-0", .target = "a.example", .run = ""}, "has the run ''"},
        {{.id = "1-0", .target = "a.example", .run = std::string(129, 'r')}, "has the run 'rrrr"},
    };
    for (const auto& [entry, expected] : cases) {
        const auto task = queue_task(entry, "default");
        EXPECT_THAT(task.fault, HasSubstr(expected));
        EXPECT_LT(task.fault.size(), 400U);
        EXPECT_EQ(task.target, "") << expected;
        EXPECT_EQ(queue_ticket(task).run, "default") << expected;
        EXPECT_EQ(queue_ticket(task).done, "entry 1-0") << expected;
    }
}

TEST(QueueEntry, ThatEndedEveryWorkerIsGivenUp)
{
    const QueueEntry fifth{.id = "1-0", .deliveries = 5, .target = "poison.example"};
    EXPECT_EQ(queue_task(fifth, "default").fault, "");

    const QueueEntry sixth{.id = "1-0", .deliveries = 6, .target = "poison.example"};
    const auto task = queue_task(sixth, "default");
    EXPECT_THAT(task.fault, HasSubstr("was given to workers 5 times"));
    EXPECT_TRUE(task.is_abandoned);
    EXPECT_EQ(queue_ticket(task).done, "poison.example");
}

TEST(QueueEntry, ResultsAreSentTogetherWhileTheyAreFewAndSmall)
{
    const auto sent_of = [](std::size_t count, std::size_t octets) {
        const std::vector results(count, scan::Result{{}, {}, std::string(octets, 'x')});
        return command::sent_at_once(results);
    };
    EXPECT_EQ(sent_of(0, 0), 0U);
    EXPECT_EQ(sent_of(3, 1'000), 3U);
    EXPECT_EQ(sent_of(100, 1'000), 64U);
    EXPECT_EQ(sent_of(100, 64 * 1024), 64U);
    EXPECT_EQ(sent_of(100, 64 * 1024 + 1), 63U);
    EXPECT_EQ(sent_of(3, 5'000'000), 1U);
}

} // namespace
