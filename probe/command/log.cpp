#include "probe/command/log.hpp"

#include "probe/command/output.hpp"
#include "probe/command/small_command.hpp"
#include "probe/command/values.hpp"
#include "report/log.hpp"
#include "report/log_names.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <vector>

namespace command
{
namespace
{

const Choices values{
    {"--by", {"domain", "address"}},
    {"--direction", {"receiving", "delivery"}},
    {"--only", {"tls", "plaintext", "failed"}},
    {"--format", {"table", "json", "csv"}}};

Manual words()
{
    return {
        .word = "log",
        .purpose = "tell from mail logs who used TLS",
        .usage = {"log [OPTIONS] FILE...|-"},
        .description =
            {"Reads mail logs and tells which connections and messages used TLS, received and delivered, "
             "with protocol and cipher, and why TLS failed where it did. It knows the mail logs of the Cisco "
             "(IronPort) appliance, of Postfix and of Exim, also mixed, through syslog, and compressed by "
             "gzip. Rotated files are read in the order of their time stamps. A message without a TLS entry "
             "counts as plaintext."},
        .operand = "FILE",
        .examples =
            {{"mxtls log /var/log/mail.log*", "a table by domain, of all rotated files"},
             {"mxtls log --by address --top 20 mail_logs", "the twenty busiest addresses of each direction"},
             {"mxtls log --list --direction delivery --only failed mail_logs",
              "each delivery connection on which TLS failed, and why"},
             {"journalctl -u 'postfix*' -o short-iso | mxtls log --format json -",
              "the journal, for a program"}},
        .notes =
            {"A received message is counted under the domain of its sender, a delivered one under that of "
             "its recipient; a connection under the domain of its first message, or its address where it had "
             "none. The appliance delivers a message to all recipients at once; Postfix and Exim count each "
             "of them. Exim logs no connections: each message received, and each one delivered, counts as "
             "one.",
             "What goes over loopback is left out, and counted apart."},
        .statuses =
            {{"0", "all is told"},
             {"3", "a file cannot be read (what the others hold is told), or bad usage"}},
        .see_also = {"journalctl(1)"}};
}

constexpr int unknown = 3;
constexpr std::size_t usual_top = 50;
constexpr std::size_t written_at_once = 64 * 1024;

struct Question
{
    std::string by = "domain";
    std::string format = "table";
    std::string direction;
    std::string only;
    std::string output;
    std::string top;
    bool list = false;
    bool help = false;
    std::vector<std::string> files;
};

void declare(CLI::App& app, Question& question)
{
    app.set_help_flag();
    app.add_option("FILE", question.files)->group("");
    const auto option = [&](auto&&... declared) { add_option(app, declared...); };
    option("--by", "WHAT", question.by, "a row a domain or a row an address (domain)");
    option("--direction", "WHICH", question.direction, "receiving or delivery only (both)");
    option("--top", "N", question.top, "rows, the busiest; the rest is one; 0 for all (table 50, else all)");
    app.add_flag("--list", question.list, "a line a connection, as it ends, in place of the sums")
        ->group("Options");
    option("--only", "WHICH", question.only, "of --list: tls, plaintext or failed connections (all)");
    option(
        "--format", "NAME", question.format,
        listed(values.at("--format")) + "; a JSON object a line for --list (table)"
    );
    option("-o", "FILE", question.output, "write to this file, replaced in one step (standard output)");
    app.add_flag("-h,--help", question.help, "print this page")->group("Options");
}

template <class Value>
Value chosen(
    std::string_view option, const std::string& given,
    std::initializer_list<std::pair<std::string_view, Value>> choices
)
{
    std::string names;
    for (const auto& [name, value] : choices) {
        if (name == given)
            return value;
        names += fmt::format("{}{}", names.empty() ? "" : " or ", name);
    }
    throw std::invalid_argument(
        fmt::format("{}: '{}' is not known: give {}", option, smtp::printable(given), names)
    );
}

std::size_t number_of_rows(const std::string& text)
{
    try {
        return static_cast<std::size_t>(parse_whole_number(text, 0, std::numeric_limits<int>::max()));
    } catch (const std::invalid_argument& fault) {
        throw std::invalid_argument(fmt::format("--top: {}", fault.what()));
    }
}

report::LogView view_of(const Question& question)
{
    using maillog::Direction;
    report::LogView view;
    const auto format = report::log_format_named(question.format);
    if (!format)
        throw std::invalid_argument(fmt::format(
            "--format: '{}' is no format: give {}", smtp::printable(question.format),
            listed(values.at("--format"))
        ));
    view.format = *format;
    const bool is_table = *format == report::LogFormat::table;
    view.top = question.top.empty() ? is_table ? usual_top : 0 : number_of_rows(question.top);
    if (!question.direction.empty())
        view.only = chosen<Direction>(
            "--direction", question.direction,
            {{"receiving", Direction::receiving}, {"delivery", Direction::delivery}}
        );
    return view;
}

/// Connections, told as they end.
class List
{
public:
    List(const Question& question, const report::LogView& view, Output& output)
        : view_(view), output_(output), text_(report::log_list_header(view.format))
    {
        using maillog::Protection;
        if (!question.only.empty())
            only_ = chosen<Protection>(
                "--only", question.only,
                {{"tls", Protection::encrypted},
                 {"plaintext", Protection::plaintext},
                 {"failed", Protection::failed}}
            );
    }

