#include "report/markup.hpp"

#include <gtest/gtest.h>

namespace report::markup
{
namespace
{

TEST(Markup, EscapesWhatBecomesPartOfIt)
{
    EXPECT_EQ(text("a<b>&'\"c").str(), "a&lt;b&gt;&amp;'&quot;c");
    EXPECT_EQ(
        element("a", {{"href", "#\"><script>"}, {"id", ""}}, text("</a>")).str(),
        "<a href=\"#&quot;&gt;&lt;script&gt;\">&lt;/a&gt;</a>"
    );
    EXPECT_EQ(alone("rect", {{"width", "\"/>&"}}).str(), "<rect width=\"&quot;/&gt;&amp;\"/>\n");
}

TEST(Markup, GivesBlocksLinesOfTheirOwn)
{
    const auto line = block("p", {}, text("x"));
    EXPECT_EQ(line.str(), "<p>x</p>\n");
    EXPECT_EQ(
        block("div", {{"class", "y"}}, line + line).str(), "<div class=\"y\">\n<p>x</p>\n<p>x</p>\n</div>\n"
    );
}

TEST(Markup, TurnsInksIntoClasses)
{
    EXPECT_EQ(inked("<x>", Ink::red).str(), "<span class=\"red\">&lt;x&gt;</span>");
    EXPECT_EQ(inked("x", Ink::plain).str(), "x");
    const auto line = "a " + paint("<b>", Ink::green, true) + paint("c", Ink::bold, true) + " d";
    EXPECT_EQ(painted(line).str(), "a <span class=\"green\">&lt;b&gt;</span><span class=\"bold\">c</span> d");
    EXPECT_TRUE(painted("").empty());
}

} // namespace
} // namespace report::markup
