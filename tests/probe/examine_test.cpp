#include "probe/examine.hpp"

#include "dns/error.hpp"
#include "fixtures/peer/server.hpp"
#include "probe/dane_lookup.hpp"
#include "probe/direct_means.hpp"
#include "probe/judge.hpp"
#include "support/dns_stub.hpp"
#include "support/refused_tcp_port.hpp"
#include "tests/smtp/certificates.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <gmock/gmock.h>

#include <functional>
#include <future>
#include <utility>

namespace
{

using namespace std::chrono_literals;
using dns::Type;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

support::DnsBehaviour found(std::vector<support::DnsRecord> records)
{
    support::DnsReply reply;
    reply.answers = std::move(records);
    return support::always(reply);
}

support::DnsBehaviour failing(int rcode)
{
    support::DnsReply reply;
    reply.rcode = rcode;
    return support::always(reply);
}

support::DnsBehaviour vouched(std::vector<support::DnsRecord> records)
{
    support::DnsReply reply;
    reply.answers = std::move(records);
    reply.authenticated = true;
    return support::always(reply);
}

constexpr int no_such_name = 3;
constexpr int server_failure = 2;

/// A target, its DNS, and the way to examine it.
class Examined : public testing::Test
{
protected:
    Examined()
    {
        plan.smtp.ehlo_name = "probe.test";
        plan.smtp.limits = {2s, 2s, 2s};
        plan.timeout = 10s;
    }

    probe::Observation& examine(const std::string& target)
    {
        seen.target = probe::parse_target(target);
        asio::io_context loop(1);
        dns::Settings settings;
        settings.servers = {resolver.server()};
        settings.timeout = 10s; // patient with a slow machine
        settings.trust_ad = trust_ad;
        dns::Resolver asked(loop.get_executor(), settings);
        const smtp::TlsContext tls({});
        probe::Gate gate(loop.get_executor(), {});
        probe::DirectMeans means(asked, tls, gate, plan.smtp, only_key);
        asio::co_spawn(loop, probe::examine(seen, plan, means), asio::detached);
        while (!seen.finished && loop.run_one() > 0)
            after_each_turn();
        return seen;
    }

    /// The names asked for, with this type.
    std::vector<std::string> asked(Type type) const
    {
        std::vector<std::string> result;
        for (const auto& query : resolver.asked()) {
            if (query.type == type)
                result.push_back(query.name);
        }
        return result;
    }

    void mail_host(const std::string& name, const std::string& address)
    {
        resolver.on(name, Type::a, found({support::a_record(name, address)}));
        resolver.on(name, Type::aaaa, found({}));
    }

    static peer::Options dialogue(const std::string& name, const std::string& address = "127.0.0.1")
    {
        peer::Options options;
        options.dialogue = peer::load_dialogue(FIXTURES "/dialogues/" + name + ".smtp");
        options.address = address;
        return options;
    }

    std::vector<std::string> names() const
    {
        std::vector<std::string> result;
        for (const auto& host : seen.hosts)
            result.push_back(host.name);
        return result;
    }

