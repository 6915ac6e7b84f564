#include "report/markup.hpp"

#include <utility>

namespace report::markup
{
namespace
{

std::string opening(std::string_view name, Attributes attributes)
{
    auto tag = '<' + std::string(name);
    for (const auto& [key, value] : attributes) {
        if (!value.empty())
            tag.append(" ").append(key).append("=\"").append(escaped(value)).append("\"");
    }
    return tag;
}

std::string closing(std::string_view name)
{
    return "</" + std::string(name) + '>';
}

} // namespace

std::string escaped(std::string_view text)
{
    std::string result;
    for (const char octet : text) {
        switch (octet) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        case '"':
            result += "&quot;";
            break;
        default:
            result += octet;
        }
    }
    return result;
}

Markup::Markup(std::string octets) : octets_(std::move(octets)) {}

Markup& Markup::operator+=(const Markup& more)
{
    octets_ += more.octets_;
    return *this;
}

Markup operator+(Markup one, const Markup& other)
{
    one += other;
    return one;
}

Markup constant(std::string_view octets)
{
    return Markup(std::string(octets));
}

Markup text(std::string_view text)
{
    return Markup(escaped(text));
}

Markup inked(std::string_view words, Ink ink)
{
    return ink == Ink::plain ? text(words)
                             : element("span", {{"class", std::string(name(ink))}}, text(words));
}

Markup painted(std::string_view words)
{
    Markup result;
    for (const auto& [part, ink] : unpainted(words))
        result += inked(part, ink);
    return result;
}

Markup element(std::string_view name, Attributes attributes, const Markup& content)
{
    return Markup(opening(name, attributes) + '>' + content.octets_ + closing(name));
}

Markup block(std::string_view name, Attributes attributes, const Markup& content)
{
    const std::string_view line_end = content.octets_.ends_with('\n') ? "\n" : "";
    return Markup(
        opening(name, attributes).append(">").append(line_end) + content.octets_ + closing(name) + '\n'
    );
}

Markup alone(std::string_view name, Attributes attributes)
{
    return Markup(opening(name, attributes) + "/>\n");
}

} // namespace report::markup
