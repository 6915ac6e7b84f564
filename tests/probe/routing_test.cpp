#include "probe/routing.hpp"

#include "dns/error.hpp"

#include <gmock/gmock.h>

namespace
{

using testing::ElementsAre;
using testing::IsEmpty;

dns::Answer mx_answer(std::vector<dns::Mx> records)
{
    dns::Answer answer;
    answer.name = "example.com";
    answer.type = dns::Type::mx;
    answer.state = records.empty() ? dns::State::no_data : dns::State::found;
    answer.records.assign(records.begin(), records.end());
    return answer;
}

std::vector<std::string> names(const probe::Routing& routing)
{
    std::vector<std::string> result;
    for (const auto& host : routing.hosts)
        result.push_back(host.name);
    return result;
}

TEST(Routing, HostsStandByPreferenceThenName)
{
    const auto routing = probe::routing_of(mx_answer({{20, "c.test"}, {10, "b.test"}, {10, "a.test"}}), 25);
    EXPECT_EQ(routing.route, probe::Route::mx);
    EXPECT_THAT(names(routing), ElementsAre("a.test", "b.test", "c.test"));
    EXPECT_EQ(routing.hosts.back().preference, 20);
}

TEST(Routing, AHostNamedTwiceStandsOnceWithItsLeastPreference)
{
    const auto routing = probe::routing_of(mx_answer({{20, "a.test"}, {10, "a.test"}}), 25);
    EXPECT_THAT(names(routing), ElementsAre("a.test"));
    EXPECT_EQ(routing.hosts.front().preference, 10);
}

TEST(Routing, NullMxIsNoHostWhateverItsPreference)
{
    const auto routing = probe::routing_of(mx_answer({{10, "."}}), 25);
    EXPECT_EQ(routing.route, probe::Route::null_mx);
    EXPECT_THAT(routing.hosts, IsEmpty());
    EXPECT_FALSE(routing.null_mx_beside_others);
}

TEST(Routing, NullMxBesideOthersIsPassedOver)
{
    const auto routing = probe::routing_of(mx_answer({{0, "."}, {10, "a.test"}}), 25);
    EXPECT_EQ(routing.route, probe::Route::mx);
    EXPECT_TRUE(routing.null_mx_beside_others);
    EXPECT_THAT(names(routing), ElementsAre("a.test"));
}

TEST(Routing, OnlyNoDataMakesTheDomainItsOwnHost)
{
    auto answer = mx_answer({});
    const auto routing = probe::routing_of(answer, 2525);
    EXPECT_EQ(routing.route, probe::Route::implicit);
    EXPECT_THAT(names(routing), ElementsAre("example.com"));
    EXPECT_EQ(routing.hosts.front().port, 2525);
    EXPECT_FALSE(routing.hosts.front().preference);

    answer.state = dns::State::no_such_name;
    EXPECT_EQ(probe::routing_of(answer, 25).route, probe::Route::no_domain);
    EXPECT_THAT(probe::routing_of(answer, 25).hosts, IsEmpty());

    answer.state = dns::State::failed;
    answer.fault = dns::errc::server_failure;
    EXPECT_EQ(probe::routing_of(answer, 25).route, probe::Route::unknown);
    EXPECT_THAT(probe::routing_of(answer, 25).hosts, IsEmpty());
}

TEST(Routing, AnExchangeThatIsAnAddressIsTakenAsOne)
{
    const auto routing = probe::routing_of(mx_answer({{10, "192.0.2.1"}}), 25);
    EXPECT_EQ(routing.hosts.front().literal, asio::ip::make_address("192.0.2.1"));
    EXPECT_THAT(probe::addresses_of(routing.hosts.front()), ElementsAre(asio::ip::make_address("192.0.2.1")));
}

TEST(Routing, AddressesStandIpv4FirstNumericallyOnce)
{
    auto host = probe::given_host("mx.test", 25);
    host.ipv6.emplace().records = {
        asio::ip::make_address("2001:db8::2"), asio::ip::make_address("2001:db8::1")};
    host.ipv4.emplace().records = {
        asio::ip::make_address("192.0.2.10"), asio::ip::make_address("192.0.2.9"),
        asio::ip::make_address("192.0.2.9")};
    EXPECT_THAT(
        probe::addresses_of(host),
        ElementsAre(
            asio::ip::make_address("192.0.2.9"), asio::ip::make_address("192.0.2.10"),
            asio::ip::make_address("2001:db8::1"), asio::ip::make_address("2001:db8::2")
        )
    );
}

} // namespace
