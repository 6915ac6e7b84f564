#include "probe/command/lines.hpp"

#include "probe/command/output.hpp"
#include "probe/command/values.hpp"
#include "smtp/printable.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace command
{
namespace
{

constexpr std::size_t chunk = 64 * 1024;
constexpr std::string_view blanks = " \t\r\v\f";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// Where one begins behind a target: `#` behind a blank, which no target has but a quoted local part.
std::size_t comment_in(std::string_view line)
{
    const bool may_be_quoted = line.find('"') != line.npos;
    const auto mark = may_be_quoted ? line.npos : line.find('#');
    return mark != line.npos && mark > 0 && blanks.find(line[mark - 1]) != blanks.npos ? mark : line.npos;
}

std::invalid_argument cannot_open(const std::string& path, int error, std::string_view advice)
{
    return std::invalid_argument(
        fmt::format("cannot open '{}': {}; {}", smtp::printable(path), std::strerror(error), advice)
    );
}

} // namespace

Alarm::Alarm() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (descriptor_ < 0)
        throw std::system_error(errno, std::system_category(), "eventfd");
}

Alarm::~Alarm()
{
    ::close(descriptor_);
}

void Alarm::ring() noexcept
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

bool Alarm::wait_for(int descriptor, short events) const noexcept
{
    std::array<pollfd, 2> waiting{pollfd{descriptor, events, 0}, pollfd{descriptor_, POLLIN, 0}};
    while (::poll(waiting.data(), waiting.size(), -1) < 0 && errno == EINTR) {
    }
    return waiting[1].revents == 0;
}

LineSource::LineSource(const std::string& path) : path_(path)
{
    if (path != "-") {
        descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor_ < 0)
            throw cannot_open(path, errno, "give a file with a target a line, or - for standard input");
    }
    struct stat status = {};
    const bool is_known = ::fstat(descriptor_, &status) == 0;
    if (is_known && S_ISDIR(status.st_mode))
        throw cannot_open(path, EISDIR, "give a file with a target a line, or - for standard input");
    if (is_known && S_ISREG(status.st_mode))
        size_ = static_cast<std::uint64_t>(status.st_size);
}

LineSource::~LineSource()
{
    if (descriptor_ > STDERR_FILENO)
        ::close(descriptor_);
}

void LineSource::stop() noexcept
{
    stopped_ = true;
    alarm_.ring();
}

std::optional<double> LineSource::share_read() const noexcept
{
    if (size_ == 0)
        return std::nullopt;
    return std::min(1.0, static_cast<double>(read_) / static_cast<double>(size_));
}

std::optional<scan::Task> LineSource::next()
{
    while (auto line = next_line()) {
        std::string_view text = *line;
        if (std::exchange(is_first_, false) && text.starts_with(byte_order_mark))
            text.remove_prefix(byte_order_mark.size());
        text = trimmed(text.substr(0, comment_in(text)), blanks);
        if (text.empty() || text.front() == '#')
            continue;
        return scan::Task{.target = std::string(text)};
    }
    return std::nullopt;
}

/// Cut at max_line: what is longer is no target, however it goes on.
std::optional<std::string> LineSource::next_line()
{
    std::string line;
    bool is_line = false;
    while (!stopped_) {
        const auto end = buffer_.find('\n', begin_);
        const auto piece = std::string_view(buffer_).substr(begin_, end - begin_);
        is_line = is_line || !piece.empty();
        line += piece.substr(0, max_line - line.size());
        begin_ = end == std::string::npos ? buffer_.size() : end + 1;
        if (end != std::string::npos)
            return line;
        if (!fill())
            break;
    }
    if (stopped_ || !is_line)
        return std::nullopt;
    return line;
}

