#include "probe/publish.hpp"

#include "observation_builder.hpp"
#include "probe/tlsa.hpp"
#include "support/chains.hpp"

#include <gmock/gmock.h>

namespace
{

using probe::Status;
using probe::StsMode;
using probe::TlsaState;
using testing::ElementsAre;
using Chain = std::vector<smtp::Certificate>;

Chain chain_of(const pki::Issued& own)
{
    return {own.certificate, support::authorities().intermediate.certificate};
}

const pki::Issued& first()
{
    static const auto made = support::leaf({.common_name = "", .names = {"DNS:" + seen::mx1}});
    return made;
}

const pki::Issued& second()
{
    static const auto made = support::leaf({.common_name = "", .names = {"DNS:" + seen::mx1}});
    return made;
}

const probe::TrustStore& trust()
{
    static const probe::TrustStore store(std::array{
        smtp::Certificate(support::authorities().root.certificate)});
    return store;
}

smtp::Session at(const std::string& address, smtp::Session session)
{
    session.peer = {asio::ip::make_address(address), 25};
    return session;
}

probe::Host secure_host(std::vector<smtp::Session> sessions)
{
    auto host = seen::host(seen::mx1, 10, std::move(sessions));
    host.ipv4->security = dns::Security::secure;
    host.ipv6->security = dns::Security::secure;
    return host;
}

/// What is published, with this security.
void publish(
    probe::Host& host, std::vector<dns::Record> records, dns::Security security = dns::Security::secure
)
{
    host.tlsa.push_back(
        {host.name, seen::answer("_25._tcp." + host.name, dns::Type::tlsa, std::move(records))}
    );
    host.tlsa.back().answer.security = security;
}

probe::Verdict judge(probe::Observation observation)
{
    observation.dane_asked = true;
    auto criteria = seen::criteria();
    criteria.advise_tlsa = true;
    return probe::judge(std::move(observation), criteria, trust);
}

probe::Verdict judge(probe::Host host)
{
    return judge(seen::domain(probe::Route::given, {std::move(host)}));
}

probe::TlsaAdvice advice_for(probe::Host host)
{
    return judge(std::move(host)).hosts.at(0).tlsa_advice.value();
}

std::vector<std::string> kinds(const probe::TlsaAdvice& advice)
{
    std::vector<std::string> all;
    for (const auto& [record, certificate, presented_at, published] : advice.records)
        all.push_back(probe::text(record).substr(0, 6) + certificate.subject);
    return all;
}

TEST(TlsaAdvice, IsGivenWhereAskedFor)
{
    auto observation = seen::domain_with(seen::whole(chain_of(first())));
    EXPECT_FALSE(probe::judge(std::move(observation), seen::criteria(), trust).hosts.at(0).tlsa_advice);
}

TEST(TlsaAdvice, HasEachRecordOnceAndSaysWhere)
{
    const auto advice = advice_for(secure_host(
        {at("192.0.2.1", seen::whole(chain_of(first()))), at("192.0.2.2", seen::whole(chain_of(second()))),
         at("192.0.2.3", seen::whole(chain_of(first())))}
    ));
    EXPECT_EQ(advice.owner, "_25._tcp.mx1.example.com");
    EXPECT_EQ(advice.dnssec, dns::Security::secure);
    EXPECT_FALSE(advice.published);
    EXPECT_THAT(kinds(advice), ElementsAre("3 1 1 ", "3 1 1 ", "2 1 1 /CN=Intermediate CA"));
    EXPECT_EQ(
        probe::data_text(advice.records.at(0).record), probe::describe(first().certificate).spki_sha256
    );
    const auto place = [](const char* text) { return asio::ip::make_address(text); };
    EXPECT_THAT(advice.records.at(0).presented_at, ElementsAre(place("192.0.2.1"), place("192.0.2.3")));
    EXPECT_THAT(advice.records.at(1).presented_at, ElementsAre(place("192.0.2.2")));
    EXPECT_EQ(advice.records.at(2).presented_at.size(), 3U);
}

TEST(TlsaAdvice, KnowsWhatIsPublished)
{
    const auto wanted = advice_for(secure_host({seen::whole(chain_of(first()))})).records.at(0).record;
    const dns::Tlsa stranger{3, 1, 1, std::vector<std::uint8_t>(32)};
    const dns::Tlsa broken{3, 1, 1, {}};
    auto host = secure_host({seen::whole(chain_of(second())), seen::whole(chain_of(first()))});
    publish(host, {stranger, wanted, broken});
    const auto advice = advice_for(host);
    const auto is = [](const dns::Tlsa& record, TlsaState state) {
        return testing::AllOf(
            testing::Field(&probe::JudgedTlsa::record, record),
            testing::Field(&probe::JudgedTlsa::state, state)
        );
    };
    EXPECT_THAT(
        advice.published.value(), testing::UnorderedElementsAre(
                                      is(stranger, TlsaState::not_matched), is(wanted, TlsaState::matched),
                                      is(broken, TlsaState::unusable)
                                  )
    );
    EXPECT_FALSE(advice.records.at(0).published);
    EXPECT_TRUE(advice.records.at(1).published);
}

TEST(TlsaAdvice, PublishedAsAdvisedIsValid)
{
    for (std::size_t index = 0; index < 2; ++index) {
        auto host = secure_host({seen::whole(chain_of(first()))});
        publish(host, {advice_for(host).records.at(index).record});
        EXPECT_EQ(judge(host).hosts.at(0).endpoints.at(0).dane.value().state, probe::DaneState::valid)
            << index;
    }
}

TEST(TlsaAdvice, TellsWhatDnssecSays)
{
    auto host = secure_host({seen::whole(chain_of(first()))});
    host.ipv4->security = host.ipv6->security = dns::Security::insecure;
    EXPECT_EQ(advice_for(host).dnssec, dns::Security::insecure);

    host = secure_host({seen::whole(chain_of(first()))});
    publish(host, {});
    EXPECT_EQ(advice_for(host).dnssec, dns::Security::secure);
    EXPECT_THAT(advice_for(host).published, testing::Optional(testing::IsEmpty()));
    host.tlsa[0].answer.security = dns::Security::insecure;
    EXPECT_EQ(advice_for(host).dnssec, dns::Security::insecure);

    host.tlsa[0].answer = seen::failure("_25._tcp.mx1.example.com", dns::Type::tlsa, dns::errc::bogus);
    EXPECT_EQ(advice_for(host).dnssec, dns::Security::bogus);
    host.tlsa[0].answer = seen::failure("_25._tcp.mx1.example.com", dns::Type::tlsa, dns::errc::timed_out);
    EXPECT_EQ(advice_for(host).dnssec, dns::Security::secure);
    EXPECT_TRUE(advice_for(host).failed);
    EXPECT_FALSE(advice_for(host).published);
}

TEST(TlsaAdvice, GoesToTheEndOfSecureAliases)
{
    auto host = secure_host({seen::whole(chain_of(first()))});
    host.ipv4->aliases = {"real.example.net"};
    EXPECT_EQ(advice_for(host).owner, "_25._tcp.real.example.net");
    publish(host, {dns::Tlsa{3, 1, 1, std::vector<std::uint8_t>(32)}}); // at the host's own name
    EXPECT_EQ(advice_for(host).owner, "_25._tcp.mx1.example.com");
}

TEST(TlsaAdvice, GoesWhereAnAliasAtTheOwnerLeads)
{
    auto host = secure_host({seen::whole(chain_of(first()))});
    publish(host, {});
    EXPECT_EQ(advice_for(host).owner, "_25._tcp.mx1.example.com");
    host.tlsa[0].answer.aliases = {"_a.example.com", "_keys.example.com"};
    EXPECT_EQ(advice_for(host).owner, "_keys.example.com");
}

TEST(TlsaAdvice, OfAnAddressTakesTheReference)
{
    auto host = seen::host("192.0.2.1", {}, {seen::whole(chain_of(first()))});
    host.literal = asio::ip::make_address("192.0.2.1");
    EXPECT_EQ(advice_for(host).owner, "");
    auto criteria = seen::criteria();
    criteria.advise_tlsa = true;
    criteria.reference = seen::mx1;
    const auto verdict = probe::judge(seen::domain(probe::Route::given, {host}), criteria, trust);
    EXPECT_EQ(verdict.hosts.at(0).tlsa_advice.value().owner, "_25._tcp.mx1.example.com");
    EXPECT_EQ(verdict.hosts.at(0).tlsa_advice->records.size(), 2U);
}

TEST(AdviceStatus, CountsWhatWasSeen)
{
    const auto good = seen::whole(chain_of(first()));
    const auto refused = seen::ended(smtp::Stage::connect, asio::error::connection_refused);
    const auto no_route = seen::ended(smtp::Stage::connect, smtp::errc::no_route);
    EXPECT_EQ(advice_status(judge(secure_host({good}))), Status::ok);
    EXPECT_EQ(advice_status(judge(secure_host({good, refused}))), Status::warning);
    EXPECT_EQ(advice_status(judge(secure_host({good, no_route}))), Status::ok);
    EXPECT_EQ(advice_status(judge(secure_host({refused}))), Status::unknown);
    EXPECT_EQ(advice_status(judge(secure_host({no_route}))), Status::unknown);
    EXPECT_EQ(advice_status(judge(secure_host({seen::in_clear()}))), Status::unknown);
    EXPECT_EQ(advice_status(judge(secure_host({}))), Status::unknown);
}

TEST(PolicyFor, CoversTheHostsThatHaveNames)
{
    auto address = seen::host("192.0.2.1", 10, {});
    address.literal = asio::ip::make_address("192.0.2.1");
    const auto observation = seen::domain(
        probe::Route::mx, {seen::host(seen::mx1, 5, {}), address, seen::host("*.example.net", 10, {}),
                           seen::host("a\\032b.example.net", 10, {}), seen::host("mx2.example.com", 20, {})}
    );
    const auto policy = probe::policy_for(observation, StsMode::testing, 604'800);
    EXPECT_EQ(policy, (probe::StsPolicy{StsMode::testing, 604'800, {seen::mx1, "mx2.example.com"}}));
    EXPECT_EQ(probe::read_sts_policy(probe::write_sts_policy(policy)).policy, policy);
}

/// example.com with these sessions, as if the policy for it were published.
probe::Verdict supposing(StsMode mode, std::vector<smtp::Session> sessions)
{
    auto observation = seen::domain(probe::Route::mx, {seen::host(seen::mx1, 10, std::move(sessions))});
    suppose_published(observation, probe::policy_for(observation, mode, 604'800));
    return judge(std::move(observation));
}

Status compliance(StsMode mode, std::vector<smtp::Session> sessions)
{
    return compliance_status(supposing(mode, std::move(sessions)), mode);
}

TEST(Compliance, IsTheWorstOfAllEndpoints)
{
    const auto good = seen::whole(chain_of(first()));
    const auto named_otherwise = seen::whole(chain_of(support::leaf()));
    const auto in_clear = seen::in_clear();
    const auto refused = seen::ended(smtp::Stage::connect, asio::error::connection_refused);
    EXPECT_EQ(compliance(StsMode::enforce, {good}), Status::ok);
    for (const auto& bad : {named_otherwise, in_clear}) {
        EXPECT_EQ(compliance(StsMode::enforce, {good, bad}), Status::critical);
        EXPECT_EQ(compliance(StsMode::testing, {good, bad}), Status::warning);
        EXPECT_EQ(compliance(StsMode::none, {good, bad}), Status::ok);
        EXPECT_EQ(compliance(StsMode::enforce, {refused, bad}), Status::critical);
    }
    EXPECT_EQ(compliance(StsMode::enforce, {good, refused}), Status::warning);
    EXPECT_EQ(compliance(StsMode::enforce, {refused}), Status::unknown);
}

TEST(Compliance, TellsWhatASenderFinds)
{
    const auto verdict = supposing(
        StsMode::enforce, {seen::whole(chain_of(first())), seen::in_clear(),
                           seen::ended(smtp::Stage::connect, asio::error::connection_refused)}
    );
    EXPECT_EQ(verdict.mta_sts.value().state, probe::StsVerdict::State::ok);
    const auto& host = verdict.hosts.at(0);
    EXPECT_EQ(compliance_of(host, host.endpoints.at(0)), probe::Compliance::complies);
    EXPECT_EQ(compliance_of(host, host.endpoints.at(1)), probe::Compliance::fails);
    EXPECT_EQ(compliance_of(host, host.endpoints.at(2)), probe::Compliance::unseen);
}

} // namespace
