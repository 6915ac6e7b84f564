#include "probe/command/check.hpp"
#include "probe/command/config.hpp"
#include "probe/command/explain.hpp"
#include "probe/command/history.hpp"
#include "probe/command/log.hpp"
#include "probe/command/machine.hpp"
#include "probe/command/options.hpp"
#include "probe/command/output.hpp"
#include "probe/command/publish.hpp"
#include "probe/command/scan.hpp"
#include "report/nagios.hpp"
#include "smtp/library_context.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace
{

using Arguments = std::span<const std::string>;

constexpr int unknown = 3;

int explain(Arguments arguments)
{
    const auto [text, refused] = command::explain(arguments);
    if (!text.empty())
        command::Output("").write(text);
    for (const auto& line : refused)
        command::complain(line);
    return refused.empty() ? 0 : unknown;
}

/// A monitoring system shows nothing but what stands on standard output.
void tell_monitoring(std::string_view why, Arguments arguments)
{
    if (command::format_given(arguments) == report::Format::nagios)
        std::fputs(report::nagios_failure(why).c_str(), stdout);
}

int run(Arguments arguments)
{
    if (!arguments.empty() && arguments.front() == "explain")
        return explain(arguments.subspan(1));
    if (!arguments.empty() && arguments.front() == "log")
        return command::log(arguments.subspan(1));
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (!arguments.empty() && arguments.front() == "history")
        return command::history(arguments.subspan(1), now);
    if (!arguments.empty() && arguments.front() == "config")
        return command::config(arguments.subspan(1), now);
    const auto host_name = command::own_host_name();
    auto options = command::parse_options(arguments, now, host_name);
    if (options.page) {
        command::Output("").write(*options.page);
        return 0;
    }
    if (!options.target_file.empty() &&
        !command::take_targets_of_file(options, command::TargetOptions(arguments, now, host_name))) {
        const auto file = smtp::printable(options.target_file);
        tell_monitoring(fmt::format("'{0}' has errors: see mxtls config check {0}", file), arguments);
        return unknown;
    }
    switch (options.command) {
    case command::Command::scan:
        return command::scan(std::move(options));
    case command::Command::tlsa:
        return command::tlsa(std::move(options));
    case command::Command::sts_policy:
        return command::sts_policy(std::move(options));
    case command::Command::check:
        break;
    }
    return command::check(std::move(options));
}

} // namespace

int main(int count, char** values)
{
    // A report may go to a pipe, or beyond the largest file allowed: each is told by an error.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    smtp::keep_configuration_out();
    const std::vector<std::string> arguments(values + 1, values + count);
    try {
        return run(arguments);
    } catch (const std::exception& fault) {
        command::complain(fault.what());
        tell_monitoring(fault.what(), arguments);
        return unknown;
    }
}
