#include "probe/command/notify.hpp"

#include "probe/command/child.hpp"
#include "probe/command/machine.hpp"
#include "probe/command/output.hpp"
#include "probe/command/post.hpp"
#include "probe/x509.hpp"
#include "report/mail.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <span>
#include <stdexcept>
#include <utility>

namespace command
{
namespace
{

using history::History;
using history::Moment;
using history::Told;
using std::chrono::steady_clock;

std::string hexadecimal(std::span<const unsigned char> octets)
{
    return probe::hexadecimal({reinterpret_cast<const char*>(octets.data()), octets.size()});
}

/// The same for the same words, which may be secret.
std::string mark_of(std::string_view words)
{
    constexpr std::size_t size = 16;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    EVP_Digest(words.data(), words.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    return hexadecimal(std::span(digest).first(size));
}

std::string random_word()
{
    std::array<unsigned char, 16> octets{};
    if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1)
        throw std::runtime_error("no random numbers: OpenSSL has none");
    return hexadecimal(octets);
}

std::string user_name()
{
    const auto* user = ::getpwuid(::geteuid());
    const std::string name = user ? user->pw_name : "";
    const bool is_atom =
        !name.empty() &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
            name.npos;
    return is_atom ? name : "mxtls";
}

class CommandTeller final : public Teller
{
public:
    explicit CommandTeller(std::vector<std::string> words) : words_(std::move(words)) {}

    std::optional<std::string> tell(const report::Alert& alert) override
    {
        const auto fault =
            run_child({.words = words_, .input = report::text(alert), .environment = report::facts(alert)});
        if (!fault)
            return std::nullopt;
        return fmt::format("--notify: '{}' {}", smtp::printable(words_.front()), *fault);
    }

    std::string key() const override
    {
        return "command " + mark_of(fmt::format("{}", fmt::join(words_, "\n")));
    }

private:
    std::vector<std::string> words_;
};

class MailTeller final : public Teller
{
public:
    MailTeller(const AlertOptions& options, const std::string& host)
        : to_(options.mail), sendmail_(options.sendmail), host_(host.empty() ? "localhost" : host)
    {}

    std::optional<std::string> tell(const report::Alert& alert) override
    {
        Child child{.words = {sendmail_, "-i", "-f", "<>", "--"}, .input = message_of(alert)};
        child.words.insert(child.words.end(), to_.begin(), to_.end());
        const auto fault = run_child(child);
        if (!fault)
            return std::nullopt;
        return fmt::format("--notify-mail: '{}' {}", smtp::printable(sendmail_), *fault);
    }

    std::string key() const override { return "mail " + mark_of(fmt::format("{}", fmt::join(to_, "\n"))); }

private:
    std::string message_of(const report::Alert& alert) const
    {
        using std::chrono::floor;
        return report::message(
            {.from = fmt::format("{}@{}", user_name(), host_),
             .to = to_,
             .subject = "mxtls: " + report::subject(alert),
             .id = fmt::format("{}@{}", random_word(), host_),
             .date = floor<std::chrono::seconds>(std::chrono::system_clock::now()),
             .text = report::text(alert)}
        );
    }

    std::vector<std::string> to_;
    std::string sendmail_;
    std::string host_;
};

class UrlTeller final : public Teller
{
public:
    explicit UrlTeller(std::string url) : url_(std::move(url)) {}

    std::optional<std::string> tell(const report::Alert& alert) override
    {
        const auto fault = post(url_, report::alert_json(alert));
        if (!fault)
            return std::nullopt;
        return fmt::format("--notify-url: {} {}", server_of(url_), *fault);
    }

    std::string key() const override { return "url " + mark_of(url_); }

private:
    std::string url_;
};

Moment now()
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string claim_key(const Teller& teller)
{
    return teller.key() + " claim";
}

/// Of one that is dead, on this machine, nothing is left to wait for.
bool is_alive(const std::string& claim)
{
    const auto blank = claim.find(' ');
    if (blank == claim.npos || claim.substr(blank + 1) != own_host_name())
        return true;
    const auto process = std::strtol(claim.c_str(), nullptr, 10);
    return process > 0 && (::kill(static_cast<pid_t>(process), 0) == 0 || errno != ESRCH);
}

bool is_claimed(const History& history, const std::string& target, const Teller& teller)
{
    const auto claim = history.notification(target, claim_key(teller));
    return claim && std::chrono::abs(now() - claim->sent) < claim_limit && is_alive(claim->value);
}

std::optional<Told> told_of(const History& history, const std::string& target, const Teller& teller)
{
    const auto kept = history.notification(target, teller.key());
    return kept ? history::told_in(kept->value) : std::nullopt;
}

/// One target, and one way to tell of it.
class Telling
{
public:
    Telling(const History& history, Teller& teller, const probe::Verdict& verdict, int confirm)
        : history_(history),
          teller_(teller),
          verdict_(verdict),
          target_(history::name_of(verdict)),
          outlook_(history::outlook_of(verdict)),
          confirm_(confirm)
    {}

