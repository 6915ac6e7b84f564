#include "probe/sts_policy.hpp"

#include "probe/fields.hpp"
#include "smtp/printable.hpp"

#include <asio/ip/address.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace probe
{
namespace
{

constexpr std::size_t max_remarks = 10;
constexpr std::size_t max_age_digits = 10; // RFC 8461 §3.2
constexpr std::array modes{StsMode::enforce, StsMode::testing, StsMode::none};

/// One line, split at its colon.
struct Line
{
    std::size_t number = 1;
    std::string_view text; // without its end and blanks behind
    std::string_view key;
    std::string_view value;
};

/// What the first line of each key says; of mx all.
struct Entries
{
    std::optional<std::string_view> version;
    std::optional<std::string_view> mode;
    std::optional<std::string_view> max_age;
    std::vector<std::string_view> mx;
    std::vector<std::string_view> unknown;
};

bool is_control(char octet) noexcept
{
    return (octet >= 0 && octet < ' ' && octet != '\t') || octet == '\x7f';
}

bool is_ascii(std::string_view text) noexcept
{
    return std::ranges::all_of(text, [](char octet) { return octet >= 0; });
}

std::string fault_of_line(const Line& line)
{
    const auto control = std::ranges::find_if(line.text, is_control);
    if (control != line.text.end())
        return fmt::format("line {} has the octet {} in it", line.number, smtp::printable({&*control, 1}));
    if (line.text.starts_with("\xef\xbb\xbf"))
        return fmt::format("line {} begins with a byte order mark", line.number);
    if (is_blank(line.text.front()))
        return fmt::format("line {} begins with a space", line.number);
    if (line.key.size() == line.text.size())
        return fmt::format("line {}, {}, has no colon", line.number, quoted(line.text));
    if (!line.key.empty() && is_blank(line.key.back()))
        return fmt::format("line {}, {}, has a space before the colon", line.number, quoted(line.text));
    if (!is_field_name(line.key))
        return fmt::format("line {}, {}, begins with no key", line.number, quoted(line.text));
    if (line.value.empty())
        return fmt::format("line {}, {}, has no value", line.number, quoted(line.text));
    return {};
}

/// Walks the lines of a policy and sorts what they say.
class Reader
{
public:
    explicit Reader(std::string_view body) : rest_(body) {}

    /// Up to the end, or to the first fault.
    void read()
    {
        for (std::size_t number = 1; !rest_.empty() && fault.empty(); ++number)
            take(next(number));
    }

    Entries entries;
    std::string fault;
    std::vector<std::string> remarks;

private:
    Line next(std::size_t number)
    {
        auto text = rest_.substr(0, rest_.find('\n'));
        rest_.remove_prefix(std::min(text.size() + 1, rest_.size()));
        if (text.ends_with('\r'))
            text.remove_suffix(1);
        text = without_blanks_behind(text);
        const auto key = text.substr(0, text.find(':'));
        const auto value = text.substr(std::min(key.size() + 1, text.size()));
        return {number, text, key, without_blanks_before(value)};
    }

    void take(const Line& line)
    {
        if (line.text.empty()) {
            remark(fmt::format("line {} is empty", line.number));
            return;
        }
        fault = fault_of_line(line);
        if (!fault.empty())
            return;
        if (line.key == "mx")
            entries.mx.push_back(line.value);
        else if (auto* entry = entry_of(line.key))
            take_once(line, *entry);
        else
            take_unknown(line);
    }

    std::optional<std::string_view>* entry_of(std::string_view key)
    {
        if (key == "version")
            return &entries.version;
        if (key == "mode")
            return &entries.mode;
        return key == "max_age" ? &entries.max_age : nullptr;
    }

    void take_once(const Line& line, std::optional<std::string_view>& entry)
    {
        if (!entry)
            entry = line.value;
        else
            remark(fmt::format(
                "line {} repeats {}, of which the first line counts", line.number, quoted(line.key)
            ));
    }

    void take_unknown(const Line& line)
    {
        entries.unknown.push_back(line.key);
        remark(fmt::format("line {} has the key {}, which means nothing", line.number, quoted(line.key)));
    }

    void remark(std::string text)
    {
        if (remarks.size() < max_remarks)
            remarks.push_back(std::move(text));
    }

    std::string_view rest_;
};

std::string fault_of_missing(std::string_view key, const Entries& entries)
{
    const auto is_like_it = [wanted = letters_and_digits(key)](std::string_view other) {
        return letters_and_digits(other).find(wanted) != std::string::npos;
    };
    const auto look_alike = std::ranges::find_if(entries.unknown, is_like_it);
    if (look_alike == entries.unknown.end())
        return fmt::format("it has no {}", quoted(key));
    return fmt::format("it has no {}, only {}", quoted(key), quoted(*look_alike));
}

std::optional<StsMode> mode_of(std::string_view text)
{
    const auto mode = std::ranges::find(modes, text, name);
    return mode == modes.end() ? std::nullopt : std::optional(*mode);
}

/// None for what is not written in digits, or above max_sts_age.
std::optional<std::uint32_t> age_of(std::string_view text)
{
    if (text.size() > max_age_digits || !std::ranges::all_of(text, is_digit))
        return std::nullopt;
    std::uint64_t age = 0;
    for (const char digit : text)
        age = age * 10 + static_cast<std::uint64_t>(digit - '0');
    return age <= max_sts_age ? std::optional(static_cast<std::uint32_t>(age)) : std::nullopt;
}

std::string fault_of_mode(std::string_view text)
{
    if (mode_of(text))
        return {};
    if (mode_of(lower(text)))
        return fmt::format("its mode {} must be in lower case", quoted(text));
    return fmt::format("its mode {} is none of enforce, testing and none", quoted(text));
}

std::string fault_of_age(std::string_view text)
{
    if (age_of(text))
        return {};
    if (!std::ranges::all_of(text, is_digit))
        return fmt::format("its max_age {} is no number of seconds", quoted(text));
    if (text.size() > max_age_digits)
        return fmt::format("its max_age {} has more than {} digits", quoted(text), max_age_digits);
    return fmt::format("its max_age {} is above {}, a year", quoted(text), max_sts_age);
}

bool is_address(std::string_view text)
{
    if (text.starts_with('[') || text.ends_with(']'))
        return true;
    std::error_code no_address;
    asio::ip::make_address(std::string(text), no_address);
    return !no_address;
}

std::string_view without_dot(std::string_view name) noexcept
{
    return name.substr(0, name.size() - (name.ends_with('.') ? 1 : 0));
}

std::string_view without_wildcard(std::string_view pattern) noexcept
{
    return pattern.substr(pattern.starts_with("*.") ? 2 : 0);
}

/// Why a pattern covers nothing.
std::string fault_of_pattern(std::string_view pattern)
{
    const auto domain = without_wildcard(pattern);
    if (is_host_name(domain))
        return {};
    if (is_address(pattern))
        return "is an address, and only names of hosts count";
    if (!is_ascii(pattern))
        return "must be written in A-labels (\"xn--...\")";
    if (pattern.find_first_of(" \t,;") != std::string_view::npos)
        return "is more than one name, of which each must have a line of its own";
    if (domain.find('*') != std::string_view::npos)
        return "has \"*\" elsewhere than as its first label";
    if (pattern.ends_with('.'))
        return "ends with a dot";
    if (pattern.starts_with('.'))
        return "begins with a dot, where \"*.\" must stand";
    return "is no name of a host";
}

std::string fault_of_patterns(const std::vector<std::string_view>& patterns)
{
    for (const auto pattern : patterns) {
        const auto fault = fault_of_pattern(pattern);
        if (!fault.empty())
            return fmt::format("its mx {} {}", quoted(pattern), fault);
    }
    return {};
}

std::string fault_of(const Entries& entries)
{
    if (!entries.version)
        return fault_of_missing("version", entries);
    if (*entries.version != "STSv1")
        return fmt::format("its version {} is not \"STSv1\"", quoted(*entries.version));
    if (!entries.mode)
        return fault_of_missing("mode", entries);
    if (auto fault = fault_of_mode(*entries.mode); !fault.empty())
        return fault;
    if (!entries.max_age)
        return fault_of_missing("max_age", entries);
    if (auto fault = fault_of_age(*entries.max_age); !fault.empty())
        return fault;
    if (entries.mx.empty() && *entries.mode != name(StsMode::none))
        return fault_of_missing("mx", entries);
    return fault_of_patterns(entries.mx);
}

/// Of what has no fault.
StsPolicy policy_of(const Entries& entries)
{
    StsPolicy policy{*mode_of(*entries.mode), *age_of(*entries.max_age), {}};
    std::set<std::string> known;
    for (const auto pattern : entries.mx) {
        auto [place, is_new] = known.insert(lower(pattern));
        if (is_new)
            policy.mx.push_back(*place);
    }
    return policy;
}

} // namespace

std::string_view name(StsMode mode) noexcept
{
    switch (mode) {
    case StsMode::enforce:
        return "enforce";
    case StsMode::testing:
        return "testing";
    case StsMode::none:
        break;
    }
    return "none";
}

StsPolicyReading read_sts_policy(std::string_view body)
{
    if (body.empty())
        return {{}, "it is empty", {}};
    if (body.size() > max_sts_policy)
        return {{}, fmt::format("it has more than {} octets", max_sts_policy), {}};
    Reader reader(body);
    reader.read();
    auto fault = reader.fault.empty() ? fault_of(reader.entries) : reader.fault;
    if (!fault.empty())
        return {{}, std::move(fault), std::move(reader.remarks)};
    return {policy_of(reader.entries), {}, std::move(reader.remarks)};
}

bool matches(std::string_view pattern, std::string_view host) noexcept
{
    pattern = without_dot(pattern);
    host = without_dot(host);
    if (pattern.starts_with("*.")) {
        const auto label = host.substr(0, host.find('.'));
        if (label.empty() || label.size() == host.size() || label.find('*') != std::string_view::npos)
            return false;
        pattern.remove_prefix(2);
        host.remove_prefix(label.size() + 1);
    }
    const bool is_plain = pattern.find('*') == std::string_view::npos && !pattern.starts_with('.');
    return is_plain && !pattern.empty() && std::ranges::equal(pattern, host, {}, to_lower, to_lower);
}

std::string write_sts_policy(const StsPolicy& policy)
{
    std::string text = fmt::format("version: STSv1\r\nmode: {}\r\n", name(policy.mode));
    for (const auto& pattern : policy.mx)
        text += fmt::format("mx: {}\r\n", pattern);
    text += fmt::format("max_age: {}\r\n", policy.max_age);
    return text;
}

} // namespace probe
