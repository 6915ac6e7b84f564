#include "probe/command/options.hpp"

#include "probe/command/child.hpp"
#include "probe/command/manual.hpp"
#include "probe/command/output.hpp"
#include "probe/command/post.hpp"
#include "probe/command/small_command.hpp"
#include "probe/command/values.hpp"
#include "probe/command/words.hpp"
#include "smtp/printable.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <memory>
#include <stdexcept>

namespace command
{
namespace
{

/// Takes the command away from the arguments, where there is one.
Command take_command(std::span<const std::string>& arguments)
{
    const auto word = arguments.empty() ? std::string_view() : std::string_view(arguments.front());
    const auto command = word == "scan"         ? Command::scan
                         : word == "tlsa"       ? Command::tlsa
                         : word == "sts-policy" ? Command::sts_policy
                                                : Command::check;
    if (command != Command::check || word == "check")
        arguments = arguments.subspan(1);
    return command;
}

/// Behind options a command would be taken for a domain: one of that name is asked for as "check check".
void refuse_command(const std::string& target)
{
    constexpr std::array commands{"check", "tlsa",    "sts-policy", "explain",
                                  "scan",  "history", "log",        "config"};
    if (std::ranges::find(commands, target) != commands.end())
        throw std::invalid_argument(fmt::format("'{}' is a command: write it first", target));
}

constexpr std::size_t jobs_of_a_check = 16;
constexpr std::size_t jobs_of_a_scan = 1000;

// CLI11 takes a value in brackets for a list and takes the brackets away: an address literal goes through it
// behind a mark.
constexpr char literal_mark = '\x01';

std::string marked(std::string argument)
{
    const auto value = argument.starts_with("--") ? std::min(argument.find('='), argument.size() - 1) + 1 : 0;
    if (argument.ends_with(']') && argument.compare(value, 1, "[") == 0)
        argument.insert(value, 1, literal_mark);
    return argument;
}

std::string unmarked(const std::string& value)
{
    return value.starts_with(literal_mark) ? value.substr(1) : value;
}

/// "--port" of "-p,--port"; "-o" of itself.
std::string long_name(const std::string& names)
{
    const auto at = names.find("--");
    return at == std::string::npos ? names : names.substr(at);
}

/// An address that -4 or -6 leaves out would be a host that is silently not tried.
void refuse_other_family(
    const Options& options, const std::string& given, const std::optional<asio::ip::address>& literal
)
{
    const auto& plan = options.plan;
    if (!literal || (literal->is_v4() ? plan.ipv4 : plan.ipv6))
        return;
    throw std::invalid_argument(fmt::format(
        "'{}' is of the family that {} leaves out: give one of the two", smtp::printable(given),
        plan.ipv4 ? "-4" : "-6"
    ));
}

/// A target of which nothing else is said.
Request request_of(const Options& options, const std::string& given)
{
    return {
        .target = target_of(options, given),
        .plan = options.plan,
        .criteria = options.criteria,
        .tls = options.tls,
        .key_types = options.key_types,
        .ca_file = options.ca_file,
        .ca_path = options.ca_path};
}

bool is_told_one_by_one(report::Format format) noexcept
{
    return format == report::Format::ndjson || format == report::Format::csv ||
           format == report::Format::score;
}

std::vector<std::string> formats_of(Command command)
{
    if (command == Command::scan)
        return {"ndjson", "csv", "score"};
    return {"table",  "detail",      "score", "json", "ndjson",  "csv",
            "nagios", "openmetrics", "junit", "html", "esa-log", "tlsrpt"};
}

/// What flags say, until it is settled what they come to.
struct Switches
{
    bool only_ipv4 = false;
    bool only_ipv6 = false;
    bool no_sni = false;
    bool no_dane = false;
    bool no_mta_sts = false;
    bool no_share = false;
    bool verbose = false;
    bool trust_ad = false;
    bool no_trust_ad = false;
};

/// Options that say something of one target: the others are of the whole run.
constexpr std::array of_one_target{
    "--mx",
    "--reference",
    "--port",
    "--ipv4-only",
    "--ipv6-only",
    "--quick",
    "--no-dane",
    "--no-mta-sts",
    "--sts-port",
    "--ehlo",
    "--mail-from",
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
    "--ca-file",
    "--ca-path",
    "--client-cert",
    "--client-key",
    "--expiry-days",
    "--policy",
    "--warn-below",
    "--fail-below",
    "--ignore-unreachable",
    "--known-good",
    "--timeout",
    "--connect-timeout",
    "--greeting-timeout",
    "--command-timeout"};

class CommandLine
{
public:
    using Values = TargetOptions::Values;

