#include "probe/fields.hpp"

#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace probe
{
namespace
{

constexpr std::size_t max_field_name = 32;
constexpr std::size_t max_name = 253; // characters, without the trailing dot (RFC 1035 §2.3.4)
constexpr std::size_t max_label = 63;
constexpr std::size_t max_quoted = 60;

bool is_label(std::string_view label) noexcept
{
    return !label.empty() && label.size() <= max_label && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, [](char octet) { return is_letter_or_digit(octet) || octet == '-'; });
}

std::string_view take_until(std::string_view& text, char end) noexcept
{
    const auto taken = text.substr(0, text.find(end));
    text.remove_prefix(std::min(taken.size() + 1, text.size()));
    return taken;
}

bool begins_as(std::string_view record, std::string_view version) noexcept
{
    return record.starts_with(version) && record.substr(version.size()).starts_with(';');
}

/// Of the beginning, which is enough to see what a record was meant to be.
std::string gist(std::string_view record)
{
    return letters_and_digits(record.substr(0, max_quoted));
}

/// A wildcard record may bring anything to such a name. What shows that a record was meant is a version of
/// whatever number at its beginning, however it is written, or the right one anywhere.
bool is_meant_as(std::string_view record, std::string_view version)
{
    const std::string known = gist(version); // "vstsv1"
    return gist(record).starts_with(std::string_view(known).substr(0, known.size() - 2)) ||
           lower(record).find(known.substr(1)) != std::string::npos;
}

std::string fault_of_beginning(std::string_view record, std::string_view version)
{
    if (record == version)
        return fmt::format("it ends behind {}, without a semicolon", quoted(version));
    if (is_blank(record.front()))
        return fmt::format("it begins with a space, and not with \"{};\"", version);
    if (record.front() == '"')
        return fmt::format("it begins with a quotation mark, and not with \"{};\"", version);
    if (record.starts_with(version) && without_blanks_before(record.substr(version.size())).starts_with(';'))
        return fmt::format("a space stands between \"{}\" and the semicolon", version);
    if (record.starts_with(version) && record.substr(version.size()).starts_with("\\;"))
        return fmt::format("a backslash stands between \"{}\" and the semicolon", version);
    return fmt::format("{} does not begin with \"{};\"", quoted(record), version);
}

std::string fault_of_field(std::string_view field, std::string_view name, std::string_view value)
{
    if (field.empty())
        return "it has an empty field: two semicolons with nothing between them";
    if (name.size() == field.size())
        return fmt::format("its field {} has no \"=\"", quoted(field));
    if (name.empty())
        return fmt::format("its field {} has no name", quoted(field));
    if (is_blank(name.back()) || (!value.empty() && is_blank(value.front())))
        return fmt::format("its field {} has a space beside the \"=\"", quoted(field));
    if (name.size() > max_field_name)
        return fmt::format(
            "the name of its field {} has {} characters, and {} are the most", quoted(name), name.size(),
            max_field_name
        );
    if (!is_field_name(name))
        return fmt::format("its field {} has a name that no field may have", quoted(field));
    return {};
}

} // namespace

char to_lower(char octet) noexcept
{
    return octet >= 'A' && octet <= 'Z' ? static_cast<char>(octet - 'A' + 'a') : octet;
}

std::string lower(std::string_view text)
{
    std::string lowered(text);
    std::ranges::transform(lowered, lowered.begin(), to_lower);
    return lowered;
}

bool is_digit(char octet) noexcept
{
    return octet >= '0' && octet <= '9';
}

bool is_letter_or_digit(char octet) noexcept
{
    const char letter = to_lower(octet);
    return (letter >= 'a' && letter <= 'z') || is_digit(octet);
}

std::string letters_and_digits(std::string_view text)
{
    std::string kept;
    for (const char octet : text) {
        if (is_letter_or_digit(octet))
            kept += to_lower(octet);
    }
    return kept;
}

bool is_blank(char octet) noexcept
{
    return octet == ' ' || octet == '\t';
}

std::string_view without_blanks_before(std::string_view text) noexcept
{
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    return text;
}

std::string_view without_blanks_behind(std::string_view text) noexcept
{
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

std::string quoted(std::string_view text)
{
    const bool is_long = text.size() > max_quoted;
    return fmt::format("\"{}{}\"", smtp::printable(text.substr(0, max_quoted)), is_long ? "..." : "");
}

bool is_field_name(std::string_view name) noexcept
{
    const auto may_follow = [](char octet) {
        return is_letter_or_digit(octet) || octet == '_' || octet == '-' || octet == '.';
    };
    return !name.empty() && name.size() <= max_field_name && is_letter_or_digit(name.front()) &&
           std::ranges::all_of(name, may_follow);
}

bool is_host_name(std::string_view name) noexcept
{
    if (name.size() > max_name)
        return false;
    for (;;) {
        const auto label = name.substr(0, name.find('.'));
        if (!is_label(label))
            return false;
        if (label.size() == name.size())
            return !std::ranges::all_of(label, is_digit);
        name.remove_prefix(label.size() + 1);
    }
}

TxtSelection select_record(std::span<const dns::Text> records, std::string_view version)
{
    TxtSelection selection;
    std::size_t count = 0;
    for (const auto& record : records) {
        const std::string_view octets = record.octets;
        if (begins_as(octets, version)) {
            ++count;
            selection.fields = octets.substr(version.size() + 1);
        } else if (selection.fault.empty() && is_meant_as(octets, version)) {
            selection.fault = fault_of_beginning(octets, version);
        }
    }
    if (count == 1)
        selection.fault.clear();
    if (count > 1) {
        selection.fields.reset();
        selection.fault = fmt::format("{} records begin with \"{};\", and only one may", count, version);
    }
    return selection;
}

TxtFields read_fields(std::string_view text)
{
    TxtFields fields;
    const auto last = without_blanks_behind(text);
    if (last.size() < text.size() && !last.empty() && last.back() != ';') {
        fields.fault = "it ends with a space";
        return fields;
    }
    text = without_blanks_before(text);
    while (!text.empty()) {
        const auto field = without_blanks_behind(take_until(text, ';'));
        text = without_blanks_before(text);
        const auto name = field.substr(0, field.find('='));
        const auto value = field.substr(std::min(name.size() + 1, field.size()));
        fields.fault = fault_of_field(field, name, value);
        if (!fields.fault.empty())
            break;
        fields.all.push_back({name, value});
    }
    return fields;
}

std::string fault_of_extension(const TxtField& field)
{
    if (field.value.empty())
        return fmt::format("its field {} has no value", quoted(field.name));
    const auto wrong = std::ranges::find_if(field.value, [](char octet) {
        return octet <= ' ' || octet > '~' || octet == '=';
    });
    if (wrong == field.value.end())
        return {};
    return fmt::format("the value of its field {} has {} in it", quoted(field.name), quoted({&*wrong, 1}));
}

} // namespace probe
