#include "report/html_page.hpp"

#include "report/style_sheet.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace report
{

using markup::alone;
using markup::block;
using markup::constant;
using markup::element;
using markup::Markup;
using markup::text;

namespace
{

Markup head(std::string_view title)
{
    auto content = alone("meta", {{"charset", "utf-8"}});
    content += alone(
        "meta", {{"http-equiv", "Content-Security-Policy"},
                 {"content", "default-src 'none'; style-src 'unsafe-inline'"}}
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

} // namespace

std::string page(std::string_view title, const Markup& body)
{
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

std::string percent(double share)
{
    return fmt::format("{:.1f}%", 100 * std::clamp(share, 0.0, 1.0));
}

} // namespace report
