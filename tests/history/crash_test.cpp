// Processes that die while they record, disks that fill up meanwhile, and processes that record at once.
#include "sightings.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <functional>
#include <utility>

namespace
{

using namespace sightings;
using testing::AnyOf;
using testing::HasSubstr;

/// What SQLite does to the disk from now on, counted; at one of these calls `happens` comes in between.
class Disk
{
public:
    explicit Disk(int calls, std::function<bool(int, const void*, std::size_t, off_t)> happens)
    {
        left = calls;
        event = std::move(happens);
        for (const auto& [name, call] : calls_)
            vfs()->xSetSystemCall(vfs(), name, call);
    }
    ~Disk()
    {
        for (const auto& [name, call] : calls_)
            vfs()->xSetSystemCall(vfs(), name, nullptr);
    }
    Disk(const Disk&) = delete;

private:
    static sqlite3_vfs* vfs() { return sqlite3_vfs_find(nullptr); }

    /// Whether the call is to fail.
    static bool fails(int file = -1, const void* octets = nullptr, std::size_t size = 0, off_t at = 0)
    {
        return --left < 0 && event(file, octets, size, at);
    }

    static ssize_t write_at(int file, const void* octets, std::size_t size, off_t at)
    {
        return fails(file, octets, size, at) ? -1 : ::pwrite(file, octets, size, at);
    }
    static int cut(int file, off_t size) { return fails() ? -1 : ::ftruncate(file, size); }
    static int remove(const char* path) { return fails() ? -1 : ::unlink(path); }

    template <class Function>
    static sqlite3_syscall_ptr any(Function* function)
    {
        return reinterpret_cast<sqlite3_syscall_ptr>(function);
    }

    static inline int left = 0;
    static inline std::function<bool(int, const void*, std::size_t, off_t)> event;
    const std::array<std::pair<const char*, sqlite3_syscall_ptr>, 4> calls_{
        {{"pwrite", any(&write_at)},
         {"pwrite64", any(&write_at)},
         {"ftruncate", any(&cut)},
         {"unlink", any(&remove)}}};
};

/// Dies in the middle of a write, as by kill -9.
bool die(int file, const void* octets, std::size_t size, off_t at)
{
    if (octets && ::pwrite(file, octets, size / 2, at) >= 0)
        ::raise(SIGKILL);
    return ::raise(SIGKILL) != 0;
}

struct Ending
{
    bool killed = false;
    bool acknowledged = false; // the recording returned
};

/// Records one run in a process of its own that does not survive that call to the disk.
Ending record_and_die(const std::string& file, int calls)
{
    std::array<int, 2> pipe{};
    EXPECT_EQ(::pipe(pipe.data()), 0);
    const auto child = ::fork();
    if (child == 0)
        leave([&] {
            const Disk disk(calls, die);
            record(History(file, Access::record), well(noon));
            EXPECT_EQ(::write(pipe[1], "x", 1), 1);
        });
    ::close(pipe[1]);
    char octet = 0;
    const bool acknowledged = ::read(pipe[0], &octet, 1) == 1;
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, acknowledged};
}

TEST(HistoryCrash, LosesNothingAtAnyMomentOfARecording)
{
    const Folder folder;
    std::int64_t acknowledged = 0;
    record(History(folder.file(), Access::record), well(noon));
    ++acknowledged;
    int moments = 0;
    for (Ending ending{.killed = true}; ending.killed; ++moments) {
        ending = record_and_die(folder.file(), moments);
        acknowledged += ending.acknowledged ? 1 : 0;
        const auto runs = runs_in(folder.file()); // which undoes what was half done
        EXPECT_THAT(runs, AnyOf(acknowledged, acknowledged + 1)) << "killed at " << moments;
        EXPECT_EQ(integrity(folder.file()), "ok") << "killed at " << moments;
        acknowledged = runs;
    }
    EXPECT_GT(moments, 8) << "a journal, its header, pages, the file, and the end of the journal";
}

