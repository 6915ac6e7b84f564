#include "probe/history/notice.hpp"

#include "probe/confidence.hpp"
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

constexpr std::array<std::string_view, 6> event_names{"worse", "unknown",     "recovery",
                                                      "key",   "certificate", "expiry"};

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
    bool lies_with_us = false;
    std::vector<std::string> away;
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
        if (probe::lies_with_us(code)) {
            lies_with_us = true;
            continue;
        }
        if (turns_away(code)) {
            if (!has(away, host))
                away.push_back(host);
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

Status status_of(const probe::Verdict& verdict, const Causes& causes)
{
    if (verdict.route == probe::Route::no_domain)
        return Status::critical;
    if (verdict.status == Status::unknown)
        return Status::unknown;
    if (!causes.away.empty())
        return causes.worst;
    const bool has_other_cause = causes.worst != Status::unknown || verdict.confidence.factor < 100;
    return causes.lies_with_us && !has_other_cause ? Status::ok : verdict.status;
}

std::chrono::seconds life_of(const std::string& sha256, const probe::Verdict& verdict)
{
    for (const auto& host : verdict.hosts) {
        for (const auto& endpoint : host.endpoints) {
            const auto& chain = endpoint.chain;
            if (!chain || chain->certificates.empty())
                continue;
            const auto& facts = chain->certificates.front().facts;
            if (facts.sha256 == sha256)
                return facts.not_after - facts.not_before;
        }
    }
    return {};
}

bool is_new(const Told& told, const std::string& cause)
{
    return std::ranges::find(told.causes, cause, &Told::Cause::name) == told.causes.end();
}

std::string_view host_in(std::string_view cause)
{
    return cause.substr(cause.find(' ') + 1);
}

/// The status as far as it can be held against what was told; UNKNOWN where what was told of may be so still.
Status comparable(const Told& told, const Outlook& outlook)
{
    if (outlook.away.empty())
        return outlook.status;
    const auto hides = [&](const Told::Cause& cause) { return has(outlook.away, host_in(cause.name)); };
    if (!outlook.judged || told.causes.empty() || std::ranges::any_of(told.causes, hides))
        return Status::unknown;
    return outlook.status == Status::unknown ? Status::ok : outlook.status;
}

bool is_better(const Told& told, const Outlook& outlook)
{
    return comparable(told, outlook) < told.status;
}

bool is_worse(const Told& told, const Outlook& outlook)
{
    if (outlook.status == Status::unknown || outlook.status == Status::ok || is_better(told, outlook))
        return false;
    return outlook.status > told.status ||
           std::ranges::any_of(outlook.causes, [&](const auto& cause) { return is_new(told, cause); });
}

void follow_causes(Told& told, const Outlook& outlook)
{
    for (auto& [name, missed] : told.causes) {
        if (has(outlook.causes, name))
            missed = 0;
        else if (!has(outlook.away, host_in(name)))
            ++missed;
    }
    std::erase_if(told.causes, [](const auto& cause) { return cause.missed >= runs_to_forget; });
}

/// A clock that was ahead once is not waited for.
void follow_unknown(Told& told, const Outlook& outlook)
{
    if (outlook.status != Status::unknown || outlook.judged) {
        if (told.unknown && told.unknown->is_told)
            told.unknown->runs = 0;
        else
            told.unknown.reset();
        return;
    }
    if (!told.unknown)
        told.unknown = Told::Unknown{.since = outlook.moment};
    ++told.unknown->runs;
    told.unknown->since = std::min(told.unknown->since, outlook.moment);
}

Told::Known known(const Certificate& certificate, int days = 0)
{
    return {certificate.sha256, certificate.spki_sha256, days};
}

/// Days of expiry_days that are left at most; 0: there are more, or it is over.
int days_reached(const Presented& seen, Moment moment)
{
    const auto left = seen.certificate.not_after - moment;
    if (left <= left.zero())
        return 0;
    const auto life =
        std::chrono::ceil<std::chrono::days>(seen.life); // of 90 days, one makes 90 less a second
    int reached = 0;
    for (const auto days : expiry_days) {
        const bool is_usual = life > life.zero() && 3 * std::chrono::days(days) > life;
        if (left <= std::chrono::days(days) && !is_usual)
            reached = days;
    }
    return reached;
}

void add_event(Notice& notice, Event event)
{
    if (!has(notice.events, event))
        notice.events.push_back(event);
}

void add_causes(Told& told, const Outlook& outlook)
{
    for (const auto& cause : outlook.causes) {
        if (is_new(told, cause) && told.causes.size() < most_causes)
            told.causes.push_back({cause});
    }
}

void notice_status(Notice& notice, const Told& told, const Outlook& outlook, int confirm)
{
    auto& after = notice.after;
    const bool is_seen_again = told.unknown && told.unknown->is_told && told.unknown->runs == 0;
    const bool is_down = is_worse(told, outlook);
    if (is_better(told, outlook) || (is_seen_again && !is_down)) {
        add_event(notice, Event::recovery);
        after.status = std::min(comparable(told, outlook), told.status);
        std::erase_if(after.causes, [&](const auto& cause) {
            return !has(outlook.causes, cause.name) && !has(outlook.away, host_in(cause.name));
        });
        add_causes(after, outlook);
        after.unknown.reset();
    }
    if (!is_down || told.worse_runs < confirm)
        return;
    add_event(notice, Event::worse);
    after.status = std::max(told.status, outlook.status);
    after.worse_runs = 0;
    after.unknown.reset();
    add_causes(after, outlook);
}

void notice_unknown(Notice& notice, const Told& told, const Outlook& outlook, int confirm)
{
    const auto& unknown = told.unknown;
    if (!unknown || unknown->is_told || unknown->runs < confirm ||
        outlook.moment - unknown->since < unknown_limit)
        return;
    add_event(notice, Event::unknown);
    notice.unknown_since = unknown->since;
    notice.after.unknown->is_told = true;
}

void notice_certificate(Notice& notice, const Told& told, const Presented& presented, Moment moment)
{
    const auto& seen = presented.certificate;
    const auto before = std::ranges::find(told.certificates, seen.sha256, &Told::Known::sha256);
    const bool is_known = before != told.certificates.end();
    const bool has_known_key =
        std::ranges::find(told.certificates, seen.spki_sha256, &Told::Known::spki_sha256) !=
        told.certificates.end();
    if (!is_known) {
        notice.fresh.push_back(seen);
        add_event(notice, has_known_key ? Event::certificate : Event::key);
    }
    const auto days = days_reached(presented, moment);
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

template <class Number = int>
std::optional<Number> number_in(std::string_view text)
{
    Number number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_whole = fault == std::errc() && end == text.data() + text.size() && number >= 0;
    return is_whole ? std::optional(number) : std::nullopt;
}

bool read_cause(Told& told, std::string_view line)
{
    const auto missed = number_in(take(line, ' '));
    told.causes.push_back({std::string(line), missed.value_or(0)});
    return missed.has_value();
}

bool read_certificate(Told& told, std::string_view line)
{
    const auto sha256 = take(line, ' ');
    const auto spki_sha256 = take(line, ' ');
    const auto days = number_in(line);
    told.certificates.push_back({std::string(sha256), std::string(spki_sha256), days.value_or(0)});
    return days.has_value();
}

bool read_unknown(Told& told, std::string_view line)
{
    const auto runs = number_in(take(line, ' '));
    const auto since = number_in<std::int64_t>(take(line, ' '));
    const auto is_told = number_in(line);
    if (!runs || !since || !is_told)
        return false;
    told.unknown = Told::Unknown{*runs, Moment(std::chrono::milliseconds(*since)), *is_told != 0};
    return true;
}

bool read_line(Told& told, std::string_view line)
{
    const auto word = take(line, ' ');
    if (word == "cause")
        return read_cause(told, line);
    if (word == "certificate")
        return read_certificate(told, line);
    if (word == "unknown")
        return read_unknown(told, line);
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
    Outlook outlook{
        .moment = sighting.run.began,
        .status = status_of(verdict, causes),
        .judged = probe::any_judged(verdict.hosts),
        .away = std::move(causes.away),
        .causes = std::move(causes.names)};
    for (const auto& host : verdict.hosts_left_out)
        outlook.away.push_back(smtp::printable(host));
    for (auto& certificate : sighting.certificates) {
        const auto life = life_of(certificate.sha256, verdict);
        outlook.certificates.push_back({std::move(certificate), life});
    }
    return outlook;
}

std::string text_of(const Told& told)
{
    auto text = fmt::format("status {}\nworse-runs {}\n", static_cast<int>(told.status), told.worse_runs);
    if (const auto& unknown = told.unknown)
        text += fmt::format(
            "unknown {} {} {}\n", unknown->runs, unknown->since.time_since_epoch().count(),
            static_cast<int>(unknown->is_told)
        );
    for (const auto& [name, missed] : told.causes)
        text += fmt::format("cause {} {}\n", missed, name);
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
        for (const auto& [certificate, life] : outlook.certificates) {
            if (told.certificates.size() < most_known)
                told.certificates.push_back(known(certificate));
        }
    }
    follow_unknown(told, outlook);
    if (outlook.status == Status::unknown)
        return told;
    follow_causes(told, outlook);
    if (is_worse(told, outlook))
        ++told.worse_runs;
    else if (outlook.away.empty())
        told.worse_runs = 0;
    return told;
}

Notice notice_of(const Told& told, const Outlook& outlook, int confirm)
{
    const bool was_unknown = told.unknown && told.unknown->is_told;
    Notice notice{
        .previous = was_unknown ? Status::unknown : told.status,
        .worse_runs = told.worse_runs,
        .after = told};
    notice_status(notice, told, outlook, confirm);
    notice_unknown(notice, told, outlook, confirm);
    for (const auto& certificate : outlook.certificates)
        notice_certificate(notice, told, certificate, outlook.moment);
    std::ranges::sort(notice.events);
    return notice;
}

} // namespace history
