#include "probe/name_finder.hpp"

#include "fixtures/peer/server.hpp"
#include "probe/direct_means.hpp"
#include "probe/examine.hpp"
#include "support/dns_stub.hpp"
#include "support/refused_tcp_port.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <gmock/gmock.h>

#include <future>
#include <thread>

namespace
{

using namespace std::chrono_literals;
using dns::Type;
using probe::ReverseDns;
using probe::ReverseName;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using State = probe::ReverseDns::State;

const std::string reverse_of_loopback = "1.0.0.127.in-addr.arpa";

support::DnsReply with_answers(std::vector<support::DnsRecord> records)
{
    support::DnsReply reply;
    reply.answers = std::move(records);
    return reply;
}

support::DnsBehaviour found(std::vector<support::DnsRecord> records)
{
    return support::always(with_answers(std::move(records)));
}

support::DnsBehaviour failing(int rcode)
{
    support::DnsReply reply;
    reply.rcode = rcode;
    return support::always(reply);
}

support::DnsRecord loopback_is(std::string_view name)
{
    return support::ptr_record(reverse_of_loopback, name);
}

/// "mail.test yes", "mail.test no", "mail.test ?".
std::vector<std::string> told(const ReverseDns& reverse)
{
    std::vector<std::string> lines;
    for (const auto& [name, confirmed] : reverse.names)
        lines.push_back(name + (confirmed ? *confirmed ? " yes" : " no" : " ?"));
    return lines;
}

class NameFinder : public testing::Test
{
protected:
    dns::Settings settings() const
    {
        dns::Settings asked;
        asked.servers = {resolver.server()};
        asked.timeout = timeout;
        asked.tries = 1;
        return asked;
    }

    /// All that there is to know.
    ReverseDns find(const std::string& address)
    {
        asio::io_context loop(1);
        probe::NameFinder finder(loop.get_executor(), settings());
        const auto into = std::make_shared<ReverseDns>();
        finder.find(asio::ip::make_address(address), into);
        loop.run();
        return *into;
    }

