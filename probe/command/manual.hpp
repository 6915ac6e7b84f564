// What a command says of itself: the one source of its --help, its man page and its completion. Pure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

namespace CLI
{
class App;
}

namespace command
{

struct Term
{
    std::string name{};
    std::string text{};
};

struct ManualOption
{
    std::vector<std::string> names{}; // "-4", "--ipv4-only"; of a key in a file its name alone
    std::string value{};              // "HOST[:PORT]", "FILE"; empty: it takes none
    std::string text{};
    std::vector<std::string> choices{}; // of which the value is one; empty: it is free
    bool repeats = false;
};

struct ManualGroup
{
    std::string title{};
    std::vector<ManualOption> options{};
};

struct Manual
{
    std::string word{};                     // as it is called; empty for check
    std::string purpose{};                  // a line for whatis(1)
    std::vector<std::string> usage{};       // behind the program's name
    std::vector<std::string> description{}; // paragraphs
    std::vector<ManualGroup> groups{};
    std::string operand{};              // "TARGET", "FILE"
    std::vector<std::string> choices{}; // of which the first operand is one; empty: it is free
    std::vector<Term> examples{};       // a command, and what it does
    std::vector<std::string> sample{};  // lines of a file
    std::vector<std::string> notes{};   // paragraphs
    std::vector<Term> statuses{};       // of exit
    std::string status_note{};

    // Of the man page alone.

    std::vector<Term> environment{};
    std::vector<Term> files{};
    std::vector<std::string> see_also{}; // "postfix(1)"; the other commands are seen without
};

/// What --help prints.
std::string help(const Manual& manual);

/// "a, b or c".
std::string listed(std::span<const std::string> choices);

/// The values of options that take one of a list, by the option's longest name.
using Choices = std::map<std::string, std::vector<std::string>>;

/// The options of a command line that are shown, in the order of their groups.
std::vector<ManualGroup> groups_of(const CLI::App& app, const Choices& choices);

} // namespace command