    support::DnsStub resolver;
    bool trust_ad = false;
    probe::Plan plan;
    std::vector<smtp::TlsContext> only_key;
    std::function<void()> after_each_turn = [] {};
    probe::Observation seen;
};

TEST_F(Examined, SpeaksWithEachAddressOfEachHost)
{
    const support::RefusedTcpPort port; // everywhere else
    plan.port = port.number();
    auto one_options = dialogue("no-starttls", "127.0.0.1");
    auto other_options = dialogue("no-starttls", "127.0.0.2");
    one_options.port = other_options.port = plan.port;
    peer::Server one(one_options);
    peer::Server other(other_options);
    resolver.on(
        "example.test", Type::mx,
        found(
            {support::mx_record("example.test", 20, "mx2.test"),
             support::mx_record("example.test", 10, "mx1.test")}
        )
    );
    mail_host("mx1.test", "127.0.0.1");
    mail_host("mx2.test", "127.0.0.2");

    examine("user@Example.test");
    EXPECT_EQ(seen.route, probe::Route::mx);
    EXPECT_THAT(names(), ElementsAre("mx1.test", "mx2.test"));
    for (const auto& host : seen.hosts) {
        ASSERT_THAT(host.endpoints, SizeIs(1)) << host.name;
        EXPECT_TRUE(host.endpoints[0].session.finished) << host.name;
        EXPECT_TRUE(host.endpoints[0].session.offered) << host.name;
    }
    EXPECT_EQ(one.next_run().received.front(), "EHLO probe.test");
}

TEST_F(Examined, QuickStopsAtTheFirstHostThatHasAnAddress)
{
    peer::Server server(dialogue("no-starttls"));
    plan.port = server.endpoint().port();
    plan.quick = true;
    resolver.on(
        "example.test", Type::mx,
        found(
            {support::mx_record("example.test", 10, "gone.test"),
             support::mx_record("example.test", 20, "mx.test"),
             support::mx_record("example.test", 30, "never.test")}
        )
    );
    resolver.on("gone.test", Type::a, found({}));
    resolver.on("gone.test", Type::aaaa, found({}));
    mail_host("mx.test", "127.0.0.1");

    examine("example.test");
    EXPECT_THAT(names(), ElementsAre("gone.test", "mx.test"));
    EXPECT_THAT(seen.hosts[1].endpoints, SizeIs(1));
}

TEST_F(Examined, NoMxMeansTheDomainItself)
{
    peer::Server server(dialogue("no-starttls"));
    plan.port = server.endpoint().port();
    resolver.on("example.test", Type::mx, found({}));
    mail_host("example.test", "127.0.0.1");
    examine("example.test");
    EXPECT_EQ(seen.route, probe::Route::implicit);
    EXPECT_THAT(names(), ElementsAre("example.test"));
}

TEST_F(Examined, NeitherMxNorAddressIsNoHost)
{
    resolver.on("example.test", Type::mx, found({}));
    resolver.on("example.test", Type::a, found({}));
    resolver.on("example.test", Type::aaaa, found({}));
    examine("example.test");
    EXPECT_EQ(seen.route, probe::Route::none);
    EXPECT_THAT(seen.hosts, IsEmpty());
}

TEST_F(Examined, WithoutMxAnAddressThatWasNotAskedForIsNotMissing)
{
    plan.ipv6 = false;
    resolver.on("example.test", Type::mx, found({}));
    resolver.on("example.test", Type::a, found({}));
    examine("example.test");
    EXPECT_EQ(seen.route, probe::Route::implicit);
    const auto verdict = probe::judge(std::move(seen), {}, {});
    EXPECT_EQ(verdict.status, probe::Status::unknown);
}

TEST_F(Examined, AFailedMxLookupNeverFallsBackToTheAddress)
{
    resolver.on("example.test", Type::mx, failing(server_failure));
    mail_host("example.test", "127.0.0.1");
    examine("example.test");
    EXPECT_EQ(seen.route, probe::Route::unknown);
    EXPECT_THAT(seen.hosts, IsEmpty());
    ASSERT_TRUE(seen.mx);
    EXPECT_TRUE(seen.mx->fault);
}

TEST_F(Examined, ADomainThatIsNotThereHasNoHosts)
{
    resolver.on("example.test", Type::mx, failing(no_such_name));
    examine("example.test");
    EXPECT_EQ(seen.route, probe::Route::no_domain);
}

TEST_F(Examined, AFailingAaaaDoesNotSpoilTheA)
{
    peer::Server server(dialogue("no-starttls"));
    plan.port = server.endpoint().port();
    resolver.on("example.test", Type::mx, found({support::mx_record("example.test", 10, "mx.test")}));
    resolver.on("mx.test", Type::a, found({support::a_record("mx.test", "127.0.0.1")}));
    resolver.on("mx.test", Type::aaaa, failing(server_failure));
    examine("example.test");
    ASSERT_THAT(seen.hosts, SizeIs(1));
    ASSERT_THAT(seen.hosts[0].endpoints, SizeIs(1));
    EXPECT_TRUE(seen.hosts[0].endpoints[0].session.offered);
    ASSERT_TRUE(seen.hosts[0].ipv6);
    EXPECT_EQ(seen.hosts[0].ipv6->state, dns::State::failed);
}

TEST_F(Examined, GivenHostsTakeThePlaceOfMx)
{
    peer::Server server(dialogue("no-starttls"));
    plan.hosts = {probe::parse_host_port("127.0.0.1:" + std::to_string(server.endpoint().port()))};
    EXPECT_FALSE(probe::needs_dns(plan, probe::parse_target("example.test")));
    examine("example.test");
    EXPECT_EQ(seen.route, probe::Route::given);
    EXPECT_THAT(resolver.asked(), IsEmpty());
    ASSERT_THAT(seen.hosts, SizeIs(1));
    EXPECT_FALSE(seen.hosts[0].preference);
    EXPECT_TRUE(seen.hosts[0].endpoints.at(0).session.offered);
}

TEST_F(Examined, TheWholeTargetEndsAtItsLimit)
{
    peer::Server server(dialogue("silent"));
    plan.port = server.endpoint().port();
    plan.smtp.limits = {60s, 60s, 60s};
    plan.timeout = 1s; // what is silent is so for ever, and the connection is quick
    plan.hosts = {probe::parse_host_port("mute.test"), probe::parse_host_port("127.0.0.1")};
    resolver.on("mute.test", Type::a, support::silent());
    resolver.on("mute.test", Type::aaaa, support::silent());
    examine("example.test");
    EXPECT_LT(seen.elapsed, 5s);
    EXPECT_EQ(seen.hosts.at(0).ipv4->fault, dns::errc::timed_out);
    const auto* greeting = seen.hosts.at(1).endpoints.at(0).session.at(smtp::Stage::greeting);
    ASSERT_TRUE(greeting);
    EXPECT_EQ(greeting->fault, smtp::errc::timed_out);
}

TEST_F(Examined, AKnownGoodHostIsTriedOnlyWhereNothingAnswered)
{
    support::RefusedTcpPort refused;
    peer::Server good(dialogue("no-starttls"));
    plan.hosts = {probe::parse_host_port("127.0.0.1:" + std::to_string(refused.number()))};
    plan.known_good = probe::parse_host_port("127.0.0.1:" + std::to_string(good.endpoint().port()));
    examine("example.test");
    EXPECT_EQ(seen.known_good_answered, true);
}

TEST_F(Examined, AKnownGoodHostLearnsNothingOfTheTarget)
{
    support::RefusedTcpPort refused;
    peer::Server good(dialogue("no-starttls"));
    plan.rcpt = true;
    plan.hosts = {probe::parse_host_port("127.0.0.1:" + std::to_string(refused.number()))};
    plan.known_good = probe::parse_host_port("127.0.0.1:" + std::to_string(good.endpoint().port()));
    examine("secret@example.test");
    for (const auto& line : good.next_run().received)
        EXPECT_THAT(line, testing::Not(testing::HasSubstr("secret")));
}

/// STARTTLS is refused: nothing more is to be learned there.
TEST_F(Examined, FurtherSessionsNeedTls)
{
    peer::Server server(dialogue("starttls-502"));
    plan.hosts = {probe::parse_host_port("127.0.0.1:" + std::to_string(server.endpoint().port()))};
    plan.assure = true;
    only_key.resize(2, smtp::TlsContext({}));
    examine("example.test");
    const auto& endpoint = seen.hosts.at(0).endpoints.at(0);
    EXPECT_THAT(endpoint.other_keys, IsEmpty());
    EXPECT_FALSE(endpoint.in_clear);
}

TEST_F(Examined, FurtherSessionsFollowOneAfterAnother)
{
    auto options = dialogue("good");
    options.certificates = smtp_tests::Certificates::instance().folder();
    peer::Server server(options);
    plan.hosts = {probe::parse_host_port("127.0.0.1:" + std::to_string(server.endpoint().port()))};
    plan.assure = true;
    plan.rcpt = true;
    for (const auto type : smtp::all_key_types) {
        smtp::TlsSettings settings;
        settings.only_key = type;
        only_key.emplace_back(settings);
    }
    examine("user@example.test");
    const auto& endpoint = seen.hosts.at(0).endpoints.at(0);
    ASSERT_THAT(endpoint.other_keys, SizeIs(1)) << "the first certificate is of the other algorithm";
    EXPECT_EQ(endpoint.other_keys[0].type, smtp::KeyType::rsa);
    EXPECT_TRUE(endpoint.other_keys[0].session.finished);
    EXPECT_GE(endpoint.other_keys[0].session.started, endpoint.session.started);
    ASSERT_TRUE(endpoint.in_clear);
    EXPECT_TRUE(endpoint.in_clear->finished);
    EXPECT_EQ(endpoint.in_clear->at(smtp::Stage::starttls), nullptr);
    EXPECT_EQ(endpoint.in_clear->at(smtp::Stage::rcpt_to), nullptr) << "the recipient is named once";
}

TEST_F(Examined, ManyHostsAtOneSilentAddressDoNotAddUp)
{
    peer::Server server(dialogue("silent"));
    plan.timeout = 1s;
    plan.smtp.limits = {60s, 60s, 60s};
    plan.hosts.assign(5, probe::parse_host_port("127.0.0.1:" + std::to_string(server.endpoint().port())));
    examine("example.test");
    for (std::size_t at = 0; at < plan.hosts.size(); ++at) {
        const bool has_turn = at < probe::GateLimits{}.per_address; // those behind have no time left
        const auto& session = seen.hosts.at(at).endpoints.at(0).session;
        EXPECT_EQ(session.finished, has_turn) << at;
        EXPECT_EQ(session.steps.empty(), !has_turn) << at;
    }
}

TEST_F(Examined, AHostileNumberOfAddressesIsBounded)
{
    std::vector<support::DnsRecord> crowd;
    for (unsigned count = 0; count <= probe::max_endpoints; ++count)
        crowd.push_back(support::a_record(
            "mx.test", "127.1." + std::to_string(count / 256) + "." + std::to_string(count % 256)
        ));
    support::RefusedTcpPort refused;
    plan.port = refused.number();
    resolver.on("example.test", Type::mx, found({support::mx_record("example.test", 10, "mx.test")}));
    resolver.on("mx.test", Type::a, found(crowd));
    resolver.on("mx.test", Type::aaaa, found({}));
    examine("example.test");
    EXPECT_THAT(seen.hosts.at(0).endpoints, SizeIs(probe::max_endpoints));
    EXPECT_EQ(seen.addresses_left_out, 1U);
}

/// example.test, whose only host is mx.test, behind a resolver that is believed.
class ExaminedWithDnssec : public Examined
{
protected:
    ExaminedWithDnssec()
    {
        auto options = dialogue("good");
        options.certificates = smtp_tests::Certificates::instance().folder();
        server.emplace(options);
        plan.port = server->endpoint().port();
        trust_ad = true;
        resolver.on("com", Type::ns, vouched({support::ns_record("com", "ns.test")}));
        resolver.on("example.test", Type::mx, vouched({support::mx_record("example.test", 10, "mx.test")}));
        resolver.on("", Type::aaaa, found({}));
        resolver.on("", Type::txt, found({}));
        resolver.on("", Type::tlsa, found({}));
    }

