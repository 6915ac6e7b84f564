// JSON (RFC 8259) as it is written: from front to end, without a tree of it in between.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace report
{

class JsonWriter
{
public:
    enum class Layout
    {
        line,
        indented // by two spaces a level
    };

    /// An object or array that is open as long as this is.
    class Scope
    {
    public:
        Scope(JsonWriter& json, char open, char close) : json_(json), close_(close) { json_.open(open); }
        ~Scope() { json_.close(close_); }
        Scope(const Scope&) = delete;

    private:
        JsonWriter& json_;
        char close_;
    };

    explicit JsonWriter(Layout layout) : is_indented_(layout == Layout::indented) {}

    [[nodiscard]] Scope object() { return {*this, '{', '}'}; }
    [[nodiscard]] Scope array() { return {*this, '[', ']'}; }

    /// Each item is written by `write(*this, item)`.
    template <class Items, class Write>
    void array(const Items& items, Write write)
    {
        const auto open = array();
        for (const auto& item : items)
            write(*this, item);
    }

    void null() { plain("null"); }

    /// Words of our own, in UTF-8.
    void value(std::string_view utf8);
    void value(const char* utf8) { value(std::string_view(utf8)); }
    void value(bool fact) { plain(fact ? "true" : "false"); }
    template <std::integral Number>
    void value(Number number)
    {
        plain(fmt::format_int(number).c_str());
    }

    /// Null where there is none.
    template <class Value>
    void value(const std::optional<Value>& value)
    {
        value ? this->value(*value) : null();
    }

    /// To the microsecond, and no more places than it takes: 12.0, 12.5.
    void value(std::chrono::microseconds milliseconds);

    /// 997 is written as 99.7.
    void tenths(unsigned number) { plain(fmt::format("{}.{}", number / 10, number % 10)); }

    /// Text from elsewhere: escaped visibly.
    void text(std::string_view octets);
    void text_or_null(std::string_view octets) { octets.empty() ? null() : text(octets); }

    // Of an object: a key, and what belongs to it. The name is of our own, and has nothing to escape.

    void key(std::string_view name) // here, where most of its text is known to the compiler
    {
        begin();
        auto* at = room(name.size() + (is_indented_ ? 4 : 3));
        *at++ = '"';
        at = std::copy_n(name.data(), name.size(), at);
        *at++ = '"';
        *at++ = ':';
        if (is_indented_)
            *at = ' ';
        is_behind_key_ = true; // which has what comes before a value
    }

    template <class Value>
    void field(std::string_view name, const Value& value)
    {
        key(name);
        this->value(value);
    }

    /// Its value is written by `write(*this, arguments...)`.
    template <class Write, class... Arguments>
    requires std::invocable<Write, JsonWriter&, const Arguments&...>
    void field(std::string_view name, Write write, const Arguments&... arguments)
    {
        key(name);
        write(*this, arguments...);
    }

    /// `maybe` is an optional or a pointer; null where there is nothing.
    template <class Write, class Maybe>
    void field_or_null(std::string_view name, Write write, const Maybe& maybe)
    {
        key(name);
        maybe ? write(*this, *maybe) : null();
    }

    template <class Items, class Write>
    void array(std::string_view name, const Items& items, Write write)
    {
        key(name);
        array(items, write);
    }

    void text(std::string_view name, std::string_view octets)
    {
        key(name);
        text(octets);
    }

    void text_or_null(std::string_view name, std::string_view octets)
    {
        key(name);
        text_or_null(octets);
    }

    /// All that was written, one value, and a line end.
    std::string finish() &&;

private:
    static constexpr std::size_t usual_size = 4'096; // of a target, in octets

    void open(char bracket);
    void close(char bracket);
    void end();
    void break_line();
    void plain(std::string_view token);

    void quote(std::string_view octets); // which have nothing to escape

    /// What comes before a value or key.
    void begin()
    {
        if (!std::exchange(is_behind_key_, false) && is_indented_ && depth_ > 0)
            break_line();
    }

    /// For so many octets more.
    char* room(std::size_t octets)
    {
        const auto before = text_.size();
        text_.resize(before + octets);
        return text_.data() + before;
    }

    bool is_indented_;
    std::size_t depth_ = 0;
    bool is_behind_key_ = false;
    fmt::basic_memory_buffer<char, usual_size> text_;
};

} // namespace report
