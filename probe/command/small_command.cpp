#include "probe/command/small_command.hpp"

#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace command
{

void read_arguments(
    CLI::App& app, std::span<const std::string> arguments, std::vector<std::string>& operands,
    std::string_view command
)
{
    const auto end = std::ranges::find(arguments, "--");
    std::vector<std::string> reversed( // as CLI11 takes them
        std::make_reverse_iterator(end), std::make_reverse_iterator(arguments.begin())
    );
    app.allow_extras();
    try {
        app.parse(reversed);
    } catch (const CLI::ParseError& fault) {
        throw std::invalid_argument(fmt::format("{}: see mxtls {} --help", one_line(fault), command));
    }
    const auto unknown = app.remaining();
    if (!unknown.empty())
        throw std::invalid_argument(
            fmt::format("unknown option '{}': see mxtls {} --help", smtp::printable(unknown.front()), command)
        );
    if (end != arguments.end())
        operands.insert(operands.end(), end + 1, arguments.end());
}

std::string one_line(const CLI::ParseError& fault)
{
    const std::string words = smtp::printable(fault.what());
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&fault))
        return words.substr(0, words.find(':')) + " needs a value";
    return words;
}

} // namespace command