/// False at the end.
bool LineSource::fill()
{
    while (!at_end_ && alarm_.wait_for(descriptor_, POLLIN)) {
        buffer_.resize(chunk);
        begin_ = 0;
        const auto got = ::read(descriptor_, buffer_.data(), buffer_.size());
        const int error = errno;
        buffer_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        at_end_ = got == 0;
        if (got > 0)
            read_ += static_cast<std::uint64_t>(got);
        if (got >= 0)
            return got > 0;
        if (error != EINTR && error != EAGAIN)
            throw std::runtime_error(fmt::format(
                "cannot read '{}' any further: {}; the targets up to there are done", smtp::printable(path_),
                std::strerror(error)
            ));
    }
    return false;
}

LineSink::LineSink(const std::string& path, std::uint64_t kept, std::string_view head) : path_(path)
{
    if (!path.empty()) {
        // Who reads a pipe as well as writing it never sees that its reader has gone.
        const int way = kept == 0 ? O_WRONLY | O_TRUNC : O_RDWR;
        descriptor_ = ::open(path.c_str(), way | O_CREAT | O_CLOEXEC, 0666);
        if (descriptor_ < 0)
            throw cannot_open(path, errno, "give a writable file with -o");
    }
    struct stat status = {};
    is_regular_ = ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
    if (kept > 0 && is_regular_)
        cut_behind(std::min(static_cast<off_t>(kept), status.st_size));
    else
        write_head(head);
}

LineSink::~LineSink()
{
    if (descriptor_ > STDERR_FILENO)
        ::close(descriptor_);
}

void LineSink::stop() noexcept
{
    alarm_.ring();
}

void LineSink::cut_behind(off_t kept)
{
    if (::ftruncate(descriptor_, kept) != 0 || ::lseek(descriptor_, kept, SEEK_SET) < 0)
        refuse(errno);
}

void LineSink::write_head(std::string_view head)
{
    try {
        write(head, {0});
    } catch (const scan::ReaderGone&) {
        // The first result will not find a reader either.
    }
}

/// Many results a call, each of them whole in the file or not there at all.
void LineSink::put(const std::vector<scan::Result>& batch)
{
    std::string text;
    std::vector<std::size_t> begins;
    for (const auto& result : batch) {
        begins.push_back(text.size());
        text += result.text;
        if (text.size() >= chunk) {
            write(text, begins);
            text.clear();
            begins.clear();
        }
    }
    write(text, begins);
}

/// `begins` are those of the results in the text.
void LineSink::write(std::string_view text, const std::vector<std::size_t>& begins)
{
    std::size_t done = 0;
    while (done < text.size()) {
        if (!is_regular_ && !alarm_.wait_for(descriptor_, POLLOUT))
            throw std::runtime_error("nobody reads the results: those that were not read are lost");
        // What a pipe takes at once, so that no write waits where nobody could wake it.
        const auto size =
            is_regular_ ? text.size() - done : std::min<std::size_t>(text.size() - done, PIPE_BUF);
        const auto written = ::write(descriptor_, text.data() + done, size);
        if (written >= 0) {
            done += static_cast<std::size_t>(written);
            continue;
        }
        const int error = errno;
        if (error == EINTR || error == EAGAIN)
            continue;
        cut(done - *std::prev(std::ranges::upper_bound(begins, done)));
        refuse(error);
    }
}

/// Takes away the last octets, a result that did not find room.
void LineSink::cut(std::size_t octets) const
{
    struct stat status = {};
    if (!is_regular_ || octets == 0 || ::fstat(descriptor_, &status) != 0)
        return;
    [[maybe_unused]] const int is_cut = ::ftruncate(descriptor_, status.st_size - static_cast<off_t>(octets));
}

void LineSink::refuse(int error) const
{
    if (error == EPIPE)
        throw scan::ReaderGone();
    const auto words = cannot_write(path_, error);
    if (!is_regular_)
        throw std::runtime_error(words);
    throw std::runtime_error(words + "; every result in there is whole: make room, and go on with --resume");
}

} // namespace command
