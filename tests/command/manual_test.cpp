#include "probe/command/manual.hpp"

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace command
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Manual, HelpHasThePartsInTheirOrder)
{
    const Manual manual{
        .usage = {"show [OPTIONS] FILE", "show --all"},
        .description = {"Shows a file.", "Nothing else."},
        .groups = {{"Options", {{.names = {"-a", "--all"}, .text = "all"}, {{"-o"}, "FILE", "into it"}}}},
        .examples = {{"mxtls show f", "shows f"}},
        .notes = {"A note."},
        .statuses = {{"0", "it was shown"}, {"3", "it was not"}},
        .status_note = "Never 1."};
    EXPECT_EQ(
        help(manual), "Usage: mxtls show [OPTIONS] FILE\n"
                      "       mxtls show --all\n"
                      "\n"
                      "Shows a file.\n"
                      "\n"
                      "Nothing else.\n"
                      "\n"
                      "Options:\n"
                      "  -a,--all                all\n"
                      "  -o FILE                 into it\n"
                      "\n"
                      "A note.\n"
                      "\n"
                      "Examples:\n"
                      "  mxtls show f                                       shows f\n"
                      "\n"
                      "Exit status: 0 it was shown; 3 it was not. Never 1.\n"
    );
    EXPECT_THAT(
        help({.usage = {"show"}, .statuses = {{"0", "shown"}}}), HasSubstr("Exit status: 0 shown.\n")
    );
    EXPECT_EQ(help({.usage = {"show"}}), "Usage: mxtls show\n");
}

TEST(Manual, HelpBreaksLinesAt110)
{
    std::string text;
    for (int number = 0; number < 60; ++number)
        text += (text.empty() ? "" : " ") + std::string("word");
    const auto page = help(
        {.usage = {"show"},
         .description = {text, std::string(150, 'x')},
         .groups =
             {{"Options", {{{"--option"}, "VALUE", text}, {{"--long-long-long-long-option"}, "", "on"}}}}}
    );
    std::istringstream lines(page);
    std::size_t longest = 0;
    for (std::string line; std::getline(lines, line);) {
        EXPECT_FALSE(line.ends_with(' '));
        if (line.front() != 'x')
            longest = std::max(longest, line.size());
    }
    EXPECT_EQ(longest, 110U); // of the option: 26 columns, and seventeen words with a blank between two
    EXPECT_THAT(page, HasSubstr('\n' + std::string(150, 'x') + '\n'));
    EXPECT_THAT(page, HasSubstr("\n  --option VALUE          word word"));
    EXPECT_THAT(page, HasSubstr("\n                          word word"));
    EXPECT_THAT(page, HasSubstr("\n  --long-long-long-long-option\n                          on\n"));
}

TEST(Manual, ListsChoices)
{
    EXPECT_EQ(listed(std::vector<std::string>{}), "");
    EXPECT_EQ(listed(std::vector<std::string>{"a"}), "a");
    EXPECT_EQ(listed(std::vector<std::string>{"a", "b"}), "a or b");
    EXPECT_EQ(listed(std::vector<std::string>{"a", "b", "c"}), "a, b or c");
}

TEST(Manual, TakesTheGroupsOfACommandLine)
{
    CLI::App app;
    std::string format;
    std::vector<std::string> hosts;
    bool quiet = false;
    app.set_help_flag();
    app.add_option("FILE", format)->group("");
    app.add_option("--format", format, "how")->type_name("NAME")->group("Report");
    app.add_flag("-q,--quiet", quiet, "say nothing")->group("Report");
    app.add_option("--host", hosts, "whom")
        ->type_name("HOST")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->group("Hosts");
    const auto groups = groups_of(app, {{"--format", {"table", "json"}}});
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0].title, "Report");
    ASSERT_EQ(groups[0].options.size(), 2U);
    const auto& [names, value, text, choices, repeats] = groups[0].options[0];
    EXPECT_THAT(names, ElementsAre("--format"));
    EXPECT_EQ(value, "NAME");
    EXPECT_EQ(text, "how");
    EXPECT_THAT(choices, ElementsAre("table", "json"));
    EXPECT_FALSE(repeats);
    EXPECT_THAT(groups[0].options[1].names, ElementsAre("-q", "--quiet"));
    EXPECT_THAT(groups[0].options[1].value, IsEmpty());
    EXPECT_TRUE(groups[1].options.at(0).repeats);
}

} // namespace
} // namespace command
