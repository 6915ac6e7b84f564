#include "probe/command/recorder.hpp"

#include "probe/command/output.hpp"

namespace command
{
namespace
{

void write(
    const history::History& history, const std::vector<probe::Verdict>& verdicts, std::chrono::days keep
)
{
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    auto transaction = history.write();
    for (const auto& verdict : verdicts) {
        if (verdict.finished)
            history.record(history::sighting_of(verdict));
    }
    history.prune(now - keep);
    transaction.commit();
}

} // namespace

Recorder::Recorder(const Options& options) : options_(options)
{
    if (options.history.empty())
        return;
    try {
        history_.emplace(options.history, history::History::Access::record);
    } catch (const history::Unusable& fault) {
        complain(fault.what());
    }
}

bool Recorder::record(const std::vector<probe::Verdict>& verdicts) const
{
    if (!history_)
        return options_.history.empty();
    try {
        write(*history_, verdicts, options_.keep);
        return true;
    } catch (const history::Unusable& fault) {
        complain(fault.what());
        return false;
    }
}

} // namespace command
