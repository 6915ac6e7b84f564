#include "report/mail.hpp"

#include "report/text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>

namespace report
{
namespace
{

constexpr std::size_t best_line = 76;     // RFC 2045 §6.7
constexpr std::size_t longest_line = 998; // RFC 5322 §2.1.1
constexpr std::size_t longest_word = 75;  // RFC 2047 §2

bool is_ascii(std::string_view text)
{
    return std::ranges::all_of(text, [](char octet) { return static_cast<unsigned char>(octet) < 0x80; });
}

bool is_inside_character(char octet)
{
    return (static_cast<unsigned char>(octet) & 0xc0) == 0x80;
}

std::string hexadecimal(char octet)
{
    return fmt::format("={:02X}", static_cast<unsigned char>(octet));
}

/// The Q encoding of RFC 2047 §4.2.
std::string encoded(char octet)
{
    const bool is_plain =
        ('a' <= octet && octet <= 'z') || ('A' <= octet && octet <= 'Z') || ('0' <= octet && octet <= '9');
    return octet == ' ' ? "_" : is_plain ? std::string(1, octet) : hexadecimal(octet);
}

/// Words that no character is cut by; the first stands behind the field's name.
std::vector<std::string> encoded_words(std::string_view name, std::string_view text)
{
    constexpr std::string_view begin = "=?UTF-8?Q?";
    constexpr std::string_view end = "?=";
    std::vector<std::string> words;
    while (!text.empty()) {
        std::string character;
        do {
            character += encoded(text.front());
            text.remove_prefix(1);
        } while (!text.empty() && is_inside_character(text.front()));
        const auto longest = words.size() > 1 ? longest_word : longest_word - name.size() - 1;
        if (words.empty() || words.back().size() + character.size() + end.size() > longest)
            words.emplace_back(begin);
        words.back() += character;
    }
    for (auto& word : words)
        word += end;
    return words;
}

std::vector<std::string> words_of(std::string_view text)
{
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        for (std::size_t at = 0; at < word.size(); at += longest_line / 2)
            words.emplace_back(word.substr(at, longest_line / 2));
    }
    return words;
}

/// RFC 2045 §6.7.
std::string quoted_printable(std::string_view text)
{
    std::string lines;
    std::size_t begin = 0; // of the line
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto octet = text[at];
        if (octet == '\n') {
            lines += octet;
            begin = lines.size();
            continue;
        }
        const bool ends_line = at + 1 == text.size() || text[at + 1] == '\n';
        const bool is_plain = octet > ' ' && octet <= '~' && octet != '=';
        const auto piece =
            is_plain || (octet == ' ' && !ends_line) ? std::string(1, octet) : hexadecimal(octet);
        if (lines.size() - begin + piece.size() >= best_line) {
            lines += "=\n";
            begin = lines.size();
        }
        lines += piece;
    }
    return lines;
}

bool goes_as_it_is(std::string_view text)
{
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\n')
            begin = at + 1;
        else if (at - begin >= longest_line)
            return false;
    }
    return is_ascii(text) && (text.empty() || text.back() == '\n');
}

/// Letters, line ends, and nothing that a terminal would obey.
std::string lines_of(std::string_view text)
{
    std::string lines;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        lines += legible(line) + '\n';
    }
    return lines;
}

} // namespace

std::string field(std::string_view name, std::string_view value)
{
    const auto text = legible(value);
    auto field = fmt::format("{}:", name);
    std::size_t begin = 0;
    for (const auto& word : is_ascii(text) ? words_of(text) : encoded_words(name, text)) {
        const bool is_first = field.size() == name.size() + 1;
        if (!is_first && field.size() - begin + 1 + word.size() > best_line) {
            field += '\n';
            begin = field.size();
        }
        field += ' ' + word;
    }
    return field + '\n';
}

std::string message(const Letter& letter)
{
    const auto text = lines_of(letter.text);
    const bool is_plain = goes_as_it_is(text);
    auto whole = field("From", fmt::format("mxtls <{}>", letter.from));
    whole += field("To", fmt::format("{}", fmt::join(letter.to, ", ")));
    whole += field("Subject", letter.subject);
    whole += field("Date", fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000", fmt::gmtime(letter.date)));
    whole += field("Message-ID", fmt::format("<{}>", letter.id));
    whole += field("Auto-Submitted", "auto-generated"); // RFC 3834 §5
    whole += field("MIME-Version", "1.0");
    whole += field("Content-Type", "text/plain; charset=utf-8");
    whole += field("Content-Transfer-Encoding", is_plain ? "7bit" : "quoted-printable");
    return whole + '\n' + (is_plain ? text : quoted_printable(text));
}

} // namespace report