    support::DnsStub resolver;
    std::chrono::milliseconds timeout = 10s; // patient with a slow machine
};

TEST_F(NameFinder, ConfirmsTheNameThatLeadsBack)
{
    resolver.on(reverse_of_loopback, Type::ptr, found({loopback_is("Mail.Test.")}));
    resolver.on(
        "mail.test", Type::a,
        found({support::a_record("mail.test", "192.0.2.1"), support::a_record("mail.test", "127.0.0.1")})
    );
    const auto reverse = find("127.0.0.1");
    EXPECT_EQ(reverse.state, State::found);
    EXPECT_THAT(told(reverse), ElementsAre("mail.test yes"));
    EXPECT_THAT(resolver.asked(), SizeIs(2)) << "PTR, and the A record of its name";
}

TEST_F(NameFinder, DoesNotConfirmTheNameThatLeadsElsewhere)
{
    resolver.on(reverse_of_loopback, Type::ptr, found({loopback_is("a.test"), loopback_is("b.test")}));
    resolver.on("a.test", Type::a, found({support::a_record("a.test", "192.0.2.1")}));
    resolver.on("b.test", Type::a, failing(3));
    const auto reverse = find("127.0.0.1");
    EXPECT_THAT(told(reverse), ElementsAre("a.test no", "b.test no"));
}

TEST_F(NameFinder, DoesNotSayWhatDnsDidNot)
{
    resolver.on(reverse_of_loopback, Type::ptr, found({loopback_is("a.test")}));
    resolver.on("a.test", Type::a, failing(5));
    const auto reverse = find("127.0.0.1");
    EXPECT_EQ(reverse.state, State::found);
    EXPECT_THAT(told(reverse), ElementsAre("a.test ?"));
}

TEST_F(NameFinder, TellsNoNameFromNoAnswer)
{
    resolver.on(reverse_of_loopback, Type::ptr, failing(3));
    EXPECT_EQ(find("127.0.0.1").state, State::none);
    resolver.on(reverse_of_loopback, Type::ptr, found({}));
    EXPECT_EQ(find("127.0.0.1").state, State::none);
    resolver.on(reverse_of_loopback, Type::ptr, found({loopback_is(".")}));
    EXPECT_EQ(find("127.0.0.1").state, State::none) << "the root is no name";
    resolver.on(reverse_of_loopback, Type::ptr, failing(2));
    EXPECT_EQ(find("127.0.0.1").state, State::failed);
}

TEST_F(NameFinder, AsksForTheAddressOfItsFamily)
{
    const std::string reverse_of_v6 =
        "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
    resolver.on(reverse_of_v6, Type::ptr, found({support::ptr_record(reverse_of_v6, "six.test")}));
    resolver.on("six.test", Type::aaaa, found({support::aaaa_record("six.test", "2001:db8::1")}));
    EXPECT_THAT(told(find("2001:db8::1")), ElementsAre("six.test yes"));
    EXPECT_THAT(told(find("2001:db8::1%1")), ElementsAre("six.test yes")) << "a scope is this machine's own";
}

TEST_F(NameFinder, FollowsAClasslessDelegation)
{
    const std::string delegated = "1.0/25.0.0.127.in-addr.arpa"; // RFC 2317 §4
    resolver.on(
        reverse_of_loopback, Type::ptr,
        found(
            {support::cname_record(reverse_of_loopback, delegated), support::ptr_record(delegated, "a.test")}
        )
    );
    resolver.on("a.test", Type::a, found({support::a_record("a.test", "127.0.0.1")}));
    EXPECT_THAT(told(find("127.0.0.1")), ElementsAre("a.test yes"));
}

TEST_F(NameFinder, LeavesALoopOfAliases)
{
    const std::string other = "2.0.0.127.in-addr.arpa";
    resolver.on(
        reverse_of_loopback, Type::ptr,
        found(
            {support::cname_record(reverse_of_loopback, other),
             support::cname_record(other, reverse_of_loopback)}
        )
    );
    EXPECT_EQ(find("127.0.0.1").state, State::failed);
}

TEST_F(NameFinder, LooksAtABoundedNumberOfNames)
{
    std::vector<support::DnsRecord> names;
    for (int index = 99; index >= 0; --index)
        names.push_back(loopback_is("host-" + std::to_string(100 + index) + ".test"));
    names.push_back(names.front()); // twice
    resolver.on(reverse_of_loopback, Type::ptr, found(names));
    resolver.on("", Type::a, [](const support::DnsQuery& query) {
        const auto reply = with_answers({support::a_record(query.name, "127.0.0.1")});
        return std::vector<support::Octets>{support::reply_to(query, reply)};
    });
    const auto reverse = find("127.0.0.1");
    EXPECT_THAT(
        told(reverse),
        ElementsAre("host-100.test yes", "host-101.test yes", "host-102.test yes", "host-103.test yes")
    );
    EXPECT_EQ(reverse.left_out, 96u);
    std::size_t addresses_asked = 0;
    for (const auto& query : resolver.asked())
        addresses_asked += query.type == Type::a;
    EXPECT_EQ(addresses_asked, probe::max_reverse_names);
}

TEST_F(NameFinder, LooksUpABoundedNumberOfAddresses)
{
    resolver.on(reverse_of_loopback, Type::ptr, failing(3));
    asio::io_context loop(1);
    probe::NameFinder finder(loop.get_executor(), settings());
    std::vector<std::shared_ptr<ReverseDns>> all(probe::max_reverse_look_ups + 1);
    for (auto& into : all) {
        into = std::make_shared<ReverseDns>();
        finder.find(asio::ip::make_address("127.0.0.1"), into);
    }
    loop.run();
    EXPECT_EQ(all.front()->state, State::none);
    EXPECT_EQ(all[probe::max_reverse_look_ups - 1]->state, State::none);
    EXPECT_EQ(all.back()->state, State::unknown);

    finder.find(asio::ip::make_address("127.0.0.1"), all.back());
    loop.restart();
    loop.run();
    EXPECT_EQ(all.back()->state, State::none) << "there is room again";
}

TEST_F(NameFinder, WritesNothingThatNobodyWantsToKnow)
{
    asio::io_context loop(1);
    auto into = std::make_shared<ReverseDns>();
    const std::weak_ptr<ReverseDns> gone = into;
    probe::NameFinder finder(loop.get_executor(), settings());
    resolver.on(reverse_of_loopback, Type::ptr, found({loopback_is("a.test")}));
    finder.find(asio::ip::make_address("127.0.0.1"), into);
    into.reset();
    loop.run();
    EXPECT_TRUE(gone.expired());
    EXPECT_THAT(resolver.asked(), SizeIs(1)) << "and nothing more is asked";
}

TEST_F(NameFinder, MayEndBeforeItsQuestionsAndTheLoop)
{
    asio::io_context loop(1);
    resolver.on(reverse_of_loopback, Type::ptr, found({loopback_is("a.test")}));
    resolver.on("a.test", Type::a, found({support::a_record("a.test", "127.0.0.1")}));
    const auto into = std::make_shared<ReverseDns>();
    {
        probe::NameFinder finder(loop.get_executor(), settings());
        finder.find(asio::ip::make_address("127.0.0.1"), into);
    }
    loop.run();
    EXPECT_THAT(told(*into), ElementsAre("a.test yes"));
}

/// A target that is an address, examined while its reverse DNS is looked up.
class Beside : public NameFinder
{
protected:
    Beside()
    {
        plan.smtp.ehlo_name = "probe.test";
        plan.smtp.limits = {5s, 5s, 5s};
        seen.target = probe::parse_target("[127.0.0.1]");
    }

    /// Until it is over, or `enough`; what is under way then is abandoned.
    template <class Enough>
    void examine(Enough enough)
    {
        asio::io_context loop(1);
        dns::Resolver asked(loop.get_executor(), settings());
        probe::NameFinder finder(loop.get_executor(), settings());
        const smtp::TlsContext tls({});
        probe::Gate gate(loop.get_executor(), {});
        probe::DirectMeans means(asked, tls, gate, plan.smtp, {}, &finder);
        asio::co_spawn(loop, probe::examine(seen, plan, means), asio::detached);
        while (!seen.finished && !enough() && loop.run_one() > 0) {
        }
    }

