#include "probe/command/history.hpp"

#include "probe/command/output.hpp"
#include "probe/command/small_command.hpp"
#include "probe/command/values.hpp"
#include "probe/history/history.hpp"
#include "report/history.hpp"
#include "report/html_history.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <vector>

namespace command
{
namespace
{

const std::vector<std::string> formats{"table", "json", "csv", "html"};

Manual words()
{
    return {
        .word = "history",
        .purpose = "tell what has changed at mail hosts",
        .usage = {"history [OPTIONS] --history FILE [TARGET...]"},
        .description =
            {"Tells what has changed, of what checks recorded with --history FILE: status, factor, MX set, "
             "policy id, and of each address the certificate and the protocol; since when each was so, and "
             "when it was last seen. Without a TARGET it tells of all."},
        .operand = "TARGET",
        .examples =
            {{"mxtls -q --history mx.db example.com", "a check that is recorded, as from cron"},
             {"mxtls history --history mx.db example.com", "all that has changed"},
             {"mxtls history --history mx.db --since 7d",
              "what has changed in the last week, of all targets"}},
        .notes =
            {"TARGET is as it was given to the check: a domain, a mail address, or the label of a target in "
             "a file."},
        .statuses =
            {{"0", "all is told"},
             {"3", "a TARGET was never recorded, the file cannot be read, or bad usage"}},
        .files = {{"/var/lib/mxtls/history", "The history of mxtls.service."}},
        .see_also = {"sqlite3(1)"}};
}

constexpr int unknown = 3;

struct Question
{
    std::string file;
    std::string format = "table";
    std::string since;
    std::string output;
    std::vector<std::string> targets;
    bool help = false;
};

void declare(CLI::App& app, Question& question)
{
    app.set_help_flag();
    app.add_option("TARGET", question.targets)->group("");
    const auto option = [&](auto&&... declared) { add_option(app, declared...); };
    option("--history", "FILE", question.file, "the file that checks recorded their runs in");
    option(
        "--since", "TIME", question.since,
        "only what has changed since: 2027-01-31, 2027-01-31T12:00:00Z, or an age such as 7d"
    );
    option("--format", "NAME", question.format, listed(formats) + " (table)");
    option("-o", "FILE", question.output, "write to this file, replaced in one step (standard output)");
    app.add_flag("-h,--help", question.help, "print this page")->group("Options");
}

std::optional<history::Moment> moment_since(const std::string& text, std::chrono::sys_seconds now)
{
    constexpr std::size_t size_of_date = 10;
    if (text.empty())
        return std::nullopt;
    try {
        if (text.ends_with('d') || text.ends_with('w') || text.ends_with('y'))
            return now - parse_age(text);
        return parse_moment(text.size() == size_of_date ? text + "T00:00:00Z" : text, now);
    } catch (const std::invalid_argument&) {
        throw std::invalid_argument(fmt::format(
            "--since: '{}' is no time: give 2027-01-31, 2027-01-31T12:00:00Z, or an age such as 7d",
            smtp::printable(text)
        ));
    }
}

struct Chosen
{
    std::vector<std::string> targets;
    bool whole = true; // false: what was asked for is not all there, and a line has said so
};

Chosen choose(const Question& question, const std::vector<std::string>& recorded)
{
    Chosen chosen;
    const auto lacks = [&](const std::string& line) {
        complain(line);
        chosen.whole = false;
    };
    const auto file = smtp::printable(question.file);
    if (recorded.empty())
        lacks(fmt::format("no run is recorded in '{}' yet", file));
    else if (question.targets.empty())
        chosen.targets = recorded;
    for (const auto& given : question.targets) {
        const bool is_as_given = std::ranges::find(recorded, given) != recorded.end();
        const auto name = is_as_given ? given : history::name_of(given);
        const bool is_new = std::ranges::find(chosen.targets, name) == chosen.targets.end();
        const bool is_known = std::ranges::find(recorded, name) != recorded.end();
        if (is_known && is_new)
            chosen.targets.push_back(name);
        else if (!is_known && !recorded.empty())
            lacks(fmt::format(
                "no run of '{}' is recorded in '{}': leave it out to see all that are",
                smtp::printable(given), file
            ));
    }
    return chosen;
}

report::HistoryFormat format_of(const Question& question)
{
    const auto format = report::history_format_named(question.format);
    if (!format)
        throw std::invalid_argument(fmt::format(
            "--format: '{}' is no format: give {}", smtp::printable(question.format), listed(formats)
        ));
    return *format;
}

struct Answer
{
    std::vector<history::Timeline> timelines{};
    bool whole = true;
};

/// The file is let go of then: whoever reads the answer may take a while, in which others record.
Answer read_timelines(const Question& question, std::optional<history::Moment> since, std::size_t points)
{
    const history::History recorded(question.file, history::History::Access::read);
    const auto reading = recorded.read();
    const auto [targets, whole] = choose(question, recorded.targets());
    Answer answer{.whole = whole};
    for (const auto& target : targets) {
        if (auto timeline = recorded.timeline(target, since, points))
            answer.timelines.push_back(std::move(*timeline));
    }
    return answer;
}

int tell(const Question& question, std::chrono::sys_seconds now)
{
    const auto format = format_of(question);
    const auto since = moment_since(question.since, now);
    keep_apart(question.output, question.file, "the history that is read");
    Output output(question.output);

    const auto points = format == report::HistoryFormat::html ? report::max_bars : 0;
    const auto [timelines, whole] = read_timelines(question, since, points);
    if (!timelines.empty())
        output.write(report::write(timelines, format));
    return whole ? 0 : unknown;
}

} // namespace

Manual history_manual()
{
    Question question;
    CLI::App app;
    declare(app, question);
    auto manual = words();
    manual.groups = groups_of(app, {{"--format", formats}});
    return manual;
}

int history(std::span<const std::string> arguments, std::chrono::sys_seconds now)
{
    Question question;
    CLI::App app;
    declare(app, question);
    read_arguments(app, arguments, question.targets, "history");
    if (question.help) {
        Output("").write(help(history_manual()));
        return 0;
    }
    if (question.file.empty())
        throw std::invalid_argument("no history: name its file with --history, or see mxtls history --help");
    return tell(question, now);
}

} // namespace command
