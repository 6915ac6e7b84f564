// Lines of a file or a pipe: targets from them, results into them.
#pragma once

#include "probe/scan/stream.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace command
{

/// Octets of an input line that are looked at; no target is that long.
inline constexpr std::size_t max_line = 4096;

/// Wakes a thread that waits for a descriptor.
class Alarm
{
public:
    Alarm(); // throws std::system_error
    ~Alarm();
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

    void ring() noexcept; // for good; from any thread

    /// Waits until something can be done with the descriptor: poll(2)'s events. False where the alarm rang.
    bool wait_for(int descriptor, short events) const noexcept;

private:
    int descriptor_ = -1;
};

/// A target a line; blank lines and those that begin with '#' are passed over.
class LineSource final : public scan::Source
{
public:
    /// "-" is standard input. Throws std::invalid_argument, one line, for a file that cannot be read.
    explicit LineSource(const std::string& path);
    ~LineSource() override;

    std::optional<scan::Task> next() override;
    void stop() noexcept override;
    std::optional<double> share_read() const noexcept override;

private:
    bool fill();
    std::optional<std::string> next_line();

    std::string path_;
    int descriptor_ = 0;
    std::uint64_t size_ = 0; // of a regular file; 0: not known
    std::string buffer_;
    std::size_t begin_ = 0;
    bool at_end_ = false;
    bool is_first_ = true;
    std::atomic<std::uint64_t> read_{0};
    std::atomic<bool> stopped_{false};
    Alarm alarm_;
};

/// Each result is written whole, or not at all where it goes to a file.
class LineSink final : public scan::Sink
{
public:
    /// An empty path is standard output. A file keeps its first `kept` octets, and nothing else of what it
    /// holds. `head` goes before the first result where nothing is kept. Throws std::invalid_argument, one
    /// line, for a file that cannot be written.
    LineSink(const std::string& path, std::uint64_t kept, std::string_view head);
    ~LineSink() override;

    void put(const std::vector<scan::Result>& batch) override;
    void stop() noexcept override;

private:
    void cut_behind(off_t kept);
    void write_head(std::string_view head);
    void write(std::string_view text, const std::vector<std::size_t>& begins);
    void cut(std::size_t octets) const;
    [[noreturn]] void refuse(int error) const;

    std::string path_;
    int descriptor_ = 1;
    bool is_regular_ = false;
    Alarm alarm_;
};

} // namespace command