    void add(const maillog::Connection& connection)
    {
        if (view_.only.value_or(connection.direction) != connection.direction ||
            only_.value_or(connection.protection) != connection.protection)
            return;
        text_ += report::log_list_line(connection, view_.format);
        if (text_.size() < written_at_once)
            return;
        has_reader_ = output_.write_part(text_);
        text_.clear();
    }

    bool has_reader() const noexcept { return has_reader_; }
    void finish() { output_.write(text_); }

private:
    const report::LogView& view_;
    Output& output_;
    std::string text_;
    std::optional<maillog::Protection> only_;
    bool has_reader_ = true;
};

int answer(const Question& question)
{
    const auto view = view_of(question);
    maillog::Reading reading;
    reading.by = chosen<maillog::By>(
        "--by", question.by, {{"domain", maillog::By::domain}, {"address", maillog::By::address}}
    );
    if (!question.only.empty() && !question.list)
        throw std::invalid_argument("--only chooses lines of a list: give --list too");
    for (const auto& file : question.files)
        keep_apart(question.output, file, "a log that is read");
    Output output(question.output);
    List list(question, view, output);
    if (question.list) {
        reading.told = [&](const maillog::Connection& connection) { list.add(connection); };
        reading.goes_on = [&] { return list.has_reader(); };
    }
    const auto found = maillog::read_logs(maillog::in_order_of_time(question.files), reading);
    if (question.list)
        list.finish();
    else
        output.write(report::log_summary(found, view));
    if (question.list || view.format == report::LogFormat::csv) { // which have no place for them
        for (const auto& remark : report::log_remarks(found))
            complain(remark);
    }
    for (const auto& line : found.refused)
        complain(smtp::printable(line));
    return found.refused.empty() ? 0 : unknown;
}

} // namespace

Manual log_manual()
{
    Question question;
    CLI::App app;
    declare(app, question);
    auto manual = words();
    manual.groups = groups_of(app, values);
    return manual;
}

int log(std::span<const std::string> arguments)
{
    CLI::App app;
    Question question;
    declare(app, question);
    read_arguments(app, arguments, question.files, "log");
    if (question.help) {
        Output("").write(help(log_manual()));
        return 0;
    }
    if (question.files.empty())
        throw std::invalid_argument("no log: give its file, - for standard input, or see mxtls log --help");
    return answer(question);
}

} // namespace command
