#include "probe/dane_lookup.hpp"

#include "dns/error.hpp"
#include "tests/probe/observation_builder.hpp"

#include <gmock/gmock.h>

namespace
{

using dns::Security;
using dns::Type;
using State = probe::TlsaWord::State;
using testing::ElementsAre;
using testing::IsEmpty;

const dns::Tlsa record{3, 1, 1, std::vector<std::uint8_t>(32, 0x5a)};

dns::Answer with(Security security, dns::Answer answer, std::vector<std::string> aliases = {})
{
    answer.security = security;
    answer.aliases = std::move(aliases);
    return answer;
}

dns::Answer a(Security security, std::vector<std::string> aliases = {})
{
    return with(security, seen::answer("mx.test", Type::a, {seen::address("192.0.2.1")}), std::move(aliases));
}

dns::Answer aaaa(Security security, std::vector<std::string> aliases = {})
{
    return with(
        security, seen::answer("mx.test", Type::aaaa, {seen::address("2001:db8::1")}), std::move(aliases)
    );
}

probe::Host host(std::optional<dns::Answer> ipv4, std::optional<dns::Answer> ipv6 = std::nullopt)
{
    probe::Host seen;
    seen.name = "mx.test";
    seen.ipv4 = std::move(ipv4);
    seen.ipv6 = std::move(ipv6);
    return seen;
}

dns::Answer cname(Security security)
{
    auto answer = with(security, seen::answer("mx.test", Type::cname, {}), {"end.test"});
    answer.state = dns::State::found;
    return answer;
}

dns::Answer tlsa(Security security, std::vector<dns::Record> records = {record})
{
    return with(security, seen::answer("_25._tcp.mx.test", Type::tlsa, std::move(records)));
}

dns::Answer failed(dns::errc fault)
{
    return seen::failure("_25._tcp.mx.test", Type::tlsa, fault);
}

TEST(DaneLookup, AsksUnderThePortInUse)
{
    EXPECT_EQ(probe::tlsa_name("mx.test", 25), "_25._tcp.mx.test");
    EXPECT_EQ(probe::tlsa_name("mx.test", 2525), "_2525._tcp.mx.test");
}

TEST(DaneLookup, RestsOnASecureAddress)
{
    EXPECT_THAT(probe::tlsa_base_domains(host(a(Security::secure))), ElementsAre("mx.test"));
    EXPECT_THAT(probe::tlsa_base_domains(host({}, aaaa(Security::secure))), ElementsAre("mx.test"));
    EXPECT_THAT(
        probe::tlsa_base_domains(host(a(Security::insecure), aaaa(Security::secure))), ElementsAre("mx.test")
    );
    for (const auto weak : {Security::insecure, Security::unknown, Security::bogus})
        EXPECT_THAT(probe::tlsa_base_domains(host(a(weak), aaaa(weak))), IsEmpty()) << dns::name(weak);
}

TEST(DaneLookup, ASecureAnswerWithoutAddressesCarriesNothing)
{
    auto none = host(with(Security::secure, seen::answer("mx.test", Type::a, {})), aaaa(Security::insecure));
    EXPECT_THAT(probe::tlsa_base_domains(none), IsEmpty());
    EXPECT_THAT(probe::tlsa_base_domains(host({})), IsEmpty());
    EXPECT_FALSE(probe::needs_first_alias(none));
}

TEST(DaneLookup, AsksAtTheEndOfSecureAliasesFirst)
{
    const auto aliased = host(a(Security::secure, {"middle.test", "end.test"}));
    EXPECT_THAT(probe::tlsa_base_domains(aliased), ElementsAre("end.test", "mx.test"));
    EXPECT_FALSE(probe::needs_first_alias(aliased));
}

TEST(DaneLookup, WhereTheAliasesAreNotSecureTheFirstOneMayBe)
{
    auto aliased = host(a(Security::insecure, {"end.test"}));
    EXPECT_TRUE(probe::needs_first_alias(aliased));
    EXPECT_THAT(probe::tlsa_base_domains(aliased), IsEmpty()) << "not known yet";
    aliased.first_alias = cname(Security::secure);
    EXPECT_THAT(probe::tlsa_base_domains(aliased), ElementsAre("mx.test"));
    aliased.first_alias = cname(Security::insecure);
    EXPECT_THAT(probe::tlsa_base_domains(aliased), IsEmpty());
    EXPECT_FALSE(probe::needs_first_alias(host(a(Security::unknown, {"end.test"}))))
        << "what no validating resolver said is not asked after";
    EXPECT_FALSE(probe::needs_first_alias(host(a(Security::insecure))));
}

TEST(DaneLookup, OnlySecureRecordsAndFailuresDecide)
{
    EXPECT_TRUE(probe::decides(tlsa(Security::secure)));
    EXPECT_FALSE(probe::decides(tlsa(Security::insecure)));
    EXPECT_FALSE(probe::decides(tlsa(Security::secure, {})));
    EXPECT_FALSE(probe::decides(with(Security::secure, seen::no_such_name("_25._tcp.mx.test", Type::tlsa))));
    for (const auto fault :
         {dns::errc::bogus, dns::errc::server_failure, dns::errc::timed_out, dns::errc::malformed,
          dns::errc::refused, dns::errc::too_many_aliases})
        EXPECT_TRUE(probe::decides(failed(fault)));
    EXPECT_FALSE(probe::decides(failed(dns::errc::bad_name))) << "there can be nothing at it";
}

TEST(DaneLookup, TellsTheAnswersApart)
{
    auto seen = host(a(Security::secure));
    const auto state = [&](dns::Answer answer) {
        seen.tlsa = {{"mx.test", std::move(answer)}};
        return probe::tlsa_word(seen).state;
    };
    EXPECT_EQ(probe::tlsa_word(seen).state, State::not_asked);
    EXPECT_EQ(state(tlsa(Security::secure)), State::secure);
    EXPECT_EQ(state(tlsa(Security::insecure)), State::insecure);
    EXPECT_EQ(state(tlsa(Security::secure, {})), State::none);
    EXPECT_EQ(state(tlsa(Security::insecure, {})), State::none) << "insecure NODATA is the common case";
    EXPECT_EQ(state(with(Security::secure, seen::no_such_name("_25._tcp.mx.test", Type::tlsa))), State::none);
    EXPECT_EQ(state(failed(dns::errc::bogus)), State::bogus);
    EXPECT_EQ(state(failed(dns::errc::server_failure)), State::failed);
    EXPECT_EQ(state(failed(dns::errc::timed_out)), State::failed);
    EXPECT_EQ(probe::tlsa_word(seen).fault, dns::errc::timed_out);
}

TEST(DaneLookup, AnAnswerThatNobodyVouchesForIsAFailure)
{
    for (auto answer : {tlsa(Security::unknown), tlsa(Security::unknown, {})}) {
        auto seen = host(a(Security::secure));
        seen.tlsa = {{"mx.test", answer}};
        EXPECT_EQ(tlsa_word(seen).state, State::failed);
        EXPECT_TRUE(probe::decides(answer));
    }
    auto behind_alias = host(a(Security::insecure, {"end.test"}));
    behind_alias.first_alias = cname(Security::unknown);
    EXPECT_EQ(tlsa_word(behind_alias).state, State::failed);
}

TEST(DaneLookup, WhatIsStillToBeAskedIsNotKnown)
{
    auto seen = host(a(Security::secure, {"end.test"}));
    seen.tlsa = {{"end.test", tlsa(Security::secure, {})}};
    EXPECT_EQ(tlsa_word(seen).state, State::not_asked);
}

TEST(DaneLookup, TheLastLookUpDecides)
{
    auto seen = host(a(Security::secure, {"end.test"}));
    seen.tlsa = {{"end.test", tlsa(Security::secure, {})}, {"mx.test", tlsa(Security::secure)}};
    const auto word = probe::tlsa_word(seen);
    EXPECT_EQ(word.state, State::secure);
    EXPECT_EQ(word.base_domain, "mx.test");
    EXPECT_THAT(word.records, ElementsAre(record));
    ASSERT_NE(probe::secure_tlsa(seen), nullptr);
    EXPECT_EQ(probe::secure_tlsa(seen)->base_domain, "mx.test");
    seen.tlsa.back().answer = failed(dns::errc::server_failure);
    EXPECT_EQ(probe::tlsa_word(seen).state, State::failed);
    EXPECT_EQ(probe::secure_tlsa(seen), nullptr);
}

TEST(DaneLookup, RecordsThatNobodySignsAreNotForgotten)
{
    auto seen = host(a(Security::secure, {"end.test"}));
    seen.tlsa = {{"end.test", tlsa(Security::insecure)}, {"mx.test", tlsa(Security::secure, {})}};
    const auto word = probe::tlsa_word(seen);
    EXPECT_EQ(word.state, State::insecure);
    EXPECT_EQ(word.base_domain, "end.test");
}

TEST(DaneLookup, AFailedLookUpOfTheFirstAliasIsAFailure)
{
    auto seen = host(a(Security::insecure, {"end.test"}));
    seen.first_alias = seen::failure("mx.test", Type::cname, dns::errc::bogus);
    EXPECT_EQ(probe::tlsa_word(seen).state, State::bogus);
    EXPECT_EQ(probe::tlsa_word(seen).base_domain, "mx.test");
    seen.first_alias = seen::failure("mx.test", Type::cname, dns::errc::timed_out);
    EXPECT_EQ(probe::tlsa_word(seen).state, State::failed);
    seen.first_alias = cname(Security::insecure);
    EXPECT_EQ(probe::tlsa_word(seen).state, State::not_asked);
}

TEST(DaneLookup, AnAddressFromAnInsecureAnswerStandsApart)
{
    auto seen = host(a(Security::secure), aaaa(Security::insecure));
    seen.tlsa = {{"mx.test", tlsa(Security::secure)}};
    const auto ipv4 = asio::ip::make_address("192.0.2.1");
    const auto ipv6 = asio::ip::make_address("2001:db8::1");
    EXPECT_EQ(probe::tlsa_word(seen, ipv4).state, State::secure);
    EXPECT_EQ(probe::tlsa_word(seen, ipv6).state, State::not_asked);
    seen.ipv6 = aaaa(Security::insecure, {"end.test"});
    EXPECT_EQ(probe::tlsa_word(seen, ipv6).state, State::secure) << "the alias before it is signed";
    EXPECT_EQ(probe::tlsa_word(host({}), ipv4).state, State::not_asked);
}

TEST(DaneLookup, NamesForATrustAnchorAreThoseThatDnsVouchesFor)
{
    auto observation = seen::domain(probe::Route::mx, {host(a(Security::secure, {"end.test"}))});
    const auto& only = observation.hosts.front();
    const auto names = [&](const std::string& base) {
        return probe::dane_reference_names(observation, only, base);
    };
    EXPECT_THAT(names("mx.test"), ElementsAre("mx.test")) << "the MX answer is not secure";
    EXPECT_THAT(names("end.test"), ElementsAre("end.test", "mx.test"));
    EXPECT_THAT(names(""), ElementsAre("mx.test")) << "never the empty name";
    observation.mx->security = Security::secure;
    EXPECT_THAT(names("end.test"), ElementsAre("end.test", "mx.test", "example.com"));
    observation.mx->aliases = {"one.test", "mail.test"};
    EXPECT_THAT(names("mx.test"), ElementsAre("mx.test", "example.com", "mail.test"));
    observation.mx.reset();
    EXPECT_THAT(names("mx.test"), ElementsAre("mx.test")) << "--mx: no MX was asked for";
}

} // namespace
