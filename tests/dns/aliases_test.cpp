#include "dns/aliases.hpp"

#include "dns/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace
{

using dns::Security;
using dns::State;
using testing::ElementsAre;
using testing::IsEmpty;

dns::Answer open_answer(dns::Type type = dns::Type::mx)
{
    dns::Answer answer;
    answer.name = "a.test";
    answer.type = type;
    answer.security = Security::secure;
    return answer;
}

bool absorb(const dns::Message& message, dns::Answer& answer)
{
    return dns::absorb(message, Security::secure, answer);
}

dns::ResourceRecord mx(std::string owner, std::uint32_t ttl = 60)
{
    return {std::move(owner), ttl, dns::Mx{1, "mx.test"}};
}

/// 0.test → 1.test → … , that many links.
std::vector<dns::Cname> chain(std::size_t links)
{
    std::vector<dns::Cname> aliases;
    for (std::size_t link = 0; link < links; ++link)
        aliases.push_back({std::to_string(link) + ".test", std::to_string(link + 1) + ".test", 60});
    return aliases;
}

TEST(Aliases, AreFollowedInWhateverOrderTheyCame)
{
    dns::Message message;
    message.aliases = {{"b.test", "c.test", 30}, {"x.test", "y.test", 1}, {"a.test", "b.test", 90}};
    message.records = {mx("c.test"), mx("other.test", 2)};
    auto answer = open_answer();
    EXPECT_TRUE(absorb(message, answer));
    EXPECT_EQ(answer.state, State::found);
    EXPECT_THAT(answer.aliases, ElementsAre("b.test", "c.test"));
    EXPECT_EQ(answer.records.size(), 1u);
    EXPECT_EQ(answer.ttl, 30u);
    EXPECT_EQ(answer.security, Security::secure);
}

TEST(Aliases, GoOnInTheNextMessage)
{
    dns::Message first;
    first.aliases = {{"a.test", "b.test", 90}};
    dns::Message second;
    second.records = {mx("b.test", 120)};
    auto answer = open_answer();
    EXPECT_FALSE(absorb(first, answer));
    EXPECT_EQ(dns::end_of_chain(answer), "b.test");
    EXPECT_TRUE(dns::absorb(second, Security::insecure, answer));
    EXPECT_EQ(answer.state, State::found);
    EXPECT_EQ(answer.ttl, 90u);
    EXPECT_EQ(answer.security, Security::insecure); // as secure as its weakest link
}

TEST(Aliases, EndInNoDataWhereTheZoneSaysSo)
{
    dns::Message message;
    message.aliases = {{"a.test", "b.test", 90}};
    message.start_of_authority = true;
    auto answer = open_answer();
    EXPECT_TRUE(absorb(message, answer));
    EXPECT_EQ(answer.state, State::no_data);
    EXPECT_THAT(answer.aliases, ElementsAre("b.test"));
    EXPECT_EQ(answer.security, Security::secure);
}

TEST(Aliases, EndInNoDataWhereAskingAgainGivesNothing)
{
    dns::Message message;
    message.aliases = {{"a.test", "b.test", 90}};
    auto answer = open_answer();
    EXPECT_FALSE(absorb(message, answer));
    EXPECT_TRUE(absorb({}, answer));
    EXPECT_EQ(answer.state, State::no_data);
}

TEST(Aliases, EndInNoSuchName)
{
    dns::Message message;
    message.rcode = dns::Rcode::name_error;
    message.aliases = {{"a.test", "b.test", 90}};
    auto answer = open_answer();
    EXPECT_TRUE(absorb(message, answer));
    EXPECT_EQ(answer.state, State::no_such_name);
    EXPECT_THAT(answer.aliases, ElementsAre("b.test"));
}

TEST(Aliases, HaveALimit)
{
    for (const std::size_t links : {dns::alias_limit, dns::alias_limit + 1}) {
        dns::Message message;
        message.aliases = chain(links);
        message.records = {mx(std::to_string(links) + ".test")};
        auto answer = open_answer();
        answer.name = "0.test";
        EXPECT_TRUE(absorb(message, answer));
        EXPECT_EQ(answer.aliases.size(), dns::alias_limit);
        const bool within = links == dns::alias_limit;
        EXPECT_EQ(answer.state, within ? State::found : State::failed);
        EXPECT_EQ(answer.fault, within ? std::error_code{} : dns::errc::too_many_aliases);
        EXPECT_EQ(answer.security, within ? Security::secure : Security::unknown);
    }
}

TEST(Aliases, MayNotComeBack)
{
    for (const auto* target : {"a.test", "b.test", "c.test"}) {
        dns::Message message;
        message.aliases = {{"a.test", "b.test", 1}, {"b.test", "c.test", 1}, {"c.test", target, 1}};
        auto answer = open_answer();
        EXPECT_TRUE(absorb(message, answer));
        EXPECT_EQ(answer.fault, dns::errc::too_many_aliases) << target;
    }
}

/// What is not there, after these aliases of a.test, by a zone that says so for so long.
dns::Message nothing(dns::Rcode rcode, std::vector<dns::Cname> aliases, std::uint32_t negative_ttl)
{
    dns::Message message;
    message.rcode = rcode;
    message.aliases = std::move(aliases);
    message.start_of_authority = true;
    message.negative_ttl = negative_ttl;
    return message;
}

TEST(Ttl, IsTheZonesWhereNothingIsThere)
{
    for (const auto rcode : {dns::Rcode::no_error, dns::Rcode::name_error}) {
        const std::pair<dns::Message, std::uint32_t> cases[] = {
            {nothing(rcode, {}, 60), 60},
            {nothing(rcode, {}, 0), 0},
            {nothing(rcode, {}, 3 * 3600 + 1), 3 * 3600},
            {nothing(rcode, {{"a.test", "b.test", 90}}, 60), 60},
            {nothing(rcode, {{"a.test", "b.test", 90}, {"b.test", "c.test", 30}}, 60), 30},
            {nothing(rcode, {{"a.test", "b.test", 0x7fffffff}}, 0x7fffffff), 3 * 3600},
        };
        for (const auto& [message, ttl] : cases) {
            auto answer = open_answer();
            EXPECT_TRUE(absorb(message, answer));
            EXPECT_EQ(answer.ttl, ttl);
        }
    }
}

TEST(Ttl, OfAnAliasThatLeadsToNothingIsTheLeastOfBothMessages)
{
    for (const std::uint32_t negative : {0u, 60u, 120u}) {
        dns::Message first;
        first.aliases = {{"a.test", "b.test", 90}};
        auto answer = open_answer();
        EXPECT_FALSE(absorb(first, answer));
        EXPECT_TRUE(absorb(nothing(dns::Rcode::no_error, {}, negative), answer));
        EXPECT_EQ(answer.ttl, std::min(negative, 90u));
    }
}

TEST(Ttl, OfRecordsIsNotTheZonesForNothing)
{
    auto message = nothing(dns::Rcode::no_error, {}, 1);
    message.records = {mx("a.test", 60)};
    auto answer = open_answer();
    EXPECT_TRUE(absorb(message, answer));
    EXPECT_EQ(answer.ttl, 60u);
}

TEST(Ttl, IsBelievedForAWeekAtMost)
{
    dns::Message message;
    message.records = {mx("a.test", 0x7fffffff)};
    auto answer = open_answer();
    EXPECT_TRUE(absorb(message, answer));
    EXPECT_EQ(answer.ttl, 7u * 24 * 3600);
}

TEST(Ttl, OfAFailureIsNone)
{
    dns::Message message;
    message.aliases = {{"a.test", "a.test", 60}};
    auto answer = open_answer();
    EXPECT_TRUE(absorb(message, answer));
    EXPECT_EQ(answer.fault, dns::errc::too_many_aliases);
    EXPECT_EQ(answer.ttl, 0u);
}

TEST(Aliases, AreTheAnswerWhereTheyAreAskedFor)
{
    dns::Message message;
    message.aliases = {{"a.test", "b.test", 90}, {"b.test", "c.test", 30}};
    auto answer = open_answer(dns::Type::cname);
    EXPECT_TRUE(absorb(message, answer));
    EXPECT_EQ(answer.state, State::found);
    EXPECT_THAT(answer.aliases, ElementsAre("b.test"));
    EXPECT_THAT(answer.records, IsEmpty());
    EXPECT_EQ(answer.ttl, 90u);
}

} // namespace
