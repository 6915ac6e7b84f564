#include "probe/scan/exclusions.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace
{

using asio::ip::make_address;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

scan::Exclusions of(std::initializer_list<std::string_view> rules)
{
    scan::Exclusions exclusions;
    for (const auto rule : rules)
        exclusions.add(rule);
    return exclusions;
}

TEST(Exclusions, OfAddressesAndNetworks)
{
    struct Case
    {
        const char* rule;
        const char* address;
        bool covered;
    };
    const Case cases[] = {
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"192.0.2.0/24", "192.0.2.255", true},
        {"192.0.2.77/24", "192.0.2.255", true},
        {"192.0.2.0/24", "192.0.3.0", false},
        {"192.0.2.0/31", "192.0.2.1", true},
        {"192.0.2.0/31", "192.0.2.2", false},
        {"172.16.0.0/12", "172.31.255.255", true},
        {"172.16.0.0/12", "172.32.0.0", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"0.0.0.0/0", "::ffff:203.0.113.9", true},
        {"::/0", "2001:db8::1", true},
        {"::/0", "192.0.2.1", false},
        {"2001:db8::1", "2001:DB8:0:0::1", true},
        {"2001:db8::1", "2001:db8::2", false},
        {"2001:db8::/32", "2001:db8:ffff::1", true},
        {"2001:db8::/32", "2001:db9::", false},
        {"2001:db8::/33", "2001:db8:7fff::", true},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"fe80::/10", "fe80::1%1", true},
        {"192.0.2.1", "::ffff:192.0.2.1", true},
        {"::ffff:192.0.2.1", "192.0.2.1", true},
        {"::ffff:192.0.2.0/120", "192.0.2.9", true},
        {"::ffff:192.0.2.0/120", "192.0.3.9", false},
        {"::ffff:0:0/96", "203.0.113.9", true},
        {"::ffff:0:0/95", "203.0.113.9", false},
        {"::ffff:0:0/95", "::fffe:203.0.113.9", true},
        {"[192.0.2.1]", "192.0.2.1", true},
        {"[192.0.2.1]", "192.0.2.2", false},
        {"[2001:db8::1]", "2001:db8::1", true},
        {"[IPv6:2001:db8::1]", "2001:db8::1", true},
    };
    for (const auto& [rule, address, covered] : cases) {
        const auto found = of({rule}).rule_for(make_address(address));
        EXPECT_EQ(found.has_value(), covered) << rule << " " << address;
        EXPECT_EQ(found.value_or(rule), rule);
    }
}

TEST(Exclusions, OfNames)
{
    struct Case
    {
        const char* rule;
        const char* name;
        bool covered;
    };
    const Case cases[] = {
        {"example.com", "example.com", true},
        {"example.com", "mx1.mail.example.com", true},
        {"example.com", "notexample.com", false},
        {"example.com", "com", false},
        {"example.com", "example.com.invalid", false},
        {"*.example.com", "example.com", true},
        {".example.com", "example.com", true},
        {".example.com", "mx.example.com", true},
        {"Example.COM.", "example.com", true},
        {"example.com", "MX.Example.Com.", true},
        {"com", "example.com", true},
        {"b\xc3\xbc"
         "cher.example",
         "mx.xn--bcher-kva.example", true},
        {"*.b\xc3\xbc"
         "cher.example",
         "xn--bcher-kva.example", true},
        {"_dmarc.example.com", "_dmarc.example.com", true},
        {"192.0.2.0/24", "example.com", false},
        {"example.com", "", false},
        {"example.com", ".", false},
    };
    for (const auto& [rule, name, covered] : cases) {
        const auto found = of({rule}).rule_for(std::string_view(name));
        EXPECT_EQ(found.has_value(), covered) << rule << " " << name;
        EXPECT_EQ(found.value_or(rule), rule);
    }
    EXPECT_FALSE(of({"example.com"}).rule_for(make_address("192.0.2.1")));
}

TEST(Exclusions, TellTheRuleThatCoversBest)
{
    const auto exclusions =
        of({"10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "*.example.com", "mail.example.com", "example.com",
            "2001:db8::/32", "2001:db8::/64"});
    EXPECT_EQ(exclusions.rule_for(make_address("10.1.2.3")), "10.1.2.3");
    EXPECT_EQ(exclusions.rule_for(make_address("10.1.2.4")), "10.1.0.0/16");
    EXPECT_EQ(exclusions.rule_for(make_address("10.2.2.4")), "10.0.0.0/8");
    EXPECT_EQ(exclusions.rule_for(make_address("2001:db8::9")), "2001:db8::/64");
    EXPECT_EQ(exclusions.rule_for("mx.mail.example.com"), "mail.example.com");
    EXPECT_EQ(exclusions.rule_for("www.example.com"), "*.example.com") << "the first of those that are one";
    EXPECT_EQ(exclusions.size(), 7U);
}

