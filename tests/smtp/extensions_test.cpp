#include "smtp/extensions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace
{

using smtp::Extensions;
using testing::ElementsAre;
using testing::IsEmpty;

Extensions offering(const std::string& line)
{
    return smtp::extensions_of({250, {"mx.test", "SIZE 10240000", line, "HELP"}});
}

TEST(Extensions, AreTheLinesBehindTheFirst)
{
    const auto seen = smtp::extensions_of({250, {"mx.test greets probe.test", "SIZE 10240000", "STARTTLS"}});
    EXPECT_EQ(seen.name, "mx.test");
    EXPECT_THAT(seen.lines, ElementsAre("SIZE 10240000", "STARTTLS"));
    EXPECT_TRUE(seen.starttls);
    EXPECT_FALSE(seen.masked);
}

TEST(Extensions, MayBeNone)
{
    EXPECT_EQ(smtp::extensions_of({250, {"mx.test"}}), (Extensions{"mx.test", {}, false, false}));
    EXPECT_EQ(smtp::extensions_of({250, {""}}), Extensions{});
    EXPECT_EQ(smtp::extensions_of({}), Extensions{});
}

TEST(Starttls, IsAWholeKeywordInAnyCase)
{
    for (const auto* line :
         {"STARTTLS", "starttls", "StartTLS", "STARTTLS ", "STARTTLS required", " STARTTLS"})
        EXPECT_TRUE(offering(line).starttls) << line;
    for (const auto* line :
         {"XSTARTTLS", "STARTTLSX", "START TLS", "AUTH STARTTLS", "STARTTL", "STARTTLS\\x00", ""})
        EXPECT_FALSE(offering(line).starttls) << line;
}

TEST(Starttls, IsNotOfferedByTheFirstLine)
{
    EXPECT_FALSE(smtp::extensions_of({250, {"STARTTLS"}}).starttls);
    EXPECT_FALSE(smtp::extensions_of({250, {"STARTTLS STARTTLS", "HELP"}}).starttls);
}

TEST(Starttls, OverwrittenWithXIsMasked)
{
    for (const auto* line : {"XXXXXXXA", "XXXXXXXX", "XXXXXXXXA", "XXXXXXXXXXXX", "XXXXXXXA XXXX"}) {
        EXPECT_TRUE(offering(line).masked) << line;
        EXPECT_FALSE(offering(line).starttls) << line;
    }
}

TEST(Starttls, IsNotMaskedByPrivateExtensions)
{
    for (const auto* line :
         {"XCLIENT", "XFORWARD", "X-ANONYMOUSTLS", "XEXCH50", "XSTARTTLS", "XXXX", "XXXXXXX", "XXXXXXX1",
          "X-EXPS GSSAPI", "X-LINK2STATE", "XXXXXXAA"})
        EXPECT_FALSE(offering(line).masked) << line;
}

TEST(Starttls, InItsPlaceIsNotMasked)
{
    const auto seen = smtp::extensions_of({250, {"mx.test", "XXXXXXXX", "STARTTLS"}});
    EXPECT_TRUE(seen.starttls);
    EXPECT_FALSE(seen.masked);
}

} // namespace
