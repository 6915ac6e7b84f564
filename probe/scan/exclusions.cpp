#include "probe/scan/exclusions.hpp"

#include "probe/fields.hpp"
#include "probe/refuse.hpp"
#include "probe/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <span>
#include <stdexcept>

namespace scan
{
namespace
{

using asio::ip::address;

constexpr std::size_t longest_rule = 1'000; // more than any name in any script takes

constexpr std::string_view what_to_give =
    "is no rule: give an address, a network such as 192.0.2.0/24, or a name such as example.com";

address without_mapping(const address& given)
{
    if (given.is_v6() && given.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, given.to_v6());
    return given;
}

std::optional<unsigned> whole_number(std::string_view digits)
{
    unsigned value = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (fault != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return value;
}

/// The first `length` bits of the address; the others are null.
asio::ip::address_v6::bytes_type first_bits(const address& of, std::size_t length)
{
    asio::ip::address_v6::bytes_type octets{};
    if (of.is_v4())
        std::ranges::copy(of.to_v4().to_bytes(), octets.begin());
    else
        octets = of.to_v6().to_bytes();
    for (auto at = length / 8; at < octets.size(); ++at) {
        const auto kept = at == length / 8 ? length % 8 : 0;
        octets[at] = static_cast<unsigned char>(octets[at] & (0xff00U >> kept));
    }
    return octets;
}

/// Of an address literal (RFC 5321 §4.1.3) the address; all else as it is.
std::string_view without_brackets(std::string_view text)
{
    constexpr std::string_view tag = "ipv6:";
    if (!text.starts_with('[') || !text.ends_with(']') || text.find('/') != text.npos)
        return text;
    text = text.substr(1, text.size() - 2);
    if (probe::lower(text.substr(0, tag.size())) == tag)
        text.remove_prefix(tag.size());
    return text;
}

/// No top-level domain is a number: what ends in one is an address with a slip of the pen in it, which
/// taken for a name would exclude nothing.
bool ends_in_number(std::string_view name)
{
    const auto last = name.substr(name.rfind('.') + 1);
    return std::ranges::all_of(last, probe::is_digit);
}

/// In A-labels; none where it is no name.
std::optional<std::string> name_of(std::string_view text)
{
    if (text.starts_with("*."))
        text.remove_prefix(2);
    else if (text.starts_with('.'))
        text.remove_prefix(1);
    try {
        auto name = probe::parse_host_name(text);
        if (!ends_in_number(name))
            return name;
    } catch (const std::invalid_argument&) {
    }
    return std::nullopt;
}

std::string contents_of(const std::string& file)
{
    std::ifstream stream(file, std::ios::binary);
    std::string text;
    std::array<char, 64 * 1024> part;
    while (stream.read(part.data(), part.size()), stream.gcount() > 0) {
        text.append(part.data(), static_cast<std::size_t>(stream.gcount()));
        if (text.size() > max_exclusions_file)
            throw std::invalid_argument(fmt::format(
                "the file of exclusions {} is above {} octets: give fewer rules, as networks", file,
                max_exclusions_file
            ));
    }
    if (!stream.is_open() || stream.bad())
        throw std::invalid_argument(fmt::format(
            "cannot read the file of exclusions {}: {}; give a file of addresses, networks and names", file,
            std::strerror(errno)
        ));
    return text;
}

std::string_view rule_in(std::string_view line)
{
    line = line.substr(0, line.find('#'));
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return probe::without_blanks_before(probe::without_blanks_behind(line));
}

} // namespace

std::size_t Exclusions::Hash::operator()(std::string_view text) const noexcept
{
    return std::hash<std::string_view>{}(text);
}

std::size_t Exclusions::Hash::operator()(const Octets& octets) const noexcept
{
    return (*this)(std::string_view(reinterpret_cast<const char*>(octets.data()), octets.size()));
}

void Exclusions::add(std::string_view text)
{
    if (text.size() > longest_rule)
        probe::refuse(text.substr(0, longest_rule), what_to_give);
    if (add_network(without_brackets(text), text))
        return;
    const auto name = name_of(text);
    if (!name)
        probe::refuse(text, what_to_give);
    names_.try_emplace(*name, text);
}

bool Exclusions::add_network(std::string_view text, std::string_view rule)
{
    const auto slash = std::min(text.find('/'), text.size());
    std::error_code fault;
    const auto given = asio::ip::make_address(std::string(text.substr(0, slash)), fault);
    if (fault || text.find('%') != text.npos || text.find('\0') != text.npos)
        return false;
    const std::size_t bits = given.is_v4() ? 32 : 128;
    std::optional<std::size_t> length = bits;
    if (slash < text.size())
        length = whole_number(text.substr(slash + 1));
    if (!length || *length > bits)
        probe::refuse(text, fmt::format("is no network: give a prefix length from 0 to {}", bits));
    constexpr std::size_t before_mapped = 96;
    const auto plain = *length < before_mapped ? given : without_mapping(given);
    if (plain != given)
        *length -= before_mapped;
    auto& networks = plain.is_v4() ? ipv4_[*length] : ipv6_[*length];
    networks.try_emplace(first_bits(plain, *length), rule);
    return true;
}

void Exclusions::read(const std::string& file)
{
    const auto text = contents_of(file);
    std::size_t number = 0;
    for (std::size_t start = 0; start < text.size();) {
        const auto end = std::min(text.find('\n', start), text.size());
        const auto rule = rule_in(std::string_view(text).substr(start, end - start));
        start = end + 1;
        ++number;
        try {
            if (!rule.empty())
                add(rule);
        } catch (const std::invalid_argument& fault) {
            throw std::invalid_argument(fmt::format("{}, line {}: {}", file, number, fault.what()));
        }
    }
}

std::optional<std::string> Exclusions::rule_for(std::string_view name) const
{
    if (names_.empty())
        return std::nullopt;
    if (name.ends_with('.'))
        name.remove_suffix(1);
    const auto lower = probe::lower(name);
    for (std::size_t start = 0; start < lower.size();) {
        const auto part = std::string_view(lower).substr(start);
        if (const auto rule = names_.find(part); rule != names_.end())
            return rule->second;
        start += std::min(part.find('.'), part.size()) + 1;
    }
    return std::nullopt;
}

std::optional<std::string> Exclusions::rule_for(const address& given) const
{
    const auto plain = without_mapping(given);
    const auto by_length =
        plain.is_v4() ? std::span<const Networks>(ipv4_) : std::span<const Networks>(ipv6_);
    for (auto length = by_length.size(); length-- > 0;) {
        const auto& networks = by_length[length];
        if (networks.empty())
            continue;
        if (const auto rule = networks.find(first_bits(plain, length)); rule != networks.end())
            return rule->second;
    }
    return std::nullopt;
}

std::size_t Exclusions::size() const noexcept
{
    auto count = names_.size();
    for (const auto& networks : ipv4_)
        count += networks.size();
    for (const auto& networks : ipv6_)
        count += networks.size();
    return count;
}

} // namespace scan
