#include "probe/command/output.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <unistd.h>

namespace
{

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

class OutputFile : public testing::Test
{
protected:
    void SetUp() override
    {
        auto pattern = (fs::temp_directory_path() / "mxtls-output-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }

    void TearDown() override { fs::remove_all(folder_); }

    static std::string content(const fs::path& path)
    {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    std::ptrdiff_t files() const
    {
        return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
    }

    fs::path folder_;
};

TEST_F(OutputFile, AppearsWholeOrNotAtAll)
{
    const auto path = folder_ / "report.txt";
    command::Output output(path);
    EXPECT_FALSE(fs::exists(path));
    output.write("whole\n");
    EXPECT_EQ(content(path), "whole\n");
    EXPECT_EQ(files(), 1);
}

TEST_F(OutputFile, ThatWasNeverWrittenLeavesTheOldOne)
{
    const auto path = folder_ / "report.txt";
    std::ofstream(path) << "old\n";
    {
        command::Output output(path);
    }
    EXPECT_EQ(content(path), "old\n");
    EXPECT_EQ(files(), 1);
}

TEST_F(OutputFile, KeepsThePermissionsOfTheOldOneAndItsLink)
{
    const auto path = folder_ / "report.txt";
    const auto link = folder_ / "latest";
    std::ofstream(path) << "old\n";
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
    fs::create_symlink(path, link);
    command::Output output(link);
    output.write("new\n");
    EXPECT_TRUE(fs::is_symlink(link));
    EXPECT_EQ(content(path), "new\n");
    EXPECT_EQ(fs::status(path).permissions(), static_cast<fs::perms>(0640));
}

TEST_F(OutputFile, NotToBeWrittenIsToldBeforeAnything)
{
    const auto missing = (folder_ / "no" / "such" / "report.txt").string();
    EXPECT_THAT(
        [&] { command::Output output(missing); },
        ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr("cannot write to '" + missing), HasSubstr("-o")))
    );
    EXPECT_THROW(command::Output output(folder_), std::invalid_argument) << "a folder";
}

TEST(Output, DeviceIsWrittenToAsItIs)
{
    command::Output("/dev/null").write("gone");
    EXPECT_TRUE(fs::is_character_file("/dev/null"));
    EXPECT_THROW(command::Output("/dev/full").write("no room"), std::invalid_argument);
}

} // namespace