    CommandLine(Command command, std::chrono::sys_seconds now, const std::string& host_name);

    /// `arguments`: those behind the command.
    Options parse(std::span<const std::string> arguments);

    /// Takes what they say, and does not ask whether it goes together.
    void run(std::span<const std::string> arguments);

    Manual manual() const;

    /// Of all that have a long name.
    std::vector<TargetOptions::Key> keys() const;

    /// As if one more option were given, whose name is without its dashes here and not in what is thrown.
    void set(const std::string& name, const std::string& value);

    /// What has been set so far, with this target.
    Request request(const std::string& target);

    struct Said
    {
        Options options;
        Switches switches;
    };

    Said said() const { return {options_, switches_}; }
    void restore(const Said& said);

private:
    using Setter = std::function<void(const std::string&)>;

    struct Entry
    {
        std::string name; // "--port", "-o"
        CLI::Option* option = nullptr;
        Setter set{};
        bool is_flag = false;
    };

    void add_hosts();
    void add_dns();
    void add_session();
    void add_tls();
    void add_certificates();
    void add_judgement();
    void add_limits();
    void add_report();
    void add_history();
    void add_alerts();
    void add_sts_policy();
    void add_scan();

    /// An option with a value; what `set` throws is told with the option's name before it.
    CLI::Option*
    option(const std::string& name, const std::string& value, const std::string& text, Setter set);
    /// One whose value is one of `choices`, as `set` knows.
    void choice(
        const std::string& name, const std::string& value, const std::string& text,
        const std::vector<std::string>& choices, Setter set
    );
    CLI::Option* flag(const std::string& name, const std::string& text, bool& into);
    void number(const std::string& name, const std::string& text, int least, int most, int& into);
    void seconds(const std::string& name, const std::string& text, std::chrono::milliseconds& into);
    void text(const std::string& name, const std::string& value, const std::string& about, std::string& into);
    void files(const std::string& name, const std::string& about, std::vector<std::string>& into);

    void take_input();
    void take_targets();
    void check_together() const;
    void settle();
    void check_alerts() const;
    void check_output() const;
    void settle_command();
    void check_families() const;
    std::string see_help() const;

