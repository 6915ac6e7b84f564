#include "probe/command/manual.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

namespace command
{
namespace
{

constexpr std::size_t width = 110;
constexpr std::size_t option_column = 26;
constexpr std::size_t example_column = 53;

/// Words in lines that end before `width`; each line but the first begins at `column`.
std::string wrapped(std::string_view text, std::size_t column)
{
    std::string lines;
    std::size_t used = column;
    while (!text.empty()) {
        const auto size = std::min(text.find(' '), text.size());
        const auto word = text.substr(0, size);
        text.remove_prefix(std::min(size + 1, text.size()));
        if (used > column && used + 1 + word.size() > width) {
            lines += '\n' + std::string(column, ' ');
            used = column;
        } else if (used > column) {
            lines += ' ';
            ++used;
        }
        lines += word;
        used += word.size();
    }
    return lines + '\n';
}

/// A name, and at `column`, on the next line where it is too long for that, its text.
std::string entry(const std::string& name, const std::string& text, std::size_t column)
{
    const auto begin = "  " + name;
    if (text.empty())
        return begin + '\n';
    const auto gap =
        begin.size() < column ? std::string(column - begin.size(), ' ') : '\n' + std::string(column, ' ');
    return begin + gap + wrapped(text, column);
}

std::string groups(const Manual& manual)
{
    std::string text;
    for (const auto& group : manual.groups) {
        text += '\n' + group.title + ":\n";
        for (const auto& option : group.options) {
            const auto value = option.value.empty() ? "" : ' ' + option.value;
            text +=
                entry(fmt::format("{}{}", fmt::join(option.names, ","), value), option.text, option_column);
        }
    }
    return text;
}

std::string examples(const Manual& manual)
{
    std::string text;
    if (!manual.examples.empty())
        text += "\nExamples:\n";
    for (const auto& example : manual.examples)
        text += entry(example.name, example.text, example_column);
    if (!manual.sample.empty())
        text += "\nExample:\n";
    for (const auto& line : manual.sample)
        text += line.empty() ? "\n" : "  " + line + '\n';
    return text;
}

std::string statuses(const Manual& manual)
{
    std::string text;
    for (const auto& [status, meaning] : manual.statuses)
        text += fmt::format("{}{} {}", text.empty() ? "" : "; ", status, meaning);
    if (!manual.status_note.empty())
        text += ". " + manual.status_note;
    else if (!text.empty())
        text += '.';
    return text.empty() ? "" : '\n' + wrapped("Exit status: " + text, 0);
}

ManualOption described(const CLI::Option& option, const Choices& choices)
{
    ManualOption described{.text = option.get_description()};
    for (const auto& name : option.get_snames())
        described.names.push_back('-' + name);
    for (const auto& name : option.get_lnames())
        described.names.push_back("--" + name);
    if (option.get_type_size() > 0)
        described.value = option.get_type_name();
    if (const auto found = choices.find(described.names.back()); found != choices.end())
        described.choices = found->second;
    described.repeats = option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
    return described;
}

} // namespace

std::string help(const Manual& manual)
{
    std::string text;
    for (const auto& line : manual.usage)
        text += fmt::format("{}mxtls {}\n", text.empty() ? "Usage: " : "       ", line);
    for (const auto& paragraph : manual.description)
        text += '\n' + wrapped(paragraph, 0);
    text += groups(manual);
    for (const auto& paragraph : manual.notes)
        text += '\n' + wrapped(paragraph, 0);
    return text + examples(manual) + statuses(manual);
}

std::string listed(std::span<const std::string> choices)
{
    if (choices.size() < 2)
        return fmt::format("{}", fmt::join(choices, ""));
    return fmt::format("{} or {}", fmt::join(choices.first(choices.size() - 1), ", "), choices.back());
}

std::vector<ManualGroup> groups_of(const CLI::App& app, const Choices& choices)
{
    std::vector<ManualGroup> groups;
    for (const auto& title : app.get_groups()) {
        const auto is_of_it = [&](const CLI::Option* option) {
            return option->nonpositional() && !title.empty() && option->get_group() == title;
        };
        ManualGroup group{.title = title};
        for (const auto* option : app.get_options(is_of_it))
            group.options.push_back(described(*option, choices));
        if (!group.options.empty())
            groups.push_back(std::move(group));
    }
    return groups;
}

} // namespace command
