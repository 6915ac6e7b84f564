#include "probe/command/recorder.hpp"

#include "probe/command/output.hpp"

namespace command
{

Recorder::Recorder(const Options& options)
    : options_(options), notifier_(tellers_of(options), options.alerts.confirm)
{
    if (options.history.empty())
        return;
    try {
        history_.emplace(options.history, history::History::Access::record);
    } catch (const history::Unusable& fault) {
        complain(fault.what());
    }
}

void Recorder::write(const std::vector<probe::Verdict>& verdicts) const
{
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    auto transaction = history_->write();
    for (const auto& verdict : verdicts) {
        if (!verdict.finished)
            continue;
        const auto sighting = history::sighting_of(verdict);
        const auto before = history_->state(sighting.target);
        history_->record(sighting);
        notifier_.follow(*history_, before, verdict);
    }
    history_->prune(now - options_.keep);
    transaction.commit();
}

bool Recorder::record(const std::vector<probe::Verdict>& verdicts) const
{
    if (!history_)
        return options_.history.empty();
    try {
        write(verdicts);
        return true;
    } catch (const history::Unusable& fault) {
        complain(fault.what());
        return false;
    }
}

bool Recorder::notify(const std::vector<probe::Verdict>& verdicts) const
{
    if (!history_)
        return true;
    try {
        return notifier_.tell(*history_, verdicts);
    } catch (const history::Unusable& fault) {
        complain(fault.what());
        return false;
    }
}

} // namespace command
