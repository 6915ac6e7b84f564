#include "probe/sts_record.hpp"

#include <gmock/gmock.h>

#include <ostream>

namespace
{

using namespace std::string_literals;
using probe::read_sts_record;
using probe::StsRecord;
using State = StsRecord::State;

const std::string id32 = "abcdefghijklmnopqrstuvwxyz012345";

struct Row
{
    std::vector<std::string> records;
    State state;
    std::string said; // the id of a valid record, the fault of an invalid one
};

void PrintTo(const Row& row, std::ostream* out)
{
    *out << testing::PrintToString(row.records);
}

StsRecord read(const std::vector<std::string>& records)
{
    std::vector<dns::Text> texts;
    for (const auto& record : records)
        texts.push_back({record});
    return read_sts_record(texts);
}

const std::vector<Row> rows{
    // RFC 8461 §3.1, and what its grammar allows
    {{"v=STSv1; id=20160831085700Z;"}, State::valid, "20160831085700Z"},
    {{"v=STSv1; id=20160831085700Z"}, State::valid, "20160831085700Z"},
    {{"v=STSv1;id=a"}, State::valid, "a"},
    {{"v=STSv1; \t id=a  \t;  "}, State::valid, "a"},
    {{"v=STSv1; id=" + id32}, State::valid, id32},
    {{"v=STSv1; id=a; more=a; ext=2"}, State::valid, "a"},
    {{"v=STSv1; ext.1-x_y=2:,/?; id=a;"}, State::valid, "a"},
    {{"v=STSv1; id=first; id=second"}, State::valid, "first"},
    {{"v=STSv1; id=first; id=-"}, State::valid, "first"},
    {{"v=STSv1; v=STSv2; id=a"}, State::valid, "a"},
    {{"v=STSv1; 12345678901234567890123456789012=1; id=a"}, State::valid, "a"},

    // what is about something else
    {{}, State::none, ""},
    {{""}, State::none, ""},
    {{"v=spf1 -all"}, State::none, ""},
    {{"v=spf1 -all", "google-site-verification=abc"}, State::none, ""},
    {{"v=TLSRPTv1; rua=mailto:tls@example.com"}, State::none, ""},
    {{"v=spf1 include:sts.example.com -all"}, State::none, ""},

    // one of many
    {{"v=spf1 -all", "v=STSv1; id=a"}, State::valid, "a"},
    {{"v=STSv1; id=a", "v=STSv2; id=b"}, State::valid, "a"},
    {{"v=STSv1; id=a", " v=STSv1; id=b"}, State::valid, "a"},
    {{"v=STSv1; id=a", "v=STSv1; id=b"},
     State::invalid,
     R"(2 records begin with "v=STSv1;", and only one may)"},
    {{"v=STSv1; id=a", "v=STSv1; id=a", "v=STSv1;"},
     State::invalid,
     R"(3 records begin with "v=STSv1;", and only one may)"},

    // what was meant as one
    {{"v=STSv1"}, State::invalid, R"(it ends behind "v=STSv1", without a semicolon)"},
    {{"v=spf1 -all", "v=STSv1"}, State::invalid, R"(it ends behind "v=STSv1", without a semicolon)"},
    {{" v=STSv1; id=a"}, State::invalid, R"(it begins with a space, and not with "v=STSv1;")"},
    {{"\"v=STSv1; id=a\""}, State::invalid, R"(it begins with a quotation mark, and not with "v=STSv1;")"},
    {{"v=STSv1 ; id=a"}, State::invalid, R"(a space stands between "v=STSv1" and the semicolon)"},
    {{R"(v=STSv1\; id=a)"}, State::invalid, R"(a backslash stands between "v=STSv1" and the semicolon)"},
    {{"V=stsv1; id=a"}, State::invalid, R"("V=stsv1; id=a" does not begin with "v=STSv1;")"},
    {{"v=STSV1; id=a"}, State::invalid, R"("v=STSV1; id=a" does not begin with "v=STSv1;")"},
    {{"v=STS1; id=a"}, State::invalid, R"("v=STS1; id=a" does not begin with "v=STSv1;")"},
    {{"v=STSv10; id=a"}, State::invalid, R"("v=STSv10; id=a" does not begin with "v=STSv1;")"},
    {{"v=STSv2; id=a"}, State::invalid, R"("v=STSv2; id=a" does not begin with "v=STSv1;")"},
    {{"v=STSv1 id=a"}, State::invalid, R"("v=STSv1 id=a" does not begin with "v=STSv1;")"},
    {{"v=STSv1, id=a"}, State::invalid, R"("v=STSv1, id=a" does not begin with "v=STSv1;")"},
    {{"v = STSv1; id=a"}, State::invalid, R"("v = STSv1; id=a" does not begin with "v=STSv1;")"},
    {{"id=a; v=STSv1"}, State::invalid, R"("id=a; v=STSv1" does not begin with "v=STSv1;")"},
    {{"STSv1; id=a"}, State::invalid, R"("STSv1; id=a" does not begin with "v=STSv1;")"},

    // the id
    {{"v=STSv1;"}, State::invalid, "it has no id"},
    {{"v=STSv1; "}, State::invalid, "it has no id"},
    {{"v=STSv1; ext=1"}, State::invalid, "it has no id"},
    {{"v=STSv1; ID=a"}, State::invalid, R"(it has no "id", only "ID")"},
    {{"v=STSv1; id="}, State::invalid, "its id is empty"},
    {{"v=STSv1; id=;"}, State::invalid, "its id is empty"},
    {{"v=STSv1; id=; id=a"}, State::invalid, "its id is empty"},
    {{"v=STSv1; id=" + id32 + "6"},
     State::invalid,
     "its id \"" + id32 + "6\" has 33 characters, and 32 are the most"},
    {{"v=STSv1; id=2020-01-01"},
     State::invalid,
     R"(its id "2020-01-01" has "-" in it, and only letters and digits may be)"},
    {{"v=STSv1; id=a b"},
     State::invalid,
     R"(its id "a b" has " " in it, and only letters and digits may be)"},
    {{"v=STSv1; id=a\0b"s},
     State::invalid,
     R"(its id "a\x00b" has "\x00" in it, and only letters and digits may be)"},
    {{"v=STSv1; id=\xc3\xa9"},
     State::invalid,
     R"(its id "\xc3\xa9" has "\xc3" in it, and only letters and digits may be)"},

    // the fields
    {{"v=STSv1; id = a"}, State::invalid, R"(its field "id = a" has a space beside the "=")"},
    {{"v=STSv1; id= a"}, State::invalid, R"(its field "id= a" has a space beside the "=")"},
    {{"v=STSv1; id"}, State::invalid, R"(its field "id" has no "=")"},
    {{"v=STSv1; id=a; foo;"}, State::invalid, R"(its field "foo" has no "=")"},
    {{"v=STSv1; =a; id=a"}, State::invalid, R"(its field "=a" has no name)"},
    {{"v=STSv1;; id=a"}, State::invalid, "it has an empty field: two semicolons with nothing between them"},
    {{"v=STSv1; id=a;;"}, State::invalid, "it has an empty field: two semicolons with nothing between them"},
    {{"v=STSv1; id=a "}, State::invalid, "it ends with a space"},
    {{"v=STSv1; id=a; more="}, State::invalid, R"(its field "more" has no value)"},
    {{"v=STSv1; id=a; test=="}, State::invalid, R"(the value of its field "test" has "=" in it)"},
    {{"v=STSv1; id=a; test=b c"}, State::invalid, R"(the value of its field "test" has " " in it)"},
    {{"v=STSv1; id=a; test=\x1b[2J"}, State::invalid, R"(the value of its field "test" has "\x1b" in it)"},
    {{"v=STSv1; id=a; 1%=a"}, State::invalid, R"(its field "1%=a" has a name that no field may have)"},
    {{"v=STSv1; id=a; _a=a"}, State::invalid, R"(its field "_a=a" has a name that no field may have)"},
    {{"v=STSv1; id=a; 123456789012345678901234567890123=1"},
     State::invalid,
     R"(the name of its field "123456789012345678901234567890123" has 33 characters, and 32 are the most)"},
};

class StsRecordRow : public testing::TestWithParam<Row>
{};

TEST_P(StsRecordRow, IsReadAsTheRfcSays)
{
    const auto record = read(GetParam().records);
    EXPECT_EQ(record.state, GetParam().state);
    EXPECT_EQ(record.id, GetParam().state == State::valid ? GetParam().said : "");
    EXPECT_EQ(record.fault, GetParam().state == State::invalid ? GetParam().said : "");
}

INSTANTIATE_TEST_SUITE_P(All, StsRecordRow, testing::ValuesIn(rows));

TEST(StsRecord, ManyRecordsThatAreNoneSayOnlyTheFirstFault)
{
    EXPECT_EQ(
        read({"v=STSv1 ; id=a", "v=STSv1"}).fault, R"(a space stands between "v=STSv1" and the semicolon)"
    );
}

TEST(StsRecord, ALongRecordIsCutShortInItsFault)
{
    const auto record = read({"v=STSv1 " + std::string(60000, 'x')});
    EXPECT_EQ(record.state, State::invalid);
    EXPECT_LT(record.fault.size(), 150u);
}

} // namespace
