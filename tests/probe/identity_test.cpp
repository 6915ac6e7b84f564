#include "probe/identity.hpp"

#include "tests/support/chains.hpp"

#include <openssl/x509v3.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace
{

using namespace std::string_literals;
using probe::identify;
using probe::Identity;
using probe::names_host;
using testing::Optional;

struct Row
{
    std::string presented;
    std::string reference;
    bool matches;
};

const std::vector<Row> rows{
    {"mx.example.test", "mx.example.test", true},
    {"MX.Example.TEST", "mx.example.test", true},
    {"mx.example.test", "MX.EXAMPLE.TEST", true},
    {"mx.example.test", "mx2.example.test", false},
    {"mx.example.test", "example.test", false},
    {"example.test", "mx.example.test", false},
    {"*.example.test", "mx.example.test", true},
    {"*.example.test", "xn--mxa.example.test", true},
    {"*.EXAMPLE.test", "mx.example.TEST", true},
    {"*.example.test", "a.b.example.test", false},
    {"*.example.test", "example.test", false},
    {"*.b.example.test", "a.b.example.test", true},
    {"mx*.example.test", "mx1.example.test", false},
    {"*mx.example.test", "1mx.example.test", false},
    {"m*x.example.test", "mix.example.test", false},
    {"mx.*.test", "mx.example.test", false},
    {"*.*.test", "mx.example.test", false},
    {"**.example.test", "mx.example.test", false},
    {"*", "test", false},
    {"*", "mx.example.test", false},
    {"*.", "test", false},
    {"*.test", "example.test", false},
    {"", "mx.example.test", false},
    {".example.test", "mx.example.test", false},
    {".", "mx.example.test", false},
    {"mx..test", "mx.test", false},
    {"mx.example.test\0.evil.test"s, "mx.example.test", false},
    {"mx.example.test\0"s, "mx.example.test", false},
    {"mx.ex\xc3\xa4mple.test", "mx.xn--exmple-cua.test", false},
    {" mx.example.test", "mx.example.test", false},
    {"mx.example.test\n", "mx.example.test", false},
    {"example", "example", true},
};

TEST(NamesHost, FollowsTheRulesForNamesOfHosts)
{
    for (const auto& [presented, reference, matches] : rows)
        EXPECT_EQ(names_host(presented, reference), matches) << presented << " against " << reference;
}

TEST(NamesHost, AgreesWithOpenSsl)
{
    constexpr unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    for (const auto& [presented, reference, matches] : rows) {
        const auto certificate = support::named("DNS:" + presented).certificate;
        const int theirs =
            X509_check_host(certificate.get(), reference.data(), reference.size(), flags, nullptr);
        EXPECT_EQ(theirs == 1, matches) << presented << " against " << reference;
    }
}

TEST(NamesHost, IgnoresTheTrailingDot)
{
    EXPECT_TRUE(names_host("mx.test.", "mx.test"));
    EXPECT_TRUE(names_host("mx.test", "mx.test."));
    EXPECT_TRUE(names_host("*.example.test.", "mx.example.test."));
    EXPECT_FALSE(names_host("mx.test..", "mx.test"));
    EXPECT_FALSE(names_host("mx.test", "mx.test.."));
}

TEST(NamesHost, NeverMatchesAReferenceThatIsNoHostName)
{
    EXPECT_FALSE(names_host("", ""));
    EXPECT_FALSE(names_host(".", "."));
    EXPECT_FALSE(names_host("*.example.test", ".example.test"));
    EXPECT_FALSE(names_host("mx.example.test", ".example.test"));
    EXPECT_FALSE(names_host(".example.test", ".example.test"));
    EXPECT_FALSE(names_host("mx..test", "mx..test"));
    EXPECT_FALSE(names_host("*.example.test", "*.example.test"));
    EXPECT_FALSE(names_host("192.0.2.1", "192.0.2.1"));
    EXPECT_FALSE(names_host("*.0.2.1", "192.0.2.1"));
    EXPECT_FALSE(names_host("2001:db8::1", "2001:db8::1"));
    EXPECT_FALSE(names_host("[192.0.2.1]", "[192.0.2.1]"));
}

Identity identity_of(const pki::Recipe& recipe, const std::optional<std::string>& reference = "mx.test")
{
    return identify(support::leaf(recipe).certificate, reference);
}

TEST(Identify, TakesDnsNamesOfSubjectAltName)
{
    const auto identity = identity_of({.common_name = "other", .names = {"DNS:a.test", "DNS:MX.test"}});
    EXPECT_EQ(identity.by, Identity::By::san);
    EXPECT_THAT(identity.matched, Optional("MX.test"s));
    EXPECT_THAT(identity.reference, Optional("mx.test"s));
}

TEST(Identify, TakesTheCommonNameOnlyWithoutDnsNames)
{
    EXPECT_EQ(identity_of({.common_name = "mx.test", .names = {}}).by, Identity::By::cn);
    EXPECT_EQ(identity_of({.common_name = "mx.test", .names = {"DNS:a.test"}}).by, Identity::By::none);
    EXPECT_EQ(identity_of({.common_name = "mx.test", .names = {"IP:127.0.0.1"}}).by, Identity::By::cn);
    EXPECT_EQ(identity_of({.common_name = "*.mx.test", .names = {}}, "a.mx.test").by, Identity::By::cn);
}

TEST(Identify, DoesNotFallBackFromNamesThatCannotBeRead)
{
    const pki::Recipe recipe{
        .common_name = "mx.test", .names = {}, .extensions = {{"2.5.29.17", "DER:30:03:82:05:00"}}};
    EXPECT_EQ(identity_of(recipe).by, Identity::By::none);
}

TEST(Identify, NeverTakesAnythingElse)
{
    EXPECT_EQ(identity_of({.names = {"IP:127.0.0.1"}}, "127.0.0.1").by, Identity::By::none);
    EXPECT_EQ(identity_of({.names = {"email:postmaster@mx.test"}}).by, Identity::By::none);
    EXPECT_EQ(identity_of({.names = {"URI:https://mx.test/"}}).by, Identity::By::none);
    EXPECT_EQ(identity_of({.names = {"DNS:mx.test\0.evil.test"s}}).by, Identity::By::none);
    EXPECT_EQ(identity_of({.common_name = "mx.test\0.evil.test"s}).by, Identity::By::none);
    EXPECT_EQ(identity_of({}).by, Identity::By::none);
}

TEST(Identify, FindsNoNameWithoutAReference)
{
    const auto identity = identity_of(support::good(), std::nullopt);
    EXPECT_EQ(identity.by, Identity::By::none);
    EXPECT_EQ(identity.matched, std::nullopt);
    EXPECT_EQ(identity.reference, std::nullopt);
}

TEST(Identify, FindsTheLastOfAThousandNames)
{
    pki::Recipe recipe;
    for (int i = 0; i < 999; ++i)
        recipe.names.push_back("DNS:host" + std::to_string(i) + ".test");
    recipe.names.push_back("DNS:mx.test");
    EXPECT_EQ(identity_of(recipe).by, Identity::By::san);
}

} // namespace
