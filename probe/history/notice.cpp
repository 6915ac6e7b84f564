#include "probe/history/notice.hpp"

#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace history
{
namespace
{

using probe::Status;

constexpr std::array<std::string_view, 5> event_names{"worse", "recovery", "key", "certificate", "expiry"};

template <class Range, class Value>
bool has(const Range& range, const Value& value)
{
    return std::ranges::find(range, value) != std::ranges::end(range);
}

/// It was told to come again, or to stay away: what it is like otherwise was not seen.
bool turns_away(probe::Code code) noexcept
{
    return code == probe::Code::greeting_deferred || code == probe::Code::greeting_refused ||
           code == probe::Code::ehlo_deferred;
}

class Causes
{
public:
    explicit Causes(const probe::Verdict& verdict);

    Status worst = Status::unknown; // of what says something
    bool whole = true;
    std::vector<std::string> names;

private:
    void add(const std::string& host, const std::vector<probe::Finding>& findings);
};

Causes::Causes(const probe::Verdict& verdict)
{
    add("", verdict.findings);
    for (const auto& host : verdict.hosts) {
        const auto place = smtp::printable(host.name);
        add(place, host.findings);
        for (const auto& endpoint : host.endpoints)
            add(place, endpoint.findings);
    }
}

void Causes::add(const std::string& host, const std::vector<probe::Finding>& findings)
{
    for (const auto& [code, severity, message, text] : findings) {
        if (severity == probe::Severity::notice)
            continue;
        if (turns_away(code)) {
            whole = false;
            continue;
        }
        const bool is_critical = severity == probe::Severity::critical || worst == Status::critical;
        worst = is_critical ? Status::critical : Status::warning;
        const auto cause = fmt::format("{} {}", name(code), host);
        // How near the end is has alerts of its own.
        if (code != probe::Code::certificate_expires_soon && !has(names, cause) && names.size() < most_causes)
            names.push_back(cause);
    }
}

bool is_new(const Told& told, const std::string& cause)
{
    return !has(told.causes, cause);
}

bool is_worse(const Told& told, const Outlook& outlook)
{
    if (outlook.status == Status::unknown || outlook.status == Status::ok)
        return false;
    return outlook.status > told.status ||
           std::ranges::any_of(outlook.causes, [&](const auto& cause) { return is_new(told, cause); });
}

Told::Known known(const Certificate& certificate, int days = 0)
{
    return {certificate.sha256, certificate.spki_sha256, days};
}

/// Days of expiry_days that are left at most; 0: there are more, or it is over.
int days_reached(const Certificate& certificate, Moment moment)
{
    const auto left = certificate.not_after - moment;
    if (left <= left.zero())
        return 0;
    int reached = 0;
    for (const auto days : expiry_days) {
        if (left <= std::chrono::days(days))
            reached = days;
    }
    return reached;
}

void add_event(Notice& notice, Event event)
{
    if (!has(notice.events, event))
        notice.events.push_back(event);
}

void notice_status(Notice& notice, const Told& told, const Outlook& outlook, int confirm)
{
    auto& after = notice.after;
    if (outlook.status == Status::ok && told.status != Status::ok) {
        add_event(notice, Event::recovery);
        after.status = Status::ok;
        after.causes.clear();
    }
    if (!is_worse(told, outlook) || told.worse_runs < confirm)
        return;
    add_event(notice, Event::worse);
    after.status = std::max(told.status, outlook.status);
    after.worse_runs = 0;
    for (const auto& cause : outlook.causes) {
        if (is_new(told, cause) && after.causes.size() < most_causes)
            after.causes.push_back(cause);
    }
}

void notice_certificate(Notice& notice, const Told& told, const Certificate& seen, Moment moment)
{
    const auto before = std::ranges::find(told.certificates, seen.sha256, &Told::Known::sha256);
    const bool is_known = before != told.certificates.end();
    const bool has_known_key =
        std::ranges::find(told.certificates, seen.spki_sha256, &Told::Known::spki_sha256) !=
        told.certificates.end();
    if (!is_known) {
        notice.fresh.push_back(seen);
        add_event(notice, has_known_key ? Event::certificate : Event::key);
    }
    const auto days = days_reached(seen, moment);
    const auto told_days = is_known ? before->days : 0;
    const bool is_nearer = days != 0 && (told_days == 0 || days < told_days);
    if (is_nearer) {
        notice.ending.push_back({seen, days});
        add_event(notice, Event::expiry);
    }
    auto& remembered = notice.after.certificates;
    std::erase_if(remembered, [&](const auto& one) { return one.sha256 == seen.sha256; });
    remembered.push_back(known(seen, is_nearer ? days : told_days));
    if (remembered.size() > most_known)
        remembered.erase(remembered.begin());
}

std::string_view take(std::string_view& text, char end)
{
    const auto part = text.substr(0, text.find(end));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
}

std::optional<int> number_in(std::string_view text)
{
    int number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_whole = fault == std::errc() && end == text.data() + text.size() && number >= 0;
    return is_whole ? std::optional(number) : std::nullopt;
}

bool read_line(Told& told, std::string_view line)
{
    const auto word = take(line, ' ');
    if (word == "cause") {
        told.causes.emplace_back(line);
        return true;
    }
    if (word == "certificate") {
        const auto sha256 = take(line, ' ');
        const auto spki_sha256 = take(line, ' ');
        const auto days = number_in(line);
        told.certificates.push_back({std::string(sha256), std::string(spki_sha256), days.value_or(0)});
        return days.has_value();
    }
    const auto number = number_in(line);
    if (word == "worse-runs")
        told.worse_runs = number.value_or(0);
    else if (word == "status" && number && *number <= static_cast<int>(Status::critical))
        told.status = static_cast<Status>(*number);
    else
        return false;
    return number.has_value();
}

} // namespace

std::string_view name(Event event) noexcept
{
    return event_names[static_cast<std::size_t>(event)];
}

Outlook outlook_of(const probe::Verdict& verdict)
{
    auto sighting = sighting_of(verdict);
    Causes causes(verdict);
    auto status = verdict.status;
    if (!causes.whole && status != Status::unknown)
        status = causes.worst;
    return {
        .moment = sighting.run.began,
        .status = status,
        .whole = causes.whole,
        .causes = std::move(causes.names),
        .certificates = std::move(sighting.certificates)};
}

std::string text_of(const Told& told)
{
    auto text = fmt::format("status {}\nworse-runs {}\n", static_cast<int>(told.status), told.worse_runs);
    for (const auto& cause : told.causes)
        text += fmt::format("cause {}\n", cause);
    for (const auto& [sha256, spki_sha256, days] : told.certificates)
        text += fmt::format("certificate {} {} {}\n", sha256, spki_sha256, days);
    return text;
}

std::optional<Told> told_in(std::string_view text)
{
    Told told;
    if (text.empty() || text.back() != '\n')
        return std::nullopt;
    while (!text.empty()) {
        if (!read_line(told, take(text, '\n')))
            return std::nullopt;
    }
    return told;
}

Told untold(const std::optional<State>& before)
{
    Told told;
    if (!before)
        return told;
    for (const auto& seen : before->seen) {
        if (seen.certificate && !has(told.certificates, known(*seen.certificate)) &&
            told.certificates.size() < most_known)
            told.certificates.push_back(known(*seen.certificate));
    }
    return told;
}

Told followed(Told told, const Outlook& outlook)
{
    if (told.certificates.empty()) {
        for (const auto& certificate : outlook.certificates) {
            if (told.certificates.size() < most_known)
                told.certificates.push_back(known(certificate));
        }
    }
    if (outlook.status == Status::unknown)
        return told;
    if (outlook.whole && outlook.status != Status::ok && outlook.status < told.status) {
        told.status = outlook.status;
        std::erase_if(told.causes, [&](const auto& cause) { return !has(outlook.causes, cause); });
    }
    told.worse_runs = is_worse(told, outlook) ? told.worse_runs + 1 : 0;
    return told;
}

Notice notice_of(const Told& told, const Outlook& outlook, int confirm)
{
    Notice notice{.previous = told.status, .worse_runs = told.worse_runs, .after = told};
    notice_status(notice, told, outlook, confirm);
    for (const auto& certificate : outlook.certificates)
        notice_certificate(notice, told, certificate, outlook.moment);
    std::ranges::sort(notice.events);
    return notice;
}

} // namespace history
