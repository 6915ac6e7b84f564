#include "probe/sts_policy.hpp"

#include <gmock/gmock.h>

#include <ostream>

namespace
{

using namespace std::string_literals;
using probe::matches;
using probe::read_sts_policy;
using probe::StsMode;
using probe::StsPolicy;
using probe::write_sts_policy;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string begin = "version: STSv1\n";
const std::string age = "max_age: 604800\n";
const std::string good = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n";

StsPolicy enforcing(std::vector<std::string> mx = {"mx.example.com"}, std::uint32_t seconds = 604800)
{
    return {StsMode::enforce, seconds, std::move(mx)};
}

std::string with_mx(const std::string& value)
{
    return begin + "mode: enforce\nmx: " + value + "\n" + age;
}

std::string with_age(const std::string& value)
{
    return begin + "mode: none\nmax_age: " + value + "\n";
}

struct Good
{
    std::string body;
    StsPolicy policy;
    std::vector<std::string> remarks = {};
};

void PrintTo(const Good& row, std::ostream* out)
{
    *out << testing::PrintToString(row.body);
}

const std::vector<Good> good_rows{
    {"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\n"
     "mx: backupmx.example.com\r\nmax_age: 604800\r\n",
     enforcing({"mail.example.com", "*.example.net", "backupmx.example.com"})}, // the RFC's own
    {good, enforcing()},
    {"version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800", enforcing()},
    {"version: STSv1\r\nmode: enforce\nmx: mx.example.com\r\nmax_age: 604800\r\n", enforcing()},
    {"version:STSv1\nmode:\tenforce\nmx:  \t *.example.com\nmax_age:1 \t\n", enforcing({"*.example.com"}, 1)},
    {"max_age: 604800\nmx: mx.example.com\nmode: enforce\nversion: STSv1\n", enforcing()},
    {with_mx("MX.Example.COM"), enforcing()},
    {with_mx("mx.example.com\nmx: MX.example.com\nmx: b.example.com"),
     enforcing({"mx.example.com", "b.example.com"})},
    {with_mx("localhost"), enforcing({"localhost"})},
    {with_mx("*.test"), enforcing({"*.test"})},
    {with_mx("xn--bcher-kva.example"), enforcing({"xn--bcher-kva.example"})},
    {with_mx("1.2.3.4.example"), enforcing({"1.2.3.4.example"})},
    {begin + "mode: testing\nmx: mx.example.com\n" + age, {StsMode::testing, 604800, {"mx.example.com"}}},
    {begin + "mode: none\n" + age, {StsMode::none, 604800, {}}},
    {begin + "mode: none\nmx: mx.example.com\n" + age, {StsMode::none, 604800, {"mx.example.com"}}},
    {with_age("0"), {StsMode::none, 0, {}}},
    {with_age("0000000001"), {StsMode::none, 1, {}}},
    {with_age("31557600"), {StsMode::none, 31557600, {}}},

    // what is passed over
    {good + "more: ext e  ns ion\n", enforcing(), {R"(line 5 has the key "more", which means nothing)"}},
    {good + "nmx: other.example.com\n", enforcing(), {R"(line 5 has the key "nmx", which means nothing)"}},
    {good + "note: b\xc3\xbc\n", enforcing(), {R"(line 5 has the key "note", which means nothing)"}},
    {good + "MX: other.example.com\n", enforcing(), {R"(line 5 has the key "MX", which means nothing)"}},
    {good + "mode: none\n", enforcing(), {R"(line 5 repeats "mode", of which the first line counts)"}},
    {good + "max_age: x\nversion: STSv2\n",
     enforcing(),
     {R"(line 5 repeats "max_age", of which the first line counts)",
      R"(line 6 repeats "version", of which the first line counts)"}},
    {"\n" + good + "\r\n  \n", enforcing(), {"line 1 is empty", "line 6 is empty", "line 7 is empty"}},
};

class GoodStsPolicy : public testing::TestWithParam<Good>
{};

TEST_P(GoodStsPolicy, IsRead)
{
    const auto reading = read_sts_policy(GetParam().body);
    EXPECT_EQ(reading.fault, "");
    EXPECT_EQ(reading.policy, GetParam().policy);
    EXPECT_EQ(reading.remarks, GetParam().remarks);
}

TEST_P(GoodStsPolicy, ComesThroughARoundTrip)
{
    const auto reading = read_sts_policy(write_sts_policy(GetParam().policy));
    EXPECT_EQ(reading.policy, GetParam().policy);
    EXPECT_THAT(reading.remarks, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, GoodStsPolicy, testing::ValuesIn(good_rows));

struct Bad
{
    std::string body;
    std::string fault;
};

void PrintTo(const Bad& row, std::ostream* out)
{
    *out << testing::PrintToString(row.body);
}

const std::vector<Bad> bad_rows{
    // what is missing
    {"", "it is empty"},
    {"\n", R"(it has no "version")"},
    {"mode: none\n" + age, R"(it has no "version")"},
    {begin + age, R"(it has no "mode")"},
    {begin + "mode: none\n", R"(it has no "max_age")"},
    {begin + "mode: enforce\n" + age, R"(it has no "mx")"},
    {begin + "mode: testing\n" + age, R"(it has no "mx")"},
    {begin + "mode: enforce\nnmx: mx.example.com\n" + age, R"(it has no "mx", only "nmx")"},
    {begin + "mode: enforce\nMX: mx.example.com\n" + age, R"(it has no "mx", only "MX")"},
    {begin + "Mode: none\n" + age, R"(it has no "mode", only "Mode")"},
    {begin + "mode: none\nmax-age: 1\n", R"(it has no "max_age", only "max-age")"},
    {begin + "mode: none\nMaxAge: 1\n", R"(it has no "max_age", only "MaxAge")"},
    {"Version: STSv1\nmode: none\n" + age, R"(it has no "version", only "Version")"},

    // version and mode
    {"version: STSv2\nmode: none\n" + age, R"(its version "STSv2" is not "STSv1")"},
    {"version: stsv1\nmode: none\n" + age, R"(its version "stsv1" is not "STSv1")"},
    {"version: STSv10\nmode: none\n" + age, R"(its version "STSv10" is not "STSv1")"},
    {"version: STSv1;\nmode: none\n" + age, R"(its version "STSv1;" is not "STSv1")"},
    {"version: STSv0\nversion: STSv1\nmode: none\n" + age, R"(its version "STSv0" is not "STSv1")"},
    {begin + "mode: Enforce\n" + age, R"(its mode "Enforce" must be in lower case)"},
    {begin + "mode: report\n" + age, R"(its mode "report" is none of enforce, testing and none)"},
    {begin + "mode: enforce; testing\n" + age,
     R"(its mode "enforce; testing" is none of enforce, testing and none)"},
    {begin + "mode: bad\nmode: none\n" + age, R"(its mode "bad" is none of enforce, testing and none)"},

    // max_age
    {with_age("31557601"), R"(its max_age "31557601" is above 31557600, a year)"},
    {with_age("4294967296"), R"(its max_age "4294967296" is above 31557600, a year)"},
    {with_age("9999999999"), R"(its max_age "9999999999" is above 31557600, a year)"},
    {with_age("00000000001"), R"(its max_age "00000000001" has more than 10 digits)"},
    {with_age(std::string(100, '9')),
     "its max_age \"" + std::string(60, '9') + "...\" has more than 10 digits"},
    {with_age("-1"), R"(its max_age "-1" is no number of seconds)"},
    {with_age("+1"), R"(its max_age "+1" is no number of seconds)"},
    {with_age("1.5"), R"(its max_age "1.5" is no number of seconds)"},
    {with_age("1 week"), R"(its max_age "1 week" is no number of seconds)"},
    {with_age("604800s"), R"(its max_age "604800s" is no number of seconds)"},
    {with_age("a\nmax_age: 1"), R"(its max_age "a" is no number of seconds)"},

    // mx
    {with_mx("192.0.2.1"), R"(its mx "192.0.2.1" is an address, and only names of hosts count)"},
    {with_mx("[192.0.2.1]"), R"(its mx "[192.0.2.1]" is an address, and only names of hosts count)"},
    {with_mx("2001:db8::1"), R"(its mx "2001:db8::1" is an address, and only names of hosts count)"},
    {with_mx("*.2.0.192"), R"(its mx "*.2.0.192" is no name of a host)"},
    {with_mx("mx.example.com."), R"(its mx "mx.example.com." ends with a dot)"},
    {with_mx("*."), R"(its mx "*." ends with a dot)"},
    {with_mx("."), R"(its mx "." ends with a dot)"},
    {with_mx("*"), R"(its mx "*" has "*" elsewhere than as its first label)"},
    {with_mx("*.*.example"), R"(its mx "*.*.example" has "*" elsewhere than as its first label)"},
    {with_mx("**.example"), R"(its mx "**.example" has "*" elsewhere than as its first label)"},
    {with_mx("mx*.example"), R"(its mx "mx*.example" has "*" elsewhere than as its first label)"},
    {with_mx("mx.*.example"), R"(its mx "mx.*.example" has "*" elsewhere than as its first label)"},
    {with_mx(".example.com"), R"(its mx ".example.com" begins with a dot, where "*." must stand)"},
    {with_mx("mx..example"), R"(its mx "mx..example" is no name of a host)"},
    {with_mx("test.example-"), R"(its mx "test.example-" is no name of a host)"},
    {with_mx("m_x.example"), R"(its mx "m_x.example" is no name of a host)"},
    {with_mx("mx.example.com:25"), R"(its mx "mx.example.com:25" is no name of a host)"},
    {with_mx("a.example, b.example"),
     R"(its mx "a.example, b.example" is more than one name, of which each must have a line of its own)"},
    {with_mx("a.example b.example"),
     R"(its mx "a.example b.example" is more than one name, of which each must have a line of its own)"},
    {with_mx("b\xc3\xbc.example"), R"(its mx "b\xc3\xbc.example" must be written in A-labels ("xn--..."))"},
    {with_mx(std::string(64, 'a') + ".example"),
     "its mx \"" + std::string(60, 'a') + "...\" is no name of a host"},
    {with_mx("good.example\nmx: bad-.example"), R"(its mx "bad-.example" is no name of a host)"},
    {begin + "mode: none\nmx: bad-.example\n" + age, R"(its mx "bad-.example" is no name of a host)"},

    // lines
    {"<!DOCTYPE html>\n<html></html>\n", R"(line 1, "<!DOCTYPE html>", has no colon)"},
    {"<a href=\"https://example.com/\">\n",
     R"(line 1, "<a href="https://example.com/">", begins with no key)"},
    {good + "mx\n", R"(line 5, "mx", has no colon)"},
    {good + "mx:\n", R"(line 5, "mx:", has no value)"},
    {good + "ext: \t\n", R"(line 5, "ext:", has no value)"},
    {good + ": x\n", R"(line 5, ": x", begins with no key)"},
    {good + "_bad: x\n", R"(line 5, "_bad: x", begins with no key)"},
    {good + "mx : b.example\n", R"(line 5, "mx : b.example", has a space before the colon)"},
    {good + " mx: b.example\n", "line 5 begins with a space"},
    {good + std::string(33, 'k') + ": x\n",
     "line 5, \"" + std::string(33, 'k') + ": x\", begins with no key"},
    {"\xef\xbb\xbf" + good, "line 1 begins with a byte order mark"},
    {"version: STSv1\rmode: none\rmax_age: 1\r", R"(line 1 has the octet \x0d in it)"},
    {good + "note: a\0b\n"s, R"(line 5 has the octet \x00 in it)"},
    {good + "note: \x1b[2J\n", R"(line 5 has the octet \x1b in it)"},
    {good + "note: \x7f\n", R"(line 5 has the octet \x7f in it)"},
    {std::string("\xff\xfev\0e\0r\0", 8), R"(line 1 has the octet \x00 in it)"},
    {good + std::string(65536, '\n'), "it has more than 65536 octets"},
};

class BadStsPolicy : public testing::TestWithParam<Bad>
{};

TEST_P(BadStsPolicy, SaysWhy)
{
    const auto reading = read_sts_policy(GetParam().body);
    EXPECT_EQ(reading.fault, GetParam().fault);
    EXPECT_EQ(reading.policy, std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(All, BadStsPolicy, testing::ValuesIn(bad_rows));

TEST(StsPolicy, MayBeAsLongAs64KiB)
{
    const auto room = probe::max_sts_policy - good.size() - std::string("note: \n").size();
    EXPECT_EQ(read_sts_policy(good + "note: " + std::string(room, 'x') + "\n").policy, enforcing());
    EXPECT_EQ(read_sts_policy(good + "note: " + std::string(room + 1, 'x') + "\n").policy, std::nullopt);
}

TEST(StsPolicy, MayNameThousandsOfHosts)
{
    std::string body = begin + "mode: enforce\n" + age;
    std::size_t count = 0;
    for (; body.size() < probe::max_sts_policy - 20; ++count)
        body += "mx: h" + std::to_string(count) + ".test\n";
    const auto reading = read_sts_policy(body);
    ASSERT_TRUE(reading.policy);
    EXPECT_THAT(reading.policy->mx, SizeIs(count));
}

TEST(StsPolicy, RemarksAreBounded)
{
    EXPECT_THAT(read_sts_policy(good + std::string(100, '\n')).remarks, SizeIs(10));
}

TEST(StsPolicy, RemarksComeWithFaultsToo)
{
    const auto reading = read_sts_policy(begin + "nmx: mx.example.com\nmode: bad\n" + age);
    EXPECT_EQ(reading.fault, R"(its mode "bad" is none of enforce, testing and none)");
    EXPECT_THAT(reading.remarks, ElementsAre(R"(line 2 has the key "nmx", which means nothing)"));
}

TEST(StsPolicy, IsWrittenWithCrlf)
{
    EXPECT_EQ(
        write_sts_policy({StsMode::testing, 86400, {"mx.example.com", "*.example.net"}}),
        "version: STSv1\r\nmode: testing\r\nmx: mx.example.com\r\nmx: *.example.net\r\nmax_age: 86400\r\n"
    );
}

struct Covered
{
    std::string host;
    std::string pattern;
    bool covers;
};

const std::vector<Covered> covered_rows{
    // the rows of the EFF's starttls-backend; a leading dot stood for "*." in drafts only
    {"example.com", "example.com", true},
    {"mx.example.com", "mx.example.com", true},
    {"different.org", "example.com", false},
    {"not.example.com", "example.com", false},
    {"example.com", ".example.com", false},
    {"example.com", "*.example.com", false},
    {"mx.example.com", "*mx.example.com", false},
    {"mx.example.com", "*.example.com", true},
    {"mx.example.com", ".example.com", false},
    {"mx.mx.example.com", "*.mx.example.com", true},
    {"mx.mx.example.com", ".mx.example.com", false},
    {"mx.example.com", "mx.*.com", false},
    {"mx.mx.example.com", "*.example.com", false},
    {"mx.example.com", "mx.*ple.com", false},
    {"*.example.com", "mx.example.com", false},
    {"*.example.com", "mx.mx.example.com", false},
    {"*.example.com", ".mx.example.com", false},
    {"mx.example.com", "..example.com", false},

    {"MX.Example.COM", "mx.example.com", true},
    {"mx.example.com.", "mx.example.com", true},
    {"mx.example.com", "mx.example.com.", true},
    {"mx.example.com.", "*.EXAMPLE.com", true},
    {"m_x.example.com", "*.example.com", true},
    {"example.com", "*.com", true},
    {"com", "*.com", false},
    {".example.com", "*.example.com", false},
    {"a..example.com", "*.example.com", false},
    {"mx.example.com", "*.", false},
    {"mx.example.com", "*", false},
    {"mx.", "*.", false},
    {"*.example.com", "*.example.com", false},
    {"*.mx.example.com", "*.*.example.com", false},
    {"m*x.example.com", "*.example.com", false},
    {"amx.example.com", "mx.example.com", false},
    {"mx.example.com.evil.test", "mx.example.com", false},
    {"", "", false},
    {".", ".", false},
    {"", "*.example.com", false},
};

TEST(StsPolicy, PatternsCoverWholeNamesAndOneLabel)
{
    for (const auto& [host, pattern, covers] : covered_rows)
        EXPECT_EQ(matches(pattern, host), covers) << pattern << " and " << host;
}

} // namespace
