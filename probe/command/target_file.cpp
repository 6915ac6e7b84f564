#include "probe/command/target_file.hpp"

#include "probe/command/values.hpp"
#include "probe/history/sighting.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

namespace command
{
namespace
{

using Key = TargetOptions::Key;
using Kind = TargetOptions::Kind;
using Values = TargetOptions::Values;

struct Place
{
    std::size_t line = 0;
    std::size_t column = 0;
    auto operator<=>(const Place&) const = default;
};

Place place_of(const toml::source_region& region)
{
    return {region.begin.line, region.begin.column};
}

struct Error
{
    Place place{};
    std::string what{};
};

/// A number as it would be written on a command line: 1.2 is a version of TLS, and 1.0 another.
std::string text_of(double number)
{
    constexpr double large = 1e15;
    const bool is_whole = std::trunc(number) == number && std::abs(number) < large;
    return is_whole ? fmt::format("{:.1f}", number) : fmt::format("{}", number);
}

/// None for what is neither text nor a number.
std::optional<std::string> text_of(const toml::node& node)
{
    if (const auto* text = node.as_string())
        return text->get();
    if (const auto* number = node.as_integer())
        return std::to_string(number->get());
    if (const auto* number = node.as_floating_point())
        return text_of(number->get());
    return std::nullopt;
}

/// What a target itself says, beside its options.
struct Own
{
    std::optional<std::string> label{};
    std::optional<std::string> contact{};
};

/// The one of `words` that somebody may have meant who wrote this; empty where none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& words)
{
    constexpr std::size_t long_enough = 40; // any of them is shorter
    word = word.substr(0, long_enough);
    const auto apart = [&](std::string_view other) { return report::letters_apart(word, other); };
    const auto likeliest = *std::ranges::min_element(words, {}, apart);
    const bool is_near = apart(likeliest) <= std::max<std::size_t>(2, word.size() / 4);
    return is_near && apart(likeliest) < word.size() ? likeliest : std::string_view();
}

std::string
unknown_key(std::string_view key, const std::vector<std::string_view>& others, std::string_view otherwise)
{
    const auto near = nearest(key, others);
    const auto advice = near.empty() ? std::string(otherwise) : fmt::format("did you mean {}?", near);
    return fmt::format("unknown key '{}': {}", smtp::printable(key), advice);
}

class Reader
{
public:
    Reader(const std::string& path, TargetOptions& options)
        : folder_(std::filesystem::path(path).parent_path()), options_(options)
    {}

    void read(const toml::table& root);
    void refuse(Place place, std::string what) { errors_.push_back({place, std::move(what)}); }

    /// What the targets name: the files, and what OpenSSL makes of the lists.
    void try_out();

    std::vector<Request> requests() && { return std::move(requests_); }
    std::vector<std::string> errors(const std::string& path) &&;

private:
    void read_defaults(const toml::node& node);
    void read_targets(const toml::node& node);
    void read_target(const toml::table& table);
    void read_option(const toml::key& key, const toml::node& node, Values& into);
    void read_key(const toml::key& key, const toml::node& node, Values& values, Own& own);

    void add(Request request, Place place);
    void take_value(const Key& key, const toml::node& node, Values& into);
    std::optional<std::string> name_in(const toml::table& table);
    std::optional<std::string> words_of(std::string_view key, const toml::node& node);