    const Words& words_;
    std::chrono::sys_seconds now_;
    CLI::App app_;
    std::string group_;
    Choices choices_;
    std::vector<Entry> entries_;
    Options options_;
    Switches switches_;
    std::vector<std::string> targets_;
    bool help_ = false;
    bool version_ = false;
    bool keep_given_ = false;
    bool confirm_given_ = false;
};

CommandLine::CommandLine(Command command, std::chrono::sys_seconds now, const std::string& host_name)
    : words_(words_of(command)), now_(now)
{
    options_.command = command;
    if (command == Command::scan)
        options_.format = report::Format::ndjson;
    options_.criteria.moment = now;
    if (host_name.find('.') != std::string::npos) {
        try {
            options_.plan.smtp.ehlo_name = parse_ehlo_name(host_name);
        } catch (const std::invalid_argument&) {
            // A name that is none in DNS: EHLO then bears the address (RFC 5321 §4.1.1.1).
        }
    }
    app_.set_help_flag();
    app_.allow_extras();
    app_.add_option("TARGET", targets_)->group("");

    add_hosts();
    add_dns();
    add_session();
    add_tls();
    add_certificates();
    add_judgement();
    add_limits();
    add_sts_policy();
    if (command == Command::scan)
        add_scan();
    add_history();
    add_alerts();
    add_report();
    for (const auto& name : words_.without) {
        std::erase_if(entries_, [&](const Entry& entry) { return entry.name == name; });
        app_.remove_option(app_.get_option(name));
    }
}

CLI::Option*
CommandLine::option(const std::string& name, const std::string& value, const std::string& text, Setter set)
{
    const auto told = long_name(name);
    const auto callback = [told, set](const std::vector<std::string>& given) {
        for (const auto& one : given) {
            try {
                set(unmarked(one));
            } catch (const std::invalid_argument& fault) {
                throw std::invalid_argument(told + ": " + fault.what());
            }
        }
    };
    auto* const added = app_.add_option_function<std::vector<std::string>>(name, callback, text)
                            ->type_name(value)
                            ->type_size(1)
                            ->expected(1)
                            ->allow_extra_args(false)
                            ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
                            ->group(group_);
    entries_.push_back({told, added, std::move(set)});
    return added;
}

void CommandLine::choice(
    const std::string& name, const std::string& value, const std::string& text,
    const std::vector<std::string>& choices, Setter set
)
{
    option(name, value, text, std::move(set));
    choices_[name] = choices;
}

std::string CommandLine::see_help() const
{
    const auto& word = words_.manual.word;
    return fmt::format("see mxtls {}{}--help", word, word.empty() ? "" : " ");
}

Manual CommandLine::manual() const
{
    auto manual = words_.manual;
    manual.groups = groups_of(app_, choices_);
    return manual;
}

CLI::Option* CommandLine::flag(const std::string& name, const std::string& text, bool& into)
{
    auto* const added = app_.add_flag(name, into, text)->group(group_);
    entries_.push_back({long_name(name), added, [&into](const auto& value) { into = value == "true"; }, true}
    );
    return added;
}

void CommandLine::number(const std::string& name, const std::string& text, int least, int most, int& into)
{
    option(name, "N", text, [=, &into](const std::string& value) {
        into = parse_whole_number(value, least, most);
    });
}

void CommandLine::seconds(const std::string& name, const std::string& text, std::chrono::milliseconds& into)
{
    option(name, "S", text, [&into](const std::string& value) { into = parse_seconds(value); });
}

void CommandLine::text(
    const std::string& name, const std::string& value, const std::string& about, std::string& into
)
{
    option(name, value, about, [&into](const std::string& given) {
        if (given.empty())
            throw std::invalid_argument("'' is empty: leave the option out, or give it a value");
        into = given;
    });
}

void CommandLine::files(const std::string& name, const std::string& about, std::vector<std::string>& into)
{
    option(name, "FILE", about + "; may be repeated", [&into](const std::string& given) {
        if (given.empty())
            throw std::invalid_argument("'' is no file: leave the option out, or name one");
        into.push_back(given);
    })->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void CommandLine::add_hosts()
{
    group_ = "Which hosts";
    auto& plan = options_.plan;
    option(
        "--mx", "HOST[:PORT]", "test this host in place of the domain's MX; may be repeated",
        [&](const auto& value) { plan.hosts.push_back(probe::parse_host_port(value)); }
    )->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    option(
        "--reference", "NAME", "the name the certificate must carry, in place of the MX name",
        [&](const auto& value) {
            plan.reference = options_.criteria.reference = probe::parse_host_name(value);
        }
    );
    option("--port", "N", "port of every MX (25)", [&](const auto& value) {
        plan.port = static_cast<std::uint16_t>(parse_whole_number(value, 1, 65535));
    });
    flag("-4,--ipv4-only", "IPv4 addresses only", switches_.only_ipv4);
    flag("-6,--ipv6-only", "IPv6 addresses only", switches_.only_ipv6);
    text(
        "--targets", "FILE",
        "check the targets of this file, each as it says there (TOML: see mxtls config --help); with "
        "TARGETs, "
        "only these of them. An option given here holds for all",
        options_.target_file
    );
    flag("--quick", "only the host that mail would reach first", plan.quick);
}

void CommandLine::add_dns()
{
    group_ = "DNS";
    option(
        "--resolver", "ADDR[:PORT]", "ask this server; may be repeated (those of the system)",
        [&](const auto& value) { options_.dns.servers.push_back(parse_server(value)); }
    )->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    flag(
        "--trust-ad", "believe the resolver's DNSSEC verdict (only where all are on loopback)",
        switches_.trust_ad
    );
    flag("--no-trust-ad", "never believe it", switches_.no_trust_ad);
    flag("--no-dane", "look for no TLSA records", switches_.no_dane);
    flag("--no-mta-sts", "look for no MTA-STS policy", switches_.no_mta_sts);
    option("--sts-port", "N", "port of the host that has the MTA-STS policy (443)", [&](const auto& value) {
        options_.plan.sts_port = static_cast<std::uint16_t>(parse_whole_number(value, 1, 65535));
    });
}

void CommandLine::add_session()
{
    group_ = "Conversation";
    auto& plan = options_.plan;
    option("--ehlo", "NAME", "name in EHLO (this host's own, or its address)", [&](const auto& value) {
        plan.smtp.ehlo_name = parse_ehlo_name(value);
    });
    option("--mail-from", "ADDR", "reverse-path of MAIL FROM (the null one, <>)", [&](const auto& value) {
        plan.smtp.mail_from = parse_mail_from(value);
    });
    option(
        "--contact", "TEXT",
        "say this before QUIT, and where a policy is fetched: whom to ask about the probe",
        [&](const auto& value) { plan.smtp.contact = parse_contact(value); }
    );
    flag(
        "--assure", "also test that mail in clear is refused: MAIL FROM on a second connection", plan.assure
    );
    flag("--rcpt", "also send RCPT TO for a target that is an address; never part of the factor", plan.rcpt);
}

void CommandLine::add_tls()
{
    group_ = "TLS";
    auto& plan = options_.plan;
    auto& tls = options_.tls;
    flag("--no-sni", "send no server name", switches_.no_sni);
    flag(
        "--protocols",
        "find out which versions, cipher suites and groups are accepted, each by connections "
        "of its own, one after another; never part of the factor",
        plan.protocols
    );
    const std::vector<std::string> versions{"1.0", "1.1", "1.2", "1.3"};
    text("--min-tls", "V", fmt::format("least version offered: {} (1.0)", listed(versions)), tls.min_version);
    text("--max-tls", "V", "highest version offered (1.3)", tls.max_version);
    choices_["--min-tls"] = choices_["--max-tls"] = versions;
    text("--ciphers", "LIST", "offer these up to TLS 1.2, in OpenSSL's form", tls.ciphers);
    text("--ciphersuites", "LIST", "offer these in TLS 1.3", tls.ciphersuites);
    text("--groups", "LIST", "offer these key-exchange groups", tls.groups);
    flag(
        "--key-types",
        "a further connection to each address, offering only the other certificate algorithm "
        "(RSA, ECDSA), so that both certificates are judged",
        options_.key_types
    );
    text("--client-cert", "FILE", "offer this client certificate (PEM, with its chain)", tls.client_cert);
    text("--client-key", "FILE", "its private key (in the same file)", tls.client_key);
}

void CommandLine::add_certificates()
{
    group_ = "Certificates";
    text("--ca-file", "FILE", "trust these roots in place of the system's (PEM)", options_.ca_file);
    text("--ca-path", "DIR", "likewise, a folder as made by openssl rehash", options_.ca_path);
    files(
        "--extra-certs", "try these intermediates where a chain lacks one (never trusted)",
        options_.extra_certs
    );
    files("--crl-file", "look every certificate up in these CRLs", options_.crl_files);
    option("--at", "TIME", "judge as of this moment: RFC 3339, or +30d (now)", [&](const auto& value) {
        options_.criteria.moment = parse_moment(value, now_);
        options_.scan.moment_given = true;
    });
    number(
        "--expiry-days", "warn where one of the chain ends within N days (21)", 0, 36'500,
        options_.criteria.expiry_days
    );
}

void CommandLine::add_judgement()
{
    group_ = "Judgement";
    auto& criteria = options_.criteria;
    std::vector<std::string> policies;
    std::ranges::transform(probe::all_policies, std::back_inserter(policies), [](auto policy) {
        return std::string(probe::name(policy));
    });
    const auto names = listed(policies);
    choice(
        "--policy", "NAME",
        "CRITICAL where mail under this setting of a sender would not go out as it wants: " + names, policies,
        [&criteria, names](const auto& value) {
            criteria.policy = probe::policy_named(value);
            if (!criteria.policy)
                throw std::invalid_argument(
                    fmt::format("'{}' is no policy: give {}", smtp::printable(value), names)
                );
        }
    );
    number("--warn-below", "WARNING where the factor is below N (100)", 0, 100, criteria.warn_below);
    number("--fail-below", "CRITICAL where the factor is below N (90)", 0, 100, criteria.fail_below);
    flag(
        "--ignore-unreachable", "leave hosts that cannot be connected to out of the factor",
        criteria.ignore_unreachable
    );
    option(
        "--known-good", "HOST[:PORT]",
        "a host that surely answers: where neither a mail host nor it does, this machine "
        "is at fault, and the status UNKNOWN",
        [&](const auto& value) { options_.plan.known_good = probe::parse_host_port(value); }
    );
}

void CommandLine::add_limits()
{
    group_ = "Limits (S: seconds)";
    auto& limits = options_.plan.smtp.limits;
    seconds("--connect-timeout", "for a connection (30)", limits.connect);
    seconds("--greeting-timeout", "for the greeting (60)", limits.greeting);
    seconds("--command-timeout", "for each reply, and for the handshake (60)", limits.command);
    const bool is_scan = options_.command == Command::scan;
    seconds(
        "--timeout",
        is_scan ? "for a whole conversation, from its turn on (180)" : "for a whole target (180)",
        options_.plan.timeout
    );
    options_.jobs = is_scan ? jobs_of_a_scan : jobs_of_a_check;
    const auto jobs = fmt::format("targets at once ({})", options_.jobs);
    option("--jobs", "N", jobs, [&, most = is_scan ? 100'000 : 1000](const auto& value) {
        options_.jobs = static_cast<std::size_t>(parse_whole_number(value, 1, most));
    });
    option("--per-host", "N", "connections at once to one address (2)", [&](const auto& value) {
        options_.gate.per_address = static_cast<std::size_t>(parse_whole_number(value, 1, 1000));
    });
    option("--rate", "N", "new connections a second (no limit)", [&](const auto& value) {
        options_.rate = parse_rate(value);
    });
}

void CommandLine::add_sts_policy()
{
    group_ = "Policy";
    choice(
        "--mode", "NAME", "testing: failures are reported; enforce: they stop mail; none (testing)",
        {"testing", "enforce", "none"}, [&](const auto& value) { options_.sts_mode = parse_sts_mode(value); }
    );
    number(
        "--max-age", "how many seconds senders keep the policy (604800, a week; in mode none 86400)", 1,
        probe::max_sts_age, options_.sts_max_age
    );
}

void CommandLine::add_scan()
{
    group_ = "Scan";
    auto& scan = options_.scan;
    flag("--ordered", "write results in the order of the input (as soon as each is known)", scan.ordered);
    flag(
        "--no-share",
        "connect anew for every target, also where an earlier one led to the same host and address",
        switches_.no_share
    );
    option("--host-interval", "S", "pause between connections to one address (0)", [&](const auto& value) {
        options_.gate.host_interval = value == "0" ? std::chrono::milliseconds(0) : parse_seconds(value);
    });
    text("--exclude", "FILE", "never contact these networks, addresses and names, one a line", scan.exclude);
    text(
        "--resume", "FILE", "skip the targets of which this output of an earlier scan has a result",
        scan.resume
    );
    text("--stats", "FILE", "keep counters in this file while it runs (OpenMetrics 1.0)", scan.stats);
    text(
        "--queue", "URL",
        "take targets from a Redis stream, and put results into another: "
        "redis://HOST[:PORT][/DB][?KEY=VALUE&...] or unix:///SOCKET; keys are targets, "
        "results, group, run, consumer, take-over, hold, and drain=1 to end when all is done; "
        "csv is rows without their header",
        scan.queue
    );
}

void CommandLine::add_report()
{
    group_ = "Report";
    const bool is_scan = options_.command == Command::scan;
    const auto formats = formats_of(options_.command);
    const auto usual = is_scan ? " (ndjson)" : " (table)";
    choice("--format", "NAME", listed(formats) + usual, formats, [=, this](const auto& value) {
        const auto format = report::format_named(value);
        if (!format || (is_scan && !is_told_one_by_one(*format)))
            throw std::invalid_argument(
                fmt::format("'{}' is no format: give {}", smtp::printable(value), listed(formats))
            );
        options_.format = *format;
    });
    flag("-v", "the table, then the detail: every dialogue with its times", switches_.verbose);
    text(
        "-o", "FILE",
        is_scan ? "write to this file, result by result (standard output)"
                : "write to this file, replaced in one step (standard output)",
        options_.output
    );
    const bool is_policy = options_.command == Command::sts_policy;
    flag(
        "-q",
        is_policy ? "leave out the DNS records that go with the policy"
        : is_scan ? "leave out results that are OK (--resume then checks these again; in a queue they are "
                    "entries with an empty result)"
                  : "print nothing where the status is OK (for cron); nagios keeps its line, and "
                    "openmetrics all",
        options_.quiet
    );
    flag(
        "--tlsa", "also the TLSA records to publish for each host as it is now (table and detail)",
        options_.criteria.advise_tlsa
    );
    const std::vector<std::string> times{"auto", "always", "never"};
    const auto when = listed(times);
    choice("--color", "WHEN", when + " (auto; NO_COLOR is honoured)", times, [=, this](const auto& value) {
        if (value != "auto" && value != "always" && value != "never")
            throw std::invalid_argument(
                fmt::format("'{}' is not known: give {}", smtp::printable(value), when)
            );
        options_.color = value == "auto"     ? Color::automatic
                         : value == "always" ? Color::always
                                             : Color::never;
    });
    flag("-h,--help", "print this page", help_);
    flag("--version", "print the version", version_);
}

void CommandLine::add_history()
{
    const bool is_scan = options_.command == Command::scan;
    group_ = is_scan ? "" : "History";
    option(
        "--history", "FILE", "record this run in FILE, for mxtls history (made where there is none)",
        [=, this](const auto& value) {
            if (is_scan)
                throw std::invalid_argument("a scan records none: give the targets to mxtls check");
            if (value.empty())
                throw std::invalid_argument("'' is no file: leave the option out, or name one");
            options_.history = value;
        }
    );
    option("--keep", "AGE", "forget what is older: 90d, 26w or 2y (400d)", [this](const auto& value) {
        options_.keep = parse_age(value);
        keep_given_ = true;
    });
}

void CommandLine::add_alerts()
{
    group_ = "Alerts on change (with --history)";
    auto& alerts = options_.alerts;
    option(
        "--notify", "COMMAND",
        "run this program where a target becomes worse or recovers, is UNKNOWN for a day, has a new "
        "certificate or key, or one that ends within 30, 14, 7, 3 or 1 days (those up to a third of "
        "its life). No shell: blanks part words, quotes and \\ keep them together. It reads the "
        "report, is killed after 60 s, and has MXTLS_TARGET, _LABEL, _DOMAIN, _EVENT (worse, unknown, "
        "recovery, key, certificate, expiry), _SUBJECT, _STATUS, _PREVIOUS_STATUS, _FACTOR, _CODES, "
        "_FAILING_RUNS, _FAILING_SINCE; and of the certificate _HOST, _SERIAL, _KEY, _ISSUER, _SHA256, "
        "_SPKI_SHA256, _NOT_AFTER, _EXPIRY_DAYS",
        [&](const auto& value) { alerts.command = split_command(value); }
    );
    option("--notify-mail", "ADDRESS", "send it there by mail; may be repeated", [&](const auto& value) {
        alerts.mail.push_back(parse_mail_address(value));
    })->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    text("--sendmail", "FILE", "the program that takes that mail (/usr/sbin/sendmail)", alerts.sendmail);
    option("--notify-url", "URL", "send it there as JSON, by POST (http or https)", [&](const auto& value) {
        server_of(value);
        alerts.url = value;
    });
    option(
        "--confirm", "N", "tell that it became worse when N runs in a row have found so (1)",
        [this](const auto& value) {
            options_.alerts.confirm = parse_whole_number(value, 1, 1000);
            confirm_given_ = true;
        }
    );
}

void CommandLine::check_alerts() const
{
    const auto& alerts = options_.alerts;
    const auto asked = !alerts.command.empty() ? "--notify"
                       : !alerts.mail.empty()  ? "--notify-mail"
                       : !alerts.url.empty()   ? "--notify-url"
                                               : nullptr;
    if (asked && options_.history.empty())
        throw std::invalid_argument(
            fmt::format("{} tells what has changed since the last run: name the file with --history", asked)
        );
    if (alerts.mail.empty() && alerts.sendmail != AlertOptions().sendmail)
        throw std::invalid_argument("--sendmail is for alerts by mail: say with --notify-mail who is told");
    if (confirm_given_ && !asked)
        throw std::invalid_argument("--confirm is for alerts: say with --notify who is told");
}

void CommandLine::run(std::span<const std::string> arguments)
{
    const auto options = arguments.first(
        static_cast<std::size_t>(std::find(arguments.begin(), arguments.end(), "--") - arguments.begin())
    );
    std::vector<std::string> reversed; // as CLI11 takes them
    std::transform(options.rbegin(), options.rend(), std::back_inserter(reversed), marked);
    try {
        app_.parse(reversed);
    } catch (const CLI::ParseError& fault) {
        throw std::invalid_argument(one_line(fault) + ": " + see_help());
    }
    if (options.size() < arguments.size())
        targets_.insert(targets_.end(), arguments.begin() + std::ssize(options) + 1, arguments.end());
    const auto unknown = app_.remaining();
    if (!unknown.empty() && !help_)
        throw std::invalid_argument(
            fmt::format("unknown option '{}': {}", smtp::printable(unknown.front()), see_help())
        );
}

/// A scan reads its targets as it goes.
void CommandLine::take_input()
{
    auto& scan = options_.scan;
    if (targets_.size() > 1)
        throw std::invalid_argument("scan reads one file: put the targets into it, a line each, or give -");
    if (!scan.queue.empty() && (!targets_.empty() || !options_.output.empty() || !scan.resume.empty()))
        throw std::invalid_argument("--queue is where targets come from and results go: give it alone");
    if (!scan.queue.empty() && scan.ordered)
        throw std::invalid_argument("--ordered is for a file: a queue has workers, and no order");
    if (scan.queue.empty())
        scan.input = targets_.empty() ? "-" : unmarked(targets_.front());
}

void CommandLine::take_targets()
{
    if (!options_.target_file.empty()) {
        std::ranges::transform(targets_, std::back_inserter(options_.chosen), unmarked);
        return;
    }
    for (const auto& target : targets_) {
        try {
            options_.requests.push_back(request_of(options_, unmarked(target)));
        } catch (const std::invalid_argument& fault) {
            options_.refused.push_back({unmarked(target), fault.what()});
        }
    }
    if (targets_.empty())
        throw std::invalid_argument(fmt::format("{}, or {}", words_.nothing_given, see_help()));
    if (options_.command == Command::sts_policy && targets_.size() > 1)
        throw std::invalid_argument("sts-policy takes one domain: a policy is a file of its own");
}

void CommandLine::check_together() const
{
    if (switches_.only_ipv4 && switches_.only_ipv6)
        throw std::invalid_argument("-4 and -6 exclude each other: give one, or neither for both families");
    if (switches_.trust_ad && switches_.no_trust_ad)
        throw std::invalid_argument("--trust-ad and --no-trust-ad exclude each other: give one");
    const auto policy = options_.criteria.policy;
    if ((switches_.no_dane && policy == probe::Policy::dane) ||
        (switches_.no_mta_sts && policy == probe::Policy::mta_sts))
        throw std::invalid_argument(
            fmt::format("--policy {0} and --no-{0} exclude each other: give one", probe::name(*policy))
        );
    if (keep_given_ && options_.history.empty())
        throw std::invalid_argument("--keep is for a history: name its file with --history");
    if (options_.scan.moment_given && !options_.history.empty())
        throw std::invalid_argument("--at and --history exclude each other: a history is of what is now");
    if (!options_.tls.client_key.empty() && options_.tls.client_cert.empty())
        throw std::invalid_argument("--client-key needs the certificate it belongs to: give --client-cert");
    if (switches_.verbose && options_.format != report::Format::table)
        throw std::invalid_argument("-v is for the table: give it or --format, not both");
    const bool has_room =
        options_.format == report::Format::table || options_.format == report::Format::detail;
    if (options_.criteria.advise_tlsa && !has_room)
        throw std::invalid_argument("--tlsa is for the table and the detail: give it or --format, not both");
}

void CommandLine::check_families() const
{
    for (const auto& host : options_.plan.hosts)
        refuse_other_family(options_, host.host, host.literal);
}

/// A report is no file that the run reads, or keeps.
void CommandLine::check_output() const
{
    const auto& output = options_.output;
    keep_apart(output, options_.target_file, "the file of --targets");
    keep_apart(output, options_.history, "the file of --history");
    keep_apart(output, options_.ca_file, "the file of --ca-file");
    keep_apart(output, options_.tls.client_cert, "the file of --client-cert");
    keep_apart(output, options_.tls.client_key, "the file of --client-key");
    keep_apart(output, options_.scan.exclude, "the file of --exclude");
    for (const auto& file : options_.extra_certs)
        keep_apart(output, file, "a file of --extra-certs");
    for (const auto& file : options_.crl_files)
        keep_apart(output, file, "a file of --crl-file");
}

/// What is said by the words of an option alone.
void CommandLine::settle()
{
    if (options_.output == "-")
        options_.output.clear();
    options_.plan.ipv4 = !switches_.only_ipv6;
    options_.plan.ipv6 = !switches_.only_ipv4;
    options_.plan.sni = !switches_.no_sni;
    options_.plan.dane = !switches_.no_dane;
    options_.plan.mta_sts = !switches_.no_mta_sts;
    options_.criteria.rcpt = options_.plan.rcpt;
    options_.scan.share = !switches_.no_share;
    if (switches_.trust_ad || switches_.no_trust_ad)
        options_.trust_ad = switches_.trust_ad;
    if (switches_.verbose)
        options_.format = report::Format::table_and_detail;
    settle_command();
}

/// What a command other than check never looks for, and what it takes for granted.
void CommandLine::settle_command()
{
    constexpr int week = 604'800;
    constexpr int day = 86'400; // a policy that is to be given up should be forgotten soon (RFC 8461 §8.3)
    if (options_.sts_max_age == 0)
        options_.sts_max_age = options_.sts_mode == probe::StsMode::none ? day : week;
    if (options_.command == Command::tlsa)
        options_.criteria.advise_tlsa = true;
    if (options_.command != Command::sts_policy)
        return;
    options_.plan.dane = false;
    options_.trust_ad = false;
}

std::vector<TargetOptions::Key> CommandLine::keys() const
{
    using Kind = TargetOptions::Kind;
    std::vector<TargetOptions::Key> keys;
    for (const auto& [name, option, set, is_flag] : entries_) {
        if (!name.starts_with("--"))
            continue;
        const bool repeats = option->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
        const auto value = option->get_type_name();
        keys.push_back(
            {.name = name.substr(2),
             .kind = is_flag   ? Kind::flag
                     : repeats ? Kind::values
                               : Kind::value,
             .is_path = value == "FILE" || value == "DIR",
             .is_of_run = std::ranges::find(of_one_target, name) == of_one_target.end(),
             .is_overruled = option->count() > 0}
        );
    }
    return keys;
}

void CommandLine::set(const std::string& name, const std::string& value)
{
    const auto is_it = [&](const Entry& entry) { return entry.name.substr(2) == name; };
    std::ranges::find_if(entries_, is_it)->set(value);
}

void CommandLine::restore(const Said& said)
{
    options_ = said.options;
    switches_ = said.switches;
}

Request CommandLine::request(const std::string& target)
{
    check_together();
    settle();
    check_families();
    return request_of(options_, target);
}

Options CommandLine::parse(std::span<const std::string> arguments)
{
    run(arguments);
    if (help_) {
        options_.page = help(manual());
        return std::move(options_);
    }
    if (version_) {
        options_.page = fmt::format("mxtls {} ({})\n", MXTLS_VERSION, OpenSSL_version(OPENSSL_VERSION));
        return std::move(options_);
    }
    check_together();
    settle();
    check_alerts();
    check_output();
    if (options_.command == Command::scan)
        take_input();
    else
        take_targets();
    check_families();
    return std::move(options_);
}

} // namespace

Manual manual_of(Command command)
{
    return CommandLine(command, {}, "").manual();
}

OfferKey offer_key(const Request& request)
{
    const auto& tls = request.tls;
    return {tls.min_version, tls.max_version, tls.ciphers,    tls.ciphersuites,
            tls.groups,      tls.client_cert, tls.client_key, request.key_types ? "both key types" : ""};
}

RootsKey roots_key(const Request& request)
{
    return {request.ca_file, request.ca_path};
}

struct TargetOptions::Line
{
    Line(Command command, std::chrono::sys_seconds now, const std::string& host_name)
        : options(command, now, host_name)
    {}

