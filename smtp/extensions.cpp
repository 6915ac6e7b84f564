#include "smtp/extensions.hpp"

#include <algorithm>

namespace smtp
{
namespace
{

constexpr std::string_view starttls = "STARTTLS";

std::string_view first_word(std::string_view line) noexcept
{
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    return line.substr(0, line.find(' '));
}

/// ASCII only, whatever the locale says.
char upper(char octet) noexcept
{
    return octet >= 'a' && octet <= 'z' ? static_cast<char>(octet - 'a' + 'A') : octet;
}

bool is_starttls(std::string_view keyword) noexcept
{
    return std::ranges::equal(keyword, starttls, {}, upper);
}

/// X's all through, but for the last letter at most. Other keywords in X are private extensions
/// (RFC 5321 §4.1.5) and mean what they say.
bool is_masked(std::string_view keyword) noexcept
{
    if (keyword.size() < starttls.size())
        return false;
    const char last = upper(keyword.back());
    keyword.remove_suffix(1);
    return last >= 'A' && last <= 'Z' &&
           std::ranges::all_of(keyword, [](char octet) { return octet == 'X'; });
}

} // namespace

Extensions extensions_of(const Reply& ehlo)
{
    Extensions extensions;
    if (ehlo.lines.empty())
        return extensions;

    extensions.name = first_word(ehlo.lines.front());
    extensions.lines.assign(ehlo.lines.begin() + 1, ehlo.lines.end());
    const auto any_keyword = [&](auto is_one) {
        return std::ranges::any_of(extensions.lines, is_one, first_word);
    };
    extensions.starttls = any_keyword(is_starttls);
    extensions.masked = !extensions.starttls && any_keyword(is_masked);
    return extensions;
}

} // namespace smtp
