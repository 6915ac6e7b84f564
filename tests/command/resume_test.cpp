#include "probe/command/resume.hpp"

#include "report/csv.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace
{

namespace fs = std::filesystem;
using command::Done;
using testing::ElementsAre;
using testing::ThrowsMessage;

/// What a file says of some targets.
class Resume : public testing::Test
{
protected:
    void SetUp() override
    {
        auto pattern = (fs::temp_directory_path() / "mxtls-resume-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }

    void TearDown() override { fs::remove_all(folder_); }

    Done done(const std::string& content) const
    {
        const auto path = folder_ / "results";
        std::ofstream(path, std::ios::binary) << content;
        return Done(path);
    }

    /// Those of the targets that it holds.
    static std::vector<std::string> held(const Done& done, const std::vector<std::string>& targets)
    {
        std::vector<std::string> all;
        for (const auto& target : targets) {
            if (done.holds(target))
                all.push_back(target);
        }
        return all;
    }

    fs::path folder_;
};

const std::string head = report::csv_header();

std::string row(const std::string& target)
{
    return target + ",ok,100,mx.test,10,127.0.0.1\r\n";
}

TEST_F(Resume, KnowsTheTargetsOfNdjson)
{
    const std::string whole = R"({"schema":"x","target":"a.test","hosts":[{"target":"no.test"}]})"
                              "\n"
                              R"({"schema":"x","target":"b\"\u00fc.test"})"
                              "\n";
    const auto known = done(whole + R"({"schema":"x","target":"c.test")");
    EXPECT_THAT(
        held(known, {"a.test", "b\"ü.test", "c.test", "no.test", "target"}),
        ElementsAre("a.test", "b\"ü.test")
    );
    EXPECT_EQ(known.octets(), whole.size());
}

TEST_F(Resume, KnowsTheTargetsOfScore)
{
    const auto known = done("100 a.test\nn/a not a target\n50 x,y\nn/a {\n50 c.te");
    EXPECT_THAT(
        held(known, {"a.test", "not a target", "a target", "x,y", "{", "c.te"}),
        ElementsAre("a.test", "not a target", "x,y", "{")
    );
}

TEST_F(Resume, KnowsTheTargetsOfCsv)
{
    const auto known = done(
        head + row("a.test") + row("a.test") + row("not a target") + row("{x}") + row("\"x,\"\"y\"\"\"") +
        row("\\x1bz")
    );
    EXPECT_THAT(
        held(known, {"a.test", "not a target", "a target", "{x}", "x,\"y\"", "\x1bz", "target"}),
        ElementsAre("a.test", "not a target", "{x}", "x,\"y\"", "\x1bz")
    );
    EXPECT_EQ(known.size(), 5U);
}

TEST_F(Resume, TheHeadOfCsvIsNoTarget)
{
    EXPECT_EQ(done(head).size(), 0U);
    EXPECT_EQ(done(head).octets(), head.size());
    EXPECT_FALSE(done(head + row("a.test") + head + row("b.test")).holds("target"));
    EXPECT_TRUE(done(head + row("target")).holds("target"));
}

TEST_F(Resume, KnowsWhatCsvDoesNotWriteAsAFormula)
{
    const auto known =
        done(head + row("\\x40bad") + row("\\x3da") + row("\\x2bb") + row("\\x2dc") + row("\"\\x3da,b\""));
    const std::vector<std::string> targets{"@bad", "=a", "+b", "-c", "=a,b"};
    EXPECT_EQ(held(known, targets), targets);
}

TEST_F(Resume, OfCsvThatIsCutShortTheLastTargetIsNotDone)
{
    const auto begin = head + row("a.test");
    const auto known = done(begin + row("b.test") + row("b.test") + "b.test,ok,1");
    EXPECT_THAT(held(known, {"a.test", "b.test"}), ElementsAre("a.test"));
    EXPECT_EQ(known.octets(), begin.size());

    const auto whole = done(begin + row("b.test") + row("b.test"));
    EXPECT_THAT(held(whole, {"a.test", "b.test"}), ElementsAre("a.test", "b.test"));
    EXPECT_EQ(whole.octets(), begin.size() + 2 * row("b.test").size());
    EXPECT_EQ(done(head + "a.te").octets(), head.size());
}

TEST_F(Resume, WithoutAWholeLineNothingIsDone)
{
    for (const auto* const text : {"", "100 a.test", "target,status,fa"}) {
        EXPECT_EQ(done(text).size(), 0U) << text;
        EXPECT_EQ(done(text).octets(), 0U) << text;
    }
    EXPECT_EQ(done("100 a.test\n" + std::string(500'000, 'x')).octets(), 11U);
}

TEST_F(Resume, TellsTheFormat)
{
    EXPECT_EQ(done("{\"schema\":\"x\",\"target\":\"a.test\"}\n").format(), report::Format::ndjson);
    EXPECT_EQ(done(head).format(), report::Format::csv);
    EXPECT_EQ(done("100 a.test\n").format(), report::Format::score);
    EXPECT_EQ(done("n/a a.test\n").format(), report::Format::score);
    EXPECT_EQ(done("100 a.test").format(), std::nullopt);
}

TEST_F(Resume, AFileOfTargetsIsNoOutput)
{
    for (const auto* const text : {"a.test\n", "# partners\n", "\n100 a.test\n", "100\n", "{\"target\":1}\n"})
        EXPECT_THROW(done(text), std::invalid_argument) << text;
}

TEST_F(Resume, WhatCannotBeReadIsRefusedInALine)
{
    const auto path = folder_ / "absent";
    EXPECT_THAT(
        [&] { Done done(path); }, ThrowsMessage<std::invalid_argument>(
                                      "cannot read '" + path.string() +
                                      "': No such file or directory; give the file that an earlier scan wrote"
                                  )
    );
    EXPECT_THROW(Done done(folder_), std::invalid_argument);
}

} // namespace
