#include "probe/command/check.hpp"

#include "probe/command/output.hpp"
#include "probe/command/recorder.hpp"
#include "probe/command/run.hpp"

#include <unistd.h>

#include <cstdlib>
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

void tell(std::vector<probe::Verdict> verdicts, probe::Status status, const Options& options, Output& output)
{
    if (options.quiet)
        std::erase_if(verdicts, [](const auto& verdict) { return verdict.status == probe::Status::ok; });
    if (verdicts.empty() && options.output.empty())
        return; // but a file is not left with what was wrong yesterday
    output.write(
        report::write(verdicts, options.format, {wants_color(options), options.plan.smtp.mail_from, status})
    );
}

} // namespace

int check(Options options)
{
    for (const auto& line : options.refused)
        complain(line);
    if (options.requests.empty())
        return static_cast<int>(probe::Status::unknown);
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
    tell(std::move(verdicts), status, options, output);

    if (!whole)
        complain("interrupted: what was known by then is reported");
    return static_cast<int>(status);
}

} // namespace command
