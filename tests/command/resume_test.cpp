#include "probe/command/resume.hpp"

#include "probe/untried.hpp"
#include "report/report.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace
{

namespace fs = std::filesystem;
using report::Format;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::chrono::system_clock::time_point moment{};

const std::vector<Format> formats{Format::ndjson, Format::csv, Format::score};

/// As the lines of a list may be, whether they are targets or not.
const std::vector<std::string> lines{
    "example.com",
    "user@example.com",
    "user@[192.0.2.1]",
    "user@[IPv6:2001:db8::1]",
    "two words.example",
    " 100 example.net",
    "a,b.example",
    "a, b.example",
    "a b,c.example",
    "\"quoted\"@example.com",
    "\"quoted, too\"@example.com",
    "say \"hello\"",
    "b\xc3\xbc"
    "cher.example",
    "\xe4\xbe\x8b\xe3\x81\x88.example",
    "=1+1",
    "+49.example",
    "-q",
    "@example.com",
    "=a,b",
    "\\backslash\\.example",
    "control\x1b.example",
    "no UTF-8: \xff\xfe",
    std::string("nul\0nul", 7),
    "{\"target\":\"elsewhere.example\"}",
    "{braces}.example",
    "target,status",
    "100 example.org",
    "example.org,OK,100",
    "n/a",
    "target"};

class Resumed : public testing::Test
{
protected:
    void SetUp() override
    {
        auto pattern = (fs::temp_directory_path() / "mxtls-resume-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }

    void TearDown() override { fs::remove_all(folder_); }

    command::Done done(const std::string& content) const
    {
        const auto path = folder_ / "results";
        std::ofstream(path, std::ios::binary) << content;
        return command::Done(path);
    }

    /// What a scan writes of these.
    static std::string results(Format format, const std::vector<std::string>& targets)
    {
        auto text = report::header(format);
        for (const auto& target : targets)
            text += report::record(probe::judge_refusal(target, "it is a test", moment), format);
        return text;
    }

    fs::path folder_;
};

TEST_F(Resumed, EachLineIsFoundInWhatWasWrittenOfItAndNoOther)
{
    for (const auto format : formats) {
        for (const auto& written : lines) {
            const auto one = done(results(format, {written}));
            EXPECT_EQ(one.size(), 1U);
            for (const auto& line : lines)
                EXPECT_EQ(one.holds(line), line == written)
                    << testing::PrintToString(line) << " in " << results(format, {written});
        }
    }
}

TEST_F(Resumed, OfManyAllAreFound)
{
    for (const auto format : formats) {
        const auto all = done(results(format, lines));
        EXPECT_EQ(all.size(), lines.size());
        for (const auto& line : lines)
            EXPECT_TRUE(all.holds(line)) << testing::PrintToString(line);
        EXPECT_FALSE(all.holds("elsewhere.example"));
        EXPECT_FALSE(all.holds(""));
    }
}

TEST_F(Resumed, ALineThatIsCutShortCountsForNothing)
{
    for (const auto format : formats) {
        const auto whole = results(format, {"a.example", "b.example"});
        const auto first = results(format, {"a.example"}).size();
        for (auto size = first; size < whole.size(); ++size) {
            const auto cut = done(whole.substr(0, size));
            EXPECT_TRUE(cut.holds("a.example"));
            EXPECT_FALSE(cut.holds("b.example")) << whole.substr(0, size);
            EXPECT_EQ(cut.size(), 1U);
        }
        EXPECT_TRUE(done(whole).holds("b.example"));
    }
}

TEST_F(Resumed, ATargetOfSeveralRowsIsOne)
{
    const auto header = report::header(Format::csv);
    const auto one = done(header + "a.example,OK,100,mx1.example\r\na.example,OK,100,mx2.example\r\n");
    EXPECT_EQ(one.size(), 1U);
    EXPECT_TRUE(one.holds("a.example"));
}

TEST_F(Resumed, WhatIsNoResultIsPassedOver)
{
    const auto none =
        done("\n\r\nhello\n{}\n{\"target\":1}\n[]\n{\"domain\":{\"target\":\"x.example\"}}\n{\"tar\n");
    EXPECT_EQ(none.size(), 0U);
    EXPECT_FALSE(none.holds("x.example"));
    EXPECT_EQ(done("").size(), 0U);
    EXPECT_EQ(done(report::header(Format::csv)).size(), 0U);
    EXPECT_FALSE(command::Done().holds("a.example"));
}

TEST_F(Resumed, WhatCannotBeReadIsRefusedInALine)
{
    const auto refusal = [](const fs::path& path) { return [path] { command::Done done(path); }; };
    EXPECT_THAT(
        refusal(folder_ / "missing"),
        ThrowsMessage<std::invalid_argument>(
            "cannot read '" + (folder_ / "missing").string() +
            "': No such file or directory; give the file that an earlier scan wrote"
        )
    );
    EXPECT_THAT(refusal(folder_), ThrowsMessage<std::invalid_argument>(HasSubstr("Is a directory")));
}

} // namespace
