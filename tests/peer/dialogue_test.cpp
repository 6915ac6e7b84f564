#include "fixtures/peer/dialogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace
{

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

template <typename Directive>
Directive only(std::string_view text)
{
    const auto dialogue = peer::parse_dialogue(text);
    EXPECT_EQ(dialogue.lines.size(), 1U) << text;
    return std::get<Directive>(dialogue.lines.at(0).directive);
}

std::string fault_of(std::string_view text)
{
    try {
        peer::parse_dialogue(text);
    } catch (const std::invalid_argument& fault) {
        return fault.what();
    }
    return "none";
}

TEST(Dialogue, EndsALineThatTheServerSays)
{
    EXPECT_EQ(only<peer::Say>("S: 220 mx.test ESMTP").octets, "220 mx.test ESMTP\r\n");
    EXPECT_EQ(only<peer::Say>("S:").octets, "\r\n");
    EXPECT_TRUE(only<peer::Say>("S: 220").flush);
    EXPECT_FALSE(only<peer::Say>("S+ 220").flush);
    EXPECT_TRUE(only<peer::Say>("S~ 220").octet_by_octet);
}

TEST(Dialogue, SendsRawOctetsAsTheyAre)
{
    EXPECT_EQ(only<peer::Say>("RAW 16 03 ff").octets, "\x16\x03\xff");
    EXPECT_EQ(only<peer::Say>(R"(RAW "a\r\n\t\\\"\x00\xfe")").octets, std::string("a\r\n\t\\\"\0\xfe", 8));
}

TEST(Dialogue, ExpectsLines)
{
    EXPECT_EQ(only<peer::Expect>("C: EHLO *").pattern, "EHLO *");
    EXPECT_FALSE(only<peer::Expect>("C: QUIT").optional);
    EXPECT_TRUE(only<peer::Expect>("C? QUIT").optional);
}

TEST(Dialogue, WaitsForATimeOrForEver)
{
    EXPECT_EQ(only<peer::Wait>("WAIT 250").time, 250ms);
    EXPECT_EQ(only<peer::Wait>("WAIT").time, std::nullopt);
    const auto drip = only<peer::Drip>("DRIP a b 10");
    EXPECT_EQ(drip.octets, "a b");
    EXPECT_EQ(drip.pause, 10ms);
}

TEST(Dialogue, ReadsTheOptionsOfTls)
{
    const auto plain = only<peer::StartTls>("TLS good");
    EXPECT_EQ(plain.certificate, "good");
    EXPECT_EQ(plain.min_version, "1.0");
    EXPECT_EQ(plain.max_version, "1.3");
    const auto full = only<peer::StartTls>("TLS good 1.1-1.2 ciphers=A:B ciphersuites=C groups=X25519 "
                                           "request-client-cert staple=good.ocsp server-order");
    EXPECT_EQ(full.min_version, "1.1");
    EXPECT_EQ(full.max_version, "1.2");
    EXPECT_EQ(full.ciphers, "A:B");
    EXPECT_EQ(full.ciphersuites, "C");
    EXPECT_EQ(full.groups, "X25519");
    EXPECT_TRUE(full.request_client_certificate);
    EXPECT_EQ(full.staple, "good.ocsp");
    EXPECT_TRUE(full.server_order);
    EXPECT_FALSE(plain.server_order);
    EXPECT_EQ(only<peer::StartTls>("TLS good 1.0").max_version, "1.0");
}

TEST(Dialogue, NestsRepeatedBlocks)
{
    const auto outer = only<peer::Repeat>("REPEAT 2\nS: a\nREPEAT forever\nS: b\nEND\nEND");
    EXPECT_EQ(outer.times, 2U);
    ASSERT_EQ(outer.block.size(), 2U);
    EXPECT_EQ(outer.block[1].number, 3);
    EXPECT_EQ(std::get<peer::Repeat>(outer.block[1].directive).times, std::nullopt);
}

TEST(Dialogue, LeavesOutCommentsAndNumbersLines)
{
    const auto dialogue = peer::parse_dialogue("# first\n\nS: 220\nCLOSE\n");
    ASSERT_EQ(dialogue.lines.size(), 2U);
    EXPECT_EQ(dialogue.lines[0].number, 3);
    EXPECT_EQ(dialogue.lines[1].number, 4);
    EXPECT_TRUE(peer::parse_dialogue("# never\nDROP\n").drop);
}

TEST(Dialogue, NamesTheLineAtFault)
{
    EXPECT_EQ(fault_of("S: 220\nSAY: 220"), "line 2: \"SAY: 220\" is no directive");
    EXPECT_EQ(fault_of("WAIT soon"), "line 1: \"soon\" is not a number");
    EXPECT_EQ(fault_of("RAW 123"), "line 1: an octet has two hexadecimal digits");
    EXPECT_EQ(fault_of("RAW \"a"), "line 1: the closing quote is missing");
    EXPECT_THAT(fault_of(R"(RAW "\q")"), StartsWith("line 1: escapes are"));
    EXPECT_EQ(fault_of("TLS"), "line 1: TLS needs the name of a certificate");
    EXPECT_EQ(fault_of("TLS good 0.9"), "line 1: \"0.9\" is no TLS version: 1.0 to 1.3");
    EXPECT_EQ(fault_of("TLS good color=red"), "line 1: TLS has no option \"color\"");
    EXPECT_EQ(fault_of("DRIP 10"), "line 1: DRIP needs a text and milliseconds");
    EXPECT_EQ(fault_of("REPEAT 2\nS: a"), "line 2: REPEAT without END");
    EXPECT_EQ(fault_of("END"), "line 1: \"END\" is no directive");
    EXPECT_EQ(fault_of("DROP\nS: 220"), "line 2: DROP stands alone");
}

TEST(Dialogue, NamesTheFileAtFault)
{
    try {
        peer::load_dialogue("/nowhere/at-all.smtp");
        FAIL();
    } catch (const std::invalid_argument& fault) {
        EXPECT_THAT(fault.what(), HasSubstr("/nowhere/at-all.smtp: cannot be read"));
    }
}

TEST(Dialogue, MatchesCaseBlindAndByPrefix)
{
    EXPECT_TRUE(peer::matches("ehlo me.test", "EHLO *"));
    EXPECT_TRUE(peer::matches("QUIT", "quit"));
    EXPECT_TRUE(peer::matches("anything", "*"));
    EXPECT_FALSE(peer::matches("QUIT now", "QUIT"));
    EXPECT_FALSE(peer::matches("EHL", "EHLO *"));
    EXPECT_FALSE(peer::matches("QUIT\n", "QUIT"));
}

TEST(Dialogue, ReadsAllOfTheFixtures)
{
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(FIXTURES "/dialogues")) {
        EXPECT_NO_THROW(peer::load_dialogue(entry.path())) << entry.path();
        ++count;
    }
    EXPECT_GT(count, 30);
}

} // namespace
