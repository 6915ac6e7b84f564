#include "report/html_history.hpp"

#include "golden.hpp"
#include "report/history.hpp"

#include <gmock/gmock.h>

namespace report
{
namespace
{

using namespace std::chrono_literals;
using history::Aspect;
using history::Run;
using history::Timeline;
using testing::HasSubstr;
using testing::Not;

constexpr history::Moment noon = std::chrono::sys_days{std::chrono::November / 20 / 2026} + 12h;

/// A fortnight of daily runs, of which one could not judge and some were bad.
Timeline timeline()
{
    Timeline result{.target = "example.com", .runs = 14};
    for (int day = 0; day < 14; ++day) {
        Run run{.began = noon + day * 24h, .status = probe::Status::ok, .factor = 100, .days_left = 30 - day};
        if (day == 4)
            run = {.began = run.began, .status = probe::Status::unknown};
        if (day > 8)
            run.status = probe::Status::warning;
        if (day > 11) {
            run.status = probe::Status::critical;
            run.factor = 50;
        }
        result.points.push_back(run);
    }
    result.first = result.points.front();
    result.last = result.points.back();
    result.changes = {
        {.fact = {Aspect::status, {}, "CRITICAL"},
         .first_seen = noon + 12 * 24h,
         .last_seen = noon + 13 * 24h},
        {.fact = {Aspect::mx, {}, "10 <b>.example.com"}, .first_seen = noon, .last_seen = noon + 13 * 24h}};
    return result;
}

std::string of(const Timeline& timeline)
{
    return html_history({&timeline, 1});
}

TEST(HtmlHistory, DrawsFactorAndDaysLeft)
{
    EXPECT_TRUE(golden::same(of(timeline()), "history.html"));
    const auto text = of(timeline());
    EXPECT_THAT(text, HasSubstr("Lowest 50, highest 100, last 50. The dashed line is 100, the top 120."));
    EXPECT_THAT(text, HasSubstr("Lowest 17, highest 30, last 17. The dashed line is 21, the top 60."));
    EXPECT_THAT(text, HasSubstr("10 &lt;b&gt;.example.com"));
    EXPECT_EQ(write(std::vector{timeline()}, HistoryFormat::html), text);
}

TEST(HtmlHistory, DrawsOneRunAndNoneToo)
{
    auto one = timeline();
    one.points.resize(1);
    EXPECT_THAT(
        of(one), HasSubstr("<rect class=\"green\" x=\"0.0%\" y=\"16.7%\" width=\"100.0%\" height=\"83.3%\"/>")
    );
    one.points[0] = {.began = noon};
    EXPECT_THAT(of(one), Not(HasSubstr("<svg")));
    one.points.clear();
    one.changes.clear();
    EXPECT_THAT(of(one), Not(HasSubstr("<svg")));
    EXPECT_THAT(of(one), HasSubstr("Nothing has changed"));
}

TEST(HtmlHistory, HasNoBarOutsideOfItsDrawing)
{
    auto ended = timeline();
    ended.points.back().days_left = -40;
    ended.points.front().days_left = 4000;
    const auto text = of(ended);
    EXPECT_THAT(text, HasSubstr("Lowest -40, highest 4000, last -40."));
    EXPECT_THAT(text, Not(HasSubstr("=\"-")));
}

} // namespace
} // namespace report
