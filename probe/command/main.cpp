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

#include <chrono>
#include <csignal>
#include <exception>
#include <span>
#include <string>
#include <vector>

namespace
{

constexpr int unknown = 3;

int explain(std::span<const std::string> arguments)
{
    const auto [text, refused] = command::explain(arguments);
    if (!text.empty())
        command::Output("").write(text);
    for (const auto& line : refused)
        command::complain(line);
    return refused.empty() ? 0 : unknown;
}

int run(std::span<const std::string> arguments)
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
        !command::take_targets_of_file(options, command::TargetOptions(arguments, now, host_name)))
        return unknown;
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
    try {
        return run(std::vector<std::string>(values + 1, values + count));
    } catch (const std::exception& fault) {
        command::complain(fault.what());
        return unknown;
    }
}
