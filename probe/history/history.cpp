#include "probe/history/history.hpp"

#include "probe/history/schema.hpp"

#include <algorithm>
#include <utility>

namespace history
{
namespace
{

std::int64_t count_of(Moment moment)
{
    return moment.time_since_epoch().count();
}

Moment moment_of(std::int64_t count)
{
    return Moment(std::chrono::milliseconds(count));
}

std::optional<int> small(std::optional<std::int64_t> number)
{
    return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

// Which row of a statement they read stands beside them.
constexpr std::string_view run_columns = "began, elapsed, status, factor, days_left";

Run run_in(const Statement& row, int column = 0)
{
    const auto status = std::clamp<std::int64_t>(row.number(column + 2), 0, probe::statuses - 1);
    return {
        .began = moment_of(row.number(column)),
        .elapsed = std::chrono::milliseconds(row.number(column + 1)),
        .status = static_cast<probe::Status>(status),
        .factor = small(row.maybe_number(column + 3)),
        .days_left = small(row.maybe_number(column + 4))};
}

constexpr std::string_view select_facts =
    "SELECT aspect, host, address, port, value, first_seen, last_seen, ended,"
    " sha256, serial, spki_sha256, key, issuer, not_after FROM fact"
    " LEFT JOIN certificate ON aspect = 'certificate' AND sha256 = value WHERE target = ?";

std::optional<Certificate> certificate_in(const Statement& row)
{
    constexpr int first = 8;
    if (row.text(first).empty())
        return std::nullopt;
    return Certificate{
        .sha256 = row.text(first),
        .serial = row.text(first + 1),
        .spki_sha256 = row.text(first + 2),
        .key = row.text(first + 3),
        .issuer = row.text(first + 4),
        .not_after = std::chrono::sys_seconds(std::chrono::seconds(row.number(first + 5)))};
}

/// None for an aspect that nobody knows.
std::optional<Seen> seen_in(const Statement& row)
{
    const auto aspect = aspect_named(row.text(0));
    if (!aspect)
        return std::nullopt;
    const auto ended = row.maybe_number(7);
    const Place place{row.text(1), row.text(2), static_cast<std::uint16_t>(row.number(3))};
    return Seen{
        .fact = {*aspect, place, row.text(4)},
        .certificate = certificate_in(row),
        .first_seen = moment_of(row.number(5)),
        .last_seen = moment_of(row.number(6)),
        .ended = ended ? std::optional(moment_of(*ended)) : std::nullopt};
}

std::vector<Seen> all_of(Statement& rows)
{
    std::vector<Seen> all;
    while (rows.step()) {
        if (auto seen = seen_in(rows))
            all.push_back(std::move(*seen));
    }
    return all;
}

template <class Number>
std::optional<Number> lesser(std::optional<Number> one, std::optional<Number> other)
{
    return one && other ? std::min(one, other) : one ? one : other;
}

/// The worst of both, as of the first.
void merge(Run& into, const Run& run)
{
    into.elapsed = std::max(into.elapsed, run.elapsed);
    into.status = probe::worse(into.status, run.status);
    into.factor = lesser(into.factor, run.factor);
    into.days_left = lesser(into.days_left, run.days_left);
}

bool is_gone(const Fact& finding, const Sighting& sighting)
{
    const auto& place = finding.place;
    if (std::ranges::find(sighting.facts, finding) != sighting.facts.end())
        return false;
    if (std::ranges::find(sighting.looked_at, place) != sighting.looked_at.end())
        return true;
    const auto& hosts = sighting.hosts;
    return hosts && !place.host.empty() && std::ranges::find(*hosts, place.host) == hosts->end();
}

} // namespace

History::History(const std::string& path, Access access, std::chrono::milliseconds patience)
    : database_(path, access, patience)
{
    if (access == Access::read && database_.number("PRAGMA application_id") == 0 &&
        database_.number("SELECT count(*) FROM sqlite_master") == 0)
        database_.refuse("is empty: no check has recorded a run in it");
    bring_up(database_, steps());
}

Transaction History::write() const
{
    bring_up(database_, steps()); // a newer mxtls may have been here since
    return {database_, Transaction::Kind::write};
}

Transaction History::read() const
{
    return {database_, Transaction::Kind::read};
}

std::optional<std::int64_t> History::find(const std::string& target) const
{
    auto row = database_.prepare("SELECT id FROM target WHERE name = ?");
    return row.with(target).step() ? std::optional(row.number(0)) : std::nullopt;
}

std::int64_t History::number_next_run(const std::string& target) const
{
    auto row = database_.prepare("INSERT INTO target (name, runs) VALUES (?, 1)"
                                 " ON CONFLICT (name) DO UPDATE SET runs = runs + 1 RETURNING id");
    row.with(target).step();
    const auto id = row.number(0);
    row.step();
    return id;
}

void History::record(const Sighting& sighting) const
{
    const auto& run = sighting.run;
    const auto target = number_next_run(sighting.target);
    database_
        .prepare("INSERT INTO run (target, number, began, elapsed, status, factor, days_left)"
                 " SELECT id, runs, ?2, ?3, ?4, ?5, ?6 FROM target WHERE id = ?1")
        .with(
            target, count_of(run.began), run.elapsed.count(), static_cast<int>(run.status), run.factor,
            run.days_left
        )
        .run();
    auto certificate = database_.prepare("INSERT INTO certificate (sha256, serial, spki_sha256, key, issuer,"
                                         " not_after) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
    for (const auto& [sha256, serial, spki_sha256, key, issuer, not_after] : sighting.certificates)
        certificate.with(sha256, serial, spki_sha256, key, issuer, not_after.time_since_epoch().count())
            .run();
    for (const auto& fact : sighting.facts)
        hold(target, fact, run.began);
    end_findings(target, sighting);
}

/// Where there can be only one value, this one ends the others.
void History::hold(std::int64_t target, const Fact& fact, Moment now) const
{
    const auto aspect = name(fact.aspect);
    const auto& [host, address, port] = fact.place;
    if (fact.aspect != Aspect::finding)
        database_
            .prepare("UPDATE fact SET ended = max(last_seen, ?7) WHERE target = ?1 AND aspect = ?2 AND"
                     " host = ?3 AND address = ?4 AND port = ?5 AND value <> ?6 AND ended IS NULL")
            .with(target, aspect, host, address, port, fact.value, count_of(now))
            .run();
    database_
        .prepare("INSERT INTO fact (target, aspect, host, address, port, value, first_seen, last_seen)"
                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)"
                 " ON CONFLICT (target, aspect, host, address, port, value) WHERE ended IS NULL"
                 " DO UPDATE SET last_seen = max(last_seen, excluded.last_seen)")
        .with(target, aspect, host, address, port, fact.value, count_of(now))
        .run();
}

void History::end_findings(std::int64_t target, const Sighting& sighting) const
{
    auto open = database_.prepare("SELECT id, host, value FROM fact"
                                  " WHERE target = ? AND aspect = 'finding' AND ended IS NULL");
    std::vector<std::int64_t> gone;
    open.with(target);
    while (open.step()) {
        if (is_gone({Aspect::finding, {.host = open.text(1)}, open.text(2)}, sighting))
            gone.push_back(open.number(0));
    }
    auto end = database_.prepare("UPDATE fact SET ended = max(last_seen, ?) WHERE id = ?");
    for (const auto id : gone)
        end.with(count_of(sighting.run.began), id).run();
}

void History::prune(Moment before) const
{
    prune_runs(before);
    const auto changes = [&] { return database_.number("SELECT total_changes()"); };
    const auto already = changes();
    database_.prepare("DELETE FROM fact WHERE ended < ?").with(count_of(before)).run();
    // Addresses that a host had once: what was seen later of any other is what is known last.
    database_
        .prepare("DELETE FROM fact WHERE ended IS NULL AND last_seen < ? AND last_seen <"
                 " (SELECT max(last_seen) FROM fact AS other"
                 " WHERE other.target = fact.target AND other.aspect = fact.aspect AND other.ended IS NULL)")
        .with(count_of(before))
        .run();
    if (changes() > already)
        database_.execute("DELETE FROM certificate WHERE sha256 NOT IN"
                          " (SELECT value FROM fact WHERE aspect = 'certificate')");
}

/// Runs are in the order of time, so that nothing is looked at but what goes, and one that stays.
void History::prune_runs(Moment before) const
{
    auto old = database_.prepare("SELECT id, runs FROM target WHERE ? >"
                                 " (SELECT began FROM run WHERE target = id ORDER BY number LIMIT 1)");
    std::vector<std::pair<std::int64_t, std::int64_t>> targets;
    old.with(count_of(before));
    while (old.step())
        targets.emplace_back(old.number(0), old.number(1));
    auto first_to_stay = database_.prepare(
        "SELECT number FROM run WHERE target = ? AND (began >= ? OR number = ?) ORDER BY number LIMIT 1"
    );
    auto remove = database_.prepare("DELETE FROM run WHERE target = ? AND number < ?");
    for (const auto& [target, last] : targets) {
        if (first_to_stay.with(target, count_of(before), last).step())
            remove.with(target, first_to_stay.number(0)).run();
    }
}

void History::notified(const std::string& target, const std::string& key, const Notification& told) const
{
    database_
        .prepare("INSERT INTO notification (target, key, value, sent)"
                 " SELECT id, ?2, ?3, ?4 FROM target WHERE name = ?1"
                 " ON CONFLICT DO UPDATE SET value = excluded.value, sent = excluded.sent")
        .with(target, key, told.value, count_of(told.sent))
        .run();
}

void History::forget_notified(const std::string& target, const std::string& key) const
{
    database_
        .prepare("DELETE FROM notification WHERE key = ?2 AND"
                 " target = (SELECT id FROM target WHERE name = ?1)")
        .with(target, key)
        .run();
}

std::optional<Notification> History::notification(const std::string& target, const std::string& key) const
{
    auto row = database_.prepare("SELECT value, sent FROM notification, target"
                                 " WHERE target = id AND name = ? AND key = ?");
    if (!row.with(target, key).step())
        return std::nullopt;
    return Notification{row.text(0), moment_of(row.number(1))};
}

std::optional<State> History::state(const std::string& target) const
{
    const auto runs = latest(target, 1);
    if (runs.empty())
        return std::nullopt;
    auto rows = database_.prepare(
        std::string(select_facts) + " AND ended IS NULL ORDER BY aspect, host, address, port, value"
    );
    return State{runs.front(), all_of(rows.with(find(target)))};
}

std::vector<Run> History::latest(const std::string& target, std::size_t most) const
{
    auto row = database_.prepare(
        "SELECT " + std::string(run_columns) +
        " FROM run WHERE target = (SELECT id FROM target WHERE name = ?) ORDER BY number DESC LIMIT ?"
    );
    std::vector<Run> runs;
    row.with(target, most);
    while (row.step())
        runs.push_back(run_in(row));
    return runs;
}

Streak History::failing(const std::string& target) const
{
    auto row = database_.prepare(
        "SELECT count(*), min(began) FROM run WHERE target = ?1 AND status IN (1, 2) AND number > ifnull("
        "(SELECT number FROM run WHERE target = ?1 AND status = 0 ORDER BY number DESC LIMIT 1), 0)"
    );
    row.with(find(target)).step();
    const auto since = row.maybe_number(1);
    return {row.number(0), since ? std::optional(moment_of(*since)) : std::nullopt};
}

std::vector<std::string> History::targets() const
{
    auto row = database_.prepare("SELECT name FROM target ORDER BY name");
    std::vector<std::string> names;
    while (row.step())
        names.push_back(row.text(0));
    return names;
}

std::optional<Timeline>
History::timeline(const std::string& target, std::optional<Moment> since, std::size_t most) const
{
    const auto id = find(target);
    auto all = database_.prepare(
        "SELECT count(*), " + std::string(run_columns) + ", min(number) FROM run WHERE target = ?"
    );
    if (!id || !all.with(id).step() || all.number(0) == 0)
        return std::nullopt;
    const auto from = since.value_or(Moment::min());
    auto rows = database_.prepare(
        std::string(select_facts) + " AND (first_seen >= ?2 OR ended >= ?2)"
                                    " ORDER BY first_seen, id"
    );
    return Timeline{
        .target = target,
        .runs = all.number(0),
        .first = run_in(all, 1),
        .last = latest(target, 1).front(),
        .changes = all_of(rows.with(id, count_of(from))),
        .points = most > 0 ? points(*id, from, most) : std::vector<Run>()};
}

std::vector<Run> History::points(std::int64_t target, Moment since, std::size_t most) const
{
    auto count = database_.prepare("SELECT count(*) FROM run WHERE target = ? AND began >= ?");
    count.with(target, count_of(since)).step();
    const auto all = static_cast<std::size_t>(count.number(0));
    const auto each = all / most + (all % most > 0 ? 1 : 0); // runs a point
    auto row = database_.prepare(
        "SELECT " + std::string(run_columns) + " FROM run WHERE target = ? AND began >= ? ORDER BY number"
    );
    std::vector<Run> points;
    row.with(target, count_of(since));
    for (std::size_t run = 0; row.step(); ++run) {
        if (run % each == 0)
            points.push_back(run_in(row));
        else
            merge(points.back(), run_in(row));
    }
    return points;
}

} // namespace history
