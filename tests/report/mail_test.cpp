#include "report/mail.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

namespace report
{
namespace
{

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

Letter letter()
{
    return {
        .from = "root@mail.example.net",
        .to = {"admin@example.net"},
        .subject = "mxtls: example.com OK",
        .id = "f00@mail.example.net",
        .date = std::chrono::sys_days{std::chrono::November / 2 / 2026} + 7h + 5min,
        .text = "One line.\n\nAnother.\n"};
}

TEST(Mail, IsAMessageOfAProgram)
{
    EXPECT_EQ(
        message(letter()), "From: mxtls <root@mail.example.net>\n"
                           "To: admin@example.net\n"
                           "Subject: mxtls: example.com OK\n"
                           "Date: Mon, 02 Nov 2026 07:05:00 +0000\n"
                           "Message-ID: <f00@mail.example.net>\n"
                           "Auto-Submitted: auto-generated\n"
                           "MIME-Version: 1.0\n"
                           "Content-Type: text/plain; charset=utf-8\n"
                           "Content-Transfer-Encoding: 7bit\n"
                           "\n"
                           "One line.\n\nAnother.\n"
    );
}

TEST(Mail, LetsNobodyAddFields)
{
    auto hostile = letter();
    hostile.subject = "a\nBcc: x@example.org\r\n\r\nb\x1b[0m";
    hostile.to = {"a@example.net\nBcc: x@example.org"};
    hostile.text = "a\r\n.\r\nMAIL FROM:<>\x1b]0;\n";
    const auto whole = message(hostile);
    const auto head = whole.substr(0, whole.find("\n\n"));
    EXPECT_EQ(std::ranges::count(head, '\n'), 8) << head;
    EXPECT_THAT(head, Not(HasSubstr("\nBcc")));
    EXPECT_EQ(whole.find_first_of("\r\x1b"), std::string::npos);
}

TEST(Mail, IsASCIIInLinesThatAreNotTooLong)
{
    auto wide = letter();
    wide.subject =
        "b\u00fccher.example \u304a\u304a\u304a\u304a\u304a\u304a\u304a\u304a\u304a\u304a is CRITICAL";
    wide.text = "b\u00fccher = " + std::string(2000, 'x') + " \n";
    const auto whole = message(wide);
    EXPECT_TRUE(std::ranges::all_of(whole, [](char octet) {
        return static_cast<unsigned char>(octet) < 0x80;
    }));
    std::istringstream lines(whole);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 76U) << line;
    EXPECT_THAT(whole, HasSubstr("Subject: =?UTF-8?Q?b=C3=BCcher=2Eexample_"));
    EXPECT_THAT(whole, HasSubstr("\n =?UTF-8?Q?"));
    EXPECT_THAT(whole, HasSubstr("Content-Transfer-Encoding: quoted-printable\n\nb=C3=BCcher =3D xxx"));
    EXPECT_THAT(whole, EndsWith("=20\n"));
}

TEST(Mail, FoldsFields)
{
    std::string addresses =
        "somebody.with.a.name@department.example.net, somebody.else@department.example.net";
    EXPECT_EQ(
        field("To", addresses),
        "To: somebody.with.a.name@department.example.net,\n somebody.else@department.example.net\n"
    );
    EXPECT_LT(field("Subject", std::string(5000, 'x')).find('\n'), 998U);
}

} // namespace
} // namespace report
