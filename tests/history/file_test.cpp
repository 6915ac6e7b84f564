// What files are taken for a history, which are not, and that those are left as they are.
#include "probe/history/schema.hpp"

#include "sightings.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <functional>
#include <iterator>

namespace
{

using namespace sightings;
using history::Database;
using testing::HasSubstr;
using testing::IsEmpty;

std::string octets_of(const std::string& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string refusal_of(const std::string& file, Access access = Access::record)
{
    return refusal([&] { record(History(file, access, 50ms), well(noon)); });
}

/// That a file is refused, for recording and for reading, and is as it was.
void expect_left_alone(const std::string& file, const std::string& why)
{
    const auto before = octets_of(file);
    EXPECT_THAT(refusal_of(file), HasSubstr(why));
    EXPECT_THAT(refusal_of(file, Access::read), HasSubstr(why));
    EXPECT_TRUE(octets_of(file) == before);
    EXPECT_FALSE(std::filesystem::exists(file + "-journal"));
}

void write(const std::string& file, const std::string& octets)
{
    std::ofstream(file, std::ios::binary) << octets;
}

/// What `action` returns in a process that root's rights do not help.
int unprivileged(const std::function<int()>& action)
{
    const auto child = ::fork();
    if (child == 0) {
        constexpr unsigned nobody = 65534;
        const bool is_root = ::geteuid() == 0;
        if (is_root && (::setresgid(nobody, nobody, nobody) != 0 || ::setresuid(nobody, nobody, nobody) != 0))
            ::_exit(100);
        ::_exit(action());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(HistoryFile, IsMadeWithTheUsualMode)
{
    const Folder folder;
    const auto mask = ::umask(0027);
    const History history(folder.file(), Access::record);
    ::umask(mask);
    struct stat status = {};
    ASSERT_EQ(::stat(folder.file().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0640U);
}

TEST(HistoryFile, IsOneFile)
{
    const Folder folder;
    record(History(folder.file(), Access::record), well(noon));
    const std::filesystem::path file(folder.file());
    const std::filesystem::directory_iterator all(file.parent_path());
    EXPECT_EQ(std::distance(begin(all), end(all)), 1);
}

TEST(HistoryFile, MayBeEmpty)
{
    const Folder folder;
    write(folder.file(), "");
    EXPECT_THAT(refusal_of(folder.file(), Access::read), HasSubstr("is empty"));
    EXPECT_THAT(octets_of(folder.file()), IsEmpty());
    EXPECT_EQ(refusal_of(folder.file()), "");
    EXPECT_EQ(runs_in(folder.file()), 1);
}

TEST(HistoryFile, NameThatMeansSomethingToSqliteIsAName)
{
    const Folder folder;
    const auto here = std::filesystem::current_path();
    std::filesystem::current_path(folder.file("."));
    for (const std::string name : {":memory:", "file:x?mode=memory"}) {
        EXPECT_EQ(refusal_of(name), "");
        EXPECT_EQ(runs_in(name), 1) << name;
    }
    std::filesystem::current_path(here);
    EXPECT_TRUE(std::filesystem::exists(folder.file(":memory:")));
}

TEST(HistoryFile, MustBeWhereItIsReadFrom)
{
    const Folder folder;
    EXPECT_EQ(
        refusal_of(folder.file(), Access::read),
        "the history '" + folder.file() + "' cannot be opened: No such file or directory"
    );
    EXPECT_FALSE(std::filesystem::exists(folder.file()));
    EXPECT_THAT(refusal_of(folder.file("none/history")), HasSubstr("cannot be opened: No such file"));
}

TEST(HistoryFile, MustBeAFile)
{
    const Folder folder;
    EXPECT_THAT(refusal_of(folder.file(".")), HasSubstr("is no regular file"));
    EXPECT_THAT(refusal_of("/dev/full"), HasSubstr("is no regular file"));
}

TEST(HistoryFile, OfAnotherKindIsLeftAlone)
{
    const Folder folder;
    for (const std::string& octets :
         {std::string("x"), std::string("no database\n"), std::string(100'000, 'x')}) {
        write(folder.file(), octets);
        expect_left_alone(folder.file(), "is no history, nor any other SQLite database");
    }
}

TEST(HistoryFile, OfAnotherProgramIsLeftAlone)
{
    const Folder folder;
    execute(folder.file(), "CREATE TABLE run (a); INSERT INTO run VALUES (1)");
    expect_left_alone(folder.file(), "is an SQLite database of another program");
    execute(folder.file(), "PRAGMA user_version = 1");
    expect_left_alone(folder.file(), "is an SQLite database of another program");
}

TEST(HistoryFile, OfANewerVersionIsLeftAlone)
{
    const Folder folder;
    record(History(folder.file(), Access::record), well(noon));
    execute(folder.file(), "PRAGMA user_version = 99");
    expect_left_alone(folder.file(), "has version 99, and this mxtls knows those up to 1: use a newer one");
}

TEST(HistoryFile, ThatBecameNewerMeanwhileIsLeftAlone)
{
    const Folder folder;
    const History history(folder.file(), Access::record);
    execute(folder.file(), "PRAGMA user_version = 99");
    EXPECT_THAT(refusal([&] { record(history, well(noon)); }), HasSubstr("has version 99"));
}

TEST(HistoryFile, ThatIsDamagedIsLeftAlone)
{
    const Folder folder;
    record(History(folder.file("whole"), Access::record), well(noon));
    const auto whole = octets_of(folder.file("whole"));
    const std::size_t page = 4096;
    write(folder.file(), whole.substr(0, whole.size() / 2));
    expect_left_alone(folder.file(), "is damaged");
    auto torn = whole;
    torn.replace(page, torn.size() - page, torn.size() - page, 'x');
    write(folder.file(), torn);
    expect_left_alone(folder.file(), "is damaged");
}

TEST(HistoryFile, WithoutItsTablesIsToldInOneLine)
{
    const Folder folder;
    record(History(folder.file(), Access::record), well(noon));
    execute(folder.file(), "DROP TABLE run");
    expect_left_alone(folder.file(), "cannot be used: no such table: run");
}

TEST(HistoryFile, ThatIsReadOnlyIsReadOnly)
{
    const Folder folder;
    record(History(folder.file(), Access::record), well(noon));
    ::chmod(folder.file().c_str(), 0444);
    const auto tried = unprivileged([&] {
        const bool told = refusal_of(folder.file()).ends_with("cannot be written to: it is read-only");
        const bool read = History(folder.file(), Access::read).timeline("example.com", {}, 0)->runs == 1;
        return (told ? 1 : 0) + (read ? 2 : 0);
    });
    EXPECT_EQ(tried, 3);
}

TEST(HistoryFile, ThatWasMovedMeanwhileIsLeftAlone)
{
    const Folder folder;
    const History history(folder.file(), Access::record);
    record(history, well(noon));
    std::filesystem::rename(folder.file(), folder.file("away"));
    const auto before = octets_of(folder.file("away"));
    EXPECT_THAT(
        refusal([&] { record(history, well(noon + 1min)); }), HasSubstr("was moved away while it was")
    );
    EXPECT_TRUE(octets_of(folder.file("away")) == before);
}

TEST(HistoryFile, ThatCannotBeMadeIsToldInOneLine)
{
    const Folder folder;
    ::chmod(folder.file(".").c_str(), 0555);
    const auto tried = unprivileged([&] {
        return refusal_of(folder.file()).ends_with("cannot be opened: Permission denied") ? 1 : 0;
    });
    EXPECT_EQ(tried, 1);
    ::chmod(folder.file(".").c_str(), 0755);
}

TEST(HistoryFile, ThatIsKeptBusyIsGivenUp)
{
    const Folder folder;
    const History other(folder.file(), Access::record);
    const auto transaction = other.write();
    EXPECT_THAT(refusal_of(folder.file()), HasSubstr("was kept busy by another process for 0.05 seconds"));
    EXPECT_EQ(refusal([&] { History(folder.file(), Access::read, 50ms).read(); }), "")
        << "readers do not mind";
}

constexpr std::array two_steps{
    "CREATE TABLE thing (name TEXT); INSERT INTO thing VALUES ('kept')",
    "ALTER TABLE thing ADD COLUMN size INTEGER; UPDATE thing SET size = length(name)"};

TEST(Migration, TakesEachVersionToTheNewest)
{
    const Folder folder;
    const Database database(folder.file(), Access::record, 50ms);
    const std::span<const char* const> steps(two_steps);
    bring_up(database, steps.first(1));
    EXPECT_EQ(database.number("PRAGMA user_version"), 1);
    EXPECT_EQ(database.number("PRAGMA application_id"), history::application_id);
    bring_up(database, steps);
    EXPECT_EQ(database.number("PRAGMA user_version"), 2);
    EXPECT_EQ(database.number("SELECT size FROM thing"), 4);
    bring_up(database, steps);
    EXPECT_EQ(database.number("SELECT count(*) FROM thing"), 1) << "no step is taken twice";
    EXPECT_THAT(refusal([&] { bring_up(database, steps.first(1)); }), HasSubstr("knows those up to 1"));
}

TEST(Migration, IsWholeOrNotAtAll)
{
    const Folder folder;
    const Database database(folder.file(), Access::record, 50ms);
    constexpr std::array broken{two_steps[0], two_steps[1], "CREATE TABLE other (a); CREATE NONSENSE"};
    bring_up(database, std::span(two_steps).first(1));
    EXPECT_THAT(refusal([&] { bring_up(database, broken); }), HasSubstr("cannot be used: near"));
    EXPECT_EQ(database.number("PRAGMA user_version"), 1);
    EXPECT_EQ(database.number("SELECT count(*) FROM pragma_table_info('thing')"), 1);
    EXPECT_EQ(database.number("SELECT count(*) FROM sqlite_master WHERE name = 'other'"), 0);
}

} // namespace
