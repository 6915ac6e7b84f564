#include "probe/command/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace command
{
namespace
{

struct Tally
{
    std::size_t sessions = 0;
    std::size_t done = 0;
    std::string waiting; // hosts and what they are doing
};

void count(Tally& tally, const probe::Host& host)
{
    for (const auto& endpoint : host.endpoints) {
        const auto& session = endpoint.session;
        ++tally.sessions;
        if (session.finished) {
            ++tally.done;
            continue;
        }
        if (session.started == std::chrono::system_clock::time_point{})
            continue;
        tally.waiting +=
            fmt::format("{}{}: {}", tally.waiting.empty() ? "" : ", ", host.name, smtp::phrase(session.now));
    }
}

void write(std::string_view text)
{
    // What a terminal does not take is no loss.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

} // namespace

std::string progress_line(std::span<const probe::Observation> observations, std::size_t width)
{
    Tally tally;
    for (const auto& observation : observations) {
        for (const auto& host : observation.hosts)
            count(tally, host);
    }
    std::string line = tally.sessions == 0
                           ? "looking up the mail hosts"
                           : fmt::format("{} of {} sessions done", tally.done, tally.sessions);
    if (!tally.waiting.empty())
        line += "; " + tally.waiting;
    if (line.size() > width)
        line = line.substr(0, width > 3 ? width - 3 : 0) + "...";
    return line;
}

ProgressLine::ProgressLine() : visible_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine()
{
    clear();
}

void ProgressLine::clear()
{
    if (std::exchange(shown_, false))
        write("\r\x1b[K");
}

std::size_t ProgressLine::width() const noexcept
{
    constexpr std::size_t usual = 80;
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2)
        return usual - 1;
    return size.ws_col - 1U;
}

void ProgressLine::show(const std::string& line)
{
    if (!visible_)
        return;
    write("\r\x1b[K" + line);
    shown_ = true;
}

} // namespace command
