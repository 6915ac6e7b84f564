#include "report/survey.hpp"

#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <string_view>
#include <vector>

namespace report
{
namespace
{

constexpr std::string_view indent = "  ";
constexpr std::string_view deep_indent = "            "; // below what is told of a version
constexpr std::size_t line_width = 110;

std::string plural(std::size_t count, std::string_view noun)
{
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// Words with commas between them, in lines of a bearable width.
std::string wrapped(const std::vector<std::string>& words)
{
    std::string text;
    std::string line(deep_indent);
    for (std::size_t at = 0; at < words.size(); ++at) {
        const auto word = smtp::printable(words[at]) + (at + 1 < words.size() ? "," : "");
        if (line.size() > deep_indent.size() && line.size() + 1 + word.size() > line_width) {
            text += line + '\n';
            line = deep_indent;
        }
        line += (line.size() > deep_indent.size() ? " " : "") + word;
    }
    return text + line + '\n';
}

std::string_view order(probe::Preference preference) noexcept
{
    switch (preference) {
    case probe::Preference::server:
        return ", in the server's order";
    case probe::Preference::client:
        return ", in the client's order, which the server follows";
    case probe::Preference::unknown:
        break;
    }
    return "";
}

std::string state_of(const probe::VersionSurvey& version)
{
    switch (version.state) {
    case probe::Accepted::yes:
        return fmt::format(
            "accepted, with {}{}{}", version.complete ? "" : "at least ",
            plural(version.suites.size(), "cipher suite"), order(version.preference)
        );
    case probe::Accepted::no:
        return "not offered: " + version.reason;
    case probe::Accepted::closed:
        return "not offered: " + version.reason + ", where another version is accepted";
    case probe::Accepted::unknown:
        break;
    }
    return version.reason.empty() ? "not known" : "not known: " + version.reason;
}

Ink ink_of(probe::Accepted state) noexcept
{
    return state == probe::Accepted::unknown ? Ink::magenta : Ink::plain;
}

std::string group_lines(const probe::GroupSurvey& groups)
{
    std::vector<std::string> words;
    for (const auto& group : groups.accepted)
        words.push_back(group.bits > 0 ? fmt::format("{} ({} bits)", group.name, group.bits) : group.name);
    if (words.empty())
        return {};
    words.front().insert(0, groups.complete ? "groups: " : "groups, at least: ");
    return wrapped(words);
}

std::string version_lines(const probe::VersionSurvey& version, bool color)
{
    const auto state = paint(smtp::printable(state_of(version)), ink_of(version.state), color);
    auto text = fmt::format("{}{:<8}  {}\n", indent, name(version.version), state);
    if (version.state != probe::Accepted::yes)
        return text;
    text += wrapped(version.suites);
    if (!version.complete && !version.reason.empty())
        text += fmt::format("{}then: {}\n", deep_indent, smtp::printable(version.reason));
    if (version.groups)
        text += group_lines(*version.groups);
    if (version.resumption)
        text += fmt::format("{}sessions are {}resumed\n", deep_indent, *version.resumption ? "" : "not ");
    return text;
}

std::string yes_or_no(const std::optional<bool>& fact)
{
    return !fact ? "not known" : *fact ? "yes" : "no";
}

std::string alpn(const probe::Survey& survey)
{
    if (survey.alpn_refused)
        return "refused";
    if (!survey.alpn)
        return "not known";
    return survey.alpn->empty() ? "none" : smtp::printable(*survey.alpn);
}

std::string feature_lines(const probe::Survey& survey)
{
    const bool is_old = survey.secure_renegotiation.has_value(); // TLS 1.3 does without all of these
    std::string text;
    if (!survey.dh_bits.empty())
        text += fmt::format("{}DHE: {} bits\n", indent, fmt::join(survey.dh_bits, ", "));
    if (is_old) {
        text += fmt::format("{}secure renegotiation: {}\n", indent, yes_or_no(survey.secure_renegotiation));
        text += fmt::format("{}compression: {}\n", indent, yes_or_no(survey.compression));
    }
    if (survey.extended_master_secret)
        text +=
            fmt::format("{}extended master secret: {}\n", indent, yes_or_no(survey.extended_master_secret));
    if (survey.session_tickets)
        text += fmt::format("{}session tickets: {}\n", indent, yes_or_no(survey.session_tickets));
    return text + fmt::format("{}ALPN: {}\n", indent, alpn(survey));
}

} // namespace

std::string summary(const probe::Survey& survey)
{
    std::vector<std::string> accepted;
    for (const auto& version : survey.versions) {
        if (version.state == probe::Accepted::yes)
            accepted.emplace_back(name(version.version));
    }
    const auto versions =
        accepted.empty() ? "no version that could be seen" : fmt::format("{}", fmt::join(accepted, ", "));
    return fmt::format(
        "accepts {}, found by {}; suites and groups: -v", versions, plural(survey.connections, "connection")
    );
}

std::string survey_lines(const probe::Survey& survey, const std::string& where, bool color)
{
    const auto title = paint("What is offered by " + where, Ink::bold, color);
    auto text = fmt::format("{}, by {}\n", title, plural(survey.connections, "further connection"));
    for (const auto& version : survey.versions)
        text += version_lines(version, color);
    text += feature_lines(survey);
    for (const auto& notice : notices(survey))
        text +=
            fmt::format("{}{}: {}\n", indent, paint("notice", Ink::yellow, color), smtp::printable(notice));
    if (!survey.stopped.empty()) {
        const auto told = "not all was asked: " + smtp::printable(survey.stopped);
        text += fmt::format("{}{}\n", indent, paint(told, Ink::magenta, color));
    }
    return text;
}

} // namespace report
