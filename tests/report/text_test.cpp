#include "report/text.hpp"

#include <gmock/gmock.h>

#include <clocale>

namespace report
{
namespace
{

using namespace std::chrono_literals;

TEST(Text, CountsTheLettersBetweenWords)
{
    EXPECT_EQ(letters_apart("policy", "policy"), 0U);
    EXPECT_EQ(letters_apart("polcy", "policy"), 1U);
    EXPECT_EQ(letters_apart("warn_below", "warn-below"), 1U);
    EXPECT_EQ(letters_apart("kitten", "sitting"), 3U);
    EXPECT_EQ(letters_apart("", "mx"), 2U);
    EXPECT_EQ(letters_apart("mx", ""), 2U);
}

TEST(Legible, LeavesLettersOfAnyScript)
{
    EXPECT_EQ(legible("post@b\u00fccher.example"), "post@b\u00fccher.example");
    EXPECT_EQ(legible("\u65e5\u672c.example"), "\u65e5\u672c.example");
    EXPECT_EQ(legible(""), "");
}

TEST(Legible, EscapesWhatATerminalWouldObey)
{
    EXPECT_EQ(legible("a\x1b[2Jb"), "a\\x1b[2Jb");
    EXPECT_EQ(legible(std::string_view("a\0b", 3)), "a\\x00b");
    EXPECT_EQ(legible("a\nb\x7f"), "a\\x0ab\\x7f");
    EXPECT_EQ(legible("a\u009b2Jb"), "a\\xc2\\x9b2Jb") << "CSI as a C1 control";
}

TEST(Legible, EscapesWhatCannotBeSeen)
{
    EXPECT_EQ(legible("a\u202eb"), "a\\xe2\\x80\\xaeb") << "right-to-left override";
    EXPECT_EQ(legible("a\u2066b"), "a\\xe2\\x81\\xa6b") << "isolate";
    EXPECT_EQ(legible("a\u200bb"), "a\\xe2\\x80\\x8bb") << "zero width space";
}

TEST(Legible, EscapesWhatIsNoUtf8)
{
    EXPECT_EQ(
        legible("b\xfc"
                "cher"),
        "b\\xfccher"
    );
    EXPECT_EQ(legible("\xc3"), "\\xc3") << "cut off";
    EXPECT_EQ(legible("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "half a surrogate pair";
    EXPECT_EQ(legible("\xc0\x80"), "\\xc0\\x80") << "too long for what it says";
}

TEST(Width, CountsWhatATerminalShows)
{
    EXPECT_EQ(width(""), 0u);
    EXPECT_EQ(width("mx1"), 3u);
    EXPECT_EQ(width("b\u00fccher"), 6u);
    EXPECT_EQ(width("bu\u0308cher"), 6u) << "a combining mark takes no room";
    EXPECT_EQ(width("\u65e5\u672c"), 4u) << "wide characters take two columns";
}

TEST(Width, IsTheSameUnderEveryLocale)
{
    const std::string before = std::setlocale(LC_ALL, nullptr);
    std::setlocale(LC_ALL, "C");
    EXPECT_EQ(width("\u65e5\u672c"), 4u);
    EXPECT_EQ(legible("\u65e5\u672c"), "\u65e5\u672c");
    std::setlocale(LC_ALL, before.c_str());
}

TEST(Paint, WrapsTextInSgrSequencesOnlyWithColor)
{
    EXPECT_EQ(paint("FAIL", Ink::red, true), "\x1b[31mFAIL\x1b[0m");
    EXPECT_EQ(paint("FAIL", Ink::red, false), "FAIL");
    EXPECT_EQ(paint("-", Ink::plain, true), "-");
    EXPECT_EQ(paint("", Ink::red, true), "");
}

TEST(Paint, IsTakenApartAgain)
{
    const auto line = "one " + paint("two", Ink::red, true) + paint("three", Ink::bold, true) + " m";
    const std::vector<Cell> parts{{"one "}, {"two", Ink::red}, {"three", Ink::bold}, {" m"}};
    EXPECT_EQ(unpainted(line), parts);
    EXPECT_EQ(unpainted(""), std::vector<Cell>());
}

TEST(Align, PadsColumnsAndLeavesNoSpaceAtTheEnd)
{
    const std::vector<Row> rows{{{"host"}, {"Pref"}, {"x"}}, {{"a"}, {"5"}, {}}, {{"Average"}, {}, {"y"}}};
    EXPECT_EQ(
        align(rows, false), "host     Pref  x\n"
                            "a        5\n"
                            "Average        y\n"
    );
}

TEST(Align, GoesByTheWidthOnTheScreen)
{
    const std::vector<Row> rows{{{"\u65e5\u672c"}, {"1"}}, {{"b\u00fccher"}, {"2"}}, {{"abc"}, {"3"}}};
    EXPECT_EQ(
        align(rows, false), "\u65e5\u672c    1\n"
                            "b\u00fccher  2\n"
                            "abc     3\n"
    );
}

TEST(Align, KeepsPaddingOutOfTheColor)
{
    const std::vector<Row> rows{{{"OK", Ink::green}, {"1"}}, {{"FAIL", Ink::red}, {"2"}}};
    EXPECT_EQ(align(rows, true), "\x1b[32mOK\x1b[0m    1\n\x1b[31mFAIL\x1b[0m  2\n");
}

TEST(Milliseconds, AreWholeWithCommas)
{
    EXPECT_EQ(milliseconds(0us), "0ms");
    EXPECT_EQ(milliseconds(499us), "0ms");
    EXPECT_EQ(milliseconds(501us), "1ms");
    EXPECT_EQ(milliseconds(999ms), "999ms");
    EXPECT_EQ(milliseconds(1'203ms), "1,203ms");
    EXPECT_EQ(milliseconds(123'456ms), "123,456ms");
    EXPECT_EQ(milliseconds(1'234'567ms), "1,234,567ms");
}

TEST(Stamp, IsSecondsAndMilliseconds)
{
    EXPECT_EQ(stamp(0us), "[000.000]");
    EXPECT_EQ(stamp(385'999us), "[000.385]");
    EXPECT_EQ(stamp(61'002ms), "[061.002]");
    EXPECT_EQ(stamp(1'000s), "[1000.000]");
}

constexpr auto moment = std::chrono::sys_days{std::chrono::October / 3 / 2018} + 12h + 35min + 32s;

TEST(Moments, AreRfc3339InUtc)
{
    EXPECT_EQ(rfc3339(std::chrono::sys_seconds(moment)), "2018-10-03T12:35:32Z");
    EXPECT_EQ(
        rfc3339(std::chrono::system_clock::time_point(moment + 7ms + 900us)), "2018-10-03T12:35:32.007Z"
    );
    EXPECT_EQ(rfc3339(std::chrono::system_clock::time_point(-1ms)), "1969-12-31T23:59:59.999Z");
}

TEST(Moments, ReadInCertificatesAsOpenSslWritesThem)
{
    EXPECT_EQ(gmt(moment), "Oct  3 12:35:32 2018 GMT");
    EXPECT_EQ(gmt(std::chrono::sys_days{std::chrono::December / 31 / 9999}), "Dec 31 00:00:00 9999 GMT");
}

} // namespace
} // namespace report
