#include "dns/name.hpp"

#include <gtest/gtest.h>

namespace
{

std::string name_of(std::size_t labels, std::size_t size)
{
    std::string name;
    for (std::size_t label = 0; label < labels; ++label)
        name += std::string(size, 'a') + ".";
    return name;
}

TEST(Name, IsLowerCaseWithoutTrailingDot)
{
    EXPECT_EQ(dns::canonical_name("Mail.EXAMPLE.com."), "mail.example.com");
    EXPECT_EQ(dns::canonical_name("mail.example.com"), "mail.example.com");
    EXPECT_EQ(dns::canonical_name("_25._tcp.mx.example"), "_25._tcp.mx.example");
}

TEST(Name, KnowsTheRoot)
{
    EXPECT_EQ(dns::canonical_name("."), ".");
    EXPECT_EQ(dns::wire_name("."), std::vector<std::uint8_t>{0});
}

TEST(Name, EscapesWhatIsNotPlain)
{
    EXPECT_EQ(dns::canonical_name("a b.example"), "a\\032b.example");
    EXPECT_EQ(dns::canonical_name("\xc3\xa9.example"), "\\195\\169.example");
    EXPECT_EQ(dns::canonical_name("a\\046b.example"), "a\\046b.example");
    EXPECT_EQ(dns::canonical_name("\\065.example"), "a.example");
    EXPECT_EQ(dns::canonical_name("a\\092b"), "a\\092b");
    EXPECT_EQ(dns::canonical_name("\x1b[2J.example"), "\\027[2j.example");
}

TEST(Name, ReadsEscapesBackAsOneOctet)
{
    EXPECT_EQ(dns::wire_name("a\\046b"), (std::vector<std::uint8_t>{3, 'a', '.', 'b', 0}));
    EXPECT_EQ(dns::wire_name("\\000\\255"), (std::vector<std::uint8_t>{2, 0, 255, 0}));
}

TEST(Name, RefusesWhatIsNone)
{
    for (const auto* text :
         {"", "..", ".example", "a..b", "a.b..", "a\\", "a\\1", "a\\256", "a\\.b", "a\\12x"})
        EXPECT_FALSE(dns::canonical_name(text)) << text;
}

TEST(Name, HasLimits)
{
    EXPECT_TRUE(dns::canonical_name(name_of(1, 63)));
    EXPECT_FALSE(dns::canonical_name(name_of(1, 64)));
    EXPECT_TRUE(dns::canonical_name(name_of(127, 1)));         // 255 octets
    EXPECT_FALSE(dns::canonical_name(name_of(128, 1)));        // 257
    EXPECT_FALSE(dns::canonical_name(name_of(126, 1) + "aa")); // 256
}

} // namespace
