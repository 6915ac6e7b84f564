#include "smtp/printable.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace
{

using namespace std::literals;

TEST(Printable, EscapesAllButPrintableAscii)
{
    EXPECT_EQ(
        smtp::printable("a\0\t\x1b[2J\r\n\x7f\xc3\xa9 ~"sv), "a\\x00\\x09\\x1b[2J\\x0d\\x0a\\x7f\\xc3\\xa9 ~"
    );
}

TEST(Excerpt, IsBounded)
{
    EXPECT_EQ(smtp::excerpt("220 mx.test\r\n"), "220 mx.test\\x0d\\x0a");
    EXPECT_EQ(smtp::excerpt(std::string(5000, 'x')), std::string(smtp::excerpt_limit, 'x'));
    EXPECT_EQ(smtp::excerpt(std::string(5000, '\0')).size(), smtp::excerpt_limit);
}

TEST(Excerpt, CutsNoEscapeInTwo)
{
    const std::string text(smtp::excerpt_limit - 2, 'x');
    EXPECT_EQ(smtp::excerpt(text + '\n' + text), text);
}

} // namespace
