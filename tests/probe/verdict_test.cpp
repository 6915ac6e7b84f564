#include "probe/verdict.hpp"

#include <gtest/gtest.h>

namespace
{

using probe::Column;
using probe::Route;
using probe::Status;
using probe::worse;

TEST(Verdict, StatusesHaveTheirExitStatus)
{
    EXPECT_EQ(static_cast<int>(Status::ok), 0);
    EXPECT_EQ(static_cast<int>(Status::warning), 1);
    EXPECT_EQ(static_cast<int>(Status::critical), 2);
    EXPECT_EQ(static_cast<int>(Status::unknown), 3);
}

TEST(Verdict, StatusesAreNamed)
{
    EXPECT_EQ(name(Status::ok), "OK");
    EXPECT_EQ(name(Status::warning), "WARNING");
    EXPECT_EQ(name(Status::critical), "CRITICAL");
    EXPECT_EQ(name(Status::unknown), "UNKNOWN");
}

TEST(Verdict, CriticalIsWorseThanUnknownThanWarningThanOk)
{
    constexpr std::array from_best{Status::ok, Status::warning, Status::unknown, Status::critical};
    for (std::size_t i = 0; i < from_best.size(); ++i) {
        for (std::size_t j = i; j < from_best.size(); ++j) {
            EXPECT_EQ(worse(from_best[i], from_best[j]), from_best[j]);
            EXPECT_EQ(worse(from_best[j], from_best[i]), from_best[j]);
        }
    }
}

TEST(Verdict, ColumnsHaveTheirKeysAndTitles)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, probe::columns> expected{
        {{"answer", "Answer"},
         {"connect", "Connect"},
         {"helo", "HELO"},
         {"tls", "TLS"},
         {"cert", "Cert"},
         {"secure", "Secure"},
         {"from", "From"},
         {"to", "To"}}};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(key(static_cast<Column>(i)), expected[i].first);
        EXPECT_EQ(title(static_cast<Column>(i)), expected[i].second);
    }
}

TEST(Verdict, RoutesAreNamed)
{
    EXPECT_EQ(name(Route::mx), "found");
    EXPECT_EQ(name(Route::implicit), "implicit");
    EXPECT_EQ(name(Route::null_mx), "null");
    EXPECT_EQ(name(Route::none), "none");
    EXPECT_EQ(name(Route::no_domain), "nxdomain");
    EXPECT_EQ(name(Route::unknown), "error");
    EXPECT_EQ(name(Route::given), "");
}

} // namespace
