#include "probe/manual/completion.hpp"
#include "probe/manual/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

namespace manual
{
namespace
{

using command::Manual;

constexpr auto beginning = R"(# Completion of mxtls in bash, made of what its --help says.

# _mxtls_offer KIND WORD [CHOICES]
_mxtls_offer()
{
    local flag
    case $1 in
        file) flag=-f ;;
        folder) flag=-d ;;
        program) flag=-c ;;
        host) flag='-A hostname' ;;
        choice) mapfile -t COMPREPLY < <(compgen -W "$3" -- "$2") && return ;;
        *) return ;;
    esac
    [[ $1 != file && $1 != folder ]] || compopt -o filenames 2>/dev/null
    # shellcheck disable=SC2086  # -A and its word
    mapfile -t COMPREPLY < <(compgen $flag -- "$2")
}

_mxtls()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=check
    COMPREPLY=()
    # bash parts --option=value in three.
    if [[ $word == = ]]; then
        word=
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
)";

constexpr auto ending = R"(}

complete -F _mxtls mxtls
)";

std::string_view name(Kind kind)
{
    switch (kind) {
    case Kind::choice:
        return "choice";
    case Kind::file:
        return "file";
    case Kind::folder:
        return "folder";
    case Kind::host:
        return "host";
    case Kind::program:
        return "program";
    case Kind::free:
        break;
    }
    return "free";
}

std::string offer(std::string_view value, const std::vector<std::string>& choices)
{
    const auto kind = kind_of(value, choices);
    if (kind == Kind::choice)
        return fmt::format("_mxtls_offer choice \"$word\" '{}'", fmt::join(choices, " "));
    return fmt::format("_mxtls_offer {} \"$word\"", name(kind));
}

std::string words(std::span<const Manual> all, std::string_view between)
{
    std::string words;
    for (const auto& manual : all)
        words += (words.empty() ? "" : std::string(between)) + command_word(manual);
    return words;
}

/// Those of a file are options no shell completes.
bool is_typed(const command::ManualOption& option)
{
    return option.names.front().starts_with('-');
}

/// What the options of a command take, those that take the same together.
std::string values(const Manual& manual)
{
    std::map<std::string, std::string> patterns; // by what is offered
    for (const auto& group : manual.groups) {
        for (const auto& option : group.options) {
            if (option.value.empty() || !is_typed(option))
                continue;
            auto& pattern = patterns[offer(option.value, option.choices)];
            for (const auto& name : option.names)
                pattern += fmt::format("{}{}:{}", pattern.empty() ? "" : " | ", command_word(manual), name);
        }
    }
    std::string lines;
    for (const auto& [offered, pattern] : patterns)
        lines += fmt::format("        {})\n            {}\n            return ;;\n", pattern, offered);
    return lines;
}

std::string options(const Manual& manual)
{
    std::vector<std::string> names;
    for (const auto& group : manual.groups) {
        for (const auto& option : group.options) {
            if (is_typed(option))
                names.insert(names.end(), option.names.begin(), option.names.end());
        }
    }
    if (names.empty())
        names = {"-h", "--help"};
    return fmt::format("        {}:-*) {} ;;\n", command_word(manual), offer("", names));
}

/// A command whose first word is one of a list and whose operand is none of it takes the operand behind it.
std::string operands(const Manual& manual)
{
    const auto word = command_word(manual);
    const auto operand = fmt::format("        {}:*) {} ;;\n", word, offer(manual.operand, {}));
    if (manual.choices.empty())
        return operand;
    const auto first = offer(manual.operand, manual.choices);
    if (kind_of(manual.operand, {}) == Kind::free)
        return fmt::format("        {}:*) {} ;;\n", word, first);
    return fmt::format(
        "        {}:*) if ((COMP_CWORD == 2)); then {}; else {}; fi ;;\n", word, first,
        offer(manual.operand, {})
    );
}

} // namespace

std::string bash_completion(std::span<const Manual> all)
{
    std::string text = beginning;
    text += fmt::format(
        "    if ((COMP_CWORD > 1)); then\n"
        "        case ${{COMP_WORDS[1]}} in\n"
        "            {}) command=${{COMP_WORDS[1]}} ;;\n"
        "        esac\n"
        "    elif [[ $word != -* ]]; then\n"
        "        _mxtls_offer host \"$word\"\n"
        "        mapfile -t -O ${{#COMPREPLY[@]}} COMPREPLY < <(compgen -W '{}' -- \"$word\")\n"
        "        return\n"
        "    fi\n"
        "    case $command:$before in\n",
        words(all, " | "), words(all, " ")
    );
    for (const auto& manual : all)
        text += values(manual);
    text += "    esac\n    case $command:$word in\n";
    for (const auto& manual : all)
        text += options(manual) + operands(manual);
    return text + "    esac\n" + ending;
}

} // namespace manual
