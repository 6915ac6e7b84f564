// Alerts (--notify, --notify-mail, --notify-url): who is told, and that each is told once.
//
// What was told stands in the history, of each way and target, and is written there only once the telling
// succeeded: whatever ends this program in between, the next run tells it again. A claim, which holds for
// claim_limit or as long as its process lives, keeps two runs at the same moment from telling both.
#pragma once

#include "probe/command/options.hpp"
#include "probe/history/history.hpp"
#include "probe/history/notice.hpp"
#include "probe/verdict.hpp"
#include "report/notice.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace command
{

inline constexpr std::chrono::seconds claim_limit{180};   // longer than any way takes
inline constexpr std::chrono::seconds telling_limit{300}; // of all alerts of a run: others wait for the next

/// One way to tell.
class Teller
{
public:
    virtual ~Teller() = default;

    /// Why it did not succeed, with the option and what it names; none where it did.
    virtual std::optional<std::string> tell(const report::Alert& alert) = 0;

    /// Under this it stands in the history what was told in this way: the same for the same option.
    virtual std::string key() const = 0;
};

/// Those that the options ask for.
std::vector<std::unique_ptr<Teller>> tellers_of(const Options& options);

class Notifier
{
public:
    Notifier(std::vector<std::unique_ptr<Teller>> tellers, int confirm);

    /// In the transaction that records the run: `before` is the state before that, and the run is recorded
    /// already.
    void
    follow(const history::History& history, const std::optional<history::State>& before, const probe::Verdict&)
        const;

    /// Outside of any transaction. A line on standard error for each alert that could not be sent. Returns
    /// whether all were. Throws history::Unusable.
    bool tell(const history::History& history, const std::vector<probe::Verdict>& verdicts) const;

private:
    std::vector<std::unique_ptr<Teller>> tellers_;
    int confirm_;
};

} // namespace command