TEST(HistoryCrash, LeavesNoHalfSchema)
{
    const Folder folder;
    int moments = 0;
    for (Ending ending{.killed = true}; ending.killed; ++moments) {
        const auto file = folder.file(std::to_string(moments));
        ending = record_and_die(file, moments);
        EXPECT_LE(runs_in(file), 1) << "killed at " << moments;
        record(History(file, Access::record), well(noon));
        EXPECT_EQ(integrity(file), "ok") << "killed at " << moments;
    }
    EXPECT_GT(moments, 16);
}

/// Records runs until it is killed, and says so of each.
void record_for_ever(const std::string& file, int told)
{
    const History history(file, Access::record);
    do
        record(history, well(noon));
    while (::write(told, "x", 1) == 1);
}

TEST(HistoryCrash, KillsFromOutsideLoseNothing)
{
    const Folder folder;
    std::int64_t acknowledged = 0;
    for (int round = 1; round <= 15; ++round) {
        std::array<int, 2> pipe{};
        ASSERT_EQ(::pipe(pipe.data()), 0);
        const auto child = ::fork();
        if (child == 0)
            leave([&] { record_for_ever(folder.file(), pipe[1]); });
        ::close(pipe[1]);
        char octet = 0;
        for (int run = 0; run < round; ++run)
            ASSERT_EQ(::read(pipe[0], &octet, 1), 1);
        acknowledged += round;
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        while (::read(pipe[0], &octet, 1) == 1)
            ++acknowledged;
        ::close(pipe[0]);
        const auto runs = runs_in(folder.file());
        EXPECT_THAT(runs, AnyOf(acknowledged, acknowledged + 1));
        acknowledged = runs;
    }
    EXPECT_EQ(integrity(folder.file()), "ok");
}

TEST(HistoryDisk, WithoutRoomTheOldDataStays)
{
    const Folder folder;
    record(History(folder.file(), Access::record), well(noon));
    std::int64_t runs = 1;
    std::string why = "to begin with";
    int calls = 0;
    for (; !why.empty(); ++calls) {
        {
            const Disk full(calls, [](int, const void* octets, std::size_t, off_t) {
                errno = ENOSPC;
                return octets != nullptr; // what takes no room goes on
            });
            why = refusal([&] { record(History(folder.file(), Access::record), well(noon)); });
        }
        EXPECT_THAT(why, AnyOf("", HasSubstr("cannot be written to: No space left on device")));
        runs += why.empty() ? 1 : 0;
        EXPECT_EQ(runs_in(folder.file()), runs);
        EXPECT_EQ(integrity(folder.file()), "ok");
    }
    EXPECT_GT(calls, 5);
}

void record_some(const std::string& file, const std::string& target, int runs)
{
    auto shared = well(noon);
    shared.target = "both.example.org";
    auto own = well(noon);
    own.target = target;
    for (; runs > 0; --runs) {
        const History history(file, Access::record); // as each job of cron does
        record(history, shared);
        record(history, own);
    }
}

TEST(HistoryWriters, InTwoProcessesDoNotLoseARun)
{
    constexpr int runs = 20;
    const Folder folder;
    std::array<int, 2> start{};
    ASSERT_EQ(::pipe(start.data()), 0);
    std::vector<pid_t> children;
    for (const std::string target : {"example.com", "example.net"}) {
        children.push_back(::fork());
        if (children.back() != 0)
            continue;
        ::close(start[1]);
        char octet = 0;
        EXPECT_EQ(::read(start[0], &octet, 1), 0);
        leave([&] { record_some(folder.file(), target, runs); });
    }
    ::close(start[0]);
    ::close(start[1]); // off they go
    for (const auto child : children) {
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    EXPECT_EQ(runs_in(folder.file(), "both.example.org"), 2 * runs);
    EXPECT_EQ(runs_in(folder.file(), "example.com"), runs);
    EXPECT_EQ(runs_in(folder.file(), "example.net"), runs);
    EXPECT_EQ(integrity(folder.file()), "ok");
}

} // namespace
