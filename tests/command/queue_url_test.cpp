#include "probe/command/queue_url.hpp"

#include <gmock/gmock.h>

#include <stdexcept>
#include <string>

namespace
{

using namespace std::chrono_literals;
using command::parse_queue_url;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string complaint(const std::string& url)
{
    try {
        parse_queue_url(url);
    } catch (const std::invalid_argument& fault) {
        return fault.what();
    }
    return "taken";
}

TEST(QueueUrl, AHostIsEnough)
{
    const auto place = parse_queue_url("redis://queue.example.com");
    EXPECT_EQ(place.server.host, "queue.example.com");
    EXPECT_EQ(place.server.port, 6379);
    EXPECT_EQ(place.server.database, 0);
    EXPECT_EQ(place.server.user, "");
    EXPECT_EQ(place.server.password, "");
    EXPECT_EQ(place.targets, "mxtls:targets");
    EXPECT_EQ(place.results, "mxtls:results");
    EXPECT_EQ(place.group, "mxtls");
    EXPECT_EQ(place.run, "default");
    EXPECT_EQ(place.consumer, "");
    EXPECT_EQ(place.take_over, 300s);
    EXPECT_EQ(place.hold, std::nullopt);
    EXPECT_FALSE(place.drain);
}

TEST(QueueUrl, NamesEveryPart)
{
    const auto place = parse_queue_url("redis://probe:se%20cr%40t@[2001:db8::1]:6380/"
                                       "7?targets=in&results=out&group=g&consumer=c-1&run=2026-11"
                                       "&take-over=0.5&hold=50&drain=1");
    EXPECT_EQ(place.server.shown(), "[2001:db8::1]:6380");
    EXPECT_EQ(place.server.user, "probe");
    EXPECT_EQ(place.server.password, "se cr@t");
    EXPECT_EQ(place.server.database, 7);
    EXPECT_EQ(place.targets, "in");
    EXPECT_EQ(place.results, "out");
    EXPECT_EQ(place.group, "g");
    EXPECT_EQ(place.consumer, "c-1");
    EXPECT_EQ(place.run, "2026-11");
    EXPECT_EQ(place.take_over, 500ms);
    EXPECT_EQ(place.hold, 50U);
    EXPECT_TRUE(place.drain);
}

TEST(QueueUrl, ASocketHasAPath)
{
    const auto place = parse_queue_url("unix://:secret@/run/redis%2dserver.sock?db=3&drain=0");
    EXPECT_EQ(place.server.host, "");
    EXPECT_EQ(place.server.shown(), "/run/redis-server.sock");
    EXPECT_EQ(place.server.password, "secret");
    EXPECT_EQ(place.server.database, 3);
}

TEST(QueueUrl, SaysWhatIsWrong)
{
    const std::pair<const char*, const char*> cases[] = {
        {"", "neither redis:// nor unix://"},
        {"http://localhost", "neither redis:// nor unix://"},
        {"rediss://localhost", "TLS tunnel"},
        {"redis://", "'' is no host"},
        {"redis://local host", "'local host' is no host"},
        {"redis://localhost:0", "'0' is out of range"},
        {"redis://localhost:redis", "'redis' is no number"},
        {"redis://localhost:", "'' is no number"},
        {"redis://[::1", "'::1' is"},
        {"redis://[::1]6379", "is no IPv6 address"},
        {"redis://[localhost]", "'localhost' is no IPv6 address"},
        {"redis://localhost/x", "'x' is no number"},
        {"redis://localhost/99999", "'99999' is out of range"},
        {"redis://localhost?colour=red", "'colour' is nothing that a queue has"},
        {"redis://localhost?db=1", "'db' is nothing that a queue has"},
        {"redis://localhost?run=1&run=2", "'run' is given twice"},
        {"redis://localhost?run=", "'' is no name"},
        {"redis://localhost?run=a%20b", "'a b' is no name"},
        {"redis://localhost?group=%e2%82%ac", "is no name"},
        {"redis://localhost?run=%4", "'%4' holds '%'"},
        {"redis://localhost?run=%zz", "'%zz' holds '%'"},
        {"redis://localhost?take-over=0.05", "at least 0.1"},
        {"redis://localhost?take-over=soon", "'soon' is no time limit"},
        {"redis://localhost?hold=0", "'0' is out of range"},
        {"redis://localhost?drain=yes", "'yes' is neither"},
        {"redis://localhost?targets=a&results=a", "'a' is where targets and results"},
        {"unix://", "'' is no path"},
        {"unix://redis.sock", "'redis.sock' is no path"},
        {"unix:///a%00b", "is no path"},
    };
    for (const auto& [url, expected] : cases)
        EXPECT_THAT(complaint(url), HasSubstr(expected)) << url;
    EXPECT_THAT(complaint("unix:///" + std::string(107, 'a')), HasSubstr("is no path"));
    EXPECT_THAT(complaint("redis://" + std::string(256, 'a')), HasSubstr("is no host"));
    EXPECT_THAT(complaint("redis://a?run=" + std::string(129, 'a')), HasSubstr("1 to 128"));
    EXPECT_THAT(complaint("redis://" + std::string(4096, 'a')), HasSubstr("longer than 4096"));
}

TEST(QueueUrl, NeverTellsThePassword)
{
    for (const auto* url :
         {"redis://:hush/hush@localhost", "redis://:hush?hush@localhost", "redis://:hush@hush@localhost",
          "redis://:hush%hush@localhost", "rediss://:hush@localhost", "redis://:hush@local host",
          "redis://:hush@localhost/x", "unix://:hush@redis.sock", "redis://:hush@localhost?run=hush@"})
        EXPECT_THAT(complaint(url), AllOf(Not(HasSubstr("hush")), Not("taken"))) << url;
}

} // namespace
