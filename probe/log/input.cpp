#include "probe/log/input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace maillog
{
namespace
{

constexpr std::size_t block = 256 * 1024;
static_assert(block > longest_line + 2, "a line and its end fit");

struct CloseGz
{
    void operator()(gzFile file) const { gzclose_r(file); }
};
using Gz = std::unique_ptr<gzFile_s, CloseGz>;

[[noreturn]] void refuse(const std::string& path, const std::string& why)
{
    throw std::runtime_error("cannot read '" + path + "': " + why);
}

Gz open_input(const std::string& path)
{
    const int descriptor = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        refuse(path, std::strerror(errno));
    struct stat status = {};
    if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
        ::close(descriptor);
        refuse(path, std::strerror(EISDIR));
    }
    Gz file(gzdopen(descriptor, "rb"));
    if (!file) {
        ::close(descriptor);
        refuse(path, "out of memory");
    }
    gzbuffer(file.get(), block);
    return file;
}

/// Other compressors, by their first octets: their lines would all be broken ones.
const char* other_compressor(std::string_view begin)
{
    constexpr std::array<std::pair<std::string_view, const char*>, 3> known{
        {{"BZh", "bzip2"},
         {"\xfd"
          "7zXZ",
          "xz"},
         {"\x28\xb5\x2f\xfd", "zstd"}}};
    for (const auto& [magic, name] : known) {
        if (begin.starts_with(magic))
            return name;
    }
    return nullptr;
}

/// Octets in, lines out.
class Splitter
{
public:
    Splitter(Lines& lines, const TakeLine& take) : lines_(lines), take_(take) {}

    char* room() { return buffer_.data() + held_; }
    std::size_t room_size() const { return buffer_.size() - held_; }
    std::string_view held() const { return {buffer_.data(), held_}; }

    /// So many octets came into the room. False: no more lines are wanted.
    bool add(std::size_t octets);

    /// No more come: the last line may have no end.
    void end()
    {
        if (held_ > 0 || skips_)
            give({buffer_.data(), held_});
    }

private:
    bool give(std::string_view line)
    {
        ++lines_.read;
        if (std::exchange(skips_, false) || line.size() > longest_line + 1) {
            ++lines_.too_long;
            return true;
        }
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        return take_(line);
    }

    Lines& lines_;
    const TakeLine& take_;
    std::vector<char> buffer_ = std::vector<char>(block);
    std::size_t held_ = 0;
    bool skips_ = false; // the beginning of this line was too long already
};

bool Splitter::add(std::size_t octets)
{
    std::string_view rest(buffer_.data(), held_ + octets);
    auto searched = held_; // there is no line end in what was held
    while (true) {
        const auto end = rest.find('\n', searched);
        if (end == std::string_view::npos)
            break;
        if (!give(rest.substr(0, end)))
            return false;
        rest.remove_prefix(end + 1);
        searched = 0;
    }
    held_ = rest.size();
    if (held_ > longest_line + 1) {
        skips_ = true;
        held_ = 0;
    } else {
        std::memmove(buffer_.data(), rest.data(), held_);
    }
    return true;
}

[[noreturn]] void refuse(const std::string& path, gzFile file, int error)
{
    int code = Z_OK;
    const std::string words = gzerror(file, &code);
    if (code == Z_BUF_ERROR)
        refuse(path, "it ends in the middle of what gzip compressed");
    if (code == Z_ERRNO)
        refuse(path, std::strerror(error));
    refuse(path, words);
}

} // namespace

void read_lines(const std::string& path, Lines& lines, const TakeLine& take)
{
    const auto file = open_input(path);
    Splitter splitter(lines, take);
    bool is_first = true;
    while (true) {
        errno = 0;
        const auto octets = gzread(file.get(), splitter.room(), static_cast<unsigned>(splitter.room_size()));
        const int error = errno;
        if (octets < 0)
            refuse(path, file.get(), error);
        if (octets == 0)
            break;
        const auto* compressor =
            is_first ? other_compressor({splitter.room(), static_cast<std::size_t>(octets)}) : nullptr;
        if (compressor)
            refuse(
                path, std::string("it is compressed by ") + compressor + "; give what that decompresses to -"
            );
        is_first = false;
        if (!splitter.add(static_cast<std::size_t>(octets)))
            return;
    }
    splitter.end();
    int code = Z_OK;
    gzerror(file.get(), &code);
    if (code != Z_OK)
        refuse(path, file.get(), 0);
}

} // namespace maillog
