#include "probe/command/child.hpp"

#include "smtp/printable.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

namespace command
{
namespace
{

using std::chrono::steady_clock;

sigset_t ending_signals() noexcept
{
    sigset_t both;
    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGTERM);
    return both;
}

class Descriptor
{
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;

    int get() const noexcept { return number_; }

    void close() noexcept
    {
        if (number_ >= 0)
            ::close(number_);
        number_ = -1;
    }

private:
    int number_;
};

/// What the child's descriptors and signals are to be.
class Setting
{
public:
    explicit Setting(int input)
    {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDOUT_FILENO);
        posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
        posix_spawnattr_init(&attributes_);
        sigset_t all;
        sigset_t none;
        sigfillset(&all);
        sigemptyset(&none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        );
    }
    ~Setting()
    {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }
    Setting(const Setting&) = delete;

    const posix_spawn_file_actions_t* actions() const noexcept { return &actions_; }
    const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& added)
{
    std::vector<std::string> all;
    for (char** each = environ; each && *each; ++each) {
        const std::string_view variable = *each;
        const auto name = variable.substr(0, variable.find('='));
        if (std::ranges::none_of(added, [&](const auto& one) { return one.first == name; }))
            all.emplace_back(variable);
    }
    for (const auto& [name, value] : added)
        all.push_back(fmt::format("{}={}", name, value));
    return all;
}

/// As C takes them: null-terminated, as long as `strings` is.
std::vector<char*> pointers(std::vector<std::string>& strings)
{
    std::vector<char*> all;
    for (auto& string : strings)
        all.push_back(string.data());
    all.push_back(nullptr);
    return all;
}

std::string why(int error)
{
    return fmt::format("cannot be run: {}", std::strerror(error));
}

/// What a person would read of waitpid()'s word; none for status 0.
std::optional<std::string> ending(int status)
{
    if (WIFSIGNALED(status))
        return fmt::format("was ended by signal {}", WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        return fmt::format("ended with status {}", WEXITSTATUS(status));
    return std::nullopt;
}

/// How often it is looked at where it cannot be watched: some containers know no pidfd_open().
constexpr std::chrono::milliseconds unwatched{20};

class Running
{
public:
    Running(pid_t process, int input, steady_clock::time_point deadline)
        : process_(process),
          watched_(static_cast<int>(::syscall(SYS_pidfd_open, process, 0))),
          signals_(signals()),
          input_(input),
          deadline_(deadline)
    {}

    /// Feeds it until it ends. Why it had to be killed; none where it ended by itself.
    std::optional<std::string> attend(std::string_view input);

    int reap() const
    {
        int status = 0;
        while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
        }
        return status;
    }

private:
    static int signals()
    {
        const auto both = ending_signals();
        return ::signalfd(-1, &both, SFD_CLOEXEC);
    }
    bool has_ended() const;
    std::string kill(const char* reason) const;
    void feed(std::string_view& input);

    pid_t process_;
    Descriptor watched_;
    Descriptor signals_; // never read: they stay for whoever else waits
    Descriptor input_;
    steady_clock::time_point deadline_;
};

bool Running::has_ended() const
{
    siginfo_t found{};
    return ::waitid(P_PID, static_cast<id_t>(process_), &found, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           found.si_pid == process_;
}

std::string Running::kill(const char* reason) const
{
    ::kill(-process_, SIGKILL);
    ::kill(process_, SIGKILL); // which may have left that group
    return reason;
}

/// A reader that wants no more is no fault.
void Running::feed(std::string_view& input)
{
    const auto written = ::write(input_.get(), input.data(), input.size());
    if (written > 0)
        input.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EAGAIN && errno != EINTR)
        input = {};
    if (input.empty())
        input_.close();
}

std::optional<std::string> Running::attend(std::string_view input)
{
    if (input.empty())
        input_.close();
    for (;;) {
        auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - steady_clock::now());
        if (watched_.get() < 0)
            left = std::min(left, unwatched);
        std::array<pollfd, 3> events{
            {{watched_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}, {input_.get(), POLLOUT, 0}}};
        if (left.count() > 0)
            ::poll(events.data(), events.size(), static_cast<int>(left.count()));
        if (has_ended())
            return std::nullopt;
        if (left.count() <= 0)
            return kill("did not end in time, and was killed");
        if (events[1].revents != 0)
            return kill("was killed, as this run is to end");
        if (events[2].revents != 0)
            feed(input);
    }
}

class Splitter
{
public:
    explicit Splitter(std::string_view text) : text_(text) {}

    std::vector<std::string> words()
    {
        for (std::size_t at = 0; at < text_.size(); ++at)
            take(at);
        if (quote_ != 0)
            throw std::invalid_argument(
                fmt::format("'{}' has a quote that is not closed", smtp::printable(text_))
            );
        end_word();
        return std::move(words_);
    }

private:
    void take(std::size_t& at)
    {
        const auto octet = text_[at];
        const bool is_quote = octet == '\'' || octet == '"';
        const bool is_escape = octet == '\\' && quote_ != '\'' && at + 1 < text_.size() &&
                               (quote_ == 0 || text_[at + 1] == '"' || text_[at + 1] == '\\');
        if (is_escape)
            add(text_[++at]);
        else if (quote_ != 0 && octet == quote_)
            quote_ = 0;
        else if (quote_ == 0 && is_quote)
            open(octet);
        else if (quote_ == 0 && (octet == ' ' || octet == '\t' || octet == '\n'))
            end_word();
        else
            add(octet);
    }

    void open(char quote)
    {
        quote_ = quote;
        is_word_ = true;
    }

    void add(char octet)
    {
        word_ += octet;
        is_word_ = true;
    }

    void end_word()
    {
        if (is_word_)
            words_.push_back(std::move(word_));
        word_.clear();
        is_word_ = false;
    }

    std::string_view text_;
    std::vector<std::string> words_;
    std::string word_;
    bool is_word_ = false;
    char quote_ = 0;
};

} // namespace

HeldSignals::HeldSignals() noexcept
{
    const auto both = ending_signals();
    ::pthread_sigmask(SIG_BLOCK, &both, &before_);
}

HeldSignals::~HeldSignals()
{
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool HeldSignals::has_come() noexcept
{
    sigset_t pending;
    sigemptyset(&pending);
    ::sigpending(&pending);
    return sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1;
}

std::optional<std::string> run_child(const Child& child)
{
    const auto deadline = steady_clock::now() + child.limit;
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return why(errno);
    Descriptor reading(ends[0]);
    ::fcntl(ends[1], F_SETFL, O_NONBLOCK);

    auto words = child.words;
    auto variables = environment_with(child.environment);
    const Setting setting(reading.get());
    pid_t process = 0;
    const auto fault = ::posix_spawnp(
        &process, words.front().c_str(), setting.actions(), setting.attributes(), pointers(words).data(),
        pointers(variables).data()
    );
    reading.close();
    if (fault != 0) {
        ::close(ends[1]);
        return why(fault);
    }
    Running running(process, ends[1], deadline);
    const auto killed = running.attend(child.input);
    const auto status = running.reap();
    return killed ? killed : ending(status);
}

std::vector<std::string> split_command(std::string_view text)
{
    auto words = Splitter(text).words();
    if (words.empty() || words.front().empty())
        throw std::invalid_argument("'' is no command: leave the option out, or name a program");
    return words;
}

} // namespace command
