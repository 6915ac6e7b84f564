#include "report/text.hpp"

#include "smtp/printable.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cwchar>
#include <locale.h>
#include <memory>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

namespace report
{
namespace
{

/// UTF-8 for the calling thread while it lives, whatever the environment says.
class Utf8
{
public:
    Utf8() : previous_(uselocale(locale())) {}
    ~Utf8() { uselocale(previous_); }
    Utf8(const Utf8&) = delete;
    Utf8& operator=(const Utf8&) = delete;

private:
    /// Loaded once. Where a system lacks it, it is null, which uselocale takes for "as it is".
    static locale_t locale()
    {
        using Owner = std::unique_ptr<std::remove_pointer_t<locale_t>, decltype(&freelocale)>;
        static const Owner owner(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr), &freelocale);
        return owner.get();
    }

    locale_t previous_;
};

constexpr std::array<std::string_view, 6> sgr{"", "1", "32", "33", "31", "35"}; // by Ink
constexpr std::string_view sgr_begin = "\x1b[";
constexpr std::string_view sgr_end = "\x1b[0m";

bool is_plain(char octet)
{
    return octet >= 0x20 && octet <= 0x7e;
}

struct Character
{
    std::string_view octets;
    int width = -1; // below zero: not to be shown as it is
};

/// Format characters: they have no shape of their own, and some of them turn around what stands beside them
/// (UAX #9 §2).
bool is_invisible(wchar_t point)
{
    struct Range
    {
        wchar_t first, last;
    };
    constexpr std::array<Range, 9> ranges{{
        {0x00ad, 0x00ad},   // soft hyphen
        {0x061c, 0x061c},   // Arabic letter mark
        {0x180b, 0x180f},   // Mongolian selectors
        {0x200b, 0x200f},   // zero width, directional marks
        {0x2028, 0x202e},   // separators, embeddings, overrides
        {0x2060, 0x206f},   // joiners, isolates
        {0xfe00, 0xfe0f},   // variation selectors
        {0xfeff, 0xfeff},   // byte order mark
        {0xe0000, 0xe0fff}, // tags
    }};
    return std::any_of(ranges.begin(), ranges.end(), [point](Range range) {
        return range.first <= point && point <= range.last;
    });
}

/// The character at the front of text, which is not empty.
Character front(std::string_view text)
{
    wchar_t point = 0;
    std::mbstate_t state{};
    const std::size_t length = std::mbrtowc(&point, text.data(), text.size(), &state);
    if (length == 0 || length > text.size()) // NUL, or no UTF-8
        return {text.substr(0, 1)};
    return {text.substr(0, length), is_invisible(point) ? -1 : wcwidth(point)};
}

Row::const_iterator past_last_text(const Row& row)
{
    const auto filled = [](const Cell& cell) { return !cell.text.empty(); };
    return std::find_if(row.rbegin(), row.rend(), filled).base();
}

std::vector<std::size_t> column_widths(std::span<const Row> rows)
{
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t column = 0; column < row.size(); ++column)
            widths[column] = std::max(widths[column], width(row[column].text));
    }
    return widths;
}

} // namespace

std::string legible(std::string_view utf8)
{
    if (std::ranges::all_of(utf8, is_plain)) // most text, and the locale costs
        return std::string(utf8);
    const Utf8 locale;
    std::string result;
    while (!utf8.empty()) {
        const auto next = front(utf8);
        if (next.width < 0)
            result += smtp::printable(next.octets);
        else
            result += next.octets;
        utf8.remove_prefix(next.octets.size());
    }
    return result;
}

std::size_t width(std::string_view utf8)
{
    const Utf8 locale;
    std::size_t columns = 0;
    while (!utf8.empty()) {
        const auto next = front(utf8);
        columns += static_cast<std::size_t>(std::max(next.width, 0));
        utf8.remove_prefix(next.octets.size());
    }
    return columns;
}

std::string_view name(Ink ink) noexcept
{
    constexpr std::array<std::string_view, 6> names{"plain", "bold", "green", "yellow", "red", "magenta"};
    return names[static_cast<std::size_t>(ink)];
}

