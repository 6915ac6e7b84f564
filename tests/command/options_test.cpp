#include "probe/command/options.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <stdexcept>

namespace
{

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::sys_seconds now = std::chrono::sys_days{2026y / 11 / 20};

command::Options
parse(const std::vector<std::string>& arguments, const std::string& host_name = "probe.example.com")
{
    return command::parse_options(arguments, now, host_name);
}

std::string refusal(const std::vector<std::string>& arguments)
{
    try {
        parse(arguments);
    } catch (const std::invalid_argument& fault) {
        return fault.what();
    }
    return "";
}

TEST(Options, DefaultsAreTheContracts)
{
    const auto options = parse({"example.com"});
    EXPECT_EQ(options.requests.at(0).target.domain, "example.com");
    EXPECT_EQ(options.plan.port, 25);
    EXPECT_TRUE(options.plan.ipv4 && options.plan.ipv6 && options.plan.sni);
    EXPECT_EQ(options.plan.smtp.limits.connect, 30s);
    EXPECT_EQ(options.plan.smtp.limits.greeting, 60s);
    EXPECT_EQ(options.plan.smtp.limits.command, 60s);
    EXPECT_EQ(options.plan.timeout, 180s);
    EXPECT_EQ(options.plan.smtp.mail_from, "");
    EXPECT_EQ(options.plan.smtp.ehlo_name, "probe.example.com");
    EXPECT_EQ(options.criteria.moment, now);
    EXPECT_EQ(options.criteria.expiry_days, 21);
    EXPECT_EQ(options.criteria.warn_below, 100);
    EXPECT_EQ(options.criteria.fail_below, 90);
    EXPECT_EQ(options.gate.per_address, 2U);
    EXPECT_EQ(options.format, report::Format::table);
    EXPECT_FALSE(options.page);
}

TEST(Options, CheckIsTheDefaultCommand)
{
    EXPECT_EQ(parse({"check", "example.com"}).requests.size(), 1U);
    EXPECT_EQ(parse({"check", "check"}).requests.at(0).target.domain, "check");
    EXPECT_EQ(refusal({"-4", "sts-policy", "example.com"}), "'sts-policy' is a command: write it first");
}

TEST(Options, TheFormatsOfMonitoringAreOfACheckAlone)
{
    EXPECT_EQ(parse({"--format", "nagios", "example.com"}).format, report::Format::nagios);
    EXPECT_EQ(parse({"--format", "openmetrics", "example.com"}).format, report::Format::openmetrics);
    EXPECT_EQ(parse({"--format", "junit", "example.com"}).format, report::Format::junit);
    EXPECT_EQ(parse({"--format", "esa-log", "example.com"}).format, report::Format::esa_log);
    EXPECT_THAT(
        parse({"--help"}).page.value_or(""),
        HasSubstr("nagios, openmetrics, junit, html, esa-log\n                          or tlsrpt (table)")
    );
    for (const auto* format : {"nagios", "openmetrics", "junit", "html", "esa-log"})
        EXPECT_THAT(refusal({"scan", "--format", format, "list"}), HasSubstr("give ndjson, csv or score"));
}

TEST(Options, TellTheFormatEvenWhereTheyAreWrong)
{
    using Words = std::vector<std::string>;
    EXPECT_EQ(command::format_given(Words{"--port", "no", "--format", "nagios"}), report::Format::nagios);
    EXPECT_EQ(command::format_given(Words{"--format", "json", "--format=nagios"}), report::Format::nagios);
    EXPECT_EQ(command::format_given(Words{"--format", "nagios", "--format", "runes"}), std::nullopt);
    EXPECT_EQ(command::format_given(Words{"--", "--format", "nagios"}), std::nullopt);
    EXPECT_EQ(command::format_given(Words{"--format"}), std::nullopt);
}

TEST(Options, RepeatedOptionsDoNotSwallowTargets)
{
    const auto options = parse({"--mx", "a.test", "example.com", "--mx", "[::1]:2525", "example.net"});
    EXPECT_EQ(options.requests.size(), 2U);
    ASSERT_EQ(options.plan.hosts.size(), 2U);
    EXPECT_EQ(options.plan.hosts[1].port, 2525);
}

TEST(Options, OptionsMayFollowTargets)
{
    const auto options = parse({"example.com", "-4", "--port=2525", "-vq"});
    EXPECT_FALSE(options.plan.ipv6);
    EXPECT_EQ(options.plan.port, 2525);
    EXPECT_EQ(options.format, report::Format::table_and_detail);
    EXPECT_TRUE(options.quiet);
}

TEST(Options, AHostNameWithoutDotLeavesEhloToTheAddress)
{
    EXPECT_EQ(parse({"example.com"}, "localhost").plan.smtp.ehlo_name, "");
    EXPECT_EQ(parse({"example.com"}, "bad name.example").plan.smtp.ehlo_name, "");
}

TEST(Options, ReferenceIsForTheCertificateAndForSni)
{
    const auto options = parse({"--reference", "MX.example.com.", "[192.0.2.1]"});
    EXPECT_EQ(options.criteria.reference, "mx.example.com");
    EXPECT_EQ(options.plan.reference, "mx.example.com");
}

TEST(Options, AddressLiteralsKeepTheirBrackets)
{
    EXPECT_EQ(parse({"[192.0.2.1]"}).requests.at(0).target.domain, "[192.0.2.1]");
    EXPECT_EQ(parse({"--ehlo", "[192.0.2.1]", "example.com"}).plan.smtp.ehlo_name, "[192.0.2.1]");
    EXPECT_EQ(parse({"--ehlo=[192.0.2.1]", "example.com"}).plan.smtp.ehlo_name, "[192.0.2.1]");
    EXPECT_EQ(parse({"--mx=[::1]", "example.com"}).plan.hosts.at(0).host, "::1");
    EXPECT_THAT(parse({"[a,b]"}).refused.at(0).why, HasSubstr("'[a,b]' is not an address literal"));
}

TEST(Options, TrustInTheResolverIsLeftOpenUnlessSaid)
{
    EXPECT_FALSE(parse({"example.com"}).trust_ad.has_value());
    EXPECT_EQ(parse({"--trust-ad", "example.com"}).trust_ad, true);
    EXPECT_EQ(parse({"--no-trust-ad", "example.com"}).trust_ad, false);
}

std::vector<std::string> refusals(const std::vector<std::string>& arguments)
{
    std::vector<std::string> all;
    for (const auto& [given, why] : parse(arguments).refused)
        all.push_back(why);
    return all;
}

TEST(Options, ABadTargetDoesNotHideTheOthers)
{
    const auto options = parse({"example.com", "not a domain", "example.net"});
    EXPECT_EQ(options.requests.size(), 2U);
    ASSERT_EQ(options.refused.size(), 1U);
    EXPECT_EQ(options.refused[0].given, "not a domain");
    EXPECT_THAT(options.refused[0].why, HasSubstr("'not a domain' is not a domain name"));
}

TEST(Options, WhereAllTargetsAreBadEachIsTold)
{
    EXPECT_THAT(parse({"a b", "c d"}).refused, testing::SizeIs(2));
    EXPECT_THAT(refusals({"--rcpt", "j\xc3\xbcrgen@example.com"}), ElementsAre(HasSubstr("needs SMTPUTF8")));
}

TEST(Options, WhatFollowsTwoHyphensIsATarget)
{
    EXPECT_EQ(parse({"-4", "--", "example.com"}).requests.at(0).target.domain, "example.com");
    EXPECT_THAT(parse({"--", "-4", "example.com"}).refused, testing::SizeIs(0))
        << "a label may begin with a hyphen";
}

TEST(Options, AnAddressOfTheFamilyThatIsLeftOutIsABadTarget)
{
    const auto options = parse({"-6", "[192.0.2.1]", "[IPv6:2001:db8::1]"});
    ASSERT_EQ(options.refused.size(), 1U);
    EXPECT_THAT(options.refused[0].why, HasSubstr("'[192.0.2.1]' is of the family that -6 leaves out"));
    EXPECT_EQ(options.requests.size(), 1U);
    EXPECT_THAT(
        refusals({"tlsa", "-6", "--reference", "mx1.example.com", "192.0.2.1"}),
        ElementsAre(HasSubstr("'192.0.2.1' is of"))
    );
    EXPECT_THAT(parse({"-6", "--mx", "2001:db8::1", "[192.0.2.1]"}).refused, testing::IsEmpty());
    const auto scan = parse({"scan", "-6", "-"});
    EXPECT_THROW(command::target_of(scan, "user@[192.0.2.1]"), std::invalid_argument);
}

TEST(Options, EachMistakeIsOneLineThatNamesValueAndRemedy)
{
    const std::vector<std::pair<std::vector<std::string>, std::string>> mistakes{
        {{}, "no target: give a domain"},
        {{"--bogus", "example.com"}, "unknown option '--bogus': see mxtls --help"},
        {{"-x", "example.com"}, "unknown option '-x'"},
        {{"example.com", "--port"}, "--port needs a value"},
        {{"--port", "99999", "example.com"},
         "--port: '99999' is out of range: give a whole number from 1 to 65535"},
        {{"--port", "smtp", "example.com"}, "--port: 'smtp'"},
        {{"--timeout", "0", "example.com"}, "--timeout: '0' is no time limit"},
        {{"--resolver", "dns.example", "example.com"},
         "--resolver: 'dns.example' is not the address of a resolver"},
        {{"--mx", "a b", "example.com"}, "--mx: 'a b' is not a domain name"},
        {{"--at", "tomorrow", "example.com"}, "--at: 'tomorrow' is no moment"},
        {{"--policy", "strict", "example.com"}, "--policy: 'strict' is no policy: give none, preferred"},
        {{"--format", "xml", "example.com"}, "--format: 'xml' is no format: give table"},
        {{"--color", "blue", "example.com"}, "--color: 'blue' is not known: give auto"},
        {{"--warn-below", "101", "example.com"}, "--warn-below: '101' is out of range"},
        {{"-4", "-6", "example.com"}, "-4 and -6 exclude each other"},
        {{"--trust-ad", "--no-trust-ad", "example.com"}, "--trust-ad and --no-trust-ad exclude each other"},
        {{"--no-dane", "--policy", "dane", "example.com"}, "--policy dane and --no-dane exclude each other"},
        {{"--policy", "mta-sts", "--no-mta-sts", "example.com"},
         "--policy mta-sts and --no-mta-sts exclude each other"},
        {{"--client-key", "k.pem", "example.com"}, "--client-key needs the certificate it belongs to"},
        {{"-v", "--format", "json", "example.com"}, "-v is for the table"},
        {{"-o", "", "example.com"}, "-o: '' is empty"},
        {{"-4", "scan", "targets.txt"}, "'scan' is a command: write it first"},
        {{"-4", "history"}, "'history' is a command: write it first"},
        {{"--history", "", "example.com"}, "--history: '' is no file"},
        {{"--keep", "90d", "example.com"}, "--keep is for a history: name its file with --history"},
        {{"--keep", "90", "--history", "f", "example.com"},
         "--keep: '90' is no age: give days, weeks or years"},
        {{"--at", "+3d", "--history", "f", "example.com"}, "--at and --history exclude each other"},
        {{"scan", "--history", "f", "list"},
         "--history: a scan records none: give the targets to mxtls check"},
        {{"tlsa", "--history", "f", "mx.example.com"}, "unknown option '--history': see mxtls tlsa --help"},
        {{"sts-policy", "--keep", "1d", "example.com"},
         "unknown option '--keep': see mxtls sts-policy --help"},
        {{"--notify", "alert", "example.com"}, "--notify tells what has changed since the last run: name "},
        {{"--notify-mail", "a@example.net", "example.com"}, "--notify-mail tells what has changed"},
        {{"--notify-url", "https://example.net/", "example.com"}, "--notify-url tells what has changed"},
        {{"--notify", "alert 'a", "example.com"}, "--notify: 'alert 'a' has a quote that is not closed"},
        {{"--notify", " ", "example.com"}, "--notify: '' is no command"},
        {{"--notify-mail", "-oQ/tmp@example.net", "example.com"}, "is nobody's mail address"},
        {{"--notify-mail", "<>", "example.com"}, "is nobody's mail address"},
        {{"--notify-mail", "root", "example.com"},
         "--notify-mail: 'root' is not a mail address in ASCII: expected user@example.com"},
        {{"--notify-mail", "a@example.net\nBcc: b@example.net", "example.com"}, "--notify-mail: "},
        {{"--notify-url", "file:///etc/passwd", "example.com"}, "--notify-url: 'file' is no URL to post to"},
        {{"--confirm", "2", "--history", "f", "example.com"}, "--confirm is for alerts: say with --notify"},
        {{"--confirm", "0", "--notify", "a", "--history", "f", "example.com"}, "--confirm: "},
        {{"--sendmail", "/opt/sendmail", "example.com"},
         "--sendmail is for alerts by mail: say with --notify-mail"},
        {{"scan", "--notify", "alert", "list"}, "unknown option '--notify': see mxtls scan --help"},
        {{"--contact", "", "example.com"}, "--contact: "},
        {{"--contact", "two\nlines", "example.com"}, "--contact: "},
        {{"-4", "--mx", "::1", "example.com"}, "'::1' is of the family that -4 leaves out"},
    };
    for (const auto& [arguments, expected] : mistakes) {
        const auto line = refusal(arguments);
        EXPECT_THAT(line, HasSubstr(expected));
        EXPECT_THAT(line, Not(HasSubstr("\n")));
    }
}

TEST(Options, AHistoryIsKeptForAYearAndMore)
{
    EXPECT_EQ(parse({"example.com"}).history, "");
    const auto options = parse({"--history", "mx.db", "example.com"});
    EXPECT_EQ(options.history, "mx.db");
    EXPECT_EQ(options.keep, std::chrono::days{400});
    EXPECT_EQ(parse({"--history", "mx.db", "--keep", "26w", "example.com"}).keep, std::chrono::days{182});
}

TEST(Options, TlsaTakesHosts)
{
    const auto options = parse({"tlsa", "mx1.example.com:2525", "--key-types", "mx2.example.com"});
    EXPECT_EQ(options.command, command::Command::tlsa);
    ASSERT_EQ(options.requests.size(), 2U);
    EXPECT_EQ(options.requests[0].target.host.value().port, 2525);
    EXPECT_TRUE(options.criteria.advise_tlsa && options.key_types && options.plan.dane);
}

TEST(Options, TlsaOfAnAddressTakesAName)
{
    EXPECT_THAT(
        refusals({"tlsa", "192.0.2.1", "[2001:db8::1]:25"}),
        ElementsAre(HasSubstr("'192.0.2.1' is an address"), HasSubstr("--reference NAME"))
    );
    EXPECT_EQ(parse({"tlsa", "--reference", "mx1.example.com", "192.0.2.1"}).requests.size(), 1U);
}

TEST(Options, TlsaOfACheckIsForPeople)
{
    EXPECT_TRUE(parse({"--tlsa", "example.com"}).criteria.advise_tlsa);
    EXPECT_TRUE(parse({"--tlsa", "-v", "example.com"}).criteria.advise_tlsa);
    EXPECT_FALSE(parse({"example.com"}).criteria.advise_tlsa);
    for (const auto* format : {"json", "ndjson", "score"})
        EXPECT_THAT(refusal({"--tlsa", "--format", format, "example.com"}), HasSubstr("--tlsa is for"));
}

TEST(Options, StsPolicyIsForTestingUnlessSaid)
{
    const auto options = parse({"sts-policy", "user@example.com"});
    EXPECT_EQ(options.command, command::Command::sts_policy);
    EXPECT_EQ(options.requests.at(0).target.domain, "example.com");
    EXPECT_EQ(options.sts_mode, probe::StsMode::testing);
    EXPECT_EQ(options.sts_max_age, 604'800);
    EXPECT_FALSE(options.plan.dane || options.criteria.advise_tlsa);
    EXPECT_TRUE(options.plan.mta_sts) << "to tell what is published already";

    const auto given = parse({"sts-policy", "--mode", "enforce", "--max-age", "31557600", "example.com"});
    EXPECT_EQ(given.sts_mode, probe::StsMode::enforce);
    EXPECT_EQ(given.sts_max_age, 31'557'600);
    EXPECT_EQ(parse({"sts-policy", "--mode", "none", "example.com"}).sts_max_age, 86'400);
}

TEST(Options, StsPolicyRefusesWhatIsNoDomain)
{
    EXPECT_THAT(refusal({"sts-policy"}), HasSubstr("no domain: give one, or see mxtls sts-policy --help"));
    EXPECT_THAT(refusal({"sts-policy", "a.example", "b.example"}), HasSubstr("takes one domain"));
    EXPECT_THAT(refusals({"sts-policy", "[192.0.2.1]"}), ElementsAre(HasSubstr("has no policy")));
    EXPECT_THAT(refusal({"sts-policy", "--mode", "Enforce", "a.example"}), HasSubstr("'Enforce' is no mode"));
    EXPECT_THAT(refusal({"sts-policy", "--max-age", "0", "a.example"}), HasSubstr("--max-age"));
    EXPECT_THAT(refusal({"sts-policy", "--max-age", "31557601", "a.example"}), HasSubstr("--max-age"));
}

TEST(Options, TargetsMayStandInAFile)
{
    const auto options = parse({"--targets", "partners.toml", "a.example", "[192.0.2.1]", "a label"});
    EXPECT_EQ(options.target_file, "partners.toml");
    EXPECT_THAT(options.chosen, ElementsAre("a.example", "[192.0.2.1]", "a label"));
    EXPECT_THAT(options.requests, testing::IsEmpty());
    EXPECT_THAT(parse({"--targets", "partners.toml"}).chosen, testing::IsEmpty());
    EXPECT_THAT(refusal({"--targets", ""}), HasSubstr("--targets: '' is empty"));
    for (const auto* command : {"tlsa", "sts-policy", "scan"})
        EXPECT_THAT(refusal({command, "--targets", "f"}), HasSubstr("unknown option '--targets'"));
}

TEST(Options, OneFamilyAlsoHasALongName)
{
    EXPECT_FALSE(parse({"--ipv4-only", "a.example"}).plan.ipv6);
    EXPECT_FALSE(parse({"--ipv6-only", "a.example"}).plan.ipv4);
}

TEST(Options, EachTargetIsAskedWhatTheOptionsSay)
{
    const auto options =
        parse({"--port", "26", "--policy", "dane", "--max-tls", "1.2", "--no-sni", "a.example", "b.example"});
    ASSERT_EQ(options.requests.size(), 2U);
    for (const auto& request : options.requests) {
        EXPECT_EQ(request.plan.port, 26);
        EXPECT_FALSE(request.plan.sni);
        EXPECT_EQ(request.criteria.policy, probe::Policy::dane);
        EXPECT_EQ(request.tls.max_version, "1.2");
        EXPECT_EQ(request.label, std::nullopt);
    }
    EXPECT_EQ(command::offer_key(options.requests[0]), command::offer_key(options.requests[1]));
}

TEST(Options, RequestsAreToldApartByWhatTheyOffer)
{
    const auto key = [](std::vector<std::string> arguments) {
        arguments.emplace_back("a.example");
        return command::offer_key(parse(arguments).requests.at(0));
    };
    const std::vector<std::vector<std::string>> different{
        {},
        {"--min-tls", "1.2"},
        {"--max-tls", "1.2"},
        {"--ciphers", "HIGH"},
        {"--ciphersuites", "HIGH"},
        {"--groups", "HIGH"},
        {"--client-cert", "c"},
        {"--client-cert", "c", "--client-key", "k"},
        {"--key-types"}};
    std::set<command::OfferKey> keys;
    for (const auto& arguments : different)
        EXPECT_TRUE(keys.insert(key(arguments)).second) << testing::PrintToString(arguments);
    EXPECT_FALSE(keys.insert(key({"--policy", "dane", "--ca-file", "f"})).second);
}

TEST(Options, ScanHasDefaultsOfItsOwn)
{
    const auto options = parse({"scan", "targets.txt"});
    EXPECT_EQ(options.command, command::Command::scan);
    EXPECT_EQ(options.scan.input, "targets.txt");
    EXPECT_THAT(options.requests, testing::IsEmpty());
    EXPECT_EQ(options.format, report::Format::ndjson);
    EXPECT_EQ(options.jobs, 1000U);
    EXPECT_EQ(options.gate.per_address, 2U);
    EXPECT_EQ(options.gate.host_interval, 0s);
    EXPECT_TRUE(options.scan.share);
    EXPECT_FALSE(options.scan.ordered || options.scan.moment_given || options.quiet);
    EXPECT_EQ(
        options.scan.exclude + options.scan.resume + options.scan.stats + options.scan.queue + options.output,
        ""
    );
    EXPECT_EQ(parse({"scan", "-"}).scan.input, "-");
    EXPECT_EQ(parse({"scan", "scan"}).scan.input, "scan");
    EXPECT_EQ(parse({"scan", "--", "-list"}).scan.input, "-list");
    EXPECT_EQ(parse({"scan", "[list]"}).scan.input, "[list]");
}

TEST(Options, ScanTakesWhatIsSaidOfIt)
{
    const auto options = parse(
        {"scan",
         "--ordered",
         "--no-share",
         "--host-interval",
         "1.5",
         "--exclude",
         "optout.txt",
         "--resume",
         "old.ndjson",
         "--stats",
         "metrics.prom",
         "--jobs",
         "100000",
         "--per-host",
         "1",
         "--rate",
         "0.5",
         "--format",
         "csv",
         "-o",
         "new.csv",
         "-q",
         "--contact",
         "survey@a.test",
         "--at",
         "+1d",
         "-4",
         "list.txt"}
    );
    const auto& scan = options.scan;
    EXPECT_TRUE(scan.ordered && scan.moment_given && options.quiet);
    EXPECT_FALSE(scan.share || options.plan.ipv6);
    EXPECT_EQ(options.gate.host_interval, 1500ms);
    EXPECT_EQ(scan.exclude, "optout.txt");
    EXPECT_EQ(scan.resume, "old.ndjson");
    EXPECT_EQ(scan.stats, "metrics.prom");
    EXPECT_EQ(options.jobs, 100'000U);
    EXPECT_EQ(options.gate.per_address, 1U);
    EXPECT_EQ(options.rate, 0.5);
    EXPECT_EQ(options.format, report::Format::csv);
    EXPECT_EQ(options.output, "new.csv");
    EXPECT_EQ(options.plan.smtp.contact, "survey@a.test");
    EXPECT_EQ(scan.input, "list.txt");
    EXPECT_EQ(parse({"scan", "--format", "score", "-"}).format, report::Format::score);

    EXPECT_EQ(parse({"scan"}).scan.input, "-");
    EXPECT_EQ(parse({"scan", "--host-interval", "0"}).gate.host_interval.count(), 0);

    const auto worker = parse({"scan", "--queue", "redis://127.0.0.1", "--stats", "metrics.prom"});
    EXPECT_EQ(worker.scan.queue, "redis://127.0.0.1");
    EXPECT_EQ(worker.scan.input, "");
}

TEST(Options, ScanRefusesWhatMakesNoSense)
{
    const std::vector<std::pair<std::vector<std::string>, std::string>> mistakes{
        {{"one.txt", "two.txt"}, "scan reads one file"},
        {{"-", "two.txt"}, "scan reads one file"},
        {{"-v", "list"}, "unknown option '-v': see mxtls scan --help"},
        {{"--color", "never", "list"}, "unknown option '--color': see mxtls scan --help"},
        {{"--tlsa", "list"}, "unknown option '--tlsa'"},
        {{"--protocols", "list"}, "unknown option '--protocols'"},
        {{"--mode", "none", "list"}, "unknown option '--mode'"},
        {{"--format", "table", "list"}, "--format: 'table' is no format: give ndjson, csv or score"},
        {{"--format", "json", "list"}, "--format: 'json' is no format"},
        {{"--format", "runes", "list"}, "--format: 'runes' is no format"},
        {{"--queue", "redis://a", "list"}, "--queue is where targets come from"},
        {{"--queue", "redis://a", "-"}, "--queue is where targets come from"},
        {{"--queue", "redis://a", "-o", "out"}, "--queue is where targets come from"},
        {{"--queue", "redis://a", "--resume", "out"}, "--queue is where targets come from"},
        {{"--queue", "redis://a", "--ordered"}, "--ordered is for a file"},
        {{"--queue", ""}, "--queue: '' is empty"},
        {{"--exclude", "", "list"}, "--exclude: '' is empty"},
        {{"--resume", "", "list"}, "--resume: '' is empty"},
        {{"--stats", "", "list"}, "--stats: '' is empty"},
        {{"list", "--stats"}, "--stats needs a value"},
        {{"--jobs", "0", "list"}, "--jobs: '0' is out of range: give a whole number from 1 to 100000"},
        {{"--jobs", "100001", "list"}, "--jobs: '100001' is out of range"},
        {{"--per-host", "0", "list"}, "--per-host: '0' is out of range"},
        {{"--rate", "0", "list"}, "--rate: '0'"},
        {{"--host-interval", "-1", "list"}, "--host-interval: '-1'"},
        {{"--host-interval", "long", "list"}, "--host-interval: 'long'"},
        {{"-4", "-6", "list"}, "-4 and -6 exclude each other"},
        {{"-6", "--mx", "192.0.2.1", "list"}, "'192.0.2.1' is of the family that -6 leaves out"},
    };
    for (auto [arguments, expected] : mistakes) {
        arguments.insert(arguments.begin(), "scan");
        const auto line = refusal(arguments);
        EXPECT_THAT(line, HasSubstr(expected));
        EXPECT_THAT(line, Not(HasSubstr("\n")));
    }
}

TEST(Options, WhatOnlyAScanTakesIsNoOptionOfACheck)
{
    for (const auto* option :
         {"--ordered", "--no-share", "--host-interval", "--exclude", "--resume", "--stats", "--queue"}) {
        EXPECT_THAT(refusal({option, "example.com"}), HasSubstr(std::string("unknown option '") + option));
        EXPECT_THAT(refusal({"tlsa", option, "example.com"}), HasSubstr("unknown option"));
    }
}

TEST(Options, EachCommandHasItsOwn)
{
    EXPECT_EQ(
        refusal({"tlsa", "--format", "json", "mx1.example.com"}),
        "unknown option '--format': see mxtls tlsa --help"
    );
    EXPECT_EQ(
        refusal({"sts-policy", "--quick", "example.com"}),
        "unknown option '--quick': see mxtls sts-policy --help"
    );
    EXPECT_EQ(refusal({"--mode", "none", "example.com"}), "unknown option '--mode': see mxtls --help");
    EXPECT_EQ(refusal({"tlsa"}), "no host: give the name of a mail host, or see mxtls tlsa --help");
    EXPECT_EQ(parse({"check", "tlsa"}).command, command::Command::check);
}

TEST(Help, OfEachCommandSpeaksOfItself)
{
    const std::regex long_line("[^\n]{111,}");
    for (const auto* word : {"tlsa", "sts-policy"}) {
        const auto page = parse({word, "--help"}).page.value_or("");
        EXPECT_THAT(page, testing::StartsWith(std::string("Usage: mxtls ") + word + " [OPTIONS] "));
        EXPECT_THAT(page, HasSubstr("\nExit status: 0 "));
        EXPECT_THAT(page, Not(HasSubstr("--format")));
        EXPECT_FALSE(std::regex_search(page, long_line));
        EXPECT_THAT(parse({"--help"}).page.value_or(""), HasSubstr(std::string("\n       mxtls ") + word));
    }
}

TEST(Options, SayWhoIsToldOfChanges)
{
    const auto alerts = parse({"--history", "f", "--notify", "alert 'a b'", "--notify-mail", "a@example.net",
                               "--notify-mail", "b@example.net", "--notify-url", "https://example.net/a",
                               "--confirm", "3", "--sendmail", "/opt/sendmail", "example.com"})
                            .alerts;
    EXPECT_EQ(alerts.command, (std::vector<std::string>{"alert", "a b"}));
    EXPECT_EQ(alerts.mail, (std::vector<std::string>{"a@example.net", "b@example.net"}));
    EXPECT_EQ(alerts.url, "https://example.net/a");
    EXPECT_EQ(alerts.sendmail, "/opt/sendmail");
    EXPECT_EQ(alerts.confirm, 3);
    EXPECT_EQ(parse({"example.com"}).alerts.sendmail, "/usr/sbin/sendmail");
}

/// The options that a page of help names.
std::set<std::string> options_named(const std::string& page)
{
    const std::regex option("\n  (?:-[h46],)?(--?[a-z0-9-]+)");
    std::set<std::string> named;
    for (auto match = std::sregex_iterator(page.begin(), page.end(), option); match != std::sregex_iterator();
         ++match)
        named.insert((*match)[1]);
    return named;
}

TEST(Help, OfAScanHasThoseOfACheckLessAFewAndItsOwn)
{
    const auto page = parse({"scan", "--help"}).page.value_or("");
    EXPECT_THAT(page, testing::StartsWith("Usage: mxtls scan [OPTIONS] [FILE|-]\n"));
    for (const auto* part :
         {"\nScan:\n", "\nExamples:\n", "\nExit status: ", "targets at once (1000)",
          "ndjson, csv or score (ndjson)"})
        EXPECT_THAT(page, HasSubstr(part));
    EXPECT_THAT(page, Not(HasSubstr("replaced in one step")));
    EXPECT_FALSE(std::regex_search(page, std::regex("[^\n]{111,}")));

    auto expected = options_named(parse({"--help"}).page.value_or(""));
    for (const auto* option :
         {"-v", "--color", "--tlsa", "--protocols", "--history", "--keep", "--targets", "--notify",
          "--notify-mail", "--sendmail", "--notify-url", "--confirm"})
        EXPECT_EQ(expected.erase(option), 1U) << option;
    for (const auto* option :
         {"--ordered", "--no-share", "--host-interval", "--exclude", "--resume", "--stats", "--queue"})
        EXPECT_TRUE(expected.insert(option).second) << option;
    EXPECT_EQ(options_named(page), expected);
}

TEST(Help, IsPrintedWhateverElseIsGiven)
{
    EXPECT_THAT(parse({"--help"}).page.value_or(""), HasSubstr("Usage: mxtls [check] [OPTIONS] TARGET..."));
    EXPECT_TRUE(parse({"check", "--help"}).page);
    EXPECT_TRUE(parse({"-h", "--bogus"}).page);
    EXPECT_THAT(parse({"--version"}).page.value_or(""), HasSubstr("mxtls "));
}

TEST(Help, HasGroupsExamplesAndFitsATerminal)
{
    const auto page = parse({"--help"}).page.value_or("");
    for (const auto* part :
         {"\nWhich hosts:\n", "\nDNS:\n", "\nTLS:\n", "\nJudgement:\n", "\nReport:\n", "\nExamples:\n",
          "\nExit status:"})
        EXPECT_THAT(page, HasSubstr(part));
    const std::regex long_line("[^\n]{111,}");
    EXPECT_FALSE(std::regex_search(page, long_line));
}

TEST(Help, NamesEachOptionThatIsBuiltAndNoOther)
{
    const auto page = parse({"--help"}).page.value_or("");
    const std::set<std::string> built{
        "--mx",
        "--reference",
        "--port",
        "--ipv4-only",
        "--ipv6-only",
        "--targets",
        "--quick",
        "--resolver",
        "--trust-ad",
        "--no-trust-ad",
        "--ehlo",
        "--mail-from",
        "--contact",
        "--assure",
        "--rcpt",
        "--no-sni",
        "--protocols",
        "--min-tls",
        "--max-tls",
        "--ciphers",
        "--ciphersuites",
        "--groups",
        "--key-types",
        "--client-cert",
        "--client-key",
        "--ca-file",
        "--ca-path",
        "--extra-certs",
        "--crl-file",
        "--at",
        "--expiry-days",
        "--policy",
        "--no-dane",
        "--no-mta-sts",
        "--sts-port",
        "--warn-below",
        "--fail-below",
        "--ignore-unreachable",
        "--known-good",
        "--connect-timeout",
        "--greeting-timeout",
        "--command-timeout",
        "--timeout",
        "--jobs",
        "--per-host",
        "--rate",
        "--history",
        "--keep",
        "--notify",
        "--notify-mail",
        "--sendmail",
        "--notify-url",
        "--confirm",
        "--format",
        "--tlsa",
        "--color",
        "--help",
        "--version"};
    auto named = options_named(page);
    std::erase_if(named, [](const std::string& option) { return !option.starts_with("--"); });
    EXPECT_EQ(named, built);
}

} // namespace
