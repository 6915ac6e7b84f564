#include "smtp/reply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace
{

using namespace std::literals;
using smtp::Reply;
using smtp::ReplyReader;
using Progress = ReplyReader::Progress;
using testing::ElementsAre;

struct Read
{
    Reply reply;
    Progress progress = Progress::more;
    std::error_code fault;
};

Read read(std::initializer_list<std::string_view> lines)
{
    ReplyReader reader;
    Read seen;
    for (const auto line : lines) {
        seen.progress = reader.take(line, seen.fault);
        if (seen.fault)
            break;
    }
    seen.reply = reader.reply();
    return seen;
}

TEST(Reply, OfOneLineIsComplete)
{
    const auto seen = read({"220 mx.test ESMTP"});
    EXPECT_EQ(seen.progress, Progress::complete);
    EXPECT_EQ(seen.reply, (Reply{220, {"mx.test ESMTP"}}));
}

TEST(Reply, OfManyLinesIsCompleteWithTheLast)
{
    EXPECT_EQ(read({"250-mx.test", "250-SIZE 10240000"}).progress, Progress::more);
    const auto seen = read({"250-mx.test", "250-SIZE 10240000", "250 STARTTLS"});
    EXPECT_EQ(seen.progress, Progress::complete);
    EXPECT_THAT(seen.reply.lines, ElementsAre("mx.test", "SIZE 10240000", "STARTTLS"));
}

TEST(Reply, NeedsNoText)
{
    EXPECT_EQ(read({"220"}).progress, Progress::complete);
    EXPECT_EQ(read({"220 "}).progress, Progress::complete);
    EXPECT_EQ(read({"220-"}).progress, Progress::more);
    EXPECT_EQ(read({"220"}).reply, (Reply{220, {""}}));
}

TEST(Reply, KeepsEveryOctetEscaped)
{
    const auto seen = read({"220 a\0b\x1b[31m\r\xff"sv});
    EXPECT_THAT(seen.reply.lines, ElementsAre("a\\x00b\\x1b[31m\\x0d\\xff"));
}

TEST(Reply, BearsOneCode)
{
    EXPECT_EQ(read({"250-mx.test", "220 STARTTLS"}).fault, smtp::errc::malformed_reply);
}

TEST(Reply, ARefusalBehindOtherLinesIsWhatTheServerMeans)
{
    const auto dropped = read({"220-mx.test ESMTP", "521 5.7.0 Blocked"});
    EXPECT_EQ(dropped.progress, Progress::complete);
    EXPECT_EQ(dropped.reply.code, 521);
    EXPECT_THAT(dropped.reply.lines, testing::ElementsAre("mx.test ESMTP", "5.7.0 Blocked"));
    EXPECT_EQ(read({"250-mx.test", "421-shutting", "421 down"}).reply.code, 421);
    EXPECT_EQ(read({"421-shutting", "250 no, stay"}).fault, smtp::errc::malformed_reply);
    EXPECT_EQ(read({"450-later", "550 never"}).fault, smtp::errc::malformed_reply);
}

TEST(Reply, CodesGoFrom200To599)
{
    EXPECT_FALSE(read({"200 ok"}).fault);
    EXPECT_FALSE(read({"599 no"}).fault);
    EXPECT_EQ(read({"199 hm"}).fault, smtp::errc::malformed_reply);
    EXPECT_EQ(read({"600 hm"}).fault, smtp::errc::malformed_reply);
}

TEST(Reply, OtherLinesAreMalformed)
{
    for (const auto* line :
         {"", "2", "22", "2200 mx", "220mx", "220\tmx", " 220 mx", "22a mx", "-20 mx", "SSH-2.0-OpenSSH_9.2",
          "HTTP/1.1 400 Bad Request", "\xb2\xb2\xb0 mx"})
        EXPECT_EQ(read({line}).fault, smtp::errc::malformed_reply) << '"' << line << '"';
}

TEST(Reply, LinesAreBounded)
{
    const std::string longest = "250 " + std::string(smtp::max_line - 6, 'x'); // and CRLF
    EXPECT_FALSE(read({longest}).fault);
    EXPECT_FALSE(read({longest + "x"}).fault); // and LF
    EXPECT_EQ(read({longest + "xx"}).fault, smtp::errc::line_too_long);
}

TEST(Reply, IsBounded)
{
    const std::string line = "250-" + std::string(1024 - 6, 'x'); // 1 KiB with CRLF
    ReplyReader reader;
    std::error_code fault;
    for (std::size_t octets = 0; octets < smtp::max_reply; octets += 1024) {
        reader.take(line, fault);
        ASSERT_FALSE(fault) << octets;
    }
    reader.take("250 ", fault);
    EXPECT_EQ(fault, smtp::errc::reply_too_long);
}

TEST(Reply, TextIsOneLine)
{
    EXPECT_EQ(read({"250-first", "250 last"}).reply.text(), "250 first last");
    EXPECT_EQ(read({"220"}).reply.text(), "220");
    EXPECT_EQ(read({"554-", "554 no"}).reply.text(), "554 no");
    EXPECT_EQ(Reply{}.text(), "");
}

TEST(Reply, RefusesTheCommandOrWhoeverGaveIt)
{
    for (const auto* const line : {"500 what?", "501 Syntax: HELO name", "502 no", "504 not so"})
        EXPECT_TRUE(read({line}).reply.refuses_command()) << line;
    for (const auto* const line : {"521 no", "550 go away", "554 busy", "450 later", "250 ok"})
        EXPECT_FALSE(read({line}).reply.refuses_command()) << line;
}

} // namespace
