#include "golden.hpp"

TEST(Golden, ShowsTheLinesThatDiffer)
{
    EXPECT_EQ(
        golden::difference("one\ntwo\nthree\n", "one\n2\n2.5\nthree\n"), "from line 2:\n- two\n+ 2\n+ 2.5\n"
    );
    EXPECT_EQ(golden::difference("one\n", "one\none\n"), "from line 2:\n+ one\n");
}

TEST(Golden, ShowsThatALineEndIsMissing)
{
    EXPECT_EQ(golden::difference("one\n", "one"), "only the line ends differ\n");
}
