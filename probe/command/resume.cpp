#include "probe/command/resume.hpp"

#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <utility>

namespace command
{
namespace
{

using Json = nlohmann::json;

constexpr std::string_view csv_head = "target,status,"; // which begins no row

std::uint64_t hash_of(std::string_view target)
{
    return std::hash<std::string_view>()(target);
}

/// Reads no further than the target, which is the second key of a result.
class TargetReader final : public nlohmann::json_sax<Json>
{
public:
    std::string target;

    bool key(std::string& name) override
    {
        is_next_ = name == "target";
        return true;
    }
    bool string(std::string& value) override
    {
        if (is_next_)
            target = value;
        return !is_next_;
    }
    bool start_object(std::size_t) override { return depth_++ == 0; }
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override
    {
        return false;
    }

private:
    bool is_next_ = false;
    int depth_ = 0;
};

std::string target_in_json(std::string_view line)
{
    if (!line.ends_with('}'))
        return {};
    TargetReader reader;
    Json::sax_parse(line.begin(), line.end(), &reader);
    return reader.target;
}

/// A first octet that could begin a formula stands as \xNN.
std::string without_escape(std::string cell)
{
    for (const char octet : std::string_view("=+-@")) {
        if (cell.starts_with(fmt::format("\\x{:02x}", octet)))
            return cell.replace(0, 4, 1, octet);
    }
    return cell;
}

/// The first field of a record of RFC 4180; a target has no line end in it.
std::string target_in_csv(std::string_view line)
{
    if (line.starts_with(csv_head))
        return {};
    if (!line.starts_with('"'))
        return without_escape(std::string(line.substr(0, line.find(','))));
    std::string field;
    for (std::size_t at = 1; at < line.size(); ++at) {
        if (line[at] == '"' && line.substr(at + 1, 1) != "\"")
            return without_escape(std::move(field));
        at += line[at] == '"' ? 1 : 0;
        field += line[at];
    }
    return {};
}

std::string target_in_score(std::string_view line)
{
    const auto blank = line.find(' ');
    return blank == line.npos ? std::string() : std::string(line.substr(blank + 1));
}

/// "90 example.com", "n/a example.com".
bool is_score(std::string_view line)
{
    const auto factor = line.substr(0, line.find(' '));
    const bool is_number = !factor.empty() && factor.find_first_not_of("0123456789") == factor.npos;
    return factor.size() < line.size() && (is_number || factor == "n/a");
}

/// As the first line of a file tells; none where it is no result.
std::optional<report::Format> format_of(std::string_view first_line)
{
    if (first_line.starts_with("{\"schema\":"))
        return report::Format::ndjson;
    if (first_line.starts_with(csv_head))
        return report::Format::csv;
    if (is_score(first_line))
        return report::Format::score;
    return std::nullopt;
}

std::string target_in(report::Format format, std::string_view line)
{
    if (format == report::Format::ndjson)
        return target_in_json(line);
    return format == report::Format::csv ? target_in_csv(line) : target_in_score(line);
}

std::ifstream opened(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path))
        throw std::invalid_argument(fmt::format(
            "cannot read '{}': {}; give the file that an earlier scan wrote", smtp::printable(path),
            std::strerror(file ? EISDIR : errno)
        ));
    return file;
}

} // namespace

Done::Done(const std::string& path)
{
    auto file = opened(path);
    std::string line;
    std::string last;              // target
    std::uint64_t last_begins = 0; // its rows
    while (std::getline(file, line) && !file.eof()) {
        const auto begins = std::exchange(octets_, octets_ + line.size() + 1);
        if (line.ends_with('\r'))
            line.pop_back();
        if (!format_)
            format_ = format_of(line);
        if (!format_)
            throw std::invalid_argument(fmt::format(
                "'{}' is no output of a scan, by its first line: give the file that an earlier one wrote",
                smtp::printable(path)
            ));
        auto target = target_in(*format_, line);
        if (target.empty())
            continue;
        hashes_.push_back(hash_of(target));
        if (target != std::exchange(last, target))
            last_begins = begins;
    }
    const bool is_cut_short = !line.empty();
    if (is_cut_short && format_ == report::Format::csv && !last.empty()) {
        octets_ = last_begins;
        std::erase(hashes_, hash_of(last));
    }
    std::ranges::sort(hashes_);
    hashes_.erase(std::unique(hashes_.begin(), hashes_.end()), hashes_.end());
}

bool Done::holds(std::string_view target) const
{
    return !hashes_.empty() && std::ranges::binary_search(hashes_, hash_of(report::legible(target)));
}

} // namespace command
