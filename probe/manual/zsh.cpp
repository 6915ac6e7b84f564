#include "probe/manual/completion.hpp"
#include "probe/manual/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace manual
{
namespace
{

using command::Manual;
using command::ManualOption;

/// Within single quotes, in a place of _arguments that ends with a colon or a bracket.
std::string escaped(std::string_view text)
{
    std::string result;
    for (const char letter : text) {
        if (letter == '\'')
            result += "'\\'";
        else if (letter == ':' || letter == '[' || letter == ']' || letter == '\\')
            result += '\\';
        result += letter;
    }
    return result;
}

/// There is room for a clause.
std::string_view brief(std::string_view text)
{
    constexpr std::string_view ends[]{". ", "; ", ": "};
    for (const auto end : ends)
        text = text.substr(0, text.find(end));
    return text;
}

std::string action(std::string_view value, const std::vector<std::string>& choices)
{
    switch (kind_of(value, choices)) {
    case Kind::choice:
        return fmt::format("({})", fmt::join(choices, " "));
    case Kind::file:
        return "_files";
    case Kind::folder:
        return "_files -/";
    case Kind::host:
        return "_hosts";
    case Kind::program:
        return "_command_names -e";
    case Kind::free:
        break;
    }
    return " ";
}

std::string option(const ManualOption& option)
{
    std::string lines;
    const auto others = option.repeats ? "*" : fmt::format("({})", fmt::join(option.names, " "));
    for (const auto& name : option.names) {
        const auto sign = option.value.empty() ? "" : name.starts_with("--") ? "=" : "+";
        lines += fmt::format("        '{}{}{}[{}]", others, name, sign, escaped(brief(option.text)));
        if (!option.value.empty())
            lines += fmt::format(":{}:{}", escaped(option.value), action(option.value, option.choices));
        lines += "' \\\n";
    }
    return lines;
}

std::string operands(const Manual& manual)
{
    const auto name = escaped(manual.operand);
    if (manual.choices.empty())
        return fmt::format("        '*:{}:{}'\n", name, action(manual.operand, {}));
    const auto first = action(manual.operand, manual.choices);
    if (kind_of(manual.operand, {}) == Kind::free)
        return fmt::format("        '*:{}:{}'\n", name, first);
    return fmt::format("        '1: :{}' '*:{}:{}'\n", first, name, action(manual.operand, {}));
}

std::string function(const Manual& manual)
{
    std::string lines;
    for (const auto& group : manual.groups) {
        for (const auto& one : group.options) {
            if (one.names.front().starts_with('-'))
                lines += option(one);
        }
    }
    if (lines.empty())
        lines = option({.names = {"-h", "--help"}, .text = "print this page"});
    return fmt::format(
        "_mxtls_{}()\n{{\n    _arguments -S \\\n{}{}}}\n\n", command_word(manual), lines, operands(manual)
    );
}

constexpr auto ending = R"(    if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then
        local found=1
        _describe -t commands command commands && found=0
        _hosts && found=0
        return $found
    fi
    local command=check
    if (($+functions[_mxtls_$words[2]])); then
        command=$words[2]
        shift words
        ((CURRENT -= 1))
    fi
    _mxtls_$command
}

_mxtls "$@"
)";

} // namespace

std::string zsh_completion(std::span<const Manual> all)
{
    std::string text = "#compdef mxtls\n# Completion of mxtls in zsh, made of what its --help says.\n\n";
    for (const auto& manual : all)
        text += function(manual);
    text += "_mxtls()\n{\n    local -a commands=(\n";
    for (const auto& manual : all)
        text += fmt::format("        '{}:{}'\n", command_word(manual), escaped(manual.purpose));
    return text + "    )\n" + ending;
}

} // namespace manual
