// Runs made by hand, and a file for their history that is gone afterwards.
#pragma once

#include "probe/history/history.hpp"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

namespace sightings
{

using namespace std::chrono_literals;
using Access = history::History::Access;
using history::Aspect;
using history::Fact;
using history::History;
using history::Moment;
using history::Place;
using history::Sighting;
using probe::Status;

inline constexpr Moment noon = std::chrono::sys_days{std::chrono::November / 20 / 2026} + 12h;
inline const Place mx1{"mx1.example.com", "192.0.2.1", 25};
inline const Place of_mx1{"mx1.example.com"};

class Folder
{
public:
    Folder()
    {
        // In memory where there is such a place: hundreds of recordings would wait for a disk that is busy.
        const std::string memory = "/dev/shm/";
        auto name =
            (::access(memory.c_str(), W_OK) == 0 ? memory : testing::TempDir()) + "mxtls-history.XXXXXX";
        path_ = ::mkdtemp(name.data());
        ::chmod(path_.c_str(), 0755);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;

    std::string file(const std::string& name = "history") const { return path_ + "/" + name; }

private:
    std::string path_;
};

inline Sighting sighting(Moment began, Status status, int factor, std::vector<Fact> facts = {})
{
    Sighting seen{.target = "example.com", .run = {began, 40ms, status, factor, 61}};
    seen.facts = std::move(facts);
    seen.facts.push_back({Aspect::status, {}, std::string(name(status))});
    seen.facts.push_back({Aspect::factor, {}, std::to_string(factor)});
    seen.looked_at = {{}, of_mx1};
    seen.hosts = {"mx1.example.com"};
    return seen;
}

inline history::Certificate certificate(const std::string& sha256)
{
    return {sha256, "03a1f2", "5b1e" + sha256, "EC P-256", "/CN=Example CA", std::chrono::sys_days{} + 24h};
}

inline Sighting well(Moment began)
{
    return sighting(began, Status::ok, 100);
}

inline void record(const History& history, const Sighting& sighting)
{
    auto transaction = history.write();
    history.record(sighting);
    transaction.commit();
}

/// What SQLite itself finds wrong with a file: "ok".
inline std::string integrity(const std::string& file)
{
    sqlite3* database = nullptr;
    std::string found;
    const auto add = [](void* into, int, char** columns, char**) {
        *static_cast<std::string*>(into) += columns[0];
        return 0;
    };
    sqlite3_open(file.c_str(), &database);
    if (sqlite3_exec(database, "PRAGMA integrity_check", add, &found, nullptr) != SQLITE_OK)
        found += sqlite3_errmsg(database);
    sqlite3_close(database);
    return found;
}

/// As another program would.
inline void execute(const std::string& file, const char* sql)
{
    sqlite3* database = nullptr;
    sqlite3_open(file.c_str(), &database);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
}

inline std::int64_t runs_in(const std::string& file, const std::string& target = "example.com")
{
    const History history(file, Access::record);
    const auto timeline = history.timeline(target, std::nullopt, 0);
    return timeline ? timeline->runs : 0;
}

/// The end of a child: 0 where `action` returns, 1 where it throws.
template <class Action>
[[noreturn]] void leave(Action action)
{
    try {
        action();
    } catch (const std::exception& fault) {
        ::_exit(1);
    }
    ::_exit(0);
}

/// Why it is refused; empty where it is not.
template <class Action>
std::string refusal(Action action)
{
    try {
        action();
    } catch (const history::Unusable& fault) {
        return fault.what();
    }
    return "";
}

} // namespace sightings