std::string paint(std::string_view text, Ink ink, bool color)
{
    if (!color || ink == Ink::plain || text.empty())
        return std::string(text);
    return fmt::format("{}{}m{}{}", sgr_begin, sgr[static_cast<std::size_t>(ink)], text, sgr_end);
}

std::vector<Cell> unpainted(std::string_view text)
{
    std::vector<Cell> parts;
    const auto add = [&parts](std::string_view part, Ink ink) {
        if (!part.empty())
            parts.push_back({std::string(part), ink});
    };
    for (auto begin = text.find(sgr_begin); begin != text.npos; begin = text.find(sgr_begin)) {
        add(text.substr(0, begin), Ink::plain);
        text.remove_prefix(begin + sgr_begin.size());
        const auto digits = text.find('m');
        const auto ink = std::ranges::find(sgr, text.substr(0, digits)) - sgr.begin();
        const auto end = text.find(sgr_end);
        add(text.substr(digits + 1, end - digits - 1), static_cast<Ink>(ink));
        text.remove_prefix(end + sgr_end.size());
    }
    add(text, Ink::plain);
    return parts;
}

std::string align(std::span<const Row> rows, bool color)
{
    constexpr std::size_t gap = 2;
    const auto widths = column_widths(rows);
    std::string result;
    for (const auto& row : rows) {
        std::size_t owed = 0; // spaces that come before the next cell, if one does
        const auto end = past_last_text(row);
        for (auto cell = row.begin(); cell != end; ++cell) {
            result.append(owed, ' ');
            result += paint(cell->text, cell->ink, color);
            owed = widths[static_cast<std::size_t>(cell - row.begin())] - width(cell->text) + gap;
        }
        result += '\n';
    }
    return result;
}

std::string grouped(std::uint64_t number)
{
    auto digits = std::to_string(number);
    for (std::size_t place = digits.size(); place > 3; place -= 3)
        digits.insert(place - 3, 1, ',');
    return digits;
}

std::string milliseconds(std::chrono::microseconds duration)
{
    const auto count = std::chrono::round<std::chrono::milliseconds>(duration).count();
    return grouped(static_cast<std::uint64_t>(count)) + "ms";
}

std::string stamp(std::chrono::microseconds since_start)
{
    const auto count = std::chrono::floor<std::chrono::milliseconds>(since_start).count();
    return fmt::format("[{:03}.{:03}]", count / 1000, count % 1000);
}

std::string rfc3339(std::chrono::system_clock::time_point moment)
{
    const auto exact = std::chrono::floor<std::chrono::milliseconds>(moment);
    const auto second = std::chrono::floor<std::chrono::seconds>(exact);
    auto text = rfc3339(second);
    text.insert(text.size() - 1, fmt::format(FMT_COMPILE(".{:03}"), (exact - second).count()));
    return text;
}

std::string rfc3339(std::chrono::sys_seconds moment)
{
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(moment - day);
    auto text = fmt::format(FMT_COMPILE("{:04}"), static_cast<int>(date.year()));
    const auto add = [&text](char before, auto two_digits) { // in a fifth of the time that fmt takes
        text += before;
        text += static_cast<char>('0' + two_digits / 10);
        text += static_cast<char>('0' + two_digits % 10);
    };
    add('-', static_cast<unsigned>(date.month()));
    add('-', static_cast<unsigned>(date.day()));
    add('T', time.hours().count());
    add(':', time.minutes().count());
    add(':', time.seconds().count());
    text += 'Z';
    return text;
}

std::string date(std::chrono::sys_seconds moment)
{
    constexpr std::size_t size = 10;
    return rfc3339(moment).substr(0, size);
}

std::string gmt(std::chrono::sys_seconds moment)
{
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(moment - day);
    return fmt::format(
        "{} {:2} {:02}:{:02}:{:02} {} GMT", months[static_cast<unsigned>(date.month()) - 1],
        static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
        time.seconds().count(), static_cast<int>(date.year())
    );
}

std::size_t letters_apart(std::string_view one, std::string_view other)
{
    std::vector<std::size_t> row(other.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 0; i < one.size(); ++i) {
        auto diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < other.size(); ++j) {
            const auto replaced = diagonal + (one[i] == other[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
        }
    }
    return row.back();
}

} // namespace report