    /// Whether there is something to tell, as far as can be said without keeping others out.
    bool is_due() const { return !due().events.empty(); }

    /// Why it could not be told; none where it was, or somebody else tells it.
    std::optional<std::string> tell();

private:
    history::Notice due() const;
    bool claim();
    void close(bool was_told) const;

    const History& history_;
    Teller& teller_;
    const probe::Verdict& verdict_;
    std::string target_;
    history::Outlook outlook_;
    int confirm_;
    history::Notice notice_;
    history::Streak failing_;
};

history::Notice Telling::due() const
{
    const auto told = told_of(history_, target_, teller_);
    return told ? history::notice_of(*told, outlook_, confirm_) : history::Notice();
}

/// A run that was recorded after this one tells what there is to tell.
bool Telling::claim()
{
    auto transaction = history_.write();
    const auto state = history_.state(target_);
    if (!state || state->last.began != outlook_.moment || is_claimed(history_, target_, teller_))
        return false;
    notice_ = due();
    failing_ = history_.failing(target_);
    if (notice_.events.empty())
        return false;
    history_.notified(
        target_, claim_key(teller_), {fmt::format("{} {}", ::getpid(), own_host_name()), now()}
    );
    transaction.commit();
    return true;
}

/// What another run has counted meanwhile is not older than what this one found.
void Telling::close(bool was_told) const
{
    auto transaction = history_.write();
    if (was_told)
        history_.notified(target_, teller_.key(), {history::text_of(notice_.after), now()});
    history_.forget_notified(target_, claim_key(teller_));
    transaction.commit();
}

std::optional<std::string> Telling::tell()
{
    if (!claim())
        return std::nullopt;
    const auto fault = teller_.tell({verdict_, notice_, failing_});
    close(!fault);
    return fault;
}

std::optional<std::string> why_not_now(steady_clock::time_point deadline)
{
    if (HeldSignals::has_come())
        return "this run is to end";
    if (steady_clock::now() >= deadline)
        return "there is no time left in this run";
    return std::nullopt;
}

} // namespace

std::vector<std::unique_ptr<Teller>> tellers_of(const Options& options)
{
    const auto& alerts = options.alerts;
    std::vector<std::unique_ptr<Teller>> tellers;
    if (!alerts.command.empty())
        tellers.push_back(std::make_unique<CommandTeller>(alerts.command));
    if (!alerts.mail.empty())
        tellers.push_back(std::make_unique<MailTeller>(alerts, options.plan.smtp.ehlo_name));
    if (!alerts.url.empty())
        tellers.push_back(std::make_unique<UrlTeller>(alerts.url));
    return tellers;
}

Notifier::Notifier(std::vector<std::unique_ptr<Teller>> tellers, int confirm)
    : tellers_(std::move(tellers)), confirm_(confirm)
{}

void Notifier::follow(
    const History& history, const std::optional<history::State>& before, const probe::Verdict& verdict
) const
{
    const auto target = history::name_of(verdict);
    const auto outlook = history::outlook_of(verdict);
    for (const auto& teller : tellers_) {
        auto told = told_of(history, target, *teller);
        told = history::followed(told ? *std::move(told) : history::untold(before), outlook);
        history.notified(target, teller->key(), {history::text_of(*told), now()});
    }
}

bool Notifier::tell(const History& history, const std::vector<probe::Verdict>& verdicts) const
{
    const HeldSignals held;
    const auto deadline = steady_clock::now() + telling_limit;
    bool is_all_told = true;
    for (const auto& verdict : verdicts) {
        for (const auto& teller : tellers_) {
            Telling telling(history, *teller, verdict, confirm_);
            if (!verdict.finished || !telling.is_due())
                continue;
            const auto hindrance = why_not_now(deadline);
            const auto fault = hindrance ? hindrance : telling.tell();
            if (!fault)
                continue;
            complain(fmt::format(
                "{}: the alert about {} waits for the next run", *fault, smtp::printable(verdict.target)
            ));
            is_all_told = false;
        }
    }
    return is_all_told;
}

} // namespace command
