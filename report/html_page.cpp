#include "report/html_page.hpp"

#include "report/phrases.hpp"
#include "report/style_sheet.hpp"

#include <fmt/format.h>

namespace report
{

using markup::alone;
using markup::block;
using markup::constant;
using markup::element;
using markup::inked;
using markup::Markup;
using markup::text;

namespace
{

Markup head(std::string_view title)
{
    auto content = alone("meta", {{"charset", "utf-8"}});
    content += alone(
        "meta",
        {{"http-equiv", "Content-Security-Policy"},
         {"content", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"}}
    );
    const auto meta = [&content](const std::string& name, const std::string& value) {
        content += alone("meta", {{"name", name}, {"content", value}});
    };
    meta("viewport", "width=device-width, initial-scale=1");
    meta("color-scheme", "light dark");
    meta("referrer", "no-referrer");
    meta("generator", "mxtls");
    content += block("title", {}, text(title));
    return block("head", {}, content + block("style", {}, constant(style_sheet())));
}

std::string anchor(std::size_t index)
{
    return fmt::format("target-{}", index + 1);
}

Markup article(const Part& part, std::size_t index)
{
    const auto title = text(part.target + ' ') + badge(name(part.status), ink(part.status));
    return block("article", {{"id", anchor(index)}}, block("h2", {}, title) + part.body);
}

/// Links to the parts, where there are several.
Markup contents(std::span<const Part> parts)
{
    if (parts.size() < 2)
        return {};
    Markup items;
    for (std::size_t index = 0; index < parts.size(); ++index) {
        const auto& part = parts[index];
        items += block(
            "li", {},
            element("a", {{"href", '#' + anchor(index)}}, text(part.target)) + text(" ") +
                badge(name(part.status), ink(part.status)) + text(' ' + part.summary)
        );
    }
    return block("nav", {{"aria-label", "Targets"}}, block("ul", {{"class", "targets"}}, items));
}

// Elements of a table that are laid out as blocks, on a narrow screen, are no table any more to some of the
// programs that read aloud: the roles say what they are.

Markup head_row(const Row& row)
{
    Markup cells;
    for (const auto& cell : row)
        cells += element("th", {{"scope", "col"}, {"role", "columnheader"}}, text(cell.text));
    return block("thead", {{"role", "rowgroup"}}, block("tr", {{"role", "row"}}, cells));
}

Markup body_row(const Row& row, const Row& titles)
{
    auto cells = element("th", {{"scope", "row"}, {"role", "rowheader"}}, text(row.front().text));
    for (std::size_t index = 1; index < row.size(); ++index)
        cells += element(
            "td", {{"role", "cell"}, {"data-title", titles[index].text}},
            inked(row[index].text, row[index].ink)
        );
    return block("tr", {{"role", "row"}}, cells);
}

} // namespace

std::string page(std::string_view heading, std::span<const Part> parts)
{
    Markup articles;
    for (std::size_t index = 0; index < parts.size(); ++index)
        articles += article(parts[index], index);
    const auto title = parts.size() == 1
                           ? fmt::format("mxtls: {}: {}", parts[0].target, name(parts[0].status))
                           : fmt::format("mxtls: {} targets", parts.size());
    const auto body =
        block("header", {}, block("h1", {}, text(heading)) + contents(parts)) + block("main", {}, articles);
    const auto document = constant("<!DOCTYPE html>\n") +
                          block("html", {{"lang", "en"}}, head(title) + block("body", {}, body));
    return document.str();
}

Markup section(std::string_view title, const Markup& content)
{
    if (content.empty())
        return {};
    return block("section", {}, block("h3", {}, text(title)) + content);
}

Markup badge(std::string_view word, Ink ink)
{
    return element("span", {{"class", fmt::format("badge {}", name(ink))}}, text(word));
}

Markup data_table(std::string_view kind, std::span<const Row> rows)
{
    Markup body;
    for (const auto& row : rows.subspan(1))
        body += body_row(row, rows.front());
    return block(
        "table", {{"class", fmt::format("data {}", kind)}, {"role", "table"}},
        head_row(rows.front()) + block("tbody", {{"role", "rowgroup"}}, body)
    );
}

Markup list_of_lines(std::string_view lines)
{
    Markup items;
    while (!lines.empty()) {
        const auto end = lines.find('\n');
        items += block("li", {}, markup::painted(lines.substr(0, end)));
        lines.remove_prefix(end == lines.npos ? lines.size() : end + 1);
    }
    return items.empty() ? items : block("ul", {{"class", "lines"}}, items);
}

} // namespace report
