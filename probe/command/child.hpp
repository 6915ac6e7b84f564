// A program that is run without a shell, and given something to read.
#pragma once

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace command
{

struct Child
{
    std::vector<std::string> words{}; // the program, looked for in PATH unless there is a slash in it
    std::string input{};              // on its standard input
    std::vector<std::pair<std::string, std::string>> environment{}; // beside ours
    std::chrono::milliseconds limit = std::chrono::seconds(60);     // then it is killed, with its group
};

/// Holds SIGINT and SIGTERM back while it lives: whoever is to wait for something then asks whether one came.
/// Threads that begin meanwhile do so too.
class HeldSignals
{
public:
    HeldSignals() noexcept;
    ~HeldSignals();
    HeldSignals(const HeldSignals&) = delete;

    static bool has_come() noexcept;

private:
    sigset_t before_{};
};

/// Waits for it, at most for its limit, or until one of the signals comes that are held. What it prints goes
/// to our standard error. Returns why it did not end with status 0, which follows on its name; none where it
/// did.
std::optional<std::string> run_child(const Child& child);

/// Blanks part words; '…', "…" and \ keep them together as in a shell, and nothing is expanded. Throws
/// std::invalid_argument, one line, where a quote is not closed, and for no words at all.
std::vector<std::string> split_command(std::string_view text);

} // namespace command
