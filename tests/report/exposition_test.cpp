#include "report/exposition.hpp"

#include <gmock/gmock.h>

namespace report
{
namespace
{

TEST(Labels, EscapeWhatWouldEndAValue)
{
    EXPECT_EQ(Labels().text(), "");
    EXPECT_EQ(Labels().with("a", "x").with("b", "").text(), R"(a="x",b="")");
    EXPECT_EQ(Labels().with("a", "say \"x\\y\"\nz").text(), R"(a="say \"x\\y\"\nz")");
}

TEST(Exposition, PutsSamplesBehindTheDescriptionOfTheirFamily)
{
    Exposition exposition("mxtls_");
    exposition.gauge("age_seconds", "How old.", "seconds");
    exposition.sample(Labels().with("a", "x"), 1.5);
    exposition.sample(Labels().with("a", "y"), 1'795'294'773.393);
    exposition.counter("things", "How many.");
    exposition.sample(std::uint64_t{18'446'744'073'709'551'615U});
    EXPECT_EQ(
        exposition.ended(), "# TYPE mxtls_age_seconds gauge\n"
                            "# UNIT mxtls_age_seconds seconds\n"
                            "# HELP mxtls_age_seconds How old.\n"
                            "mxtls_age_seconds{a=\"x\"} 1.5\n"
                            "mxtls_age_seconds{a=\"y\"} 1795294773.393\n"
                            "# TYPE mxtls_things counter\n"
                            "# HELP mxtls_things How many.\n"
                            "mxtls_things_total 18446744073709551615\n"
                            "# EOF\n"
    );
}

TEST(Exposition, LeavesOutAFamilyWithoutSamplesAndASampleThatIsThere)
{
    Exposition exposition;
    exposition.gauge("none", "Nothing.");
    exposition.gauge("some", "Something.");
    exposition.sample(Labels().with("a", "x"), 1);
    exposition.sample(Labels().with("a", "x"), 2);
    exposition.gauge("more", "Something else.");
    exposition.sample(Labels().with("a", "x"), 3);
    EXPECT_EQ(
        exposition.ended(), "# TYPE some gauge\n# HELP some Something.\nsome{a=\"x\"} 1\n"
                            "# TYPE more gauge\n# HELP more Something else.\nmore{a=\"x\"} 3\n# EOF\n"
    );
    EXPECT_EQ(Exposition().ended(), "# EOF\n");
}

} // namespace
} // namespace report