TEST(Exclusions, RefuseWhatIsNoRule)
{
    for (const auto* text :
         {"",
          "*",
          ".",
          "*.",
          "..",
          "*.*.example.com",
          "a..b",
          "user@example.com",
          "192.0.2.0/33",
          "192.0.2.0/",
          "192.0.2.0/-1",
          "192.0.2.0/ 24",
          "192.0.2.0/24/24",
          "2001:db8::/129",
          "192.0.2.300",
          "192.0.2",
          "192.0.2.*",
          "192.0.2.1-192.0.2.9",
          "[192.0.2.1",
          "[192.0.2.1]:25",
          "[192.0.2.0/24]",
          "[example.com]",
          "[]",
          "192.0.2.1:25",
          "fe80::1%1",
          "example.com/24",
          "example.com:25",
          "two words",
          "-\xff.example",
          "/24",
          "http://example.com"}) {
        scan::Exclusions exclusions;
        EXPECT_THROW(exclusions.add(text), std::invalid_argument) << text;
        EXPECT_EQ(exclusions.size(), 0U);
    }
    EXPECT_THROW(of({std::string_view("192.0.2.1\0", 10)}), std::invalid_argument);
    EXPECT_THROW(of({std::string(100'000, 'a')}), std::invalid_argument);
}

/// A file that goes with the test.
class File
{
public:
    explicit File(std::string_view contents) { std::ofstream(path_, std::ios::binary) << contents; }
    ~File() { std::filesystem::remove(path_); }
    const std::string& path() const { return path_; }

private:
    std::string path_ = testing::TempDir() + fmt::format("exclusions-{}", ::getpid());
};

std::string complaint_of(std::string_view contents)
{
    const File file(contents);
    scan::Exclusions exclusions;
    try {
        exclusions.read(file.path());
    } catch (const std::invalid_argument& fault) {
        return fault.what();
    }
    return "";
}

TEST(Exclusions, OfAFile)
{
    const File file("# whom we leave alone\n\n 192.0.2.0/24\t# a network\r\nexample.com\n\t\n#\n2001:db8::1");
    scan::Exclusions exclusions;
    exclusions.read(file.path());
    EXPECT_EQ(exclusions.size(), 3U);
    EXPECT_EQ(exclusions.rule_for(make_address("192.0.2.7")), "192.0.2.0/24");
    EXPECT_EQ(exclusions.rule_for("mx.example.com"), "example.com");
    EXPECT_TRUE(exclusions.rule_for(make_address("2001:db8::1")));
    EXPECT_EQ(complaint_of(""), "");
}

TEST(Exclusions, NameTheLineThatIsNoRule)
{
    EXPECT_THAT(
        complaint_of("example.com\n\n192.0.2.0/40 # too long\n"),
        AllOf(
            StartsWith(testing::TempDir()),
            HasSubstr(", line 3: '192.0.2.0/40' is no network: give a prefix length from 0 to 32")
        )
    );
    EXPECT_THAT(complaint_of("\x1b[31m"), HasSubstr(", line 1: '\\x1b[31m' is no rule: give an address"));
    EXPECT_LT(complaint_of(std::string(1'000'000, '\xff')).size(), 5'000U);
}

TEST(Exclusions, RefuseAFileThatCannotBeReadOrHasNoEnd)
{
    scan::Exclusions exclusions;
    const auto complaint = [&](const std::string& path) -> std::string {
        try {
            exclusions.read(path);
        } catch (const std::invalid_argument& fault) {
            return fault.what();
        }
        return "";
    };
    EXPECT_EQ(
        complaint("/nonexistent/file"),
        "cannot read the file of exclusions /nonexistent/file: No such file or directory; give a file of "
        "addresses, networks and names"
    );
    EXPECT_THAT(complaint(testing::TempDir()), StartsWith("cannot read the file of exclusions"));
    EXPECT_THAT(
        complaint("/dev/zero"), StartsWith("the file of exclusions /dev/zero is above 67108864 octets")
    );
}

TEST(Exclusions, AreManyWithoutBeingSlow)
{
    scan::Exclusions exclusions;
    for (unsigned number = 0; number < 20'000; ++number) {
        exclusions.add(asio::ip::make_address_v4(0x0a00'0000 + number * 16).to_string() + "/28");
        exclusions.add(fmt::format("customer{}.example.com", number));
    }
    EXPECT_EQ(exclusions.size(), 40'000U);
    for (unsigned number = 0; number < 20'000; ++number) {
        EXPECT_TRUE(exclusions.rule_for(asio::ip::make_address_v4(0x0a00'0005 + number * 16)));
        EXPECT_TRUE(exclusions.rule_for(fmt::format("mx.customer{}.example.com", number)));
    }
    EXPECT_FALSE(exclusions.rule_for(make_address("192.0.2.1")));
    EXPECT_FALSE(exclusions.rule_for("example.com"));
}

} // namespace
