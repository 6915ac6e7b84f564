#include "probe/manual/roff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace manual
{
namespace
{

using command::Manual;
using command::ManualOption;
using command::Term;

constexpr std::size_t width = 76; // of a line of source, where a word allows it

std::string escaped(std::string_view text)
{
    std::string result;
    for (const char letter : text) {
        switch (letter) {
        case '\\':
            result += "\\e";
            break;
        case '-':
            result += "\\-"; // a hyphen is not what one types
            break;
        case '\'':
            result += "\\(aq";
            break;
        case '`':
            result += "\\(ga";
            break;
        case '^':
            result += "\\(ha";
            break;
        case '~':
            result += "\\(ti";
            break;
        default:
            result += letter;
        }
    }
    return result;
}

/// Not taken for a request where it begins a line.
std::string as_line(std::string line)
{
    return (line.starts_with('.') ? "\\&" : "") + line + '\n';
}

std::string bold(std::string_view text)
{
    return "\\fB" + escaped(text) + "\\fR";
}

std::string italic(std::string_view text)
{
    return "\\fI" + escaped(text) + "\\fR";
}

bool is_capital(char letter)
{
    return letter >= 'A' && letter <= 'Z';
}

bool is_of_word(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-';
}

/// "scan [OPTIONS] [FILE|-]": what is typed bold, what stands for something italic.
std::string marked_usage(std::string_view text)
{
    std::string result;
    while (!text.empty()) {
        const auto is_same = is_capital(text.front()) ? is_capital : is_of_word;
        const auto end = std::find_if_not(text.begin(), text.end(), is_same);
        const auto size = static_cast<std::size_t>(end - text.begin());
        if (size == 0)
            result += escaped(text.substr(0, 1));
        else
            result += is_same == is_capital ? italic(text.substr(0, size)) : bold(text.substr(0, size));
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return result;
}

/// A word of a text: bold where it is an option.
std::string marked(std::string_view word)
{
    if (word.size() < 2 || word.front() != '-' || (word[1] != '-' && !std::isalnum(word[1])))
        return escaped(word);
    const auto end = std::find_if_not(word.begin(), word.end(), is_of_word);
    const auto size = static_cast<std::size_t>(end - word.begin());
    return bold(word.substr(0, size)) + escaped(word.substr(size));
}

/// A sentence begins on a line of its own, as roff likes it.
std::string paragraph(std::string_view text)
{
    std::string lines;
    std::string line;
    while (!text.empty()) {
        const auto size = std::min(text.find(' '), text.size());
        const auto word = text.substr(0, size);
        text.remove_prefix(std::min(size + 1, text.size()));
        const auto shown = marked(word);
        if (!line.empty() && line.size() + 1 + shown.size() > width)
            lines += as_line(std::exchange(line, ""));
        line += (line.empty() ? "" : " ") + shown;
        if (word.ends_with('.') || word.ends_with('?'))
            lines += as_line(std::exchange(line, ""));
    }
    return line.empty() ? lines : lines + as_line(line);
}

std::string paragraphs(std::span<const std::string> texts)
{
    std::string result;
    for (const auto& text : texts)
        result += (result.empty() ? "" : ".PP\n") + paragraph(text);
    return result;
}

std::string tagged(const std::string& tag, std::string_view text)
{
    return ".TP\n" + as_line(tag) + paragraph(text);
}

std::string section(std::string_view title, const std::string& body)
{
    return body.empty() ? "" : fmt::format(".SH {}\n{}", title, body);
}

std::string terms(std::span<const Term> all)
{
    std::string result;
    for (const auto& [name, text] : all)
        result += tagged(bold(name), text);
    return result;
}

std::string synopsis(const Manual& manual)
{
    std::string result;
    for (const auto& line : manual.usage)
        result += (result.empty() ? "" : ".br\n") + bold("mxtls") + ' ' + marked_usage(line) + '\n';
    return result;
}

std::string option(const ManualOption& option)
{
    std::string tag;
    for (const auto& name : option.names)
        tag += (tag.empty() ? "" : ", ") + bold(name);
    if (!option.value.empty())
        tag += ' ' + marked_usage(option.value);
    return tagged(tag, option.text);
}

std::string options(const Manual& manual)
{
    std::string result;
    for (const auto& group : manual.groups) {
        if (manual.groups.size() > 1)
            result += ".SS " + escaped(group.title) + '\n';
        for (const auto& one : group.options)
            result += option(one);
    }
    return result;
}

std::string examples(const Manual& manual)
{
    std::string result;
    for (const auto& [command, text] : manual.examples)
        result += tagged(bold(command), text);
    if (manual.sample.empty())
        return result;
    result += ".EX\n";
    for (const auto& line : manual.sample)
        result += as_line(escaped(line));
    return result + ".EE\n";
}

std::string reference(const std::string& name)
{
    return bold(name) + "(1)";
}

/// Of the page that is not of one command alone.
std::string commands(const Manual& manual, std::span<const Manual> all)
{
    std::string result;
    for (const auto& other : all) {
        if (manual.word.empty() && !other.word.empty())
            result +=
                tagged(bold("mxtls " + other.word), other.purpose + ": see mxtls-" + other.word + "(1).");
    }
    return result;
}

std::string see_also(const Manual& manual, std::span<const Manual> all)
{
    std::vector<std::string> names;
    for (const auto& other : all) {
        if (other.word != manual.word)
            names.push_back(reference(page_name(other)));
    }
    for (const auto& other : manual.see_also) {
        const auto name = other.substr(0, other.find('('));
        names.push_back(bold(name) + other.substr(name.size()));
    }
    std::string result;
    for (const auto& name : names)
        result += name + (&name == &names.back() ? "\n" : ",\n");
    return result;
}

} // namespace

std::string page_name(const Manual& manual)
{
    return manual.word.empty() ? "mxtls" : "mxtls-" + manual.word;
}

std::string page(const Manual& manual, std::span<const Manual> all, const Release& release)
{
    const auto name = page_name(manual);
    auto title = escaped(name);
    std::ranges::transform(title, title.begin(), [](unsigned char letter) { return std::toupper(letter); });
    auto statuses = terms(manual.statuses);
    if (!manual.status_note.empty())
        statuses += ".PP\n" + paragraph(manual.status_note);
    return fmt::format(
               ".TH {} 1 {} \"mxtls {}\" \"User Commands\"\n.nh\n.ad l\n", title, release.date,
               release.version
           ) +
           section("NAME", fmt::format("{} \\- {}\n", escaped(name), escaped(manual.purpose))) +
           section("SYNOPSIS", synopsis(manual)) + section("DESCRIPTION", paragraphs(manual.description)) +
           section("COMMANDS", commands(manual, all)) + section("OPTIONS", options(manual)) +
           section("NOTES", paragraphs(manual.notes)) + section("EXIT STATUS", statuses) +
           section("ENVIRONMENT", terms(manual.environment)) + section("FILES", terms(manual.files)) +
           section("EXAMPLES", examples(manual)) + section("SEE ALSO", see_also(manual, all));
}

} // namespace manual
