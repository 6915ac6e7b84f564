// HTML, SVG and XML. Text becomes part of a Markup by text() or as the value of an attribute alone, and is
// escaped there: what is to be shown cannot turn into an element.
#pragma once

#include "report/text.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace report::markup
{

/// Safe text, as character data or in a quoted value (XML 1.0 §2.4, HTML "escaping a string").
std::string escaped(std::string_view text);

struct Attribute
{
    std::string_view name{};
    std::string value{}; // not escaped yet; empty: the attribute is left out
};
using Attributes = std::initializer_list<Attribute>;

class Markup
{
public:
    Markup() = default;
    const std::string& str() const noexcept { return octets_; }
    bool empty() const noexcept { return octets_.empty(); }
    Markup& operator+=(const Markup& more);

private:
    explicit Markup(std::string octets);
    friend Markup constant(std::string_view octets);
    friend Markup text(std::string_view text);
    friend Markup element(std::string_view name, Attributes attributes, const Markup& content);
    friend Markup block(std::string_view name, Attributes attributes, const Markup& content);
    friend Markup alone(std::string_view name, Attributes attributes);

    std::string octets_;
};

Markup operator+(Markup one, const Markup& other);

/// What the program itself says in markup: never for anything that came from elsewhere.
Markup constant(std::string_view octets);

Markup text(std::string_view text);

/// An element span with the name of the ink as its class; mere text where that is plain.
Markup inked(std::string_view text, Ink ink);

/// What paint() made, in the same inks.
Markup painted(std::string_view text);

Markup element(std::string_view name, Attributes attributes, const Markup& content);

/// An element with the line to itself.
Markup block(std::string_view name, Attributes attributes, const Markup& content);

/// A block without content, as <meta> and <rect/>.
Markup alone(std::string_view name, Attributes attributes);

} // namespace report::markup