    std::string tlsa_name(const std::string& base) const { return probe::tlsa_name(base, plan.port); }

    /// A TLSA answer with one record, of this usage.
    support::DnsBehaviour tlsa(const std::string& base, std::uint8_t usage) const
    {
        return vouched({support::tlsa_record(tlsa_name(base), {usage, 1, 1, 0xab})});
    }

    static std::vector<support::DnsRecord> aliased()
    {
        return {support::cname_record("mx.test", "end.test"), support::a_record("end.test", "127.0.0.1")};
    }

    const probe::Host& host() const { return seen.hosts.at(0); }

    std::vector<std::string> base_domains() const
    {
        std::vector<std::string> result;
        for (const auto& look_up : host().tlsa)
            result.push_back(look_up.base_domain);
        return result;
    }

    /// What the one connection was for.
    std::string name_asked_for() { return server->next_run().tls.value().server_name; }

    std::optional<peer::Server> server;
};

TEST_F(ExaminedWithDnssec, LooksForTlsaUnderASecureAddress)
{
    resolver.on("mx.test", Type::a, vouched({support::a_record("mx.test", "127.0.0.1")}));
    resolver.on(tlsa_name("mx.test"), Type::tlsa, tlsa("mx.test", 3));
    examine("example.test");
    EXPECT_THAT(base_domains(), ElementsAre("mx.test"));
    const auto word = probe::tlsa_word(host());
    EXPECT_EQ(word.state, probe::TlsaWord::State::secure);
    EXPECT_THAT(word.records, ElementsAre(dns::Tlsa{3, 1, 1, {0xab}}));
    EXPECT_FALSE(host().first_alias);
    EXPECT_THAT(asked(Type::tlsa), ElementsAre(tlsa_name("mx.test")));
    EXPECT_EQ(name_asked_for(), "mx.test");
}

TEST_F(ExaminedWithDnssec, LooksForNoTlsaUnderAnInsecureAddress)
{
    resolver.on("mx.test", Type::a, found({support::a_record("mx.test", "127.0.0.1")}));
    examine("example.test");
    EXPECT_THAT(asked(Type::tlsa), IsEmpty());
    EXPECT_THAT(asked(Type::cname), IsEmpty());
    EXPECT_EQ(probe::tlsa_word(host()).state, probe::TlsaWord::State::not_asked);
}

TEST_F(ExaminedWithDnssec, LooksForNoTlsaWhereNobodyIsToBeBelieved)
{
    resolver.on("mx.test", Type::a, vouched(aliased()));
    trust_ad = false;
    examine("example.test");
    EXPECT_THAT(asked(Type::tlsa), IsEmpty());
    EXPECT_THAT(asked(Type::cname), IsEmpty());
    EXPECT_THAT(asked(Type::ns), IsEmpty());
}

TEST_F(ExaminedWithDnssec, LooksForNoTlsaWhereItIsToldNotTo)
{
    resolver.on("mx.test", Type::a, vouched({support::a_record("mx.test", "127.0.0.1")}));
    plan.dane = false;
    examine("example.test");
    EXPECT_THAT(asked(Type::tlsa), IsEmpty());
}

TEST_F(ExaminedWithDnssec, AsksForTheNameAtTheEndOfSecureAliasesWhereItsRecordsAre)
{
    resolver.on("mx.test", Type::a, vouched(aliased()));
    resolver.on(tlsa_name("end.test"), Type::tlsa, tlsa("end.test", 2));
    resolver.on(tlsa_name("mx.test"), Type::tlsa, tlsa("mx.test", 3));
    examine("example.test");
    EXPECT_THAT(base_domains(), ElementsAre("end.test"));
    EXPECT_EQ(name_asked_for(), "end.test");
}

TEST_F(ExaminedWithDnssec, FallsBackToTheHostsOwnNameOnlyWhereThereIsNothing)
{
    resolver.on("mx.test", Type::a, vouched(aliased()));
    resolver.on(tlsa_name("mx.test"), Type::tlsa, tlsa("mx.test", 3));
    examine("example.test");
    EXPECT_THAT(base_domains(), ElementsAre("end.test", "mx.test"));
    EXPECT_EQ(probe::tlsa_word(host()).base_domain, "mx.test");
    EXPECT_EQ(name_asked_for(), "mx.test");
}

TEST_F(ExaminedWithDnssec, AFailedLookUpIsFinal)
{
    resolver.on("mx.test", Type::a, vouched(aliased()));
    resolver.on(tlsa_name("end.test"), Type::tlsa, failing(server_failure));
    resolver.on(tlsa_name("mx.test"), Type::tlsa, tlsa("mx.test", 3));
    examine("example.test");
    EXPECT_THAT(base_domains(), ElementsAre("end.test"));
    EXPECT_EQ(probe::tlsa_word(host()).state, probe::TlsaWord::State::failed);
    EXPECT_EQ(name_asked_for(), "mx.test");
}

TEST_F(ExaminedWithDnssec, ASignedAliasToAnUnsignedHostStillHasTlsa)
{
    resolver.on("mx.test", Type::a, found(aliased()));
    resolver.on("mx.test", Type::cname, vouched({support::cname_record("mx.test", "end.test")}));
    resolver.on(tlsa_name("mx.test"), Type::tlsa, tlsa("mx.test", 3));
    examine("example.test");
    ASSERT_TRUE(host().first_alias);
    EXPECT_EQ(host().first_alias->security, dns::Security::secure);
    EXPECT_THAT(base_domains(), ElementsAre("mx.test"));
    EXPECT_EQ(probe::tlsa_word(host()).state, probe::TlsaWord::State::secure);
}

TEST_F(ExaminedWithDnssec, AnUnsignedAliasHasNone)
{
    resolver.on("mx.test", Type::a, found(aliased()));
    resolver.on("mx.test", Type::cname, found({support::cname_record("mx.test", "end.test")}));
    examine("example.test");
    EXPECT_THAT(asked(Type::cname), ElementsAre("mx.test"));
    EXPECT_THAT(asked(Type::tlsa), IsEmpty());
}

TEST_F(ExaminedWithDnssec, FollowsAnAliasAtTheTlsaName)
{
    resolver.on("mx.test", Type::a, vouched({support::a_record("mx.test", "127.0.0.1")}));
    const auto alias = support::cname_record(tlsa_name("mx.test"), "tlsa.test");
    const auto record = support::tlsa_record("tlsa.test", {3, 1, 1, 0xcd});
    resolver.on(tlsa_name("mx.test"), Type::tlsa, vouched({alias}));
    resolver.on("tlsa.test", Type::tlsa, vouched({record}));
    examine("example.test");
    EXPECT_EQ(probe::tlsa_word(host()).state, probe::TlsaWord::State::secure);
    EXPECT_THAT(host().tlsa.at(0).answer.aliases, ElementsAre("tlsa.test"));
    EXPECT_THAT(probe::tlsa_word(host()).records, ElementsAre(dns::Tlsa{3, 1, 1, {0xcd}}));
}

TEST_F(ExaminedWithDnssec, AnUnsignedAliasAtTheTlsaNameLeadsNowhere)
{
    resolver.on("mx.test", Type::a, vouched({support::a_record("mx.test", "127.0.0.1")}));
    const auto alias = support::cname_record(tlsa_name("mx.test"), "tlsa.test");
    resolver.on(tlsa_name("mx.test"), Type::tlsa, vouched({alias}));
    resolver.on("tlsa.test", Type::tlsa, found({support::tlsa_record("tlsa.test", {3, 1, 1, 0xcd})}));
    examine("example.test");
    EXPECT_EQ(probe::tlsa_word(host()).state, probe::TlsaWord::State::insecure);
}

TEST_F(ExaminedWithDnssec, GivenHostsHaveTlsaToo)
{
    resolver.on("mx.test", Type::a, vouched({support::a_record("mx.test", "127.0.0.1")}));
    plan.hosts = {probe::parse_host_port("mx.test"), probe::parse_host_port("127.0.0.1")};
    examine("example.test");
    EXPECT_THAT(asked(Type::tlsa), ElementsAre(tlsa_name("mx.test")));
    EXPECT_THAT(
        asked(Type::txt), testing::UnorderedElementsAre("_mta-sts.example.test", "_smtp._tls.example.test")
    );
}

TEST_F(ExaminedWithDnssec, AKnownGoodHostHasNoTlsa)
{
    support::RefusedTcpPort refused;
    plan.hosts = {probe::parse_host_port("127.0.0.1:" + std::to_string(refused.number()))};
    plan.known_good = probe::parse_host_port("mx.test");
    resolver.on("mx.test", Type::a, vouched({support::a_record("mx.test", "127.0.0.1")}));
    examine("example.test");
    EXPECT_EQ(seen.known_good_answered, true);
    EXPECT_THAT(asked(Type::tlsa), IsEmpty());
}

TEST_F(ExaminedWithDnssec, AsksForTheRecordsOfTheDomainBesideTheSessions)
{
    resolver.on("mx.test", Type::a, found({support::a_record("mx.test", "127.0.0.1")}));
    resolver.on(
        "_mta-sts.example.test", Type::txt,
        found({support::txt_record("_mta-sts.example.test", {"v=STSv1; ", "id=1;"})})
    );
    examine("user@example.test");
    ASSERT_TRUE(seen.sts_record);
    EXPECT_THAT(seen.sts_record->all<dns::Text>(), ElementsAre(dns::Text{"v=STSv1; id=1;"}));
    ASSERT_TRUE(seen.tls_rpt_record);
    EXPECT_EQ(seen.tls_rpt_record->state, dns::State::no_data);
}

TEST_F(ExaminedWithDnssec, LeavesOutWhatItIsToldToLeaveOut)
{
    resolver.on("mx.test", Type::a, found({support::a_record("mx.test", "127.0.0.1")}));
    plan.mta_sts = false;
    examine("example.test");
    EXPECT_THAT(asked(Type::txt), ElementsAre("_smtp._tls.example.test"));
    EXPECT_FALSE(seen.sts_record);
    plan.dane = false;
    examine("example.test");
    EXPECT_THAT(asked(Type::txt), ElementsAre("_smtp._tls.example.test"));
}

TEST_F(ExaminedWithDnssec, AsksForNoPolicyWhereNoMailGoes)
{
    support::DnsReply gone;
    gone.rcode = no_such_name;
    resolver.on("gone.test", Type::mx, support::always(gone));
    resolver.on("null.test", Type::mx, found({support::mx_record("null.test", 0, ".")}));
    resolver.on("failing.test", Type::mx, failing(server_failure));
    for (const auto* target : {"gone.test", "null.test", "failing.test", "user@[127.0.0.1]"}) {
        seen = {};
        examine(target);
        EXPECT_FALSE(seen.sts_record) << target;
        EXPECT_FALSE(seen.tls_rpt_record) << target;
    }
    EXPECT_THAT(asked(Type::txt), IsEmpty());
}

/// Everything that DNS can say is looked up; the host still sees one connection, the same as without.
TEST_F(ExaminedWithDnssec, TakesNoFurtherConnection)
{
    resolver.on("mx.test", Type::a, vouched({support::a_record("mx.test", "127.0.0.1")}));
    resolver.on(tlsa_name("mx.test"), Type::tlsa, tlsa("mx.test", 3));
    std::vector<std::vector<std::string>> conversations;
    for (const bool with : {true, false}) {
        seen = {};
        plan.dane = with;
        plan.mta_sts = with;
        examine("example.test");
        conversations.push_back(server->next_run().received);
        EXPECT_EQ(server->connections(), conversations.size()) << "one each";
    }
    EXPECT_EQ(conversations[0], conversations[1]);
    EXPECT_THAT(asked(Type::tlsa), SizeIs(1));
}

/// A TLSA answer that comes after the sessions is still waited for, and has kept none of them waiting.
TEST_F(ExaminedWithDnssec, LooksForTlsaBesideTheSessions)
{
    resolver.on("mx.test", Type::a, vouched({support::a_record("mx.test", "127.0.0.1")}));
    std::promise<void> spoken;
    const auto answer = tlsa("mx.test", 3);
    resolver.on(
        tlsa_name("mx.test"), Type::tlsa,
        [answer, over = spoken.get_future().share()](const support::DnsQuery& query) {
            over.wait();
            return answer(query);
        }
    );
    bool has_spoken = false;
    after_each_turn = [&] {
        const auto is_over =
            !seen.hosts.empty() && !host().endpoints.empty() && host().endpoints[0].session.finished;
        if (is_over && !std::exchange(has_spoken, true))
            spoken.set_value();
    };
    examine("example.test");
    EXPECT_TRUE(has_spoken);
    EXPECT_EQ(probe::tlsa_word(host()).state, probe::TlsaWord::State::secure);
}

} // namespace
