#include "report/json_writer.hpp"

#include "smtp/printable.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace report
{
namespace
{

constexpr std::size_t indentation = 2;

/// RFC 8259 §7: what may not stand in a string as it is.
constexpr bool may_not_stand(unsigned char octet) noexcept
{
    return octet == '"' || octet == '\\' || octet < 0x20;
}

struct Traits
{
    bool needs_escape = false;
    bool is_plain = false; // needs none, and is ASCII that can be seen
};

/// By octet: most of a report goes through here.
constexpr auto traits = [] {
    std::array<Traits, 256> all{};
    for (std::size_t octet = 0; octet < all.size(); ++octet) {
        all[octet].needs_escape = may_not_stand(static_cast<unsigned char>(octet));
        all[octet].is_plain = octet >= 0x20 && octet <= 0x7e && !all[octet].needs_escape;
    }
    return all;
}();

bool needs_escape(char octet) noexcept
{
    return traits[static_cast<unsigned char>(octet)].needs_escape;
}

bool is_plain(char octet) noexcept
{
    return traits[static_cast<unsigned char>(octet)].is_plain;
}

std::string escaped(std::string_view utf8)
{
    std::string text;
    for (const char octet : utf8) {
        if (static_cast<unsigned char>(octet) < 0x20) {
            fmt::format_to(std::back_inserter(text), "\\u{:04x}", octet);
            continue;
        }
        if (needs_escape(octet))
            text += '\\';
        text += octet;
    }
    return text;
}

} // namespace

void JsonWriter::value(std::string_view utf8)
{
    const bool is_rare = std::ranges::any_of(utf8, needs_escape);
    is_rare ? quote(escaped(utf8)) : quote(utf8);
}

void JsonWriter::value(std::chrono::microseconds milliseconds)
{
    begin();
    fmt::format_to(
        std::back_inserter(text_), FMT_COMPILE("{:#}"), static_cast<double>(milliseconds.count()) / 1000.0
    );
    end();
}

void JsonWriter::text(std::string_view octets)
{
    const bool is_usual = std::ranges::all_of(octets, is_plain);
    is_usual ? quote(octets) : value(smtp::printable(octets));
}

std::string JsonWriter::finish() &&
{
    text_.resize(text_.size() - 1); // the comma
    text_.push_back('\n');
    return fmt::to_string(text_);
}

void JsonWriter::open(char bracket)
{
    begin();
    text_.push_back(bracket);
    ++depth_;
}

void JsonWriter::close(char bracket)
{
    --depth_;
    const auto last = text_.size() - 1;
    if (text_[last] == ',') {
        text_.resize(last);
        if (is_indented_)
            break_line();
    }
    text_.push_back(bracket);
    end();
}

void JsonWriter::quote(std::string_view octets)
{
    begin();
    auto* at = room(octets.size() + 3);
    *at++ = '"';
    at = std::copy_n(octets.data(), octets.size(), at);
    *at++ = '"';
    *at = ',';
}

/// What comes behind a value; where none follows, it is taken back.
void JsonWriter::end()
{
    text_.push_back(',');
}

/// Where it is indented.
void JsonWriter::break_line()
{
    text_.push_back('\n');
    for (auto column = depth_ * indentation; column > 0; --column)
        text_.push_back(' ');
}

void JsonWriter::plain(std::string_view token)
{
    begin();
    text_.append(token.data(), token.data() + token.size());
    end();
}

} // namespace report