    CommandLine options;
    CommandLine::Said said{}; // by the command line
};

TargetOptions::TargetOptions(
    std::span<const std::string> arguments, std::chrono::sys_seconds now, const std::string& host_name
)
{
    const auto command = take_command(arguments);
    line_ = std::make_unique<Line>(command, now, host_name);
    line_->options.run(arguments);
    line_->said = line_->options.said();
    keys_ = line_->options.keys();
}

TargetOptions::TargetOptions(TargetOptions&&) noexcept = default;
TargetOptions::~TargetOptions() = default;

void TargetOptions::check(const Key& key, const std::string& value)
{
    line_->options.set(key.name, value);
    line_->options.restore(line_->said);
}

Request TargetOptions::request(const std::string& target, const Values& values)
{
    line_->options.restore(line_->said);
    for (const auto& key : keys_) {
        const auto found = values.find(key.name);
        if (found == values.end() || key.is_overruled)
            continue;
        for (const auto& value : found->second)
            line_->options.set(key.name, value);
    }
    return line_->options.request(target);
}

probe::Target target_of(const Options& options, const std::string& given)
{
    auto target =
        options.command == Command::tlsa ? probe::parse_target_host(given) : probe::parse_target(given);
    if (options.command == Command::tlsa && target.literal && !options.criteria.reference)
        throw std::invalid_argument(fmt::format(
            "'{}' is an address, and TLSA records are published at a name: give that of the host, or add "
            "--reference NAME",
            smtp::printable(given)
        ));
    if (options.command == Command::sts_policy && target.literal)
        throw std::invalid_argument(fmt::format("'{}' has no policy: give a domain", smtp::printable(given)));
    if (options.plan.hosts.empty())
        refuse_other_family(options, given, target.literal);
    if (options.plan.rcpt && target.local_part && !target.mailbox())
        throw std::invalid_argument(fmt::format(
            "'{}' needs SMTPUTF8, which RCPT TO does not speak here: leave --rcpt out", smtp::printable(given)
        ));
    return target;
}

std::optional<report::Format> format_given(std::span<const std::string> arguments)
{
    constexpr std::string_view joined = "--format=";
    std::optional<report::Format> last;
    for (std::size_t at = 0; at < arguments.size() && arguments[at] != "--"; ++at) {
        if (arguments[at].starts_with(joined))
            last = report::format_named(std::string_view(arguments[at]).substr(joined.size()));
        else if (arguments[at] == "--format" && at + 1 < arguments.size())
            last = report::format_named(arguments[at + 1]);
    }
    return last;
}

Options parse_options(
    std::span<const std::string> arguments, std::chrono::sys_seconds now, const std::string& host_name
)
{
    const auto all = arguments.size();
    const auto command = take_command(arguments);
    auto options = CommandLine(command, now, host_name).parse(arguments);
    if (arguments.size() == all && !options.requests.empty())
        refuse_command(options.requests.front().target.given);
    return options;
}

} // namespace command
