// manual FOLDER VERSION DATE: writes the man pages and the completion of mxtls there.
#include "probe/command/config.hpp"
#include "probe/command/explain.hpp"
#include "probe/command/history.hpp"
#include "probe/command/log.hpp"
#include "probe/command/options.hpp"
#include "probe/manual/completion.hpp"
#include "probe/manual/roff.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <vector>

namespace
{

void write(const std::filesystem::path& path, const std::string& text)
{
    std::ofstream file(path);
    file.exceptions(std::ios::badbit | std::ios::failbit);
    file << text << std::flush;
}

} // namespace

int main(int count, char** values)
{
    if (count != 4) {
        std::cerr << "usage: manual FOLDER VERSION DATE\n";
        return 2;
    }
    using command::Command;
    const std::vector<command::Manual> all{
        command::manual_of(Command::check),
        command::manual_of(Command::scan),
        command::manual_of(Command::tlsa),
        command::manual_of(Command::sts_policy),
        command::explain_manual(),
        command::history_manual(),
        command::log_manual(),
        command::config_manual()};
    const std::filesystem::path folder(values[1]);
    for (const auto& one : all)
        write(folder / (manual::page_name(one) + ".1"), manual::page(one, all, {values[2], values[3]}));
    write(folder / "mxtls.bash", manual::bash_completion(all));
    write(folder / "_mxtls", manual::zsh_completion(all));
}
