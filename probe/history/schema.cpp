#include "probe/history/schema.hpp"

#include <fmt/format.h>

#include <array>

namespace history
{
namespace
{

// Moments are milliseconds since 1970, UTC. A fact is one row for as long as it holds, however many runs saw
// it, so that five minutes between runs cost a row of `run` and nothing else.
constexpr auto version_1 = R"sql(
CREATE TABLE target (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    runs INTEGER NOT NULL -- so many were recorded, and the last one has this number
) STRICT;

CREATE TABLE run (
    target INTEGER NOT NULL REFERENCES target (id),
    number INTEGER NOT NULL,
    began INTEGER NOT NULL,
    elapsed INTEGER NOT NULL, -- milliseconds
    status INTEGER NOT NULL,  -- the exit status: 0 to 3
    factor INTEGER,
    days_left INTEGER,
    PRIMARY KEY (target, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE certificate (
    sha256 TEXT NOT NULL PRIMARY KEY,
    serial TEXT NOT NULL,
    spki_sha256 TEXT NOT NULL,
    key TEXT NOT NULL,
    issuer TEXT NOT NULL,
    not_after INTEGER NOT NULL -- seconds since 1970, UTC
) STRICT, WITHOUT ROWID;

CREATE TABLE fact (
    id INTEGER PRIMARY KEY,
    target INTEGER NOT NULL REFERENCES target (id),
    aspect TEXT NOT NULL,  -- status, factor, mx, policy, certificate, protocol, finding
    host TEXT NOT NULL,    -- empty: of the domain
    address TEXT NOT NULL, -- empty: of the host
    port INTEGER NOT NULL,
    value TEXT NOT NULL, -- of a certificate, its sha256
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    ended INTEGER -- when it was first seen otherwise; NULL: it holds
) STRICT;

CREATE UNIQUE INDEX fact_holds ON fact (target, aspect, host, address, port, value) WHERE ended IS NULL;
CREATE INDEX fact_ended ON fact (ended) WHERE ended IS NOT NULL;
CREATE INDEX fact_began ON fact (target, first_seen);

CREATE TABLE notification (
    target INTEGER NOT NULL REFERENCES target (id),
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    sent INTEGER NOT NULL,
    PRIMARY KEY (target, key)
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::array all_steps{version_1};

/// 0: an empty file, of which nobody has said yet what it is to be.
std::int64_t version_of(const Database& database, std::size_t newest)
{
    const auto application = database.number("PRAGMA application_id");
    const auto version = database.number("PRAGMA user_version");
    if (application == 0 && version == 0 && database.number("SELECT count(*) FROM sqlite_master") == 0)
        return 0;
    if (application != application_id)
        database.refuse("is an SQLite database of another program: name another file");
    if (version < 1 || version > static_cast<std::int64_t>(newest))
        database.refuse(fmt::format(
            "has version {}, and this mxtls knows those up to {}: use a newer one", version, newest
        ));
    return version;
}

} // namespace

std::span<const char* const> steps()
{
    return all_steps;
}

void bring_up(const Database& database, std::span<const char* const> steps)
{
    {
        const Transaction reading(database, Transaction::Kind::read);
        if (version_of(database, steps.size()) == static_cast<std::int64_t>(steps.size()))
            return;
    }
    Transaction writing(database, Transaction::Kind::write);
    for (const auto* step : steps.subspan(static_cast<std::size_t>(version_of(database, steps.size()))))
        database.execute(step);
    database.execute(
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id, steps.size())
    );
    writing.commit();
}

} // namespace history
