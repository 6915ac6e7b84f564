// The command line → what to do. Pure but for this host's own name and resolv.conf, which are arguments.
#pragma once

#include "dns/resolver.hpp"
#include "probe/command/manual.hpp"
#include "probe/examine.hpp"
#include "probe/gate.hpp"
#include "probe/judge.hpp"
#include "report/report.hpp"
#include "smtp/tls.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace command
{

enum class Color
{
    automatic,
    always,
    never
};

enum class Command
{
    check,
    scan,
    tlsa,
    sts_policy
};

/// What only a scan asks for. File names, each empty where there is none.
struct ScanOptions
{
    std::string input; // "-": standard input
    std::string exclude;
    std::string resume;
    std::string stats;
    std::string queue; // a URL, in place of the input and the output
    bool ordered = false;
    bool share = true;
    bool moment_given = false; // --at
};

/// A target, what is asked of it, and what it is held against.
struct Request
{
    probe::Target target{};
    probe::Plan plan{};
    probe::Criteria criteria{}; // without evidence, which is the same for all
    smtp::TlsSettings tls{};
    bool key_types = false;
    std::string ca_file{};
    std::string ca_path{};
    std::optional<std::string> label{};   // in a report, and in a history
    std::optional<std::string> contact{}; // whom to write to about the target
};

/// What was given as a target and is none.
struct Refusal
{
    std::string given{};
    std::string why{}; // a line that names it
};

/// What tells requests apart that need handshakes of their own, or roots of their own.
using OfferKey = std::array<std::string, 8>;
using RootsKey = std::array<std::string, 2>;

OfferKey offer_key(const Request& request);
RootsKey roots_key(const Request& request);

/// Who is told of changes.
struct AlertOptions
{
    std::vector<std::string> command; // a program and its arguments; empty: none
    std::vector<std::string> mail;    // addresses
    std::string sendmail = "/usr/sbin/sendmail";
    std::string url;
    int confirm = 1; // runs in a row that must be worse
};

struct Options
{
    Command command = Command::check;
    std::vector<Request> requests;   // of a scan none: it reads its targets as it goes
    std::vector<Refusal> refused;    // the others are probed all the same
    std::string target_file;         // --targets: the requests are still to be read from it
    std::vector<std::string> chosen; // those of the file to be checked; empty: all

    // What is asked of a target, where nothing else is said of it.

    probe::Plan plan;
    probe::Criteria criteria;
    smtp::TlsSettings tls;
    bool key_types = false; // --key-types
    std::string ca_file;
    std::string ca_path;

    // What holds for the whole run.

    probe::GateLimits gate;
    std::optional<double> rate;           // new connections a second
    dns::Settings dns;                    // without servers where none was given
    std::optional<bool> trust_ad;         // none: only where every resolver is on loopback
    std::vector<std::string> extra_certs; // files
    std::vector<std::string> crl_files;
    std::size_t jobs = 16;

    probe::StsMode sts_mode = probe::StsMode::testing; // --mode
    int sts_max_age = 0;                               // --max-age, seconds

    ScanOptions scan;

    report::Format format = report::Format::table;
    std::string output; // a file; empty: standard output
    bool quiet = false;
    Color color = Color::automatic;

    std::string history;         // a file; empty: none
    std::chrono::days keep{400}; // --keep
    AlertOptions alerts;

    std::optional<std::string> page; // --help or --version: print this, and nothing else is to be done
};

/// What it says of itself, with all its options.
Manual manual_of(Command command);

/// A target as the options allow it. Throws std::invalid_argument, one line that names it and what to do.
probe::Target target_of(const Options& options, const std::string& given);

/// Throws std::invalid_argument, one line that names the value and what to do. `arguments` are without the
/// program's name; `now` is what --at counts from; `host_name` is this host's own, for EHLO.
Options parse_options(
    std::span<const std::string> arguments, std::chrono::sys_seconds now, const std::string& host_name
);

/// The --format that arguments name, also where something else is wrong with them.
std::optional<report::Format> format_given(std::span<const std::string> arguments);

/// The options of a target one by one, for a file that has them: read by what reads the command line, and
/// held against it in the same words.
class TargetOptions
{
public:
    enum class Kind
    {
        flag,   // "true" or "false"
        value,  // one
        values, // any number
    };

    struct Key
    {
        std::string name; // "port", as the option is called
        Kind kind{};
        bool is_path = false;      // of a file or a folder
        bool is_of_run = false;    // and not of one target
        bool is_overruled = false; // by the command line, which has it
    };

    using Values = std::map<std::string, std::vector<std::string>>; // by the name of their key

    /// `arguments` as for parse_options(), which has accepted them.
    TargetOptions(
        std::span<const std::string> arguments, std::chrono::sys_seconds now, const std::string& host_name
    );
    TargetOptions(TargetOptions&&) noexcept;
    ~TargetOptions();

    const std::vector<Key>& keys() const noexcept { return keys_; }

    /// Throws std::invalid_argument, one line without the name of the key, for a value that it cannot have.
    void check(const Key& key, const std::string& value);

    /// The target with these values and those of the command line, which overrules them. Throws
    /// std::invalid_argument, one line, where they do not go together.
    Request request(const std::string& target, const Values& values);

private:
    struct Line;

    std::unique_ptr<Line> line_;
    std::vector<Key> keys_;
};

} // namespace command