    const ReverseDns& reverse() const { return seen.hosts.at(0).endpoints.at(0).reverse; }

    bool name_is_known() const
    {
        return !seen.hosts.empty() && !seen.hosts[0].endpoints.empty() && reverse().state != State::unknown;
    }

    static peer::Options dialogue(const std::string& name)
    {
        peer::Options options;
        options.dialogue = peer::load_dialogue(FIXTURES "/dialogues/" + name + ".smtp");
        return options;
    }

    probe::Plan plan;
    probe::Observation seen;
};

TEST_F(Beside, TheNameIsFoundWhileTheSessionGoesOn)
{
    peer::Server server(dialogue("silent")); // the session lasts as long as it may
    plan.port = server.endpoint().port();
    plan.smtp.limits = {60s, 60s, 60s};
    resolver.on(reverse_of_loopback, Type::ptr, found({loopback_is("mail.test")}));
    resolver.on("mail.test", Type::a, found({support::a_record("mail.test", "127.0.0.1")}));
    examine([&] { return name_is_known() && reverse().names.at(0).confirmed; });
    EXPECT_FALSE(seen.finished);
    EXPECT_THAT(told(reverse()), ElementsAre("mail.test yes"));
}

TEST_F(Beside, NothingWaitsForAnAnswerThatDoesNotCome)
{
    peer::Server server(dialogue("no-starttls"));
    plan.port = server.endpoint().port();
    timeout = 1h; // whoever waits for it fails by the limit of the test
    resolver.on(reverse_of_loopback, Type::ptr, support::silent());
    examine([] { return false; });
    EXPECT_TRUE(seen.finished);
    EXPECT_TRUE(seen.hosts.at(0).endpoints.at(0).session.finished);
    EXPECT_EQ(reverse().state, State::unknown);
    while (resolver.asked().empty()) // the question went out; the stub is another thread
        std::this_thread::sleep_for(1ms);
    EXPECT_EQ(resolver.asked().front().type, Type::ptr);
}

TEST_F(Beside, AnAnswerThatComesTooLateIsLeftAside)
{
    peer::Server server(dialogue("no-starttls"));
    plan.port = server.endpoint().port();
    asio::io_context loop(1);
    dns::Resolver asked(loop.get_executor(), settings());
    probe::NameFinder finder(loop.get_executor(), settings());
    const smtp::TlsContext tls({});
    probe::Gate gate(loop.get_executor(), {});
    std::promise<void> over;
    resolver.on(reverse_of_loopback, Type::ptr, [&](const support::DnsQuery& query) {
        over.get_future().wait();
        return std::vector<support::Octets>{
            support::reply_to(query, with_answers({loopback_is("late.test")}))};
    });
    probe::DirectMeans means(asked, tls, gate, plan.smtp, {}, &finder);
    asio::co_spawn(loop, probe::examine(seen, plan, means), asio::detached);
    while (!seen.finished && loop.run_one() > 0) {
    }
    over.set_value();
    loop.run(); // the answer comes
    EXPECT_EQ(reverse().state, State::unknown);
    EXPECT_THAT(resolver.asked(), SizeIs(1));
}

TEST_F(Beside, ARunThatIsInterruptedKeepsWhatWasKnown)
{
    peer::Server server(dialogue("silent"));
    plan.port = server.endpoint().port();
    resolver.on(reverse_of_loopback, Type::ptr, found({loopback_is("mail.test")}));
    resolver.on("mail.test", Type::a, support::silent());
    examine([&] { return name_is_known(); });
    EXPECT_FALSE(seen.finished);
    EXPECT_THAT(told(reverse()), ElementsAre("mail.test ?"));
}

TEST_F(Beside, AKnownGoodHostIsNotAskedAfter)
{
    support::RefusedTcpPort refused;
    auto options = dialogue("no-starttls");
    options.address = "127.0.0.2";
    peer::Server good(options);
    plan.port = refused.number();
    plan.known_good = probe::parse_host_port("127.0.0.2:" + std::to_string(good.endpoint().port()));
    resolver.on("", Type::ptr, failing(3));
    examine([] { return false; });
    EXPECT_EQ(seen.known_good_answered, true);
    for (const auto& query : resolver.asked())
        EXPECT_EQ(query.name, reverse_of_loopback);
}

TEST_F(Beside, WithoutAResolverNothingIsAsked)
{
    peer::Server server(dialogue("no-starttls"));
    plan.port = server.endpoint().port();
    asio::io_context loop(1);
    dns::Resolver nobody(loop.get_executor(), {});
    const smtp::TlsContext tls({});
    probe::Gate gate(loop.get_executor(), {});
    probe::DirectMeans means(nobody, tls, gate, plan.smtp);
    asio::co_spawn(loop, probe::examine(seen, plan, means), asio::detached);
    while (!seen.finished && loop.run_one() > 0) {
    }
    EXPECT_TRUE(seen.finished);
    EXPECT_EQ(reverse().state, State::unknown);
    EXPECT_THAT(reverse().names, IsEmpty());
}

} // namespace
