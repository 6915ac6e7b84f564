#include "probe/history/sqlite.hpp"

#include "smtp/printable.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace history
{
namespace
{

int flags_of(int access)
{
    return access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
}

} // namespace

Statement::Statement(const Database& database, std::string_view sql) : database_(&database)
{
    sqlite3_stmt* handle = nullptr;
    const int size = static_cast<int>(sql.size());
    check(sqlite3_prepare_v2(database.handle_.get(), sql.data(), size, &handle, nullptr));
    handle_.reset(handle);
}

void Statement::Finalize::operator()(sqlite3_stmt* handle) const noexcept
{
    sqlite3_finalize(handle);
}

void Statement::check(int result) const
{
    if (result != SQLITE_OK)
        database_->fail(result);
}

void Statement::reset()
{
    sqlite3_reset(handle_.get()); // which tells of the last step's fault again
}

void Statement::bind(int place, std::int64_t number)
{
    check(sqlite3_bind_int64(handle_.get(), place, number));
}

void Statement::bind(int place, std::string_view text)
{
    const int size = static_cast<int>(text.size());
    check(sqlite3_bind_text(handle_.get(), place, text.empty() ? "" : text.data(), size, SQLITE_TRANSIENT));
}

void Statement::bind_null(int place)
{
    check(sqlite3_bind_null(handle_.get(), place));
}

bool Statement::step()
{
    const int result = sqlite3_step(handle_.get());
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        database_->fail(result);
    return result == SQLITE_ROW;
}

void Statement::run()
{
    while (step())
        ;
    reset();
}

std::int64_t Statement::number(int column) const
{
    return sqlite3_column_int64(handle_.get(), column);
}

std::optional<std::int64_t> Statement::maybe_number(int column) const
{
    if (sqlite3_column_type(handle_.get(), column) == SQLITE_NULL)
        return std::nullopt;
    return number(column);
}

std::string Statement::text(int column) const
{
    const auto* octets = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    return octets ? std::string(octets, size) : std::string();
}

void Database::Close::operator()(sqlite3* handle) const noexcept
{
    sqlite3_close_v2(handle);
}

Database::Database(const std::string& path, Access access, std::chrono::milliseconds patience)
    : path_(path), patience_(patience)
{
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0)
        make_file(access);
    else if (!S_ISREG(status.st_mode)) // SQLite takes anything
        refuse("is no regular file: name another");
    else if (status.st_size == 1) // which it takes for an empty one, for the sake of some other system
        refuse(reason(SQLITE_NOTADB));
    sqlite3* handle = nullptr;
    // An absolute path, since "file:" and ":memory:" mean something else to SQLite. Whoever only reads may
    // have to undo what a killed process left half done.
    const auto absolute = std::filesystem::absolute(path).string();
    const int result = sqlite3_open_v2(absolute.c_str(), &handle, flags_of(SQLITE_OPEN_READWRITE), nullptr);
    handle_.reset(handle);
    if (result != SQLITE_OK)
        fail(result);
    settle();
    if (access == Access::record && sqlite3_db_readonly(handle, "main") == 1)
        fail(SQLITE_READONLY);
}

/// SQLite would make it with a mode of its own.
void Database::make_file(Access access) const
{
    const int mode = access == Access::record ? O_RDWR | O_CREAT | O_NOCTTY : O_RDONLY | O_NOCTTY;
    const int made = ::open(path_.c_str(), mode | O_CLOEXEC, 0666);
    if (made < 0)
        refuse(fmt::format("cannot be opened: {}", std::strerror(errno)));
    ::close(made);
}

void Database::settle()
{
    sqlite3_busy_timeout(handle_.get(), static_cast<int>(patience_.count()));
    sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    // EXTRA: in this journal mode a commit is one only when the journal's name is gone from the disk too.
    execute("PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON");
}

void Database::execute(const std::string& sql) const
{
    const int result = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK)
        fail(result);
}

std::int64_t Database::number(std::string_view sql) const
{
    auto statement = prepare(sql);
    return statement.step() ? statement.number(0) : 0;
}

void Database::refuse(std::string_view why) const
{
    throw Unusable(fmt::format("the history '{}' {}", smtp::printable(path_), why));
}

std::string Database::reason(int result) const
{
    const int error = handle_ ? sqlite3_system_errno(handle_.get()) : 0;
    if (result == SQLITE_READONLY_DBMOVED)
        return "was moved away while it was in use: nothing more is written to it";
    switch (result & 0xff) {
    case SQLITE_NOTADB:
        return "is no history, nor any other SQLite database: name another file";
    case SQLITE_CORRUPT:
        return "is damaged: move it away, and see what sqlite3's .recover saves of it";
    case SQLITE_BUSY:
        return fmt::format(
            "was kept busy by another process for {} seconds",
            std::chrono::duration<double>(patience_).count()
        );
    case SQLITE_READONLY:
        return "cannot be written to: it is read-only";
    case SQLITE_FULL:
        return fmt::format("cannot be written to: {}", std::strerror(ENOSPC));
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        if (error != 0)
            return fmt::format("cannot be written to: {}", std::strerror(error));
        break;
    default:
        break;
    }
    const auto* words = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(result);
    return fmt::format("cannot be used: {}", smtp::printable(words));
}

void Database::fail(int result) const
{
    refuse(reason(result));
}

Transaction::Transaction(const Database& database, Kind kind) : database_(database)
{
    database.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction()
{
    if (!open_)
        return;
    try {
        database_.execute("ROLLBACK");
    } catch (const Unusable&) {
        // SQLite has rolled back by itself where a statement failed for the disk's sake.
    }
}

void Transaction::commit()
{
    database_.execute("COMMIT");
    open_ = false;
}

} // namespace history
