// How commands read their command lines, that share no options with check; and what all say of a faulty one.
#pragma once

#include <CLI/CLI.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace command
{

/// An option with a value, of which the last one counts.
template <class Into>
void add_option(
    CLI::App& app, const std::string& name, const std::string& value, Into& into, const std::string& text
)
{
    app.add_option(name, into, text)
        ->type_name(value)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
        ->group("Options");
}

/// What is no option, or stands behind --, is an operand. Throws std::invalid_argument, one line that names
/// `mxtls COMMAND --help`.
void read_arguments(
    CLI::App& app, std::span<const std::string> arguments, std::vector<std::string>& operands,
    std::string_view command
);

/// What is wrong with it, in our words where CLI11's are none for users.
std::string one_line(const CLI::ParseError& fault);

} // namespace command
