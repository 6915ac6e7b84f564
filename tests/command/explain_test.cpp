#include "probe/command/explain.hpp"

#include "report/explain.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace command
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Explanation explained(const std::vector<std::string>& words)
{
    return explain(words);
}

const std::string& expired()
{
    static const auto text = report::explanation(*report::page_of("certificate-expired"));
    return text;
}

TEST(ExplainCommand, TellsThePageOfACode)
{
    const auto [text, refused] = explained({"certificate-expired"});
    EXPECT_EQ(text, expired());
    EXPECT_THAT(refused, IsEmpty());
}

TEST(ExplainCommand, ForgivesWhatAHurriedUserTypesOrCopies)
{
    for (const auto* word :
         {"certificate-expired:", "CERTIFICATE_EXPIRED", " certificate-expired ", "\"certificate-expired\",",
          "(certificate-expired)", "Certificate-Expired.", "`certificate_expired`;"})
        EXPECT_EQ(explained({word}).text, expired()) << word;
}

TEST(ExplainCommand, TellsSeveralOnceEachInTheirOrder)
{
    const auto [text, refused] = explained({"mx-null", "certificate-expired", "mx-null:"});
    EXPECT_EQ(text, report::explanation(*report::page_of("mx-null")) + "\n\n" + expired());
    EXPECT_THAT(refused, IsEmpty());
}

TEST(ExplainCommand, ListsAllWithoutACode)
{
    EXPECT_EQ(explained({}).text, report::list_of_codes());
}

TEST(ExplainCommand, HasAHelpPage)
{
    EXPECT_THAT(explained({"--help"}).text, StartsWith("Usage: mxtls explain"));
    EXPECT_EQ(explained({"mx-null", "-h"}).text, explained({"--help"}).text);
}

TEST(ExplainCommand, RefusesAWordInOneLineAndTellsTheOthers)
{
    const auto [text, refused] = explained({"certificate-expird", "certificate-expired", "xyzzy"});
    EXPECT_EQ(text, expired());
    EXPECT_THAT(
        refused, ElementsAre(
                     "'certificate-expird' is no finding code: did you mean certificate-expired?",
                     "'xyzzy' is no finding code: see mxtls explain for all of them"
                 )
    );
}

TEST(ExplainCommand, ShowsHostileWordsSafely)
{
    EXPECT_THAT(explained({"\x1b[31m\nred"}).refused, ElementsAre(StartsWith("'\\x1b[31m\\x0ared'")));
    EXPECT_THAT(explained({""}).refused, ElementsAre(StartsWith("'' is no finding code")));
}

TEST(ExplainCommand, KnowsNoOtherOption)
{
    EXPECT_THROW(explained({"--format", "json"}), std::invalid_argument);
    try {
        explained({"mx-null", "--colour"});
    } catch (const std::invalid_argument& fault) {
        EXPECT_THAT(fault.what(), HasSubstr("unknown option '--colour': see mxtls explain --help"));
    }
}

} // namespace
} // namespace command
