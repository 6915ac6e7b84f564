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

} // namespace

void JsonWriter::value(std::string_view utf8)
{
    next();
    text_.push_back('"');
    for (auto rest = utf8; !rest.empty();) {
        const auto stop = std::ranges::find_if(rest, needs_escape);
        text_.append(rest.begin(), stop);
        rest.remove_prefix(static_cast<std::size_t>(stop - rest.begin()));
        if (rest.empty())
            break;
        if (rest[0] == '"' || rest[0] == '\\') {
            text_.push_back('\\');
            text_.push_back(rest[0]);
        } else {
            fmt::format_to(std::back_inserter(text_), "\\u{:04x}", rest[0]);
        }
        rest.remove_prefix(1);
    }
    text_.push_back('"');
}

void JsonWriter::value(std::chrono::microseconds milliseconds)
{
    next();
    fmt::format_to(
        std::back_inserter(text_), FMT_COMPILE("{:#}"), static_cast<double>(milliseconds.count()) / 1000.0
    );
}

void JsonWriter::text(std::string_view octets)
{
    if (!std::ranges::all_of(octets, is_plain))
        return value(smtp::printable(octets));
    next();
    text_.push_back('"');
    put(octets);
    text_.push_back('"');
}

void JsonWriter::key(std::string_view name)
{
    next();
    constexpr std::size_t marks = 4; // the quotes, the colon and a space
    const auto begin = text_.size();
    text_.resize(begin + name.size() + marks);
    auto* at = text_.data() + begin;
    *at++ = '"';
    at = std::ranges::copy(name, at).out;
    *at++ = '"';
    *at++ = ':';
    if (is_indented_)
        *at++ = ' ';
    text_.resize(static_cast<std::size_t>(at - text_.data()));
    is_behind_key_ = true;
}

std::string JsonWriter::finish() &&
{
    text_.push_back('\n');
    return fmt::to_string(text_);
}

void JsonWriter::open(char bracket)
{
    next();
    text_.push_back(bracket);
    ++depth_;
    is_first_ = true;
}

void JsonWriter::close(char bracket)
{
    --depth_;
    if (!is_first_)
        break_line();
    text_.push_back(bracket);
    is_first_ = false;
}

/// What comes before a value or key.
void JsonWriter::next()
{
    if (!std::exchange(is_first_, false) && !is_behind_key_)
        text_.push_back(',');
    if (!std::exchange(is_behind_key_, false) && depth_ > 0)
        break_line();
}

void JsonWriter::break_line()
{
    if (!is_indented_)
        return;
    text_.push_back('\n');
    for (auto column = depth_ * indentation; column > 0; --column)
        text_.push_back(' ');
}

void JsonWriter::plain(std::string_view token)
{
    next();
    put(token);
}

} // namespace report
