#include "probe/command/child.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace command
{
namespace
{

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;
using testing::StartsWith;

std::string content_of(const std::string& path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Of the test alone, and gone with it.
class Folder
{
public:
    Folder()
    {
        if (::mkdtemp(path_.data()) == nullptr)
            throw std::runtime_error("no temporary folder");
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;

    std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_ = testing::TempDir() + "mxtls-child-XXXXXX";
};

Child shell(const std::string& script)
{
    return {.words = {"sh", "-c", script}};
}

TEST(Child, ReadsAndIsTold)
{
    const Folder folder;
    const auto path = folder.file("told");
    auto child = shell("cat >\"$0\" && printf '%s' \"$MXTLS_TARGET\" >>\"$0\"");
    child.words.push_back(path);
    child.input = std::string(300'000, 'x'); // more than a pipe holds
    child.environment = {{"MXTLS_TARGET", "; rm -rf $HOME"}};
    EXPECT_EQ(run_child(child), std::nullopt);
    EXPECT_EQ(content_of(path), child.input + "; rm -rf $HOME");
}

TEST(Child, NeedsNotRead)
{
    auto child = shell("exit 0");
    child.input = std::string(300'000, 'x');
    ::signal(SIGPIPE, SIG_IGN); // as the program does
    EXPECT_EQ(run_child(child), std::nullopt);
}

TEST(Child, SaysHowItEnded)
{
    EXPECT_THAT(run_child(shell("exit 3")), Optional(std::string("ended with status 3")));
    EXPECT_THAT(run_child(shell("kill -9 $$")), Optional(std::string("was ended by signal 9")));
    EXPECT_THAT(
        run_child({.words = {"/nowhere/alert"}}),
        Optional(std::string("cannot be run: No such file or directory"))
    );
    EXPECT_THAT(run_child({.words = {"/etc"}}), Optional(StartsWith("cannot be run: ")));
}

TEST(Child, HasUsualSignals)
{
    ::signal(SIGPIPE, SIG_IGN);
    EXPECT_THAT(run_child(shell("kill -PIPE $$")), Optional(std::string("was ended by signal 13")));
}

TEST(Child, IsKilledWithItsGroup)
{
    const Folder folder;
    const auto path = folder.file("pipe");
    // It and its own child hold the other end of a pipe that only ends once both are dead. So do we until it
    // was killed: on a busy machine that may be before it has come to open it.
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    const int writing = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    pollfd reading{::open(path.c_str(), O_RDONLY | O_CLOEXEC), POLLIN, 0};
    auto child = shell("exec 3>\"$0\"; trap '' TERM; sleep 1000 & sleep 1000");
    child.words.push_back(path);
    child.limit = 200ms;
    EXPECT_THAT(run_child(child), Optional(std::string("did not end in time, and was killed")));
    ::close(writing);
    EXPECT_EQ(::poll(&reading, 1, 20'000), 1);
    EXPECT_EQ(reading.revents, POLLHUP) << "and nothing to read";
    ::close(reading.fd);
}

/// From now on, of this process.
bool forbid(unsigned call)
{
    std::array<sock_filter, 4> program{
        {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
         BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}};
    const sock_fprog filter{program.size(), program.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

TEST(Child, NeedsNotBeWatched)
{
    const auto process = ::fork();
    if (process == 0) {
        const bool forbidden = forbid(SYS_pidfd_open);
        auto hanging = shell("sleep 1000");
        hanging.limit = 50ms;
        const bool ends = run_child(shell("exit 3")) == "ended with status 3";
        ::_exit(!forbidden ? 2 : ends && run_child(hanging) == "did not end in time, and was killed" ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(process, &status, 0), process);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
        GTEST_SKIP() << "no call can be forbidden here";
    EXPECT_EQ(status, 0);
}

TEST(Child, IsKilledInWhateverGroupItIs)
{
    const Child child{
        .words =
            {"python3", "-c", "import os, time; os.setpgid(0, os.getpgid(os.getppid())); time.sleep(1000)"},
        .limit = 700ms};
    EXPECT_THAT(run_child(child), Optional(std::string("did not end in time, and was killed")));
}

TEST(SplitCommand, PartsWordsAtBlanks)
{
    EXPECT_THAT(split_command(" alert  --to\tops "), ElementsAre("alert", "--to", "ops"));
    EXPECT_THAT(
        split_command("alert 'a b' \"c 'd\" e\\ f g''h ''"),
        ElementsAre("alert", "a b", "c 'd", "e f", "gh", "")
    );
    EXPECT_THAT(split_command(R"(a "b\"c\d\\" 'e\' \\)"), ElementsAre("a", R"(b"c\d\)", R"(e\)", R"(\)"));
    EXPECT_THAT(split_command("alert $HOME `id` *"), ElementsAre("alert", "$HOME", "`id`", "*"));
}

std::string refusal(const std::string& text)
{
    try {
        split_command(text);
    } catch (const std::invalid_argument& fault) {
        return fault.what();
    }
    return "";
}

TEST(SplitCommand, RefusesWhatIsNoCommand)
{
    EXPECT_THAT(refusal("alert 'a b"), HasSubstr("has a quote that is not closed"));
    for (const auto* none : {"", "  ", "''", "'' a"})
        EXPECT_THAT(refusal(none), HasSubstr("is no command")) << none;
}

} // namespace
} // namespace command
