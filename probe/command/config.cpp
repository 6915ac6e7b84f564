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

constexpr int unknown = 3;

Manual words()
{
    return {
        .word = "config",
        .purpose = "check a file of targets for mxtls",
        .usage = {"config check FILE"},
        .description =
            {"Reads a file of targets, as for mxtls --targets FILE, and tells of every error in it, with its "
             "line and column, and how many targets it has. Nothing is looked up or connected to.",
             "The file is in TOML (https://toml.io). What stands below [defaults] holds for every target "
             "that does not say otherwise; each target begins with [[target]]."},
        .groups =
            {{"Of one target",
              {{.names = {"name"}, .text = "the domain or mail address; every target needs one"},
               {.names = {"label"}, .text = "what to call it in reports and in a history (its name)"}}},
             {"Of one target, or of all",
              {{.names = {"contact"},
                .text = "whom to write to about the target: an address, or any text"}}}},
        .operand = "FILE",
        .choices = {"check"},
        .sample =
            {"[defaults]", "policy = \"required\"", "expiry-days = 30", "", "[[target]]",
             "name = \"example.com\"", "", "[[target]]", "name = \"example.org\"",
             "label = \"Example, by our relay\"", "contact = \"postmaster@example.org\"",
             "policy = \"required-verify\"", "mx = [\"relay1.example.net\", \"relay2.example.net:2525\"]"},
        .notes =
            {"The other keys are the options of mxtls check, and take what these take: text in quotes, a "
             "number, or true and false where the option has no value; mx also an array. See mxtls --help "
             "for what they mean. A path is taken from the folder of the file. What the command line says "
             "holds for all targets, over what the file says. Options of the whole run, such as --resolver "
             "or --jobs, are for the command line, and so is --contact, which tells a server whom to ask "
             "about the probe."},
        .statuses = {{"0", "the file is well"}, {"3", "it has errors, cannot be read, or bad usage"}},
        .files = {{"/etc/mxtls/targets.toml", "The targets of mxtls.service."}}};
}

/// The keys that are options.
std::string keys_of(const TargetOptions& options)
{
    std::string keys;
    for (const auto& key : options.keys()) {
        if (!key.is_of_run)
            keys += (keys.empty() ? "" : ", ") + key.name;
    }
    return keys;
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

Manual config_manual()
{
    auto manual = words();
    manual.notes.push_back("These are: " + keys_of(TargetOptions({}, {}, "")) + '.');
    return manual;
}

int config(std::span<const std::string> arguments, std::chrono::sys_seconds now)
{
    if (std::ranges::any_of(arguments, [](const auto& word) { return word == "--help" || word == "-h"; })) {
        Output("").write(help(config_manual()));
        return 0;
    }
    if (arguments.size() != 2 || arguments[0] != "check")
        throw std::invalid_argument("config takes a word and a file, as in: mxtls config check targets.toml");
    const auto& path = arguments[1];
    TargetOptions options({}, now, "");
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
            options.refused.push_back(
                {name, fmt::format(
                           "'{}' is no target of '{}': give a name or a label that it has",
                           report::legible(name), smtp::printable(options.target_file)
                       )}
            );
    }
    for (auto& request : file.requests) {
        const auto is_its_name = [&](const std::string& name) { return is_called(request, name); };
        if (std::ranges::any_of(options.chosen, is_its_name))
            options.requests.push_back(std::move(request));
    }
    return true;
}

} // namespace command
