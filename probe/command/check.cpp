#include "probe/command/check.hpp"

#include "probe/command/output.hpp"
#include "probe/command/recorder.hpp"
#include "probe/command/run.hpp"
#include "probe/untried.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace command
{
namespace
{

bool wants_color(const Options& options)
{
    if (options.color != Color::automatic)
        return options.color == Color::always;
    const auto* no_color = std::getenv("NO_COLOR");
    const auto* terminal = std::getenv("TERM");
    const bool dumb = !terminal || std::string_view(terminal) == "dumb";
    return options.output.empty() && ::isatty(STDOUT_FILENO) == 1 && !dumb && !(no_color && *no_color);
}

/// A target that is missing where a monitoring system or a build server looks, on a page or in a log, would
/// seem to be well.
bool leaves_none_out(report::Format format)
{
    using report::Format;
    constexpr std::array all{
        Format::nagios, Format::openmetrics, Format::junit, Format::html, Format::esa_log};
    return std::ranges::find(all, format) != all.end();
}

/// Of those that have no verdict from the run: refused, or never begun by the time of an interruption.
void add_untried(std::vector<probe::Verdict>& verdicts, const Options& options)
{
    const auto now = std::chrono::system_clock::now();
    for (auto at = verdicts.size(); at < options.requests.size(); ++at) {
        const auto& request = options.requests[at];
        auto verdict = probe::judge_unbegun(request.target, now);
        verdict.label = request.label;
        verdict.contact = request.contact;
        verdicts.push_back(std::move(verdict));
    }
    for (const auto& [given, why] : options.refused)
        verdicts.push_back(probe::judge_refusal(given, why, now));
}

/// What -q leaves out would look to these as if it were gone.
bool is_for_monitoring(report::Format format)
{
    return format == report::Format::nagios || format == report::Format::openmetrics;
}

/// Takes out what is OK; of a form that counts its targets all or none.
void hush(std::vector<probe::Verdict>& verdicts, const Options& options)
{
    const auto is_ok = [](const auto& verdict) { return verdict.status == probe::Status::ok; };
    if (!leaves_none_out(options.format))
        std::erase_if(verdicts, is_ok);
    else if (options.output.empty() && std::ranges::all_of(verdicts, is_ok))
        verdicts.clear();
}

void tell(
    std::vector<probe::Verdict> verdicts, report::PluginRun plugin, const Options& options, Output& output
)
{
    if (leaves_none_out(options.format))
        add_untried(verdicts, options);
    if (options.quiet && !is_for_monitoring(options.format))
        hush(verdicts, options);
    if (verdicts.empty() && options.output.empty())
        return; // but a file is not left with what was wrong yesterday
    plugin.quiet = options.quiet;
    output.write(report::write(
        verdicts, options.format, {wants_color(options), options.plan.smtp.mail_from, std::move(plugin)}
    ));
}

/// Standard error says why.
std::vector<std::string> faults_of(bool recorded, bool told)
{
    if (!recorded)
        return {"the history could not be written"};
    return told ? std::vector<std::string>() : std::vector<std::string>{"an alert could not be sent"};
}

/// Of a run that has no target.
int tell_refusals(const Options& options)
{
    constexpr auto status = probe::Status::unknown;
    if (leaves_none_out(options.format)) {
        Output output(options.output);
        tell({}, {.status = status}, options, output);
    }
    return static_cast<int>(status);
}

} // namespace

int check(Options options)
{
    complain_of_refusals(options.refused);
    if (options.requests.empty())
        return tell_refusals(options);
    Run run(options);
    Output output(options.output);
    const Recorder recorder(options);

    auto [observations, whole] = run.observe();
    auto verdicts = run.judge(std::move(observations));
    const auto refused = options.refused.empty() ? probe::Status::ok : probe::Status::unknown;
    const bool recorded = recorder.record(verdicts);
    const bool told = !whole || !recorded || recorder.notify(verdicts);
    auto status = whole && recorded ? worst_of(verdicts, refused) : probe::Status::unknown;
    if (!told)
        status = probe::worse(status, probe::Status::unknown);
    tell(std::move(verdicts), {.status = status, .faults = faults_of(recorded, told)}, options, output);

    if (!whole)
        complain("interrupted: what was known by then is reported");
    return static_cast<int>(status);
}

} // namespace command
