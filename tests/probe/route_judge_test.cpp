#include "observation_builder.hpp"
#include "probe/route_judge.hpp"

#include <gmock/gmock.h>

namespace
{

using dns::errc;
using dns::Type;
using probe::dnssec_of_domain;
using probe::dnssec_of_host;
using probe::Finding;
using probe::Host;
using probe::judge_domain;
using probe::Observation;
using probe::Route;
using seen::Code;
using seen::codes;
using seen::mx1;
using seen::Severity;
using testing::ElementsAre;
using testing::IsEmpty;

Finding only(const std::vector<Finding>& findings)
{
    EXPECT_EQ(findings.size(), 1u);
    return findings.empty() ? Finding() : findings.front();
}

Observation without_answer(errc fault)
{
    auto observation = seen::domain(Route::unknown);
    observation.mx = seen::failure("example.com", Type::mx, fault);
    return observation;
}

/// The findings about the first of these hosts.
std::vector<Finding> judge_first(std::vector<Host> hosts, Route route = Route::mx)
{
    const auto observation = seen::domain(route, std::move(hosts));
    return judge_host(observation.hosts.front(), observation);
}

Host host_at(const std::string& address)
{
    auto host = seen::host(mx1, 10, {});
    host.ipv4->records = {seen::address(address)};
    return host;
}

void expect(const Finding& finding, Code code, Severity severity, const std::string& message)
{
    EXPECT_EQ(finding.code, code);
    EXPECT_EQ(finding.severity, severity);
    EXPECT_EQ(finding.message, message);
}

TEST(RouteJudge, ADomainWithMxIsNoFinding)
{
    EXPECT_THAT(judge_domain(seen::domain(Route::mx)), IsEmpty());
    EXPECT_THAT(judge_domain(seen::domain(Route::given)), IsEmpty());
}

TEST(RouteJudge, NullMx)
{
    expect(
        only(judge_domain(seen::domain(Route::null_mx))), Code::mx_null, Severity::notice,
        "example.com takes no mail: it has a null MX"
    );
}

TEST(RouteJudge, NullMxBesideOthers)
{
    auto observation = seen::domain(Route::mx);
    observation.null_mx_beside_others = true;
    expect(
        only(judge_domain(observation)), Code::mx_null_not_alone, Severity::warning,
        "example.com has a null MX beside other MX records, which RFC 7505 section 3 forbids"
    );
}

TEST(RouteJudge, ImplicitMx)
{
    expect(
        only(judge_domain(seen::domain(Route::implicit))), Code::mx_implicit, Severity::notice,
        "example.com has no MX record, so that mail goes to its own address"
    );
}

TEST(RouteJudge, NoSuchDomain)
{
    expect(
        only(judge_domain(seen::domain(Route::no_domain))), Code::dns_nxdomain, Severity::warning,
        "example.com does not exist"
    );
}

TEST(RouteJudge, NeitherMxNorAddress)
{
    expect(
        only(judge_domain(seen::domain(Route::none))), Code::mx_no_address, Severity::critical,
        "example.com has neither an MX record nor an address"
    );
}

TEST(RouteJudge, TimeOutServfailAndRefusedAreToldApart)
{
    const std::vector<std::pair<errc, std::string>> faults{
        {errc::timed_out, "the MX look-up for example.com failed: no resolver answered in time"},
        {errc::server_failure, "the MX look-up for example.com failed: the resolver answered SERVFAIL"},
        {errc::refused, "the MX look-up for example.com failed: the resolver answered REFUSED"},
        {errc::unreachable, "the MX look-up for example.com failed: no resolver could be reached"},
    };
    for (const auto& [fault, message] : faults)
        expect(only(judge_domain(without_answer(fault))), Code::dns_no_answer, Severity::warning, message);
}

TEST(RouteJudge, ABogusAnswer)
{
    expect(
        only(judge_domain(without_answer(errc::bogus))), Code::dnssec_invalid, Severity::critical,
        "the MX answer for example.com is bogus: DNSSEC validation of it fails"
    );
}

TEST(RouteJudge, ALookUpThatNeverEndedIsNoFinding)
{
    auto observation = seen::domain(Route::unknown);
    observation.mx.reset();
    EXPECT_THAT(judge_domain(observation), IsEmpty());
}

TEST(RouteJudge, AHostWithAnAddressIsNoFinding)
{
    EXPECT_THAT(judge_first({seen::host(mx1, 10, {})}), IsEmpty());
}

TEST(RouteJudge, AHostWithoutAddressIsCriticalWhereItIsTheOnlyOne)
{
    expect(
        only(judge_first({seen::host_without_address(mx1)})), Code::mx_no_address, Severity::critical,
        "mx1.example.com has no address"
    );
    expect(
        only(judge_first({seen::host_without_address(mx1), seen::host("mx2.example.com", 20, {})})),
        Code::mx_no_address, Severity::warning, "mx1.example.com has no address"
    );
}

TEST(RouteJudge, AHostThatDoesNotExist)
{
    auto host = seen::host_without_address(mx1);
    host.ipv4 = seen::no_such_name(mx1, Type::a);
    host.ipv6 = seen::no_such_name(mx1, Type::aaaa);
    expect(
        only(judge_first({host})), Code::mx_no_address, Severity::critical, "mx1.example.com does not exist"
    );
}

TEST(RouteJudge, OnlyTheFamilyThatWasAskedForIsSaidToBeMissing)
{
    auto host = seen::host_without_address(mx1);
    host.ipv6.reset();
    EXPECT_EQ(
        only(judge_first({host})).message,
        "mx1.example.com has no IPv4 address; whether it has an IPv6 one was not asked"
    );
    EXPECT_EQ(only(judge_first({host})).severity, Severity::warning) << "the other family may have one";

    host = seen::host_without_address(mx1);
    host.ipv4.reset();
    EXPECT_EQ(
        only(judge_first({host})).message,
        "mx1.example.com has no IPv6 address; whether it has an IPv4 one was not asked"
    );
}

TEST(RouteJudge, AFamilyThatFailedIsToldAndSpoilsNothing)
{
    auto host = seen::host(mx1, 10, {});
    host.ipv6 = seen::failure(mx1, Type::aaaa, errc::server_failure);
    expect(
        only(judge_first({host})), Code::dns_no_answer, Severity::warning,
        "the AAAA look-up for mx1.example.com failed: the resolver answered SERVFAIL"
    );
}

TEST(RouteJudge, NobodyKnowsWhetherAHostHasAnAddressWhereAFamilyFailed)
{
    auto host = seen::host_without_address(mx1);
    host.ipv6 = seen::failure(mx1, Type::aaaa, errc::timed_out);
    EXPECT_THAT(codes(judge_first({host})), ElementsAre(Code::dns_no_answer));
    EXPECT_THAT(
        codes(judge_first({seen::host_without_answer(mx1)})),
        ElementsAre(Code::dns_no_answer, Code::dns_no_answer)
    );
}

TEST(RouteJudge, ABogusAddress)
{
    auto host = seen::host_without_address(mx1);
    host.ipv4 = seen::failure(mx1, Type::a, errc::bogus);
    EXPECT_THAT(codes(judge_first({host})), ElementsAre(Code::dnssec_invalid));
}

TEST(RouteJudge, AnExchangeThatIsAnAddress)
{
    Host host;
    host.name = "192.0.2.1";
    host.literal = asio::ip::make_address(host.name);
    expect(
        only(judge_first({host})), Code::mx_is_address, Severity::warning,
        "the MX exchange 192.0.2.1 is an address, where RFC 5321 section 5.1 wants a name"
    );
    EXPECT_THAT(judge_first({host}, Route::given), IsEmpty());
}

TEST(RouteJudge, AnExchangeThatIsAnAlias)
{
    auto host = seen::host(mx1, 10, {});
    host.ipv4->aliases = {"a.example.net", "b.example.net"};
    expect(
        only(judge_first({host})), Code::mx_is_alias, Severity::warning,
        "the MX exchange mx1.example.com is an alias of b.example.net, which RFC 2181 section 10.3 forbids"
    );

    auto over_ipv6 = seen::host(mx1, 10, {});
    over_ipv6.ipv6->aliases = {"a.example.net"};
    EXPECT_THAT(codes(judge_first({over_ipv6})), ElementsAre(Code::mx_is_alias));
    EXPECT_THAT(judge_first({host}, Route::given), IsEmpty()) << "--mx names no exchange";
}

TEST(RouteJudge, AnExchangeThatLeadsBack)
{
    for (const auto* address : {"127.0.0.1", "127.8.8.8", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"}) {
        const auto finding = only(judge_first({host_at(address)}));
        expect(
            finding, Code::mx_loop, Severity::warning,
            std::string("mx1.example.com has the address ") + address + ", which leads every sender to itself"
        );
    }
    for (const auto* address : {"192.0.2.1", "10.0.0.1", "2001:db8::1", "::ffff:192.0.2.1"})
        EXPECT_THAT(judge_first({host_at(address)}), IsEmpty()) << address;
}

TEST(RouteJudge, LoopsAreNoConcernOfALocalResolverOrOfAHostThatWasGiven)
{
    auto observation = seen::domain(Route::mx, {host_at("127.0.0.1")});
    observation.local_resolver = true;
    EXPECT_THAT(judge_host(observation.hosts.front(), observation), IsEmpty());
    EXPECT_THAT(judge_first({host_at("127.0.0.1")}, Route::given), IsEmpty());
}

TEST(RouteJudge, AnExcludedHost)
{
    expect(
        only(judge_first({seen::excluded_host(mx1)})), Code::excluded, Severity::notice,
        "mx1.example.com was not contacted: --exclude has \"mx1.example.com\""
    );
}

TEST(RouteJudge, DnssecOfADomain)
{
    auto observation = seen::domain(Route::mx);
    EXPECT_EQ(dnssec_of_domain(observation), dns::Security::unknown);
    observation.mx->security = dns::Security::secure;
    EXPECT_EQ(dnssec_of_domain(observation), dns::Security::secure);
    EXPECT_EQ(dnssec_of_domain(without_answer(errc::bogus)), dns::Security::bogus);
    EXPECT_EQ(dnssec_of_domain(without_answer(errc::server_failure)), dns::Security::unknown);
    EXPECT_EQ(dnssec_of_domain(seen::domain(Route::given)), dns::Security::unknown);
}

TEST(RouteJudge, DnssecOfAHostIsThatOfEachAddressFound)
{
    auto host = seen::host(mx1, 10, {});
    EXPECT_EQ(dnssec_of_host(host), dns::Security::unknown);
    host.ipv4->security = dns::Security::secure;
    EXPECT_EQ(dnssec_of_host(host), dns::Security::secure) << "there is no AAAA to be secure";

    host.ipv6 = seen::answer(mx1, Type::aaaa, {seen::address("2001:db8::1")});
    EXPECT_EQ(dnssec_of_host(host), dns::Security::unknown);
    host.ipv6->security = dns::Security::secure;
    EXPECT_EQ(dnssec_of_host(host), dns::Security::secure);

    host.ipv6 = seen::failure(mx1, Type::aaaa, errc::bogus);
    EXPECT_EQ(dnssec_of_host(host), dns::Security::bogus);
    EXPECT_EQ(dnssec_of_host(Host{}), dns::Security::unknown);
}

TEST(RouteJudge, WhatLeavesNothingToTry)
{
    for (const auto code :
         {Code::dns_nxdomain, Code::dns_no_answer, Code::dnssec_invalid, Code::mx_no_address})
        EXPECT_TRUE(probe::leaves_nothing_to_try(code)) << name(code);
    for (const auto code : {Code::mx_is_alias, Code::mx_loop, Code::connect_refused})
        EXPECT_FALSE(probe::leaves_nothing_to_try(code)) << name(code);
}

} // namespace
