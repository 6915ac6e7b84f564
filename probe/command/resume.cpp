#include "probe/command/resume.hpp"

#include "report/report.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
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

/// Of ndjson or score.
std::string target_in_line(std::string_view line)
{
    if (line.starts_with('{'))
        return target_in_json(line);
    const auto blank = line.find(' ');
    return blank == line.npos ? std::string() : std::string(line.substr(blank + 1));
}

/// The first field of a record of RFC 4180; a target has no line end in it.
std::string first_field(std::string_view line)
{
    if (!line.starts_with('"'))
        return std::string(line.substr(0, line.find(',')));
    std::string field;
    for (std::size_t at = 1; at < line.size(); ++at) {
        if (line[at] == '"' && line.substr(at + 1, 1) != "\"")
            return field;
        at += line[at] == '"' ? 1 : 0;
        field += line[at];
    }
    return {};
}

/// As it was before report::csv_rows kept it from being a formula.
std::string target_in_csv(std::string_view line)
{
    using namespace std::string_view_literals;
    constexpr std::array formulas{
        std::pair{"\\x3d"sv, '='}, std::pair{"\\x2b"sv, '+'}, std::pair{"\\x2d"sv, '-'},
        std::pair{"\\x40"sv, '@'}};
    auto field = first_field(line);
    for (const auto& [escaped, octet] : formulas) {
        if (field.starts_with(escaped))
            return field.replace(0, escaped.size(), 1, octet);
    }
    return field;
}

std::string_view without_line_end(std::string_view line)
{
    return line.substr(0, line.find_last_not_of("\r\n") + 1);
}

} // namespace

Done::Done(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path))
        throw std::invalid_argument(fmt::format(
            "cannot read '{}': {}; give the file that an earlier scan wrote", smtp::printable(path),
            std::strerror(file ? EISDIR : errno)
        ));
    const auto head = report::header(report::Format::csv);
    auto* target_in = target_in_line;
    for (std::string line; std::getline(file, line) && !file.eof();) {
        const auto text = without_line_end(line);
        if (text == without_line_end(head)) {
            target_in = target_in_csv;
            continue;
        }
        const auto target = target_in(text);
        if (!target.empty())
            hashes_.push_back(hash_of(target));
    }
    std::ranges::sort(hashes_);
    hashes_.erase(std::unique(hashes_.begin(), hashes_.end()), hashes_.end());
}

bool Done::holds(std::string_view target) const
{
    return !hashes_.empty() && std::ranges::binary_search(hashes_, hash_of(report::legible(target)));
}

} // namespace command
