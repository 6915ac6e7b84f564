#include "probe/command/explain.hpp"

#include "report/explain.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

namespace command
{
namespace
{

Manual words()
{
    return {
        .word = "explain",
        .purpose = "explain what mxtls finds, and how to mend it",
        .usage = {"explain [CODE...]"},
        .description =
            {"Tells of each finding code what it means, why it matters to senders, how to verify it by hand, "
             "how to mend it, and where it is written. Without a code it lists them all."},
        .operand = "CODE",
        .examples =
            {{"mxtls explain certificate-expired starttls-not-supported", "two of them"},
             {"mxtls explain | grep starttls", "which there are about STARTTLS"}},
        .statuses = {{"0", "all is told"}, {"3", "a word is no code, or bad usage"}}};
}

/// As a code is written: what a hurried user copied along with it, or typed otherwise, is forgiven.
std::string as_code(std::string_view word)
{
    constexpr std::string_view around = " \t:;,.'\"`()[]";
    word.remove_prefix(std::min(word.find_first_not_of(around), word.size()));
    word = word.substr(0, word.find_last_not_of(around) + 1);
    std::string code(word);
    std::ranges::transform(code, code.begin(), [](char letter) {
        if (letter >= 'A' && letter <= 'Z')
            return static_cast<char>(letter - 'A' + 'a');
        return letter == '_' ? '-' : letter;
    });
    return code;
}

std::string refusal(const std::string& word)
{
    const auto shown = smtp::printable(word);
    const auto likely = report::codes_like(as_code(word));
    if (likely.empty())
        return fmt::format("'{}' is no finding code: see mxtls explain for all of them", shown);
    return fmt::format("'{}' is no finding code: did you mean {}?", shown, fmt::join(likely, ", "));
}

bool is_option(const std::string& argument)
{
    return argument.size() > 1 && argument.front() == '-';
}

} // namespace

Manual explain_manual()
{
    auto manual = words();
    for (const auto& subject : report::subjects()) {
        for (const auto& page : subject.pages)
            manual.choices.emplace_back(page.code);
    }
    return manual;
}

Explanation explain(std::span<const std::string> arguments)
{
    if (std::ranges::any_of(arguments, [](const auto& word) { return word == "--help" || word == "-h"; }))
        return {help(explain_manual()), {}};
    const auto option = std::ranges::find_if(arguments, is_option);
    if (option != arguments.end())
        throw std::invalid_argument(
            fmt::format("unknown option '{}': see mxtls explain --help", smtp::printable(*option))
        );
    if (arguments.empty())
        return {report::list_of_codes(), {}};

    Explanation explanation;
    std::vector<const report::Page*> told;
    for (const auto& word : arguments) {
        const auto* page = report::page_of(as_code(word));
        if (!page)
            explanation.refused.push_back(refusal(word));
        if (!page || std::ranges::find(told, page) != told.end())
            continue;
        told.push_back(page);
        explanation.text += (explanation.text.empty() ? "" : "\n\n") + report::explanation(*page);
    }
    return explanation;
}

} // namespace command
