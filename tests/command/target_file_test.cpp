#include "probe/command/target_file.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace
{

using namespace std::chrono_literals;
using command::max_label;
using command::max_target_file;
using command::max_targets;
using command::Request;
using command::TargetFile;
using command::TargetOptions;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Optional;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::chrono::sys_seconds now = std::chrono::sys_days{2026y / 11 / 20};

TargetFile read(std::string_view text, const std::vector<std::string>& arguments = {})
{
    TargetOptions options(arguments, now, "probe.example.com");
    return command::read_targets(text, "partners.toml", options);
}

std::vector<Request> requests(std::string_view text, const std::vector<std::string>& arguments = {})
{
    auto file = read(text, arguments);
    EXPECT_THAT(file.errors, IsEmpty());
    return std::move(file.requests);
}

/// What there is to say of a target with this line, which is the third.
std::string error_in(const std::string& line)
{
    const auto errors = read("[[target]]\nname = \"a.example\"\n" + line + '\n').errors;
    EXPECT_THAT(errors, SizeIs(1)) << line;
    return errors.empty() ? "" : errors.front();
}

TEST(TargetFile, HasATargetATable)
{
    const auto all = requests(R"(
[[target]]
name = "example.com"

[[target]]
name = "user@example.org"
label = "Example"
contact = "Ann <ann@example.org>"
mx = ["relay1.example.org", "[2001:db8::1]:2525"]
reference = "mx.example.org"
port = 587
policy = "required-verify"
warn-below = 90
fail-below = 51
expiry-days = 40
ehlo = "probe.example.net"
timeout = 2.5
min-tls = 1.2
max-tls = "1.3"
quick = true
no-dane = true
key-types = true
ipv6-only = true
)");
    ASSERT_THAT(all, SizeIs(2));
    EXPECT_EQ(all[0].target.domain, "example.com");
    EXPECT_EQ(all[0].label, std::nullopt);
    EXPECT_EQ(all[0].contact, std::nullopt);
    EXPECT_EQ(all[0].plan.port, 25);
    EXPECT_EQ(all[0].plan.smtp.ehlo_name, "probe.example.com");
    EXPECT_EQ(all[0].criteria.moment, now);
    EXPECT_TRUE(all[0].plan.dane && all[0].plan.ipv4);
    const auto& [target, plan, criteria, tls, key_types, ca_file, ca_path, label, contact] = all[1];
    EXPECT_EQ(target.given, "user@example.org");
    EXPECT_THAT(label, Optional(std::string("Example")));
    EXPECT_THAT(contact, Optional(std::string("Ann <ann@example.org>")));
    ASSERT_THAT(plan.hosts, SizeIs(2));
    EXPECT_EQ(plan.hosts[1].port, 2525);
    EXPECT_EQ(plan.reference, "mx.example.org");
    EXPECT_EQ(criteria.reference, "mx.example.org");
    EXPECT_EQ(plan.port, 587);
    EXPECT_EQ(criteria.policy, probe::Policy::required_verify);
    EXPECT_EQ(criteria.warn_below, 90);
    EXPECT_EQ(criteria.fail_below, 51);
    EXPECT_EQ(criteria.expiry_days, 40);
    EXPECT_EQ(plan.smtp.ehlo_name, "probe.example.net");
    EXPECT_EQ(plan.timeout, 2500ms);
    EXPECT_EQ(tls.min_version, "1.2");
    EXPECT_EQ(tls.max_version, "1.3");
    EXPECT_TRUE(plan.quick && key_types && plan.ipv6);
    EXPECT_FALSE(plan.dane || plan.ipv4);
    EXPECT_EQ(ca_file + ca_path, "");
}

TEST(TargetFile, HasDefaultsThatATargetMaySayOtherwise)
{
    const auto all = requests(R"(
[[target]]
name = "a.example"

[[target]]
name = "b.example"
contact = "b@example.org"
policy = "dane"
no-dane = false
mx = []

[defaults]
contact = "us@example.org"
policy = "required"
mx = "relay.example"
min-tls = 1.0
no-dane = true
)");
    ASSERT_THAT(all, SizeIs(2));
    EXPECT_THAT(all[0].contact, Optional(std::string("us@example.org")));
    EXPECT_EQ(all[0].criteria.policy, probe::Policy::required);
    EXPECT_THAT(all[0].plan.hosts, SizeIs(1));
    EXPECT_FALSE(all[0].plan.dane);
    EXPECT_THAT(all[1].contact, Optional(std::string("b@example.org")));
    EXPECT_EQ(all[1].criteria.policy, probe::Policy::dane);
    EXPECT_THAT(all[1].plan.hosts, IsEmpty());
    EXPECT_TRUE(all[1].plan.dane);
    EXPECT_EQ(all[1].tls.min_version, "1.0");
}

TEST(TargetFile, IsOverruledByTheCommandLine)
{
    constexpr auto text =
        "[defaults]\nport = 26\nmx = \"a.example\"\nexpiry-days = 5\n"
        "[[target]]\nname = \"a.example\"\nport = 27\nmx = \"b.example\"\nwarn-below = 70\n";
    const auto all = requests(
        text,
        {"check", "--targets", "f", "--port", "28", "--mx", "c.example", "--quick", "--ehlo", "e.example"}
    );
    ASSERT_THAT(all, SizeIs(1));
    EXPECT_EQ(all[0].plan.port, 28);
    ASSERT_THAT(all[0].plan.hosts, SizeIs(1));
    EXPECT_EQ(all[0].plan.hosts[0].host, "c.example");
    EXPECT_TRUE(all[0].plan.quick);
    EXPECT_EQ(all[0].plan.smtp.ehlo_name, "e.example");
    EXPECT_EQ(all[0].criteria.warn_below, 70);
    EXPECT_EQ(all[0].criteria.expiry_days, 5);
    EXPECT_THAT(
        read("[[target]]\nname = \"a.example\"\nport = 0\n", {"--targets", "f", "--port", "28"}).errors,
        SizeIs(1)
    ) << "what is overruled is checked all the same";
}

TEST(TargetFile, HoldsEachTargetAgainstTheCommandLineAnew)
{
    const auto all = requests("[[target]]\nname = \"a.example\"\nmx = [\"b.example\"]\nquick = true\n"
                              "[[target]]\nname = \"b.example\"\n");
    ASSERT_THAT(all, SizeIs(2));
    EXPECT_THAT(all[1].plan.hosts, IsEmpty());
    EXPECT_FALSE(all[1].plan.quick);
}

TEST(TargetFile, TakesPathsFromItsFolder)
{
    TargetOptions options({}, now, "");
    constexpr auto text = "[defaults]\nca-file = \"/etc/roots.pem\"\n"
                          "[[target]]\nname = \"a.example\"\nclient-cert = \"keys/a.pem\"\n";
    const auto file = command::read_targets(text, "/etc/mxtls/partners.toml", options);
    ASSERT_THAT(file.requests, SizeIs(1));
    EXPECT_EQ(file.requests[0].tls.client_cert, "/etc/mxtls/keys/a.pem");
    EXPECT_EQ(file.requests[0].ca_file, "/etc/roots.pem");
}

TEST(TargetFile, TellsEveryErrorWithItsPlaceInTheOrderOfTheFile)
{
    constexpr auto text = "[defaults]\n"
                          "warn-below = 101\n"
                          "label = \"all\"\n"
                          "no-dane = true\n"
                          "[[target]]\n"
                          "name = \"a.example\"\n"
                          "  polisy = \"dane\"\n"
                          "mx = [\"b.example\",\n"
                          "      \"c.example:0\"]\n"
                          "[[target]]\n"
                          "port = \"smtp\"\n"
                          "[[target]]\n"
                          "name = \"b.example\"\n"
                          "policy = \"dane\"\n"
                          "[target.x]\n"
                          "[other]\n";
    EXPECT_THAT(
        read(text).errors,
        ElementsAre(
            "partners.toml:2:14: warn-below: '101' is out of range: give a whole number from 0 to 100",
            "partners.toml:3:1: label is of one target: write it below [[target]]",
            "partners.toml:7:3: unknown key 'polisy': did you mean policy?",
            "partners.toml:9:7: mx: 'c.example:0' has no usable port: give a number from 1 to 65535",
            "partners.toml:10:1: the target has no name: give one, as in name = \"example.com\"",
            "partners.toml:11:8: port: 'smtp' is no number: give a whole number from 1 to 65535",
            "partners.toml:12:1: --policy dane and --no-dane exclude each other: give one",
            StartsWith("partners.toml:15:9: unknown key 'x': "),
            "partners.toml:16:2: unknown key 'other': write keys below [defaults] or [[target]]"
        )
    );
}

TEST(TargetFile, TellsOfWhatIsNotTomlWhereItIs)
{
    EXPECT_THAT(
        read("[[target]]\nname = \n").errors, ElementsAre(StartsWith("partners.toml:2:8: this is not TOML: "))
    );
    EXPECT_THAT(read("[[target]\n").errors, ElementsAre(StartsWith("partners.toml:1:")));
    EXPECT_THAT(read("a = 1\na = 2\n").errors, ElementsAre(StartsWith("partners.toml:2:")));
    EXPECT_THAT(read("a = \"\xff\"\n").errors, ElementsAre(HasSubstr("utf-8")));
    EXPECT_THAT(read(std::string("a = \0", 5)).errors, ElementsAre(Not(HasSubstr(std::string(1, '\0')))));
    EXPECT_THAT(read("a = " + std::string(100'000, '[')).errors, SizeIs(1));
}

TEST(TargetFile, HasAtLeastOneTarget)
{
    for (const auto* const text : {"", "# none yet\n", "\xef\xbb\xbf", "[defaults]\nport = 26\n"})
        EXPECT_THAT(read(text).errors, ElementsAre(StartsWith("partners.toml:1:1: there is no target: ")))
            << text;
    EXPECT_THAT(read("[target]\nname = \"a.example\"\n").errors, ElementsAre(HasSubstr("write [[target]]")));
    EXPECT_THAT(
        read("target = [1]\n").errors,
        ElementsAre("partners.toml:1:11: a target is a table: write [[target]], "
                    "and its keys below it")
    );
    EXPECT_THAT(read("defaults = 1\n").errors, SizeIs(1));
    EXPECT_THAT(
        read("[[targets]]\nname = \"a.example\"\n").errors, ElementsAre(HasSubstr("did you mean target?"))
    );
}

TEST(TargetFile, KnowsEachTargetByOneName)
{
    const auto twice = [](const std::string& one, const std::string& other) {
        return read(fmt::format("[[target]]\n{}\n[[target]]\n{}\n", one, other)).errors;
    };
    EXPECT_THAT(
        twice("name = \"a.example\"", "name = \"A.example.\""),
        ElementsAre(
            "partners.toml:3:1: 'a.example' is what the target of line 1 is called: give this one a label"
        )
    );
    EXPECT_THAT(
        twice("name = \"a.example\"\nlabel = \"x\"", "name = \"b.example\"\nlabel = \"x\""),
        ElementsAre(
            "partners.toml:4:1: 'x' is what the target of line 1 is called: give this one another label"
        )
    );
    EXPECT_THAT(twice("name = \"a.example\"", "name = \"b.example\"\nlabel = \"a.example\""), SizeIs(1));
    EXPECT_THAT(twice("name = \"a.example\"", "name = \"a.example\"\nlabel = \"x\""), IsEmpty());
    EXPECT_THAT(twice("name = \"a.example\"", "name = \"user@a.example\""), IsEmpty());
}

TEST(TargetFile, RefusesValuesOfAnotherKind)
{
    EXPECT_THAT(error_in("quick = \"yes\""), HasSubstr(":3:9: quick: give true or false, without quotes"));
    EXPECT_THAT(error_in("quick = 1"), HasSubstr("quick: give true or false"));
    EXPECT_THAT(error_in("port = [25, 26]"), HasSubstr(":3:8: port: give one value"));
    EXPECT_THAT(error_in("port = true"), HasSubstr("port: give one value"));
    EXPECT_THAT(error_in("port = 2026-11-20"), HasSubstr("port: give one value"));
    EXPECT_THAT(error_in("port.a = 1"), HasSubstr("port: give one value"));
    EXPECT_THAT(error_in("port = 25.5"), HasSubstr("port: '25.5' is no number"));
    EXPECT_THAT(error_in("timeout = inf"), HasSubstr("timeout: 'inf' is no time limit"));
    EXPECT_THAT(error_in("timeout = 1e300"), HasSubstr("timeout: '1e+300' is no time limit"));
    EXPECT_THAT(error_in("mx = [[]]"), HasSubstr("mx: give text in quotes, or an array of such"));
    EXPECT_THAT(error_in("mx = \"\""), HasSubstr(":3:6: mx: "));
    EXPECT_THAT(error_in("client-cert = \"\""), HasSubstr("client-cert: '' is empty"));
    EXPECT_THAT(error_in("client-key = \"k.pem\""), HasSubstr(":1:1: --client-key needs the certificate"));
    EXPECT_THAT(
        error_in("ipv4-only = true\nmx = \"2001:db8::1\""), HasSubstr(":1:1: '2001:db8::1' is of the family")
    );
    EXPECT_THAT(error_in("policy = \"\\u001b[31m\""), HasSubstr("policy: '\\x1b[31m' is no policy"));
}

TEST(TargetFile, RefusesWhatIsOfTheWholeRun)
{
    EXPECT_THAT(
        error_in("jobs = 4"), HasSubstr(":3:1: jobs is of the whole run: give --jobs on the command line")
    );
    for (const auto* const key :
         {"resolver", "trust-ad", "rate", "format", "history", "keep", "at", "tlsa", "targets"})
        EXPECT_THAT(error_in(fmt::format("{} = 1", key)), HasSubstr(" is of the whole run: ")) << key;
}

TEST(TargetFile, SuggestsTheKeyThatWasMeant)
{
    EXPECT_THAT(error_in("warn_below = 1"), HasSubstr("unknown key 'warn_below': did you mean warn-below?"));
    EXPECT_THAT(error_in("--port = 1"), HasSubstr("did you mean port?"));
    EXPECT_THAT(error_in("lable = \"x\""), HasSubstr("did you mean label?"));
    EXPECT_THAT(error_in("4 = true"), HasSubstr("unknown key '4': see mxtls config --help"));
    EXPECT_THAT(error_in("\"\\u001b[2J\" = 1"), HasSubstr("unknown key '\\x1b[2J': see mxtls config --help"));
    EXPECT_THAT(error_in(std::string(10'000, 'a') + " = 1"), HasSubstr("see mxtls config --help"));
}

TEST(TargetFile, HasLabelsThatCanBeShown)
{
    EXPECT_THAT(error_in("label = 1"), HasSubstr("label: give text in quotes"));
    EXPECT_THAT(error_in("label = \"\""), HasSubstr("label: '' is empty"));
    EXPECT_THAT(error_in("label = \" x\""), HasSubstr("or has blanks around it"));
    EXPECT_THAT(
        error_in("label = \"a\\nb\""), HasSubstr("label: 'a\\x0ab' has characters that cannot be seen")
    );
    EXPECT_THAT(
        error_in(fmt::format("contact = \"{}\"", std::string(max_label + 1, 'x'))),
        HasSubstr("' is too long: give at most 200 octets")
    );
    EXPECT_THAT(requests("[[target]]\nname = \"a.example\"\nlabel = \"M\xc3\xbcller AG\"\n"), SizeIs(1));
}

TEST(TargetFile, HasItsBounds)
{
    std::string text;
    for (std::size_t at = 0; at < max_targets; ++at)
        text += fmt::format("[[target]]\nname = \"{}.example\"\n", at);
    EXPECT_THAT(requests(text), SizeIs(max_targets));
    EXPECT_THAT(
        read(text + "[[target]]\nname = \"a.example\"\n[[target]]\n").errors,
        ElementsAre("partners.toml:20001:1: there are more than 10000 targets: split the file")
    );
}

class TargetFileOnDisk : public testing::Test
{
protected:
    TargetFileOnDisk() { std::filesystem::create_directory(folder_); }
    ~TargetFileOnDisk() override { std::filesystem::remove_all(folder_); }

    std::string file_with(const std::string& text) const
    {
        const auto path = folder_ / "partners.toml";
        std::ofstream(path) << text;
        return path.string();
    }

    const std::filesystem::path folder_ =
        std::filesystem::path(testing::TempDir()) / fmt::format("target_file_{}", ::getpid());
    TargetOptions options_{{}, now, ""};
};

std::string refusal(const std::string& path, TargetOptions& options)
{
    try {
        command::load_targets(path, options);
    } catch (const std::invalid_argument& fault) {
        return fault.what();
    }
    return "";
}

TEST_F(TargetFileOnDisk, IsCheckedWithWhatItNames)
{
    const auto path =
        file_with("[[target]]\nname = \"a.example\"\n"
                  "[[target]]\nname = \"b.example\"\nclient-cert = \"none.pem\"\n"
                  "[[target]]\nname = \"c.example\"\nclient-cert = \"none.pem\"\n"
                  "[[target]]\nname = \"d.example\"\nca-file = \"none.pem\"\n"
                  "[[target]]\nname = \"e.example\"\nciphers = \"NOSUCH\"\nca-path = \"none.d\"\n");
    const auto none = (folder_ / "none.pem").string();
    EXPECT_THAT(
        command::load_targets(path, options_).errors,
        ElementsAre(
            StartsWith(path + ":3:1: cannot read the client certificate " + none),
            StartsWith(path + ":9:1: cannot read the CA file " + none),
            StartsWith(path + ":12:1: no cipher for TLS 1.2 and below in \"NOSUCH\""),
            StartsWith(path + ":12:1: the CA path " + (folder_ / "none.d").string() + " is no folder")
        )
    );
}

TEST_F(TargetFileOnDisk, IsReadWithinItsBounds)
{
    const std::string line = "[[target]]\nname = \"a.example\"\n";
    const auto path = file_with(line + std::string(max_target_file - line.size(), '\n'));
    EXPECT_THAT(command::load_targets(path, options_).requests, SizeIs(1));
    file_with(line + std::string(max_target_file - line.size() + 1, '\n'));
    EXPECT_THAT(
        refusal(path, options_), HasSubstr("': it has more than 4194304 octets; give a file of targets")
    );
    EXPECT_THAT(refusal(folder_.string(), options_), HasSubstr("': Is a directory; "));
    EXPECT_THAT(refusal(path + ".not", options_), HasSubstr("': No such file or directory; "));
}

} // namespace
