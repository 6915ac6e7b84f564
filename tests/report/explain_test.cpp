#include "report/explain.hpp"

#include "golden.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace report
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Page page{
    .code = "the-code",
    .brief = "what it is",
    .remedy = "Mend it.",
    .meaning = "\n        One two three four five six seven eight nine ten eleven twelve thirteen fourteen\n"
               "        fifteen sixteen.\n"
               "\n"
               "        A second paragraph.",
    .matters = "It does.",
    .verify = "\n    $ first \\\n    $     goes on\n    Look.\n    $ second",
    .mend = "So.",
    .rfc = "RFC 1 section 2"};

TEST(Explain, SetsThePageUnderItsHeadings)
{
    EXPECT_EQ(
        explanation(page), "the-code: what it is\n"
                           "\n"
                           "What it means\n"
                           "\n"
                           "  One two three four five six seven eight nine ten eleven twelve thirteen\n"
                           "  fourteen fifteen sixteen.\n"
                           "\n"
                           "  A second paragraph.\n"
                           "\n"
                           "Why it matters to senders\n"
                           "\n"
                           "  It does.\n"
                           "\n"
                           "How to verify it by hand\n"
                           "\n"
                           "    first \\\n"
                           "        goes on\n"
                           "\n"
                           "  Look.\n"
                           "\n"
                           "    second\n"
                           "\n"
                           "How to mend it\n"
                           "\n"
                           "  So.\n"
                           "\n"
                           "Where it is written\n"
                           "\n"
                           "  RFC 1 section 2\n"
    );
}

TEST(Explain, FillsALineToItsLastColumn)
{
    Page wide = page;
    const std::string words = std::string(38, 'a') + ' ' + std::string(39, 'b') + " c";
    wide.meaning = words;
    EXPECT_THAT(explanation(wide), HasSubstr(std::string(39, 'b') + "\n  c\n"));
    EXPECT_THAT(explanation(wide), HasSubstr("  " + words.substr(0, 78) + '\n'));
}

TEST(Explain, KeepsEveryLineWithinEightyColumns)
{
    auto all = list_of_codes();
    for (const auto& subject : subjects()) {
        for (const auto& each : subject.pages)
            all += explanation(each);
    }
    for (const auto& line : golden::lines_of(all)) {
        EXPECT_LE(line.size(), 80U) << line;
        EXPECT_FALSE(line.ends_with(' ')) << line;
    }
}

TEST(Explain, ListsEveryCodeOnce)
{
    const auto lines = golden::lines_of(list_of_codes());
    for (const auto& subject : subjects()) {
        EXPECT_EQ(std::ranges::count(lines, subject.title), 1) << subject.title;
        for (const auto& each : subject.pages)
            EXPECT_EQ(
                std::ranges::count_if(
                    lines,
                    [&](const auto& line) { return line.starts_with("  " + std::string(each.code) + "  "); }
                ),
                1
            ) << each.code;
    }
}

TEST(Explain, GuessesWhatWasMeant)
{
    EXPECT_THAT(codes_like("certificate-exipred"), ElementsAre("certificate-expired"));
    EXPECT_THAT(codes_like("expired"), ElementsAre("certificate-expired"));
    EXPECT_THAT(codes_like("starttls-not-suported"), ElementsAre("starttls-not-supported"));
    EXPECT_THAT(codes_like("mx-nul"), testing::Contains("mx-null"));
    EXPECT_EQ(codes_like("certificate").size(), 5U);
    EXPECT_THAT(codes_like("mail"), testing::Contains("mail-from-refused"));
}

TEST(Explain, GuessesNothingFromNonsense)
{
    EXPECT_THAT(codes_like(""), testing::IsEmpty());
    EXPECT_THAT(codes_like("xyzzy"), testing::IsEmpty());
    EXPECT_THAT(codes_like(std::string(1 << 20, 'x')), testing::IsEmpty());
}

} // namespace
} // namespace report
