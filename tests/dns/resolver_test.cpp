#include "dns/resolver.hpp"

#include "dns/error.hpp"
#include "support/dns_stub.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/buffer.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/udp.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace
{

using namespace std::chrono_literals;

using dns::State;
using dns::Type;
using support::DnsQuery;
using support::DnsReply;
using support::DnsStub;
using support::Octets;
using testing::ElementsAre;
using testing::IsEmpty;

/// Patient with a slow machine; nothing in a test that uses it waits for a time-out.
dns::Settings patient(std::vector<dns::Server> servers)
{
    return {std::move(servers), 10s, 2};
}

/// For tests in which a server is silent. Many tries, so that a busy machine gets its answer in the end.
dns::Settings hasty(std::vector<dns::Server> servers, int tries = 1)
{
    return {std::move(servers), 100ms, tries};
}

/// For tests in which a server is silent only once, or answers something else that may not be late.
dns::Settings unhurried(std::vector<dns::Server> servers, int tries = 1)
{
    return {std::move(servers), 1s, tries};
}

asio::awaitable<void> ask_into(dns::Answer& answer, dns::Resolver& resolver, std::string name, Type type)
{
    answer = co_await resolver.ask(std::move(name), type);
}

dns::Answer ask(asio::io_context& io, dns::Resolver& resolver, std::string name, Type type)
{
    dns::Answer answer;
    asio::co_spawn(io, ask_into(answer, resolver, std::move(name), type), asio::detached);
    io.restart();
    io.run();
    return answer;
}

dns::Answer ask(dns::Settings settings, std::string name, Type type = Type::a)
{
    asio::io_context io(1);
    dns::Resolver resolver(io.get_executor(), std::move(settings));
    return ask(io, resolver, std::move(name), type);
}

DnsReply with_answers(std::vector<support::DnsRecord> records)
{
    DnsReply reply;
    reply.answers = std::move(records);
    return reply;
}

DnsReply with_rcode(int rcode)
{
    DnsReply reply;
    reply.rcode = rcode;
    return reply;
}

DnsReply address_of(std::string name, std::string_view address = "192.0.2.1")
{
    return with_answers({support::a_record(std::move(name), address)});
}

DnsReply long_text(std::string name, std::size_t octets)
{
    return with_answers(
        {support::txt_record(std::move(name), std::vector<std::string>(octets / 100, std::string(99, 'x')))}
    );
}

/// TC over UDP, the reply over TCP.
support::DnsBehaviour truncated(DnsReply whole)
{
    return [whole = std::move(whole)](const DnsQuery& query) {
        DnsReply cut;
        cut.truncated = true;
        return std::vector<Octets>{support::reply_to(query, query.over_tcp ? whole : cut)};
    };
}

/// SERVFAIL, unless checking is disabled.
support::DnsBehaviour bogus(DnsReply unchecked)
{
    return [unchecked = std::move(unchecked)](const DnsQuery& query) {
        return std::vector<Octets>{
            support::reply_to(query, query.checking_disabled ? unchecked : with_rcode(2))};
    };
}

std::vector<asio::ip::address> addresses(const dns::Answer& answer)
{
    return answer.all<asio::ip::address>();
}

auto address(const char* text)
{
    return asio::ip::make_address(text);
}

TEST(Resolver, AsksOverUdpWithAdAndEdns)
{
    DnsStub stub;
    stub.on("example.test", Type::a, support::always(address_of("example.test")));
    const auto answer = ask(patient({stub.server()}), "Example.TEST.");
    EXPECT_EQ(answer.state, State::found);
    EXPECT_FALSE(answer.fault);
    EXPECT_EQ(answer.name, "example.test");
    EXPECT_EQ(answer.type, Type::a);
    EXPECT_EQ(answer.ttl, 300u);
    EXPECT_NE(answer.security, dns::Security::secure);
    EXPECT_THAT(addresses(answer), ElementsAre(address("192.0.2.1")));
    const auto asked = stub.asked();
    ASSERT_EQ(asked.size(), 1u);
    EXPECT_FALSE(asked[0].over_tcp);
    EXPECT_TRUE(asked[0].recursion_desired);
    EXPECT_TRUE(asked[0].authenticated_data);
    EXPECT_FALSE(asked[0].checking_disabled);
    EXPECT_EQ(asked[0].payload, 1232);
}

TEST(Resolver, AsksOverIpv6)
{
    DnsStub stub("::1");
    stub.on(
        "example.test", Type::aaaa,
        support::always(with_answers({support::aaaa_record("example.test", "2001:db8::1")}))
    );
    const auto answer = ask(patient({stub.server()}), "example.test", Type::aaaa);
    EXPECT_THAT(addresses(answer), ElementsAre(address("2001:db8::1")));
}

TEST(Resolver, GetsLargeAnswersOverUdp)
{
    DnsStub stub;
    stub.on("example.test", Type::txt, support::always(long_text("example.test", 900)));
    const auto answer = ask(patient({stub.server()}), "example.test", Type::txt);
    ASSERT_EQ(answer.records.size(), 1u);
    EXPECT_EQ(answer.all<dns::Text>()[0].octets.size(), 891u);
    EXPECT_EQ(stub.asked().size(), 1u);
}

TEST(Resolver, GetsAnswersLargerThanItAskedForOverTcp)
{
    DnsStub stub;
    stub.on("example.test", Type::txt, support::always(long_text("example.test", 2000)));
    EXPECT_EQ(ask(patient({stub.server()}), "example.test", Type::txt).state, State::found);
    EXPECT_TRUE(stub.asked().back().over_tcp);
}

TEST(Resolver, GetsTruncatedAnswersOverTcp)
{
    DnsStub stub;
    stub.on("example.test", Type::txt, truncated(long_text("example.test", 60'000)));
    const auto answer = ask(patient({stub.server()}), "example.test", Type::txt);
    ASSERT_EQ(answer.records.size(), 1u);
    EXPECT_EQ(answer.all<dns::Text>()[0].octets.size(), 59'400u);
    const auto asked = stub.asked();
    ASSERT_EQ(asked.size(), 2u);
    EXPECT_FALSE(asked[0].over_tcp);
    EXPECT_TRUE(asked[1].over_tcp);
}

TEST(Resolver, AsksAgainWhereATcpConnectionIsLost)
{
    DnsStub stub;
    stub.on("example.test", Type::a, [&stub](const DnsQuery& query) -> std::vector<Octets> {
        DnsReply cut;
        cut.truncated = true;
        if (!query.over_tcp)
            return {support::reply_to(query, cut)};
        if (stub.asked().size() < 3)
            return {}; // closes
        return {support::reply_to(query, address_of("example.test"))};
    });
    const auto answer = ask(patient({stub.server()}), "example.test");
    EXPECT_EQ(answer.state, State::found) << answer.fault.message();
    EXPECT_EQ(stub.asked().size(), 3u);
}

TEST(Resolver, DoesNotTakeATruncatedAnswerOverTcp)
{
    DnsStub stub;
    DnsReply cut;
    cut.truncated = true;
    stub.on("example.test", Type::a, support::always(cut));
    EXPECT_EQ(ask(patient({stub.server()}), "example.test").fault, dns::errc::malformed);
}

TEST(Resolver, TellsNoSuchNameFromNoData)
{
    DnsStub stub;
    stub.on("nxdomain.test", Type::mx, support::always(with_rcode(3)));
    stub.on("nodata.test", Type::mx, support::always({}));
    const auto settings = patient({stub.server()});
    const auto no_such_name = ask(settings, "nxdomain.test", Type::mx);
    EXPECT_EQ(no_such_name.state, State::no_such_name);
    EXPECT_FALSE(no_such_name.fault);
    const auto no_data = ask(settings, "nodata.test", Type::mx);
    EXPECT_EQ(no_data.state, State::no_data);
    EXPECT_FALSE(no_data.fault);
}

dns::Settings trusting(dns::Settings settings)
{
    settings.trust_ad = true;
    return settings;
}

DnsReply with_ad(DnsReply reply)
{
    reply.authenticated = true;
    return reply;
}

DnsReply name_servers_of_com()
{
    return with_answers({support::ns_record("com", "a.gtld-servers.net")});
}

/// Signed and unsigned names, also such as are not there, at a server that gives AD where it should.
void serve_signed_and_unsigned(DnsStub& stub)
{
    stub.on("signed.test", Type::a, support::always(with_ad(address_of("signed.test"))));
    stub.on("unsigned.test", Type::a, support::always(address_of("unsigned.test")));
    stub.on("none.signed.test", Type::a, support::always(with_ad(with_rcode(3))));
    stub.on("none.unsigned.test", Type::a, support::always(with_rcode(3)));
}

std::vector<DnsQuery> proofs(const DnsStub& stub)
{
    auto asked = stub.asked();
    std::erase_if(asked, [](const auto& query) { return query.type != Type::ns; });
    return asked;
}

/// What the answers for these names, asked one after another, say of DNSSEC; then the server's validation.
struct Said
{
    std::vector<dns::Security> security;
    dns::Validation validation{};
};

Said said_by(const DnsStub& stub, const dns::Settings& settings, const std::vector<std::string>& names)
{
    asio::io_context io(1);
    dns::Resolver resolver(io.get_executor(), settings);
    const auto before = settings.trust_ad ? dns::Validation::untried : dns::Validation::not_trusted;
    EXPECT_THAT(resolver.validation(), ElementsAre(dns::ServerValidation{stub.server(), before}));
    Said said;
    for (const auto& name : names)
        said.security.push_back(ask(io, resolver, name, Type::a).security);
    said.validation = resolver.validation().at(0).validation;
    return said;
}

const std::vector<std::string> signed_and_unsigned{
    "signed.test", "unsigned.test", "none.signed.test", "none.unsigned.test"};

TEST(Resolver, BelievesAServerThatIsProvedToValidate)
{
    for (const auto& proof : {name_servers_of_com(), with_rcode(3), DnsReply{}}) {
        DnsStub stub;
        serve_signed_and_unsigned(stub);
        stub.on("com", Type::ns, support::always(with_ad(proof)));
        const auto said = said_by(stub, trusting(patient({stub.server()})), signed_and_unsigned);
        using enum dns::Security;
        EXPECT_THAT(said.security, ElementsAre(secure, insecure, secure, insecure));
        EXPECT_EQ(said.validation, dns::Validation::proved);
        ASSERT_EQ(proofs(stub).size(), 1u) << "once a run";
        EXPECT_EQ(proofs(stub)[0].name, "com");
        EXPECT_FALSE(proofs(stub)[0].authenticated_data) << "or a server that copies it would prove itself";
        EXPECT_TRUE(proofs(stub)[0].dnssec_ok);
        EXPECT_TRUE(proofs(stub)[0].recursion_desired);
        EXPECT_FALSE(proofs(stub)[0].checking_disabled);
    }
}

TEST(Resolver, BelievesNothingOfAServerThatDoesNotValidate)
{
    for (const auto& proof : {name_servers_of_com(), with_rcode(3)}) {
        DnsStub stub;
        serve_signed_and_unsigned(stub);
        stub.on("com", Type::ns, support::always(proof));
        const auto said = said_by(stub, trusting(patient({stub.server()})), signed_and_unsigned);
        EXPECT_THAT(said.security, testing::Each(dns::Security::unknown)) << "also with AD";
        EXPECT_EQ(said.validation, dns::Validation::not_validating);
        EXPECT_EQ(proofs(stub).size(), 1u);
    }
}

TEST(Resolver, BelievesNothingOfAServerThatGivesTheBitOfTheQueryBack)
{
    DnsStub stub;
    for (const auto type : {Type::ns, Type::a}) {
        stub.on("", type, [](const DnsQuery& query) {
            auto reply = query.type == Type::ns ? name_servers_of_com() : address_of(query.name);
            reply.authenticated = query.authenticated_data;
            return std::vector<Octets>{support::reply_to(query, reply)};
        });
    }
    const auto said = said_by(stub, trusting(patient({stub.server()})), {"signed.test"});
    EXPECT_THAT(said.security, ElementsAre(dns::Security::unknown));
    EXPECT_EQ(said.validation, dns::Validation::not_validating);
}

TEST(Resolver, BelievesNothingWhereTheProofIsNotAnswered)
{
    DnsReply referral;
    referral.authorities = {support::ns_record("com", "a.gtld-servers.net")};
    referral.authenticated = true;
    for (const auto& proof : {with_ad(with_rcode(2)), with_ad(with_rcode(5)), with_rcode(4), referral}) {
        DnsStub stub;
        serve_signed_and_unsigned(stub);
        stub.on("com", Type::ns, support::always(proof));
        const auto said = said_by(stub, trusting(patient({stub.server()})), signed_and_unsigned);
        EXPECT_THAT(said.security, testing::Each(dns::Security::unknown));
        EXPECT_EQ(said.validation, dns::Validation::no_answer);
        EXPECT_EQ(proofs(stub).size(), 1u) << "not at every question";
    }
}

TEST(Resolver, WaitsForTheProofNoLongerThanForAnAnswer)
{
    DnsStub stub;
    serve_signed_and_unsigned(stub);
    stub.on("com", Type::ns, support::silent());
    const auto said = said_by(stub, trusting(hasty({stub.server()}, 2)), {"signed.test", "signed.test"});
    EXPECT_THAT(said.security, testing::Each(dns::Security::unknown));
    EXPECT_EQ(said.validation, dns::Validation::no_answer);
    EXPECT_TRUE(stub.wait_until_asked(Type::ns, 2));
    EXPECT_EQ(proofs(stub).size(), 2u) << "as often as any question";
}

TEST(Resolver, TakesASecondTryForAProofThatIsLost)
{
    DnsStub stub;
    serve_signed_and_unsigned(stub);
    const auto lost = std::make_shared<bool>(true);
    stub.on("com", Type::ns, [lost](const DnsQuery& query) {
        if (std::exchange(*lost, false))
            return std::vector<Octets>{};
        return std::vector<Octets>{support::reply_to(query, with_ad(name_servers_of_com()))};
    });
    const auto said = said_by(stub, trusting(hasty({stub.server()}, 20)), {"signed.test"});
    EXPECT_THAT(said.security, ElementsAre(dns::Security::secure));
}

TEST(Resolver, AsksForNoProofWhereNobodyTrustsIt)
{
    DnsStub stub;
    serve_signed_and_unsigned(stub);
    stub.on("com", Type::ns, support::always(with_ad(name_servers_of_com())));
    const auto said = said_by(stub, patient({stub.server()}), signed_and_unsigned);
    EXPECT_THAT(said.security, testing::Each(dns::Security::unknown));
    EXPECT_EQ(said.validation, dns::Validation::not_trusted);
    EXPECT_THAT(proofs(stub), IsEmpty());
}

TEST(Resolver, AsksForOneProofHoweverManyWaitForIt)
{
    DnsStub stub;
    stub.on("", Type::a, [](const DnsQuery& query) {
        return std::vector<Octets>{support::reply_to(query, with_ad(address_of(query.name)))};
    });
    stub.on("com", Type::ns, support::always(with_ad(name_servers_of_com())), 100ms);
    asio::io_context io(1);
    dns::Resolver resolver(io.get_executor(), trusting(patient({stub.server()})));
    std::vector<dns::Answer> answers(100);
    for (std::size_t at = 0; at < answers.size(); ++at)
        asio::co_spawn(
            io, ask_into(answers[at], resolver, std::to_string(at) + ".test", Type::a), asio::detached
        );
    io.run();
    for (const auto& answer : answers)
        EXPECT_EQ(answer.security, dns::Security::secure);
    EXPECT_EQ(proofs(stub).size(), 1u);
}

TEST(Resolver, ProvesEachServerThatIsAskedAndNoOther)
{
    DnsStub refusing;
    DnsStub lying; // AD for everything but the proof
    DnsStub never;
    refusing.on("com", Type::ns, support::always(with_ad(name_servers_of_com())));
    lying.on("com", Type::ns, support::always(name_servers_of_com()));
    lying.on("signed.test", Type::a, support::always(with_ad(address_of("signed.test"))));
    const auto settings = trusting(patient({refusing.server(), lying.server(), never.server()}));
    asio::io_context io(1);
    dns::Resolver resolver(io.get_executor(), settings);
    const auto answer = ask(io, resolver, "signed.test", Type::a);
    EXPECT_EQ(answer.state, State::found);
    EXPECT_EQ(answer.security, dns::Security::unknown) << "who answered is who counts";
    using dns::Validation;
    EXPECT_THAT(
        resolver.validation(), ElementsAre(
                                   dns::ServerValidation{refusing.server(), Validation::proved},
                                   dns::ServerValidation{lying.server(), Validation::not_validating},
                                   dns::ServerValidation{never.server(), Validation::untried}
                               )
    );
    EXPECT_THAT(never.asked(), IsEmpty());
}

TEST(Resolver, AChainOfAliasesIsAsSecureAsItsLeastLink)
{
    DnsStub stub;
    stub.on("com", Type::ns, support::always(with_ad(name_servers_of_com())));
    stub.on(
        "signed.test", Type::a,
        support::always(with_ad(with_answers({support::cname_record("signed.test", "unsigned.test")})))
    );
    stub.on("unsigned.test", Type::a, support::always(address_of("unsigned.test")));
    stub.on(
        "signed.test", Type::cname,
        support::always(with_ad(with_answers({support::cname_record("signed.test", "unsigned.test")})))
    );
    const auto settings = trusting(patient({stub.server()}));
    EXPECT_EQ(ask(settings, "signed.test").security, dns::Security::insecure);
    const auto alias = ask(settings, "signed.test", Type::cname);
    EXPECT_EQ(alias.state, State::found);
    EXPECT_EQ(alias.security, dns::Security::secure);
    EXPECT_THAT(alias.aliases, ElementsAre("unsigned.test"));
}

TEST(Resolver, AFailingProofIsNoReasonToAskAServerLast)
{
    DnsStub first;
    DnsStub second;
    for (auto* stub : {&first, &second})
        stub->on("", Type::a, [](const DnsQuery& query) {
            return std::vector<Octets>{support::reply_to(query, address_of(query.name))};
        });
    first.on("com", Type::ns, support::silent());
    asio::io_context io(1);
    dns::Resolver resolver(io.get_executor(), trusting(unhurried({first.server(), second.server()})));
    ask(io, resolver, "one.test", Type::a);
    first.on("com", Type::ns, support::always(name_servers_of_com()));
    EXPECT_EQ(ask(io, resolver, "two.test", Type::a).state, State::found);
    EXPECT_EQ(first.asked().back().name, "two.test");
}

TEST(Resolver, AFailureThatItDoesNotExplainIsNoReasonToAskAServerLast)
{
    DnsStub first;
    DnsStub second;
    const auto serve = [](DnsStub& stub) {
        stub.on("", Type::a, [](const DnsQuery& query) {
            const bool fails = query.name == "failing.test";
            return std::vector<Octets>{
                support::reply_to(query, fails ? with_rcode(2) : address_of(query.name))};
        });
    };
    serve(first);
    serve(second);
    first.on("failing.test", Type::a, [](const DnsQuery& query) {
        if (query.checking_disabled)
            return std::vector<Octets>{};
        return std::vector<Octets>{support::reply_to(query, with_rcode(2))};
    });
    asio::io_context io(1);
    dns::Resolver resolver(io.get_executor(), unhurried({first.server(), second.server()}));
    EXPECT_EQ(ask(io, resolver, "failing.test", Type::a).fault, dns::errc::server_failure);
    EXPECT_EQ(ask(io, resolver, "working.test", Type::a).state, State::found);
    EXPECT_EQ(first.asked().back().name, "working.test");
}

TEST(Resolver, MayEndWhileAProofIsUnderWay)
{
    for (const bool io_first : {false, true}) {
        DnsStub stub;
        serve_signed_and_unsigned(stub);
        stub.on("com", Type::ns, support::silent());
        dns::Answer answer;
        auto io = std::make_unique<asio::io_context>(1);
        auto resolver =
            std::make_unique<dns::Resolver>(io->get_executor(), trusting(patient({stub.server()})));
        asio::co_spawn(*io, ask_into(answer, *resolver, "signed.test", Type::a), asio::detached);
        while (stub.asked().size() < 2)
            io->run_one_for(10ms);
        io->run_for(50ms);
        if (io_first)
            io.reset();
        resolver.reset();
        io.reset();
        EXPECT_EQ(answer.fault, std::error_code{}) << "nothing was written";
    }
}

TEST(Resolver, AsksTheNextServerWhereOneFails)
{
    for (const int rcode : {2, 4, 5, 9}) {
        DnsStub failing;
        DnsStub working;
        failing.on("example.test", Type::a, support::always(with_rcode(rcode)));
        working.on("example.test", Type::a, support::always(address_of("example.test")));
        const auto answer = ask(patient({failing.server(), working.server()}), "example.test");
        EXPECT_EQ(answer.state, State::found) << rcode;
        EXPECT_EQ(failing.asked().size(), 1u) << rcode;
    }
}

TEST(Resolver, AsksTheNextServerAtOnceWhereOneIsNotThere)
{
    const support::RefusedPort nobody;
    DnsStub working;
    working.on("example.test", Type::a, support::always(address_of("example.test")));
    auto settings = patient({nobody.server(), working.server()});
    settings.timeout = 1h; // nothing here waits for it
    EXPECT_EQ(ask(settings, "example.test").state, State::found);
}

TEST(Resolver, IsDoneAtOnceWhereNoServerIsThere)
{
    const support::RefusedPort nobody;
    auto settings = patient({nobody.server(), nobody.server()});
    settings.timeout = 1h;
    const auto answer = ask(settings, "example.test");
    EXPECT_EQ(answer.state, State::failed);
    EXPECT_EQ(answer.fault, dns::errc::unreachable);
    EXPECT_EQ(ask(patient({}), "example.test").fault, dns::errc::unreachable);
}

TEST(Resolver, TimesOutAfterAllTries)
{
    DnsStub one;
    DnsStub other;
    one.on("", Type::a, support::silent());
    other.on("", Type::a, support::silent());
    const auto answer = ask(hasty({one.server(), other.server()}, 2), "example.test");
    EXPECT_EQ(answer.state, State::failed);
    EXPECT_EQ(answer.fault, dns::errc::timed_out);
    EXPECT_TRUE(one.wait_until_asked(Type::a, 2));
    EXPECT_TRUE(other.wait_until_asked(Type::a, 2));
    EXPECT_EQ(one.asked().size(), 2u);
    EXPECT_EQ(other.asked().size(), 2u);
}

TEST(Resolver, TimesOutOverTcp)
{
    DnsStub stub;
    DnsReply cut;
    cut.truncated = true;
    // A message of nothing but a wrong id: the connection stays, the answer does not come.
    stub.on("example.test", Type::a, [cut](const DnsQuery& query) {
        auto octets = support::reply_to(query, cut);
        octets[0] ^= query.over_tcp ? 0xff : 0;
        return std::vector<Octets>{octets};
    });
    EXPECT_EQ(ask(unhurried({stub.server()}), "example.test").fault, dns::errc::timed_out);
    EXPECT_TRUE(stub.wait_until_asked(Type::a, 2));
    EXPECT_EQ(stub.asked().size(), 2u);
}

TEST(Resolver, AsksASilentServerLastForAWhile)
{
    DnsStub dead;
    DnsStub working;
    dead.on("", Type::a, support::silent());
    working.on("", Type::a, [](const DnsQuery& query) {
        return std::vector<Octets>{support::reply_to(query, address_of(query.name))};
    });
    asio::io_context io(1);
    dns::Resolver resolver(io.get_executor(), unhurried({dead.server(), working.server()}));
    for (const auto* name : {"one.test", "two.test", "three.test"})
        EXPECT_EQ(ask(io, resolver, name, Type::a).state, State::found) << name;
    ASSERT_TRUE(dead.wait_until_asked(Type::a, 1));
    EXPECT_EQ(dead.asked().at(0).name, "one.test");
    EXPECT_EQ(working.asked().at(0).name, "one.test");
    for (const auto& query : dead.asked())
        EXPECT_EQ(query.name, "one.test");
}

TEST(Resolver, StillAsksASilentServerWhereNoOtherAnswers)
{
    DnsStub slow;
    DnsStub failing;
    int questions = 0;
    slow.on("", Type::a, [&](const DnsQuery& query) {
        if (++questions == 1)
            return std::vector<Octets>{};
        return std::vector<Octets>{support::reply_to(query, address_of(query.name))};
    });
    failing.on("", Type::a, support::always(with_rcode(5)));
    EXPECT_EQ(ask(unhurried({failing.server(), slow.server()}, 2), "example.test").state, State::found);
    EXPECT_EQ(failing.asked().size(), 1u); // it spoke: it is not asked again
}

TEST(Resolver, TellsFailureFromSilence)
{
    DnsStub failing;
    DnsStub dead;
    failing.on("", Type::a, support::always(with_rcode(2)));
    dead.on("", Type::a, support::silent());
    EXPECT_EQ(ask(patient({failing.server()}), "example.test").fault, dns::errc::server_failure);
    EXPECT_EQ(ask(hasty({dead.server()}), "example.test").fault, dns::errc::timed_out);
    const auto both = ask(unhurried({dead.server(), failing.server()}), "example.test");
    EXPECT_EQ(both.fault, dns::errc::server_failure);
}

TEST(Resolver, FindsBogusByDisablingTheCheck)
{
    DnsStub plain;
    DnsStub checking;
    plain.on("", Type::mx, support::always(with_rcode(2)));
    checking.on("", Type::mx, bogus(with_answers({support::mx_record("example.test", 1, "mx.test")})));
    for (const auto& servers :
         {std::vector{checking.server()}, std::vector{plain.server(), checking.server()}}) {
        EXPECT_EQ(ask(trusting(patient(servers)), "example.test", Type::mx).security, dns::Security::bogus)
            << "whatever is proved";
        const auto answer = ask(patient(servers), "example.test", Type::mx);
        EXPECT_EQ(answer.state, State::failed);
        EXPECT_EQ(answer.fault, dns::errc::bogus);
        EXPECT_THAT(answer.records, IsEmpty());
        EXPECT_EQ(answer.security, dns::Security::bogus);
    }
    EXPECT_TRUE(checking.asked().at(checking.asked().size() - 2).checking_disabled);
    checking.on("nxdomain.test", Type::mx, bogus(with_rcode(3)));
    EXPECT_EQ(ask(patient({checking.server()}), "nxdomain.test", Type::mx).fault, dns::errc::bogus);
}

/// What a server that validates keeps from us, is not to be had from one that does not.
TEST(Resolver, ABogusAnswerIsNotHiddenByAServerThatDoesNotValidate)
{
    DnsStub validating;
    DnsStub plain;
    const auto mx = with_answers({support::mx_record("example.test", 1, "mx.test")});
    validating.on("com", Type::ns, support::always(with_ad(name_servers_of_com())));
    validating.on("example.test", Type::mx, bogus(mx));
    validating.on("broken.test", Type::mx, support::always(with_rcode(2)));
    plain.on("com", Type::ns, support::always(name_servers_of_com()));
    plain.on("", Type::mx, support::always(mx));
    const auto settings = trusting(patient({validating.server(), plain.server()}));
    const auto answer = ask(settings, "example.test", Type::mx);
    EXPECT_EQ(answer.fault, dns::errc::bogus);
    EXPECT_EQ(answer.security, dns::Security::bogus);
    EXPECT_EQ(ask(settings, "broken.test", Type::mx).security, dns::Security::unknown);
    EXPECT_EQ(
        ask(patient({validating.server(), plain.server()}), "example.test", Type::mx).state, State::found
    ) << "nobody vouches for either";
}

TEST(Resolver, AServfailThatPassesIsNotBogus)
{
    DnsStub stub;
    const auto first = std::make_shared<bool>(true);
    stub.on("", Type::a, [first](const DnsQuery& query) {
        const auto reply = std::exchange(*first, false) ? with_rcode(2) : address_of("example.test");
        return std::vector<Octets>{support::reply_to(query, reply)};
    });
    const auto answer = ask(patient({stub.server()}), "example.test");
    EXPECT_EQ(answer.state, State::found);
    EXPECT_FALSE(stub.asked().back().checking_disabled) << "the unchecked answer is not the one to believe";
}

TEST(Resolver, ReportsWhatAllServersRefuse)
{
    DnsStub stub;
    stub.on("notimp.test", Type::a, support::always(with_rcode(4)));
    auto badvers = with_rcode(0);
    badvers.additionals = {support::opt_record(1)};
    stub.on("badvers.test", Type::a, support::always(badvers));
    DnsReply referral;
    referral.authorities = {support::ns_record("test", "ns.test")};
    stub.on("referral.test", Type::a, support::always(referral));
    const auto settings = patient({stub.server()});
    EXPECT_EQ(ask(settings, "refused.test").fault, dns::errc::refused);
    EXPECT_EQ(ask(settings, "notimp.test").fault, dns::errc::not_implemented);
    EXPECT_EQ(ask(settings, "badvers.test").fault, dns::errc::not_implemented);
    EXPECT_EQ(ask(settings, "referral.test").fault, dns::errc::not_implemented);
}

TEST(Resolver, AsksWithoutEdnsWhereItIsNotUnderstood)
{
    DnsStub old;
    old.on("", Type::a, [](const DnsQuery& query) {
        return std::vector<Octets>{
            support::reply_to(query, query.edns ? with_rcode(1) : address_of(query.name))};
    });
    asio::io_context io(1);
    dns::Resolver resolver(io.get_executor(), patient({old.server()}));
    for (const auto* name : {"one.test", "two.test"}) // c-ares sees to the first one itself
        EXPECT_EQ(ask(io, resolver, name, Type::a).state, State::found);
    EXPECT_EQ(old.asked().size(), 4u);
    old.on("broken.test", Type::a, support::always(with_rcode(1)));
    EXPECT_EQ(ask(patient({old.server()}), "broken.test").fault, dns::errc::not_implemented);
}

TEST(Resolver, GetsLargeAnswersAlsoAfterOneThatEdnsSpoiled)
{
    DnsStub odd;
    odd.on("odd.test", Type::txt, support::always(with_rcode(1)));
    odd.on("example.test", Type::txt, support::always(long_text("example.test", 900)));
    asio::io_context io(1);
    dns::Resolver resolver(io.get_executor(), patient({odd.server()}));
    EXPECT_EQ(ask(io, resolver, "odd.test", Type::txt).fault, dns::errc::not_implemented);
    EXPECT_EQ(ask(io, resolver, "example.test", Type::txt).state, State::found);
}

TEST(Resolver, TakesGarbageForMalformed)
{
    DnsStub garbage;
    DnsStub working;
    garbage.on("", Type::mx, [](const DnsQuery& query) {
        auto octets =
            support::reply_to(query, with_answers({support::mx_record("example.test", 1, "mx.test")}));
        octets.resize(octets.size() - 3);
        return std::vector<Octets>{octets};
    });
    working.on(
        "", Type::mx, support::always(with_answers({support::mx_record("example.test", 1, "mx.test")}))
    );
    EXPECT_EQ(ask(patient({garbage.server()}), "example.test", Type::mx).fault, dns::errc::malformed);
    EXPECT_EQ(
        ask(patient({garbage.server(), working.server()}), "example.test", Type::mx).state, State::found
    );
}

TEST(Resolver, WaitsPastWhatIsNoAnswerToIt)
{
    DnsStub stub;
    stub.on("example.test", Type::a, [](const DnsQuery& query) {
        auto other_id = query;
        other_id.id ^= 1;
        auto other_name = query;
        other_name.name = "other.test";
        const auto forged = address_of("example.test", "192.0.2.66");
        return std::vector<Octets>{
            support::reply_to(other_id, forged), support::reply_to(other_name, forged), Octets{1, 2, 3},
            Octets{}, support::reply_to(query, address_of("example.test"))};
    });
    EXPECT_THAT(addresses(ask(patient({stub.server()}), "example.test")), ElementsAre(address("192.0.2.1")));
}

/// It comes when the next server is asked already, which lets it pass, and has its own answer the time after.
TEST(Resolver, LeavesALateAnswerAside)
{
    std::promise<void> given_up;
    DnsStub late;
    DnsStub working;
    late.on("", Type::a, [&, is_given_up = given_up.get_future().share()](const DnsQuery& query) {
        if (late.asked().size() > 1)
            return std::vector<Octets>{};
        EXPECT_EQ(is_given_up.wait_for(20s), std::future_status::ready);
        return std::vector<Octets>{support::reply_to(query, address_of("example.test", "192.0.2.66"))};
    });
    working.on("", Type::a, [&](const DnsQuery& query) {
        if (working.asked().size() > 1)
            return std::vector<Octets>{support::reply_to(query, address_of("example.test"))};
        given_up.set_value();
        return std::vector<Octets>{};
    });
    const auto answer = ask(hasty({late.server(), working.server()}, 20), "example.test");
    EXPECT_THAT(addresses(answer), ElementsAre(address("192.0.2.1")));
}

TEST(Resolver, FollowsAliasesInsideTheAnswer)
{
    for (const std::size_t links : {1u, 16u, 17u}) {
        DnsReply reply;
        for (std::size_t link = 0; link < links; ++link)
            reply.answers.push_back(
                support::cname_record(std::to_string(link) + ".test", std::to_string(link + 1) + ".test")
            );
        reply.answers.push_back(support::a_record(std::to_string(links) + ".test", "192.0.2.1"));
        DnsStub stub;
        stub.on("0.test", Type::a, support::always(reply));
        const auto answer = ask(patient({stub.server()}), "0.test");
        EXPECT_EQ(answer.state, links <= 16 ? State::found : State::failed);
        EXPECT_EQ(answer.fault, links <= 16 ? std::error_code{} : dns::errc::too_many_aliases);
        EXPECT_EQ(answer.aliases.size(), std::min<std::size_t>(links, 16));
        EXPECT_EQ(stub.asked().size(), 1u);
    }
}

TEST(Resolver, AsksAfterAliasesThatAreLeftOpen)
{
    for (const int links : {1, 16, 17}) {
        DnsStub stub;
        stub.on("", Type::a, [links](const DnsQuery& query) {
            const int link = std::stoi(query.name);
            const auto next = std::to_string(link + 1) + ".test";
            return std::vector<Octets>{support::reply_to(
                query, link == links ? address_of(query.name)
                                     : with_answers({support::cname_record(query.name, next)})
            )};
        });
        const auto answer = ask(patient({stub.server()}), "0.test");
        EXPECT_EQ(answer.state, links <= 16 ? State::found : State::failed);
        EXPECT_EQ(answer.aliases.size(), std::min<std::size_t>(static_cast<std::size_t>(links), 16));
        EXPECT_EQ(answer.name, "0.test");
    }
}

TEST(Resolver, LeavesALoopOfAliases)
{
    DnsStub stub;
    stub.on("a.test", Type::a, support::always(with_answers({support::cname_record("a.test", "b.test")})));
    stub.on("b.test", Type::a, support::always(with_answers({support::cname_record("b.test", "a.test")})));
    EXPECT_EQ(ask(patient({stub.server()}), "a.test").fault, dns::errc::too_many_aliases);
}

TEST(Resolver, FindsTheNameOfAnAddressBehindAnAlias)
{
    DnsStub stub; // a classless delegation: RFC 2317 §4
    stub.on(
        "1.2.0.192.in-addr.arpa", Type::ptr,
        support::always(with_answers(
            {support::cname_record("1.2.0.192.in-addr.arpa", "1.0/25.2.0.192.in-addr.arpa"),
             support::ptr_record("1.0/25.2.0.192.in-addr.arpa", "mx.test")}
        ))
    );
    const auto answer = ask(patient({stub.server()}), "1.2.0.192.in-addr.arpa", Type::ptr);
    EXPECT_EQ(answer.state, State::found);
    EXPECT_THAT(answer.all<dns::Ptr>(), ElementsAre(dns::Ptr{"mx.test"}));
    EXPECT_THAT(answer.aliases, ElementsAre("1.0/25.2.0.192.in-addr.arpa"));
}

TEST(Resolver, KeepsTheAliasesOfAnAnswerThatFails)
{
    DnsStub stub;
    const auto alias = support::cname_record("a.test", "b.test");
    stub.on("a.test", Type::a, support::always(with_answers({alias})));
    stub.on("b.test", Type::a, support::always(with_rcode(2)));
    auto gone = with_answers({alias});
    gone.rcode = 3;
    stub.on("a.test", Type::aaaa, support::always(gone));
    auto empty = with_answers({alias});
    empty.authorities = {support::soa_record("test", 60)};
    stub.on("a.test", Type::mx, support::always(empty));
    const auto settings = patient({stub.server()});
    const auto failed = ask(settings, "a.test", Type::a);
    EXPECT_EQ(failed.fault, dns::errc::server_failure);
    EXPECT_THAT(failed.aliases, ElementsAre("b.test"));
    EXPECT_EQ(failed.ttl, 0u);
    const auto no_such_name = ask(settings, "a.test", Type::aaaa);
    EXPECT_EQ(no_such_name.state, State::no_such_name);
    EXPECT_THAT(no_such_name.aliases, ElementsAre("b.test"));
    const auto no_data = ask(settings, "a.test", Type::mx);
    EXPECT_EQ(no_data.state, State::no_data);
    EXPECT_THAT(no_data.aliases, ElementsAre("b.test"));
    EXPECT_EQ(no_data.ttl, 60u);
}

TEST(Resolver, AsksAfterAnAliasWithOctetsOfAnyKind)
{
    DnsStub stub;
    auto alias = support::cname_record("a.test", "b?c.test");
    alias.data[2] = '.';
    stub.on("a.test", Type::a, support::always(with_answers({alias})));
    DnsReply reply = with_answers({support::a_record("b?c.test", "192.0.2.1")});
    stub.on("b.c.test", Type::a, [reply](const DnsQuery& query) {
        // The stub writes its dot as a label's end; put the label together again.
        auto asked = query;
        asked.name = "b?c.test";
        auto octets = support::reply_to(asked, reply);
        for (auto& octet : octets)
            octet = octet == '?' ? std::uint8_t{'.'} : octet;
        return std::vector<Octets>{octets};
    });
    const auto answer = ask(patient({stub.server()}), "a.test");
    EXPECT_EQ(answer.state, State::found);
    EXPECT_THAT(answer.aliases, ElementsAre("b\\046c.test"));
}

TEST(Resolver, AsksNothingForWhatIsNoName)
{
    DnsStub stub;
    for (const auto& name :
         {std::string(), std::string("a..b"), std::string(64, 'a'), std::string("a.b..")}) {
        const auto answer = ask(patient({stub.server()}), name);
        EXPECT_EQ(answer.state, State::failed);
        EXPECT_EQ(answer.fault, dns::errc::bad_name);
        EXPECT_EQ(answer.name, name);
    }
    EXPECT_THAT(stub.asked(), IsEmpty());
}

TEST(Resolver, TakesManyQuestionsAtOnce)
{
    DnsStub stub;
    stub.on("", Type::a, [](const DnsQuery& query) {
        return std::vector<Octets>{support::reply_to(query, address_of(query.name))};
    });
    asio::io_context io(1);
    dns::Resolver resolver(io.get_executor(), patient({stub.server()}));
    std::vector<dns::Answer> answers(500);
    for (std::size_t at = 0; at < answers.size(); ++at)
        asio::co_spawn(
            io, ask_into(answers[at], resolver, std::to_string(at) + ".test", Type::a), asio::detached
        );
    io.run();
    for (std::size_t at = 0; at < answers.size(); ++at) {
        EXPECT_EQ(answers[at].state, State::found) << answers[at].fault.message();
        EXPECT_EQ(answers[at].name, std::to_string(at) + ".test");
    }
}

TEST(Resolver, TakesManyQuestionsOverTcpAtOnce)
{
    DnsStub stub;
    stub.on("", Type::txt, [](const DnsQuery& query) {
        return truncated(long_text(query.name, 3000))(query);
    });
    asio::io_context io(1);
    dns::Resolver resolver(io.get_executor(), patient({stub.server()}));
    std::vector<dns::Answer> answers(100);
    for (std::size_t at = 0; at < answers.size(); ++at)
        asio::co_spawn(
            io, ask_into(answers[at], resolver, std::to_string(at) + ".test", Type::txt), asio::detached
        );
    io.run();
    for (const auto& answer : answers)
        EXPECT_EQ(answer.state, State::found) << answer.fault.message();
}

/// Questions for 0.test, 1.test, … at once.
class Many
{
public:
    Many(asio::io_context& io, dns::Resolver& resolver, std::size_t count) : answers_(count)
    {
        for (std::size_t at = 0; at < count; ++at)
            asio::co_spawn(
                io, ask_into(answers_[at], resolver, std::to_string(at) + ".test", Type::a), asio::detached
            );
    }

    std::size_t found() const
    {
        const auto is_found = [](const auto& answer) { return answer.state == State::found; };
        return static_cast<std::size_t>(std::count_if(answers_.begin(), answers_.end(), is_found));
    }

    /// Or until it is clear that they will not be.
    void run_until_found(asio::io_context& io, std::size_t count) const
    {
        const auto latest = std::chrono::steady_clock::now() + 30s;
        while (found() < count && std::chrono::steady_clock::now() < latest)
            io.run_one();
    }

private:
    std::vector<dns::Answer> answers_;
};

/// Of 0.test, 1.test, …
std::size_t number_of(const DnsQuery& query)
{
    return std::stoul(query.name);
}

TEST(Resolver, AsksAgainForWhatIsLost)
{
    DnsStub stub;
    std::set<std::size_t> lost;
    stub.on("", Type::a, [&lost](const DnsQuery& query) {
        const auto number = number_of(query);
        if (number % 20 == 0 && lost.insert(number).second)
            return std::vector<Octets>{};
        return std::vector<Octets>{support::reply_to(query, address_of(query.name))};
    });
    asio::io_context io(1);
    dns::Resolver resolver(io.get_executor(), {{stub.server()}, 500ms, 10});
    const Many many(io, resolver, 1000);
    io.run();
    EXPECT_EQ(many.found(), 1000u);
    const auto seen = resolver.statistics();
    EXPECT_GE(seen.timeouts, 50u);
    EXPECT_EQ(seen.over_udp, 1000u + seen.timeouts);
}

TEST(Resolver, WhatIsLostHoldsUpNothingElse)
{
    DnsStub stub;
    stub.on("", Type::a, [](const DnsQuery& query) {
        if (number_of(query) < 500)
            return std::vector<Octets>{};
        return std::vector<Octets>{support::reply_to(query, address_of(query.name))};
    });
    asio::io_context io(1);
    auto settings = patient({stub.server()});
    settings.timeout = 1h; // nothing here waits for it
    dns::Resolver resolver(io.get_executor(), settings);
    const Many many(io, resolver, 1000);
    many.run_until_found(io, 500);
    EXPECT_EQ(many.found(), 500u);
    EXPECT_EQ(resolver.statistics().timeouts, 0u);
}

/// A server that reads nothing until it has to, and whose buffers are those that the system gives to all.
class LazyServer
{
public:
    dns::Server server() const
    {
        return {socket_.local_endpoint().address(), socket_.local_endpoint().port()};
    }

    /// Reads all that there is, then answers all of it; says how many there were.
    std::size_t work()
    {
        std::vector<Octets> answers;
        std::error_code none;
        for (socket_.non_blocking(true); !none;) {
            Octets query(512);
            query.resize(socket_.receive_from(asio::buffer(query), peer_, 0, none));
            if (!none)
                answers.push_back(answer_to(std::move(query)));
        }
        for (const auto& answer : answers)
            socket_.send_to(asio::buffer(answer), peer_);
        return answers.size();
    }

private:
    /// NXDOMAIN, and much behind it: an answer without EDNS is no longer than this.
    static Octets answer_to(Octets query)
    {
        query[2] |= 0x80;
        query[3] = 3;
        query[11] = 0;
        query.resize(512);
        return query;
    }

    asio::io_context io_{1};
    asio::ip::udp::socket socket_{io_, {asio::ip::address_v4::loopback(), 0}};
    asio::ip::udp::endpoint peer_;
};

TEST(Resolver, ABurstFitsIntoTheBuffersOfBothEnds)
{
    LazyServer lazy;
    asio::io_context io(1);
    auto settings = patient({lazy.server()});
    settings.timeout = 1h; // what is lost is lost for good
    dns::Resolver resolver(io.get_executor(), settings);
    const Many many(io, resolver, 1000);
    std::size_t answered = 0;
    const auto latest = std::chrono::steady_clock::now() + 30s;
    while (resolver.statistics().answers < 1000 && std::chrono::steady_clock::now() < latest) {
        io.poll();
        answered += lazy.work();
    }
    EXPECT_EQ(answered, 1000u);
    EXPECT_EQ(resolver.statistics(), (dns::Statistics{1000, 0, 1000, 0, 0}));
}

TEST(Resolver, SendsAServerThatIsSilentFourBurstsAtMost)
{
    LazyServer lazy;
    asio::io_context io(1);
    auto settings = patient({lazy.server()});
    settings.burst = 10;
    settings.timeout = 1h;
    dns::Resolver resolver(io.get_executor(), settings);
    const Many many(io, resolver, 1000);
    io.poll();
    EXPECT_EQ(resolver.statistics().over_udp, 10u);
    while (resolver.statistics().over_udp < 40)
        io.run_one();
    io.run_for(200ms);
    EXPECT_EQ(resolver.statistics().over_udp, 40u);
}

/// One question is always under way, so that c-ares alone would never leave its port.
TEST(Resolver, LeavesAPortAfterAThousandQuestions)
{
    DnsStub stub;
    stub.on("", Type::a, [](const DnsQuery& query) {
        if (number_of(query) == 0)
            return std::vector<Octets>{};
        return std::vector<Octets>{support::reply_to(query, address_of(query.name))};
    });
    asio::io_context io(1);
    auto settings = patient({stub.server()});
    settings.timeout = 1h;
    dns::Resolver resolver(io.get_executor(), settings);
    const Many many(io, resolver, 2500);
    many.run_until_found(io, 2499);
    ASSERT_EQ(many.found(), 2499u);
    std::map<std::uint16_t, std::size_t> asked_from;
    for (const auto& query : stub.asked())
        ++asked_from[query.from_port];
    EXPECT_GE(asked_from.size(), 2u);
    EXPECT_EQ(asked_from[stub.asked().front().from_port], 1000u);
}

dns::Statistics counted(dns::Settings settings, const std::vector<std::string>& names)
{
    asio::io_context io(1);
    dns::Resolver resolver(io.get_executor(), std::move(settings));
    EXPECT_EQ(resolver.statistics(), dns::Statistics{});
    for (const auto& name : names)
        ask(io, resolver, name, Type::a);
    return resolver.statistics();
}

dns::Statistics
statistics(std::uint64_t over_udp, std::uint64_t over_tcp, std::uint64_t answers, std::uint64_t timeouts)
{
    return {over_udp, over_tcp, answers, timeouts, over_udp + over_tcp - answers - timeouts};
}

TEST(Resolver, CountsWhatItPutsToServers)
{
    DnsStub stub;
    stub.on("found.test", Type::a, support::always(address_of("found.test")));
    stub.on("long.test", Type::a, truncated(address_of("long.test")));
    stub.on("broken.test", Type::a, support::always(with_rcode(2)));
    stub.on("com", Type::ns, support::always(with_ad(name_servers_of_com())));
    const auto settings = patient({stub.server()});
    EXPECT_EQ(counted(settings, {"found.test"}), statistics(1, 0, 1, 0));
    EXPECT_EQ(counted(settings, {"found.test", "found.test"}), statistics(2, 0, 2, 0)) << "nothing is kept";
    EXPECT_EQ(counted(settings, {"long.test"}), statistics(1, 1, 2, 0)) << "over TCP anew";
    EXPECT_EQ(counted(settings, {"broken.test"}), statistics(2, 0, 2, 0)) << "with CD anew";
    EXPECT_EQ(counted(settings, {"a..b"}), statistics(0, 0, 0, 0));
    EXPECT_EQ(counted(trusting(settings), {"found.test"}), statistics(2, 0, 2, 0)) << "the proof";
}

TEST(Resolver, CountsTriesOfEveryServer)
{
    DnsStub silent;
    DnsStub other;
    silent.on("", Type::a, support::silent());
    other.on("", Type::a, support::silent());
    const auto settings = hasty({silent.server(), other.server()}, 2);
    EXPECT_EQ(counted(settings, {"example.test"}), statistics(4, 0, 0, 4));
    const support::RefusedPort nobody;
    EXPECT_EQ(counted(patient({nobody.server()}), {"example.test"}), statistics(2, 0, 0, 0));
}

TEST(Resolver, CountsATcpConnectionThatIsLostOnce)
{
    DnsStub stub;
    stub.on("", Type::a, [](const DnsQuery& query) -> std::vector<Octets> {
        DnsReply cut;
        cut.truncated = true;
        if (query.over_tcp)
            return {}; // closes
        return {support::reply_to(query, cut)};
    });
    auto settings = patient({stub.server()});
    settings.tries = 1;
    EXPECT_EQ(counted(settings, {"example.test"}), statistics(1, 1, 1, 0));
    EXPECT_EQ(stub.asked().size(), 4u) << "c-ares connects three times";
}

/// Runs until the stub, which never answers, has been asked.
void run_until_asked(asio::io_context& io, const DnsStub& stub)
{
    while (stub.asked().empty())
        io.run_one_for(10ms);
}

TEST(Resolver, MayEndBeforeItsIoContextWithQuestionsUnderWay)
{
    DnsStub stub;
    stub.on("", Type::a, support::silent());
    dns::Answer answer;
    asio::io_context io(1);
    {
        dns::Resolver resolver(io.get_executor(), patient({stub.server()}));
        asio::co_spawn(io, ask_into(answer, resolver, "example.test", Type::a), asio::detached);
        run_until_asked(io, stub);
        io.stop();
    }
}

TEST(Resolver, MayEndAfterItsIoContextWithQuestionsUnderWay)
{
    DnsStub stub;
    stub.on("", Type::a, support::silent());
    dns::Answer answer;
    auto io = std::make_unique<asio::io_context>(1);
    dns::Resolver resolver(io->get_executor(), patient({stub.server()}));
    asio::co_spawn(*io, ask_into(answer, resolver, "example.test", Type::a), asio::detached);
    run_until_asked(*io, stub);
    io.reset();
}

asio::awaitable<void> ask_of_its_own(asio::any_io_executor executor, dns::Settings settings)
{
    dns::Resolver resolver(executor, std::move(settings));
    const auto answer = co_await resolver.ask("example.test", Type::a);
    EXPECT_EQ(answer.state, State::found);
}

TEST(Resolver, MayEndInsideItsIoContextWithQuestionsUnderWay)
{
    DnsStub stub;
    stub.on("", Type::a, support::silent());
    asio::io_context io(1);
    asio::co_spawn(io, ask_of_its_own(io.get_executor(), patient({stub.server()})), asio::detached);
    run_until_asked(io, stub);
    io.stop();
}

TEST(Resolver, MayEndWhileAQuestionOverTcpIsUnderWay)
{
    DnsStub stub;
    stub.on("", Type::a, [](const DnsQuery& query) -> std::vector<Octets> {
        DnsReply cut;
        cut.truncated = true;
        if (query.over_tcp)
            return {Octets{0}};
        return {support::reply_to(query, cut)};
    });
    asio::io_context io(1);
    asio::co_spawn(io, ask_of_its_own(io.get_executor(), patient({stub.server()})), asio::detached);
    while (stub.asked().size() < 2)
        io.run_one_for(10ms);
    io.stop();
}

TEST(Resolver, AnswersQuestionsThatOutliveIt)
{
    DnsStub stub;
    stub.on("", Type::a, support::always(address_of("example.test")));
    dns::Answer answer;
    asio::io_context io(1);
    {
        dns::Resolver resolver(io.get_executor(), patient({stub.server()}));
        asio::co_spawn(io, ask_into(answer, resolver, "example.test", Type::a), asio::detached);
        io.poll();
    }
    io.restart();
    io.run();
    EXPECT_EQ(answer.state, State::found);
}

TEST(Resolver, CanBeCancelled)
{
    DnsStub stub;
    stub.on("", Type::a, support::silent());
    asio::io_context io(1);
    auto settings = patient({stub.server()});
    settings.timeout = 200ms; // c-ares holds its socket until then
    dns::Resolver resolver(io.get_executor(), settings);
    dns::Answer answer;
    asio::cancellation_signal signal;
    std::exception_ptr thrown;
    asio::co_spawn(
        io, ask_into(answer, resolver, "example.test", Type::a),
        asio::bind_cancellation_slot(
            signal.slot(), [&](std::exception_ptr error) { thrown = std::move(error); }
        )
    );
    run_until_asked(io, stub);
    signal.emit(asio::cancellation_type::terminal);
    io.run();
    EXPECT_TRUE(thrown);
    EXPECT_THROW(std::rethrow_exception(thrown), std::system_error);
}

TEST(ServersOf, TakesNameserverLines)
{
    const auto servers = dns::servers_of("# made by hand\n"
                                         "; nameserver 192.0.2.9\n"
                                         "nameserver 192.0.2.1\n"
                                         "nameserver\t2001:db8::1   # the other one\r\n"
                                         "nameserver 192.0.2.2;\n"
                                         "search example.test\n"
                                         "options trust-ad edns0\n"
                                         "nameserver 192.0.2.3\n"
                                         "nameserver 192.0.2.4");
    EXPECT_THAT(
        servers, ElementsAre(
                     dns::Server{address("192.0.2.1")}, dns::Server{address("2001:db8::1")},
                     dns::Server{address("192.0.2.2")}, dns::Server{address("192.0.2.3")},
                     dns::Server{address("192.0.2.4")}
                 )
    );
}

TEST(ServersOf, KeepsTheScope)
{
    const auto servers = dns::servers_of("nameserver fe80::1%lo\nnameserver fe80::2\n");
    ASSERT_EQ(servers.size(), 2u);
    EXPECT_NE(servers[0].address.to_v6().scope_id(), 0u);
    EXPECT_EQ(servers[0].port, 53);
    EXPECT_EQ(servers[1].address.to_v6().scope_id(), 0u);
}

TEST(ServersOf, PassesOverGarbage)
{
    for (const auto* text :
         {"", "\n\n", "nameserver", "nameserver \n", "nameserver192.0.2.1", "nameservers 192.0.2.1",
          "nameserver 192.0.2.256", "nameserver dns.example", "nameserver # 192.0.2.1",
          " nameserver 192.0.2.1", "nameserver 192.0.2.1:53"})
        EXPECT_THAT(dns::servers_of(text), IsEmpty()) << text;
}

} // namespace
