#include "report/explain.hpp"

#include "report/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace report
{
namespace
{

constexpr std::size_t line_width = 80;
constexpr std::string_view indent = "  ";
constexpr std::string_view command_indent = "    ";
constexpr std::string_view command_mark = "$ ";

std::string_view take(std::string_view& text, char end)
{
    const auto part = text.substr(0, text.find(end));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
}

/// Words into lines, commands as they stand, and an empty line between the blocks.
class Writer
{
public:
    std::string written(std::string_view text)
    {
        while (!text.empty())
            add_line(take(text, '\n'));
        end_block();
        return std::move(text_);
    }

private:
    void add_line(std::string_view line)
    {
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        const bool command = line.starts_with(command_mark);
        if (line.empty() || command != in_command_)
            end_block();
        in_command_ = command;
        if (command)
            block_ += fmt::format("{}{}\n", command_indent, line.substr(command_mark.size()));
        while (!command && !line.empty()) {
            const auto word = take(line, ' ');
            if (!word.empty())
                add_word(word);
        }
    }

    void add_word(std::string_view word)
    {
        const auto column = block_.size() - line_begin_;
        if (block_.empty() || column + 1 + word.size() > line_width) {
            block_ += block_.empty() ? "" : "\n";
            line_begin_ = block_.size();
            block_ += indent;
        } else {
            block_ += ' ';
        }
        block_ += word;
    }

    void end_block()
    {
        if (block_.empty())
            return;
        text_ += text_.empty() ? "" : "\n";
        text_ += block_;
        text_ += block_.ends_with('\n') ? "" : "\n";
        block_.clear();
        line_begin_ = 0;
    }

    std::string text_;
    std::string block_;
    std::size_t line_begin_ = 0; // of the last line in block_
    bool in_command_ = false;
};

struct Likeness
{
    std::size_t distance = 0;
    std::string_view code;
};

} // namespace

std::string explanation(const Page& page)
{
    auto text = fmt::format("{}: {}\n", page.code, page.brief);
    for (const auto& [heading, body] :
         {std::pair{"What it means", page.meaning}, std::pair{"Why it matters to senders", page.matters},
          std::pair{"How to verify it by hand", page.verify}, std::pair{"How to mend it", page.mend},
          std::pair{"Where it is written", page.rfc}})
        text += fmt::format("\n{}\n\n{}", heading, Writer().written(body));
    return text;
}

std::string list_of_codes()
{
    std::size_t longest = 0;
    for (const auto& subject : subjects()) {
        for (const auto& page : subject.pages)
            longest = std::max(longest, page.code.size());
    }
    std::string text;
    for (const auto& subject : subjects()) {
        text += fmt::format("{}{}\n", text.empty() ? "" : "\n", subject.title);
        for (const auto& page : subject.pages)
            text += fmt::format("  {:<{}}  {}\n", page.code, longest, page.brief);
    }
    return text + "\nmxtls explain CODE tells more of each.\n";
}

std::vector<std::string_view> codes_like(std::string_view word)
{
    constexpr std::size_t most = 5;
    constexpr std::size_t long_enough = 40; // any code is shorter
    word = word.substr(0, long_enough);

    std::vector<Likeness> likely;
    for (const auto& subject : subjects()) {
        for (const auto& page : subject.pages) {
            const auto apart = letters_apart(word, page.code);
            const bool part = word.size() > 2 && page.code.find(word) != std::string_view::npos;
            if (part || apart <= std::max<std::size_t>(2, word.size() / 3))
                likely.push_back({part ? 0 : apart, page.code});
        }
    }
    std::ranges::stable_sort(likely, {}, &Likeness::distance);
    std::vector<std::string_view> codes;
    for (const auto& [apart, code] : likely) {
        if (codes.size() < most && apart <= likely.front().distance + 1)
            codes.push_back(code);
    }
    return codes;
}

} // namespace report
