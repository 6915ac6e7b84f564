// SQLite as the history needs it: a file that outlives crashes, statements with bound values, faults as one
// line.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace history
{

/// One line: which file, and why it cannot be used. Nothing has changed in it then.
class Unusable : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

class Database;

/// Outlived by its database. Each call throws Unusable.
class Statement
{
public:
    /// Begins anew with these values in the places of its question marks.
    template <class... Values>
    Statement& with(const Values&... values)
    {
        reset();
        int place = 0;
        (bind(++place, values), ...);
        return *this;
    }

    /// Whether there is a further row, whose columns can be read then.
    bool step();

    /// All of its rows, of which none is looked at.
    void run();

    std::int64_t number(int column) const;
    std::optional<std::int64_t> maybe_number(int column) const;
    std::string text(int column) const;

private:
    friend class Database;
    Statement(const Database& database, std::string_view sql);

    void reset();
    void bind(int place, std::int64_t number);
    void bind(int place, std::string_view text);
    void bind(int place, const std::string& text) { bind(place, std::string_view(text)); }
    void bind_null(int place);
    template <std::integral Number>
    void bind(int place, Number number)
    {
        bind(place, static_cast<std::int64_t>(number));
    }
    template <std::integral Number>
    void bind(int place, const std::optional<Number>& number)
    {
        number ? bind(place, *number) : bind_null(place);
    }
    void check(int result) const;

    struct Finalize
    {
        void operator()(sqlite3_stmt* handle) const noexcept;
    };
    const Database* database_;
    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// A rollback journal, so that the history is one file that can be copied, and read where nothing can be
/// written beside it. What was committed outlives a crash of the machine.
class Database
{
public:
    enum class Access
    {
        record, // the file is made where there is none, and must be writable
        read    // it must be there
    };

    /// Waits at most `patience` whenever another process has the file. Throws Unusable, as all else here
    /// does.
    Database(const std::string& path, Access access, std::chrono::milliseconds patience);

    Statement prepare(std::string_view sql) const { return {*this, sql}; }

    /// One or more statements without values.
    void execute(const std::string& sql) const;

    /// The first column of the first row.
    std::int64_t number(std::string_view sql) const;

    /// For what a statement cannot know: "the history 'FILE' WHY".
    [[noreturn]] void refuse(std::string_view why) const;

private:
    friend class Statement;
    void make_file(Access access) const;
    void settle();
    [[noreturn]] void fail(int result) const;
    std::string reason(int result) const;

    struct Close
    {
        void operator()(sqlite3* handle) const noexcept;
    };
    std::string path_;
    std::chrono::milliseconds patience_;
    std::unique_ptr<sqlite3, Close> handle_;
};

/// A transaction that only writers of this file wait for, undone unless it is committed.
class Transaction
{
public:
    enum class Kind
    {
        read, // what is read is of one moment
        write // nobody else writes meanwhile
    };

    Transaction(const Database& database, Kind kind);
    ~Transaction();
    Transaction(const Transaction&) = delete;

    /// Once. When it returns, what was written outlives everything but the disk.
    void commit();

private:
    const Database& database_;
    bool open_ = true;
};

} // namespace history
