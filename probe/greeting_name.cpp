#include "probe/greeting_name.hpp"

#include <asio/ip/address.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace probe
{
namespace
{

constexpr std::size_t max_name = 253; // characters, without the trailing dot (RFC 1035 §2.3.4)
constexpr std::size_t max_label = 63;

/// ASCII only, whatever the locale says.
char lower(char octet) noexcept
{
    return octet >= 'A' && octet <= 'Z' ? static_cast<char>(octet - 'A' + 'a') : octet;
}

bool is_digit(char octet) noexcept
{
    return octet >= '0' && octet <= '9';
}

bool is_of_names(char octet) noexcept
{
    const char letter = lower(octet);
    return (letter >= 'a' && letter <= 'z') || is_digit(octet) || octet == '-' || octet == '_';
}

std::string_view without_dot(std::string_view name) noexcept
{
    if (name.ends_with('.'))
        name.remove_suffix(1);
    return name;
}

bool is_label(std::string_view label) noexcept
{
    return !label.empty() && label.size() <= max_label && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, is_of_names);
}

/// The last label of a name is not all digits, unlike that of an IPv4 address (RFC 1123 §2.1).
bool is_written_like_a_name(std::string_view word) noexcept
{
    if (word.size() > max_name)
        return false;
    for (;;) {
        const auto label = word.substr(0, word.find('.'));
        if (!is_label(label))
            return false;
        if (label.size() == word.size())
            return !std::ranges::all_of(label, is_digit);
        word.remove_prefix(label.size() + 1);
    }
}

std::string_view first_word(std::string_view line) noexcept
{
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    return without_dot(line.substr(0, line.find(' ')));
}

/// The first word of a 220.
std::string_view greeting_word(const smtp::Session& session) noexcept
{
    const auto* step = session.at(smtp::Stage::greeting);
    if (!step || step->fault || !step->reply || step->reply->lines.empty())
        return {};
    return first_word(step->reply->lines.front());
}

std::string_view ehlo_word(const std::optional<smtp::Extensions>& offered) noexcept
{
    return offered ? without_dot(offered->name) : std::string_view{};
}

std::optional<std::string> as_name(std::string_view word, bool said_twice)
{
    if (!is_written_like_a_name(word))
        return std::nullopt;
    if (word.find('.') == std::string_view::npos && !said_twice && !same_name(word, "localhost"))
        return std::nullopt;
    return std::string(word);
}

bool differs(const std::optional<std::string>& name, std::string_view mx_name) noexcept
{
    return name && !same_name(*name, mx_name);
}

/// "mail.example.net in its greeting and its EHLO reply".
std::string said(const std::string& name, const std::vector<std::string_view>& places)
{
    return fmt::format("{} in {}", name, fmt::join(places, " and "));
}

/// Each name that is not the MX name, with every place where it was said, in the order of the session.
std::vector<std::string> sayings(const OwnNames& names, std::string_view mx_name)
{
    const bool same_ehlo = names.ehlo && names.ehlo_tls && same_name(*names.ehlo, *names.ehlo_tls);
    std::vector<std::pair<std::string, std::vector<std::string_view>>> by_name;
    const auto add = [&](const std::optional<std::string>& name, std::string_view place) {
        if (!differs(name, mx_name))
            return;
        const auto is_it = [&](const auto& entry) { return same_name(entry.first, *name); };
        const auto known = std::ranges::find_if(by_name, is_it);
        if (known == by_name.end())
            by_name.push_back({*name, {place}});
        else
            known->second.push_back(place);
    };
    add(names.greeting, "its greeting");
    add(names.ehlo, "its EHLO reply");
    if (!same_ehlo)
        add(names.ehlo_tls, "its EHLO reply inside TLS");

    std::vector<std::string> all;
    for (const auto& [name, places] : by_name)
        all.push_back(said(name, places));
    return all;
}

} // namespace

OwnNames own_names(const smtp::Session& session)
{
    const auto greeting = greeting_word(session);
    const auto ehlo = ehlo_word(session.offered);
    const auto ehlo_tls = ehlo_word(session.offered_inside_tls);
    const bool twice = same_name(greeting, ehlo) || same_name(greeting, ehlo_tls);
    OwnNames names;
    names.greeting = as_name(greeting, twice);
    names.ehlo = as_name(ehlo, same_name(greeting, ehlo));
    names.ehlo_tls = as_name(ehlo_tls, same_name(greeting, ehlo_tls));
    return names;
}

bool same_name(std::string_view one, std::string_view other) noexcept
{
    return std::ranges::equal(without_dot(one), without_dot(other), {}, lower, lower);
}

std::optional<std::string> mx_name_of(const std::string& host, const std::optional<std::string>& reference)
{
    std::error_code no_address;
    asio::ip::make_address(host, no_address);
    return no_address ? host : reference;
}

std::optional<Finding>
judge_own_names(const OwnNames& names, const std::optional<std::string>& mx_name, const std::string& host)
{
    if (!mx_name)
        return std::nullopt;
    const auto all = sayings(names, *mx_name);
    if (all.empty())
        return std::nullopt;
    auto message = fmt::format("{} calls itself {}", host, fmt::join(all, " and "));
    return usual_finding(Code::greeting_name_differs, std::move(message));
}

} // namespace probe
