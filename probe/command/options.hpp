// The command line → what to do. Pure but for this host's own name and resolv.conf, which are arguments.
#pragma once

#include "dns/resolver.hpp"
#include "probe/examine.hpp"
#include "probe/gate.hpp"
#include "probe/judge.hpp"
#include "report/report.hpp"
#include "smtp/tls.hpp"

#include <chrono>
#include <cstddef>
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
};

struct Options
{
    Command command = Command::check;
    std::vector<Request> requests; // of a scan none: it reads its targets as it goes
    std::vector<std::string>
        refused; // why some targets are none, a line each; the others are probed all the same

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

    std::optional<std::string> page; // --help or --version: print this, and nothing else is to be done
};

/// A target as the options allow it. Throws std::invalid_argument, one line that names it and what to do.
probe::Target target_of(const Options& options, const std::string& given);

/// Throws std::invalid_argument, one line that names the value and what to do. `arguments` are without the
/// program's name; `now` is what --at counts from; `host_name` is this host's own, for EHLO.
Options parse_options(
    std::span<const std::string> arguments, std::chrono::sys_seconds now, const std::string& host_name
);

} // namespace command
