#include "report/json_writer.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <vector>

namespace report
{
namespace
{

using Json = nlohmann::ordered_json;
using Layout = JsonWriter::Layout;
using std::chrono::microseconds;

/// What one call writes, without its line end.
template <class Write>
std::string written(Write write, Layout layout = Layout::line)
{
    JsonWriter json(layout);
    write(json);
    auto text = std::move(json).finish();
    EXPECT_EQ(text.back(), '\n');
    text.pop_back();
    return text;
}

std::string written_value(const auto& value)
{
    return written([&](JsonWriter& json) { json.value(value); });
}

TEST(JsonWriter, WritesNumbersAndFacts)
{
    EXPECT_EQ(written_value(true), "true");
    EXPECT_EQ(written_value(false), "false");
    EXPECT_EQ(written_value(-7), "-7");
    EXPECT_EQ(written_value(std::uint8_t{3}), "3");
    EXPECT_EQ(written_value(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
    EXPECT_EQ(written_value(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(written_value(std::optional<int>()), "null");
    EXPECT_EQ(written_value(std::optional(0)), "0");
    EXPECT_EQ(written_value(std::optional(false)), "false");
}

TEST(JsonWriter, WritesDurationsAsMilliseconds)
{
    EXPECT_EQ(written_value(microseconds(0)), "0.0");
    EXPECT_EQ(written_value(microseconds(7)), "0.007");
    EXPECT_EQ(written_value(microseconds(12'500)), "12.5");
    EXPECT_EQ(written_value(microseconds(-250)), "-0.25");
    EXPECT_EQ(written_value(std::chrono::hours(24 * 365)), "31536000000.0");
    for (std::int64_t count = 1; count < 1'000'000'000'000; count = count * 3 / 2 + 1)
        EXPECT_EQ(written_value(microseconds(count)), Json(static_cast<double>(count) / 1000.0).dump());
}

TEST(JsonWriter, EscapesWhatAStringMayNotHold)
{
    for (int octet = 0; octet < 128; ++octet) {
        const std::string text = std::string("a") + static_cast<char>(octet) + "z";
        EXPECT_EQ(Json::parse(written_value(text)), text) << octet;
    }
    EXPECT_EQ(written_value("a \"b\" c:\\d"), R"("a \"b\" c:\\d")");
    EXPECT_EQ(written_value("münchen"), "\"münchen\"");
    EXPECT_EQ(written_value("\x1f"), R"("\u001f")");
    EXPECT_EQ(written_value(""), R"("")");
}

TEST(JsonWriter, EscapesTextFromElsewhereVisibly)
{
    const auto text = [](std::string_view octets) {
        return written([&](JsonWriter& json) { json.text(octets); });
    };
    EXPECT_EQ(text("250 ok"), R"("250 ok")");
    EXPECT_EQ(text("\x1b[31m\xff"), R"("\\x1b[31m\\xff")");
    EXPECT_EQ(text("say \"hi\""), R"("say \"hi\"")");
    EXPECT_EQ(text(""), R"("")");
    EXPECT_EQ(written([](JsonWriter& json) { json.text_or_null(""); }), "null");
}

/// Everything that can stand within something else, and at either end of it.
void write_nested(JsonWriter& json)
{
    const auto outer = json.object();
    json.field("number", 1);
    {
        json.key("empty");
        const auto empty = json.object();
    }
    json.array("none", std::vector<int>(), [](JsonWriter& item, int number) { item.value(number); });
    json.array("some", std::vector{1, 2}, [](JsonWriter& item, int number) {
        const auto inner = item.array();
        item.value(number);
        item.null();
    });
    json.field(
        "made", [](JsonWriter& value, int number) { value.value(number); }, 5
    );
    const std::optional<int> nothing;
    json.field_or_null(
        "nothing", [](JsonWriter& value, int number) { value.value(number); }, nothing
    );
    json.text_or_null("last", "x");
}

TEST(JsonWriter, NestsOnOneLineAndIndented)
{
    const auto line = written(write_nested);
    EXPECT_EQ(
        line,
        R"({"number":1,"empty":{},"none":[],"some":[[1,null],[2,null]],"made":5,"nothing":null,"last":"x"})"
    );
    EXPECT_EQ(written(write_nested, Layout::indented), Json::parse(line).dump(2));
}

} // namespace
} // namespace report
