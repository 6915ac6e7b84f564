#include "probe/command/config.hpp"

#include "probe/command/output.hpp"
#include "probe/command/target_file.hpp"
#include "probe/history/sighting.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace command
{
namespace
{

constexpr auto summary =
    "Usage: mxtls config check FILE\n"
    "\n"
    "Reads a file of targets, as for mxtls --targets FILE, and tells of every error in it, with its line "
    "and\n"
    "column, and how many targets it has. Nothing is looked up or connected to.\n"
    "\n"
    "The file is in TOML (https://toml.io). What stands below [defaults] holds for every target that does "
    "not\n"
    "say otherwise; each target begins with [[target]].\n"
    "\n"
    "Of one target:\n"
    "  name                      the domain or mail address; every target needs one\n"
    "  label                     what to call it in reports and in a history (its name)\n"
    "\n"
    "Of one target, or of all:\n"
    "  contact                   whom to write to about the target: an address, or any text\n";

constexpr auto ending =
    "\n"
    "The other keys are the options of mxtls check, and take what these take: text in quotes, a number, or\n"
    "true and false where the option has no value; mx also an array. See mxtls --help for what they mean. A\n"
    "path is taken from the folder of the file. What the command line says holds for all targets, over what\n"
    "the file says. Options of the whole run, such as --resolver or --jobs, are for the command line, and "
    "so\n"
    "is --contact, which tells a server whom to ask about the probe.\n"
    "\n"
    "Example:\n"
    "  [defaults]\n"
    "  policy = \"required\"\n"
    "  expiry-days = 30\n"
    "\n"
    "  [[target]]\n"
    "  name = \"example.com\"\n"
    "\n"
    "  [[target]]\n"
    "  name = \"example.org\"\n"
    "  label = \"Example, by our relay\"\n"
    "  contact = \"postmaster@example.org\"\n"
    "  policy = \"required-verify\"\n"
    "  mx = [\"relay1.example.net\", \"relay2.example.net:2525\"]\n"
    "\n"
    "Exit status: 0; 3 the file has errors, cannot be read, or bad usage.\n";

constexpr int unknown = 3;

/// A line, or lines, of words no wider than a page.
std::string keys_of(const TargetOptions& options)
{
    constexpr std::size_t width = 100;
    std::string lines;
    std::string line;
    for (const auto& key : options.keys()) {
        if (key.is_of_run)
            continue;
        if (line.size() + key.name.size() + 2 > width)
            lines += std::exchange(line, "") + '\n';
        line += (line.empty() ? "  " : " ") + key.name;
    }
    return lines + line + '\n';
}

bool tell(const TargetFile& file)
{
    for (const auto& line : file.errors)
        complain(line);
    return file.errors.empty();
}

bool is_called(const Request& request, const std::string& name)
{
    const auto& target = request.target;
    return request.label == name || history::name_of(target.given, target.domain) == history::name_of(name);
}

} // namespace

int config(std::span<const std::string> arguments, std::chrono::sys_seconds now)
{
    TargetOptions options({}, now, "");
    if (std::ranges::any_of(arguments, [](const auto& word) { return word == "--help" || word == "-h"; })) {
        Output("").write(summary + keys_of(options) + ending);
        return 0;
    }
    if (arguments.size() != 2 || arguments[0] != "check")
        throw std::invalid_argument("config takes a word and a file, as in: mxtls config check targets.toml");
    const auto& path = arguments[1];
    const auto file = load_targets(path, options);
    if (!tell(file))
        return unknown;
    const auto number = file.requests.size();
    Output("").write(
        fmt::format("{}: {} {}\n", smtp::printable(path), number, number == 1 ? "target" : "targets")
    );
    return 0;
}

bool take_targets_of_file(Options& options, TargetOptions&& each)
{
    auto file = load_targets(options.target_file, each);
    if (!tell(file))
        return false;
    if (options.chosen.empty()) {
        options.requests = std::move(file.requests);
        return true;
    }
    for (const auto& name : options.chosen) {
        const auto is_it = [&](const Request& request) { return is_called(request, name); };
        if (std::ranges::none_of(file.requests, is_it))
            options.refused.push_back(fmt::format(
                "'{}' is no target of '{}': give a name or a label that it has", report::legible(name),
                smtp::printable(options.target_file)
            ));
    }
    for (auto& request : file.requests) {
        const auto is_its_name = [&](const std::string& name) { return is_called(request, name); };
        if (std::ranges::any_of(options.chosen, is_its_name))
            options.requests.push_back(std::move(request));
    }
    return true;
}

} // namespace command
