#include "probe/manual/completion.hpp"
#include "probe/manual/roff.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace manual
{
namespace
{

using command::Manual;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const Release release{"1.2", "2027-01-31"};

std::string page_of(const Manual& one)
{
    return page(one, std::vector<Manual>{one}, release);
}

TEST(Roff, BeginsWithNameAndRelease)
{
    EXPECT_EQ(page_name({}), "mxtls");
    EXPECT_EQ(page_name({.word = "sts-policy"}), "mxtls-sts-policy");
    const auto text = page_of({.word = "sts-policy", .purpose = "print a policy"});
    EXPECT_THAT(text, StartsWith(".TH MXTLS\\-STS\\-POLICY 1 2027-01-31 \"mxtls 1.2\" \"User Commands\"\n"));
    EXPECT_THAT(text, HasSubstr(".SH NAME\nmxtls\\-sts\\-policy \\- print a policy\n"));
}

TEST(Roff, TakesNoTextForARequest)
{
    const auto text = page_of({.description = {".TH 'a' `b` ^c ~d \\fB e-f", "'quote", "Behind it. .dot"}});
    EXPECT_THAT(text, HasSubstr("\n\\&.TH \\(aqa\\(aq \\(gab\\(ga \\(hac \\(tid \\efB e\\-f\n"));
    EXPECT_THAT(text, HasSubstr("\n.PP\n\\(aqquote\n.PP\nBehind it.\n\\&.dot\n"));
    EXPECT_THAT(page_of({.sample = {".x", "", "\\y"}}), HasSubstr(".EX\n\\&.x\n\n\\ey\n.EE\n"));
}

TEST(Roff, MarksWhatIsTypedAndWhatStandsForSomething)
{
    const auto text = page_of(
        {.usage = {"scan [OPTIONS] FILE...|-", "scan --queue URL"},
         .groups = {{"Options", {{{"-o", "--out"}, "HOST[:PORT]", "or --other-one, or - alone"}}}}}
    );
    EXPECT_THAT(
        text,
        HasSubstr(
            "\\fBmxtls\\fR \\fBscan\\fR [\\fIOPTIONS\\fR] \\fIFILE\\fR...|\\fB\\-\\fR\n.br\n\\fBmxtls\\fR "
            "\\fBscan\\fR \\fB\\-\\-queue\\fR \\fIURL\\fR\n"
        )
    );
    EXPECT_THAT(
        text, HasSubstr(".TP\n\\fB\\-o\\fR, \\fB\\-\\-out\\fR \\fIHOST\\fR[:\\fIPORT\\fR]\nor "
                        "\\fB\\-\\-other\\-one\\fR, or \\- alone\n")
    );
    EXPECT_THAT(text, Not(HasSubstr(".SS")));
}

TEST(Roff, PointsToTheOthersAndLeavesOutWhatIsEmpty)
{
    const std::vector<Manual> all{{.see_also = {"sqlite3(1)"}}, {.word = "log", .purpose = "read logs"}};
    EXPECT_THAT(
        page(all[0], all, release), HasSubstr(".SH COMMANDS\n.TP\n\\fBmxtls log\\fR\nread logs: see")
    );
    EXPECT_THAT(
        page(all[0], all, release), HasSubstr(".SH SEE ALSO\n\\fBmxtls\\-log\\fR(1),\n\\fBsqlite3\\fR(1)\n")
    );
    const auto of_log = page(all[1], all, release);
    EXPECT_THAT(of_log, HasSubstr(".SH SEE ALSO\n\\fBmxtls\\fR(1)\n"));
    for (const auto* section : {"COMMANDS", "OPTIONS", "NOTES", "FILES", "ENVIRONMENT", "EXAMPLES"})
        EXPECT_THAT(of_log, Not(HasSubstr(section)));
}

TEST(Completion, KeepsWhatAShellWouldReadOtherwise)
{
    const std::vector<Manual> all{
        {.purpose = "it's a check",
         .groups = {{"Options", {{{"--mx"}, "HOST[:PORT]", "a [host]: one's own. More", {}, true}}}},
         .operand = "TARGET"}};
    const auto zsh = zsh_completion(all);
    EXPECT_THAT(zsh, HasSubstr("'*--mx=[a \\[host\\]]:HOST\\[\\:PORT\\]:_hosts'"));
    EXPECT_THAT(zsh, HasSubstr("'check:it'\\''s a check'"));
    EXPECT_THAT(
        bash_completion(all),
        HasSubstr("check:--mx)\n            _mxtls_offer host \"$word\"\n            return")
    );
}

} // namespace
} // namespace manual