    std::filesystem::path folder_;
    TargetOptions& options_;
    Values defaults_;
    Own own_defaults_;
    std::map<std::string, Place> known_; // by what a history calls the target
    std::vector<Request> requests_;
    std::vector<Place> places_; // of the requests
    std::vector<Error> errors_;
};

void Reader::read(const toml::table& root)
{
    for (const auto& [key, node] : root) {
        const auto place = place_of(key.source());
        if (key.str() != "defaults" && key.str() != "target")
            refuse(
                place,
                unknown_key(key.str(), {"defaults", "target"}, "write keys below [defaults] or [[target]]")
            );
    }
    if (const auto* defaults = root.get("defaults"))
        read_defaults(*defaults);
    const auto* targets = root.get("target");
    if (targets)
        read_targets(*targets);
    else if (errors_.empty())
        refuse({1, 1}, "there is no target: begin each with [[target]], and give its name");
}

void Reader::read_defaults(const toml::node& node)
{
    const auto* table = node.as_table();
    if (!table)
        return refuse(
            place_of(node.source()), "defaults is a table: write [defaults], and the keys below it"
        );
    for (const auto& [key, value] : *table) {
        if (key.str() == "name" || key.str() == "label")
            refuse(
                place_of(key.source()),
                fmt::format("{} is of one target: write it below [[target]]", key.str())
            );
        else
            read_key(key, value, defaults_, own_defaults_);
    }
}

void Reader::read_targets(const toml::node& node)
{
    const auto* array = node.as_array();
    if (!array)
        return refuse(
            place_of(node.source()), "target is an array of tables: write [[target]], in double brackets"
        );
    for (const auto& element : *array) {
        const auto place = place_of(element.source());
        if (places_.size() == max_targets)
            return refuse(place, fmt::format("there are more than {} targets: split the file", max_targets));
        if (const auto* table = element.as_table())
            read_target(*table);
        else
            refuse(place, "a target is a table: write [[target]], and its keys below it");
    }
}

void Reader::read_target(const toml::table& table)
{
    const auto place = place_of(table.source());
    auto values = defaults_;
    auto own = own_defaults_;
    const auto name = name_in(table);
    for (const auto& [key, node] : table) {
        if (key.str() != "name")
            read_key(key, node, values, own);
    }
    places_.push_back(place);
    requests_.emplace_back();
    if (!name)
        return;
    try {
        auto request = options_.request(*name, values);
        request.label = own.label;
        request.contact = own.contact;
        add(std::move(request), place);
    } catch (const std::invalid_argument& fault) {
        refuse(place, fault.what());
    }
}

/// One name for two would have a report, and a history, mix them up.
void Reader::add(Request request, Place place)
{
    const auto& target = request.target;
    const auto name = request.label.value_or(history::name_of(target.given, target.domain));
    const auto [before, is_new] = known_.try_emplace(name, place);
    if (!is_new)
        refuse(
            place, fmt::format(
                       "'{}' is what the target of line {} is called: give this one {}",
                       report::legible(name), before->second.line, request.label ? "another label" : "a label"
                   )
        );
    requests_.back() = std::move(request);
}

std::optional<std::string> Reader::name_in(const toml::table& table)
{
    const auto* node = table.get("name");
    if (!node) {
        refuse(place_of(table.source()), "the target has no name: give one, as in name = \"example.com\"");
        return std::nullopt;
    }
    const auto place = place_of(node->source());
    const auto* text = node->as_string();
    if (!text) {
        refuse(place, "name: give text in quotes, as in \"example.com\"");
        return std::nullopt;
    }
    try {
        probe::parse_target(text->get());
        return text->get();
    } catch (const std::invalid_argument& fault) {
        refuse(place, fmt::format("name: {}", fault.what()));
        return std::nullopt;
    }
}

void Reader::read_key(const toml::key& key, const toml::node& node, Values& values, Own& own)
{
    if (key.str() == "label")
        own.label = words_of("label", node);
    else if (key.str() == "contact")
        own.contact = words_of("contact", node);
    else
        read_option(key, node, values);
}

void Reader::read_option(const toml::key& key, const toml::node& node, Values& into)
{
    const auto& keys = options_.keys();
    const auto found = std::ranges::find(keys, key.str(), &Key::name);
    const auto place = place_of(key.source());
    if (found == keys.end()) {
        std::vector<std::string_view> others{"name", "label", "contact"};
        for (const auto& other : keys) {
            if (!other.is_of_run)
                others.push_back(other.name);
        }
        return refuse(place, unknown_key(key.str(), others, "see mxtls config --help for those there are"));
    }
    if (found->is_of_run)
        return refuse(
            place, fmt::format("{0} is of the whole run: give --{0} on the command line", found->name)
        );
    into.erase(found->name); // what the defaults say
    if (const auto* array = node.as_array(); array && found->kind == Kind::values) {
        into[found->name];
        for (const auto& element : *array)
            take_value(*found, element, into);
        return;
    }
    take_value(*found, node, into);
}

void Reader::take_value(const Key& key, const toml::node& node, Values& into)
{
    const auto place = place_of(node.source());
    const auto* truth = node.as_boolean();
    auto text = key.kind == Kind::flag && truth ? std::optional<std::string>(truth->get() ? "true" : "false")
                : key.kind == Kind::flag        ? std::nullopt
                                                : text_of(node);
    if (!text)
        return refuse(
            place, fmt::format(
                       "{}: give {}", key.name,
                       key.kind == Kind::flag     ? "true or false, without quotes"
                       : key.kind == Kind::values ? "text in quotes, or an array of such"
                                                  : "one value, a number or text in quotes"
                   )
        );
    if (key.is_path && !text->empty())
        text = (folder_ / *text).string();
    try {
        options_.check(key, *text);
        into[key.name].push_back(*text);
    } catch (const std::invalid_argument& fault) {
        refuse(place, fmt::format("{}: {}", key.name, fault.what()));
    }
}

std::optional<std::string> Reader::words_of(std::string_view key, const toml::node& node)
{
    const auto no = [&](std::string_view why) {
        refuse(place_of(node.source()), fmt::format("{}: {}", key, why));
        return std::nullopt;
    };
    const auto* node_text = node.as_string();
    if (!node_text)
        return no("give text in quotes");
    const auto& text = node_text->get();
    const auto shown = report::legible(text.substr(0, max_label));
    if (text.size() > max_label)
        return no(fmt::format("'{}' is too long: give at most {} octets", shown, max_label));
    if (shown != text)
        return no(fmt::format("'{}' has characters that cannot be seen: leave them out", shown));
    if (text.empty() || trimmed(text, " ") != text)
        return no(fmt::format("'{}' is empty, or has blanks around it: give text without", shown));
    return text;
}

void Reader::try_out()
{
    std::set<OfferKey> offers;
    std::set<RootsKey> roots{RootsKey()};
    for (std::size_t at = 0; at < requests_.size(); ++at) {
        const auto& request = requests_[at];
        const auto try_it = [&](const auto& use) {
            try {
                use();
            } catch (const std::invalid_argument& fault) {
                refuse(places_[at], fault.what());
            }
        };
        if (offers.insert(offer_key(request)).second)
            try_it([&] { smtp::TlsContext{request.tls}; });
        if (roots.insert(roots_key(request)).second)
            try_it([&] { probe::TrustStore{request.ca_file, request.ca_path}; });
    }
}

std::vector<std::string> Reader::errors(const std::string& path) &&
{
    std::ranges::stable_sort(errors_, {}, &Error::place);
    std::vector<std::string> lines;
    for (const auto& [place, what] : errors_)
        lines.push_back(fmt::format("{}:{}:{}: {}", smtp::printable(path), place.line, place.column, what));
    return lines;
}

Reader read(std::string_view text, const std::string& path, TargetOptions& options)
{
    Reader reader(path, options);
    try {
        reader.read(toml::parse(text));
    } catch (const toml::parse_error& fault) {
        reader.refuse(
            place_of(fault.source()),
            fmt::format("this is not TOML: {}", smtp::printable(fault.description()))
        );
    }
    return reader;
}

TargetFile finished(Reader reader, const std::string& path)
{
    TargetFile file;
    file.errors = std::move(reader).errors(path);
    file.requests = std::move(reader).requests();
    return file;
}

std::string contents_of(const std::string& path)
{
    const auto refuse = [&](std::string_view why) {
        throw std::invalid_argument(fmt::format(
            "cannot read '{}': {}; give a file of targets in TOML, as in mxtls config --help",
            smtp::printable(path), why
        ));
    };
    std::ifstream file(path, std::ios::binary);
    if (!file)
        refuse(std::strerror(errno));
    std::string text(max_target_file + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad())
        refuse(std::strerror(errno));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > max_target_file)
        refuse(fmt::format("it has more than {} octets", max_target_file));
    return text;
}

} // namespace

TargetFile read_targets(std::string_view text, const std::string& path, TargetOptions& options)
{
    return finished(read(text, path, options), path);
}

TargetFile load_targets(const std::string& path, TargetOptions& options)
{
    auto reader = read(contents_of(path), path, options);
    reader.try_out();
    return finished(std::move(reader), path);
}

} // namespace command
