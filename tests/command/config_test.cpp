#include "probe/command/config.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace
{

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::chrono::sys_seconds now = std::chrono::sys_days{2026y / 11 / 20};

class Config : public testing::Test
{
protected:
    Config() { std::ofstream(file_) << text_; }
    ~Config() override { std::filesystem::remove(file_); }

    /// The labels of the requests, in their order.
    std::vector<std::string> taken(const std::vector<std::string>& chosen)
    {
        std::vector<std::string> arguments{"--targets", file_};
        arguments.insert(arguments.end(), chosen.begin(), chosen.end());
        auto options = command::parse_options(arguments, now, "");
        EXPECT_TRUE(command::take_targets_of_file(options, command::TargetOptions(arguments, now, "")));
        refused_ = options.refused;
        std::vector<std::string> labels;
        for (const auto& request : options.requests)
            labels.push_back(request.label.value_or(request.target.given));
        return labels;
    }

    static constexpr auto text_ = "[[target]]\nname = \"b.example\"\n"
                                  "[[target]]\nname = \"b.example\"\nlabel = \"B, again\"\n"
                                  "[[target]]\nname = \"User@A.example\"\n";
    const std::string file_ = fmt::format("{}config_{}.toml", testing::TempDir(), ::getpid());
    std::vector<command::Refusal> refused_;
};

TEST_F(Config, TakesAllTargetsOfAFile)
{
    EXPECT_THAT(taken({}), ElementsAre("b.example", "B, again", "User@A.example"));
    EXPECT_THAT(refused_, IsEmpty());
}

TEST_F(Config, TakesThoseOfANameOrALabel)
{
    EXPECT_THAT(taken({"B, again"}), ElementsAre("B, again"));
    EXPECT_THAT(
        taken({"User@a.example", "B.EXAMPLE."}), ElementsAre("b.example", "B, again", "User@A.example")
    ) << "in the order of the file, and all of a name";
    EXPECT_THAT(refused_, IsEmpty());
    EXPECT_THAT(taken({"a.example", "B, again"}), ElementsAre("B, again"));
    EXPECT_THAT(
        refused_, ElementsAre(testing::Field(
                      &command::Refusal::why, HasSubstr("'a.example' is no target of '" + file_ + "': ")
                  ))
    );
}

TEST_F(Config, TakesNothingOfAFileWithErrors)
{
    std::ofstream(file_, std::ios::app) << "[[target]]\n";
    auto options = command::parse_options(std::vector<std::string>{"--targets", file_}, now, "");
    EXPECT_FALSE(command::take_targets_of_file(options, command::TargetOptions({}, now, "")));
    EXPECT_THAT(options.requests, IsEmpty());
}

TEST_F(Config, NeedsItsWordAndAFile)
{
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{}, {"check"}, {"look", file_}, {"check", file_, file_}})
        EXPECT_THROW(command::config(arguments, now), std::invalid_argument);
}

} // namespace
