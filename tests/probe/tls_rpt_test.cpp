#include "probe/tls_rpt.hpp"

#include <gmock/gmock.h>

#include <ostream>

namespace
{

using namespace std::string_literals;
using probe::read_tls_rpt;
using probe::TlsRptRecord;
using State = TlsRptRecord::State;

struct Row
{
    std::vector<std::string> records;
    State state;
    std::vector<std::string> rua;
    std::string fault;
};

void PrintTo(const Row& row, std::ostream* out)
{
    *out << testing::PrintToString(row.records);
}

TlsRptRecord read(const std::vector<std::string>& records)
{
    std::vector<dns::Text> texts;
    for (const auto& record : records)
        texts.push_back({record});
    return read_tls_rpt(texts);
}

const std::string mail = "mailto:reports@example.com";
const std::string web = "https://reporting.example.com/v1/tlsrpt";

const std::vector<Row> rows{
    // RFC 8460 §3.1, and what its grammar allows
    {{"v=TLSRPTv1;rua=" + mail}, State::valid, {mail}, ""},
    {{"v=TLSRPTv1; rua=" + web}, State::valid, {web}, ""},
    {{"v=TLSRPTv1; rua=" + mail + "," + web + ";"}, State::valid, {mail, web}, ""},
    {{"v=TLSRPTv1; rua=" + mail + " ,\t" + web + " ; "}, State::valid, {mail, web}, ""},
    {{"v=TLSRPTv1; rua=" + mail + "; rua=" + web}, State::valid, {mail, web}, ""},
    {{"v=TLSRPTv1; ext=1; rua=" + mail + "; a.b=2"}, State::valid, {mail}, ""},
    {{"v=TLSRPTv1; rua=MAILTO:a%21b@Example.COM?subject=tls"},
     State::valid,
     {"MAILTO:a%21b@Example.COM?subject=tls"},
     ""},
    {{"v=TLSRPTv1; rua=HTTPS://example.com:8443"}, State::valid, {"HTTPS://example.com:8443"}, ""},
    {{"v=TLSRPTv1; rua=https://192.0.2.1/x"}, State::valid, {"https://192.0.2.1/x"}, ""},
    {{"v=TLSRPTv1; rua=https://[2001:db8::1]:443/x"}, State::valid, {"https://[2001:db8::1]:443/x"}, ""},
    {{"v=TLSRPTv1; rua=https://example.com?a=b"}, State::valid, {"https://example.com?a=b"}, ""},

    // what is about something else, and one of many
    {{}, State::none, {}, ""},
    {{"v=spf1 -all"}, State::none, {}, ""},
    {{"v=STSv1; id=a"}, State::none, {}, ""},
    {{"v=spf1 -all", "v=TLSRPTv1; rua=" + mail}, State::valid, {mail}, ""},
    {{"v=TLSRPTv1; rua=" + mail, "v=TLSRPTv1; rua=" + web},
     State::invalid,
     {},
     R"(2 records begin with "v=TLSRPTv1;", and only one may)"},

    // what was meant as one
    {{"v=TLSRPTv1"}, State::invalid, {}, R"(it ends behind "v=TLSRPTv1", without a semicolon)"},
    {{"v=tlsrptv1; rua=a"}, State::invalid, {}, R"("v=tlsrptv1; rua=a" does not begin with "v=TLSRPTv1;")"},
    {{"v=TLSRPTv2; rua=a"}, State::invalid, {}, R"("v=TLSRPTv2; rua=a" does not begin with "v=TLSRPTv1;")"},
    {{"v=TLSRPTv1 rua=a"}, State::invalid, {}, R"("v=TLSRPTv1 rua=a" does not begin with "v=TLSRPTv1;")"},
    {{" v=TLSRPTv1; rua=a"}, State::invalid, {}, R"(it begins with a space, and not with "v=TLSRPTv1;")"},
    {{R"(v=TLSRPTv1\; rua=a)"},
     State::invalid,
     {},
     R"(a backslash stands between "v=TLSRPTv1" and the semicolon)"},

    // the fields
    {{"v=TLSRPTv1;"}, State::invalid, {}, "it has no rua, and so no address for reports"},
    {{"v=TLSRPTv1; ext=1"}, State::invalid, {}, "it has no rua, and so no address for reports"},
    {{"v=TLSRPTv1; RUA=" + mail}, State::invalid, {}, R"(it has no "rua", only "RUA")"},
    {{"v=TLSRPTv1;; rua=" + mail},
     State::invalid,
     {},
     "it has an empty field: two semicolons with nothing between them"},
    {{"v=TLSRPTv1; rua = a"}, State::invalid, {}, R"(its field "rua = a" has a space beside the "=")"},
    {{"v=TLSRPTv1; rua=" + mail + "; ext="}, State::invalid, {}, R"(its field "ext" has no value)"},

    // the addresses
    {{"v=TLSRPTv1; rua="},
     State::invalid,
     {},
     "its rua has an empty place: a comma with nothing beside it, or nothing at all"},
    {{"v=TLSRPTv1; rua=" + mail + ","},
     State::invalid,
     {mail},
     "its rua has an empty place: a comma with nothing beside it, or nothing at all"},
    {{"v=TLSRPTv1; rua=tls@example.com"},
     State::invalid,
     {},
     R"(its rua "tls@example.com" begins with neither "mailto:" nor "https://")"},
    {{"v=TLSRPTv1; rua=" + mail + ",tls@example.com"},
     State::invalid,
     {mail},
     R"(its rua "tls@example.com" begins with neither "mailto:" nor "https://")"},
    {{"v=TLSRPTv1; rua=http://example.com/," + web},
     State::invalid,
     {web},
     R"(its rua "http://example.com/" begins with neither "mailto:" nor "https://")"},
    {{"v=TLSRPTv1; rua=mailto:"},
     State::invalid,
     {},
     R"(its rua "mailto:" has no mail address behind "mailto:")"},
    {{"v=TLSRPTv1; rua=mailto:example.com"},
     State::invalid,
     {},
     R"(its rua "mailto:example.com" has no mail address behind "mailto:")"},
    {{"v=TLSRPTv1; rua=mailto:@example.com"},
     State::invalid,
     {},
     R"(its rua "mailto:@example.com" has no mail address behind "mailto:")"},
    {{"v=TLSRPTv1; rua=mailto:tls@"},
     State::invalid,
     {},
     R"(its rua "mailto:tls@" has no mail address behind "mailto:")"},
    {{"v=TLSRPTv1; rua=mailto:a@b@example.com"},
     State::invalid,
     {},
     R"(its rua "mailto:a@b@example.com" has no mail address behind "mailto:")"},
    {{"v=TLSRPTv1; rua=mailto://tls@example.com"},
     State::invalid,
     {},
     R"(its rua "mailto://tls@example.com" has no mail address behind "mailto:")"},
    {{"v=TLSRPTv1; rua=mailto:tls@example.com!10m"},
     State::invalid,
     {},
     R"(its rua "mailto:tls@example.com!10m" has "!" in it, which must be percent-encoded)"},
    {{"v=TLSRPTv1; rua=mailto:tls@b\xc3\xbc.example"},
     State::invalid,
     {},
     R"(its rua "mailto:tls@b\xc3\xbc.example" has "\xc3" in it, which must be percent-encoded)"},
    {{"v=TLSRPTv1; rua=mailto:tls@example.com mailto:b@example.com"},
     State::invalid,
     {},
     R"(its rua "mailto:tls@example.com mailto:b@example.com" has " " in it, which must be percent-encoded)"},
    {{"v=TLSRPTv1; rua=https:///x"},
     State::invalid,
     {},
     R"(its rua "https:///x" has no name of a host behind "https://")"},
    {{"v=TLSRPTv1; rua=https://user@example.com/"},
     State::invalid,
     {},
     R"(its rua "https://user@example.com/" has no name of a host behind "https://")"},
    {{"v=TLSRPTv1; rua=https://example.com:0/"},
     State::invalid,
     {},
     R"(its rua "https://example.com:0/" has no name of a host behind "https://")"},
    {{"v=TLSRPTv1; rua=https://example.com:65536/"},
     State::invalid,
     {},
     R"(its rua "https://example.com:65536/" has no name of a host behind "https://")"},
    {{"v=TLSRPTv1; rua=https://example.com:4294967739/"},
     State::invalid,
     {},
     R"(its rua "https://example.com:4294967739/" has no name of a host behind "https://")"},
    {{"v=TLSRPTv1; rua=https://[::1/"},
     State::invalid,
     {},
     R"(its rua "https://[::1/" has no name of a host behind "https://")"},
    {{"v=TLSRPTv1; rua=mailto:a\0b@example.com"s},
     State::invalid,
     {},
     R"(its rua "mailto:a\x00b@example.com" has "\x00" in it, which must be percent-encoded)"},
};

class TlsRptRow : public testing::TestWithParam<Row>
{};

TEST_P(TlsRptRow, IsReadAsTheRfcSays)
{
    const auto record = read(GetParam().records);
    EXPECT_EQ(record.state, GetParam().state);
    EXPECT_EQ(record.rua, GetParam().rua);
    EXPECT_EQ(record.fault, GetParam().fault);
}

INSTANTIATE_TEST_SUITE_P(All, TlsRptRow, testing::ValuesIn(rows));

} // namespace
