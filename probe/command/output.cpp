#include "probe/command/output.hpp"

#include "smtp/printable.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace command
{
namespace
{

mode_t usual_mode()
{
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return 0666 & ~mask;
}

} // namespace

Output::Output(const std::string& path, std::string_view option) : option_(option), path_(path)
{
    if (path.empty())
        return;
    std::error_code unresolved;
    const auto target = std::filesystem::weakly_canonical(path, unresolved);
    if (!unresolved)
        path_ = target.string();

    struct stat status = {};
    const bool exists = ::stat(path_.c_str(), &status) == 0;
    if (exists && S_ISDIR(status.st_mode))
        refuse(EISDIR);
    if (exists && !S_ISREG(status.st_mode)) {
        descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
        if (descriptor_ < 0)
            refuse(errno);
        return;
    }
    open_beside();
    if (::fchmod(descriptor_, exists ? status.st_mode & 07777 : usual_mode()) != 0)
        refuse(errno);
}

void Output::open_beside()
{
    const std::filesystem::path place(path_);
    auto name = (place.parent_path() / ("." + place.filename().string() + ".XXXXXX")).string();
    descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor_ < 0)
        refuse(errno);
    beside_ = name;
}

Output::~Output()
{
    if (descriptor_ > STDERR_FILENO)
        ::close(descriptor_);
    if (!beside_.empty())
        ::unlink(beside_.c_str());
}

void Output::write(std::string_view text)
{
    put(text);
    if (beside_.empty())
        return;
    if (::fsync(descriptor_) != 0 || ::rename(beside_.c_str(), path_.c_str()) != 0)
        refuse(errno);
    beside_.clear();
}

bool Output::put(std::string_view text) const
{
    while (!text.empty()) {
        const auto written = ::write(descriptor_, text.data(), text.size());
        if (written >= 0)
            text.remove_prefix(static_cast<std::size_t>(written));
        else if (errno == EPIPE)
            return false;
        else if (errno != EINTR)
            refuse(errno);
    }
    return true;
}

void Output::refuse(int error) const
{
    throw std::invalid_argument(
        fmt::format("{}; give a writable file with {}", cannot_write(path_, error), option_)
    );
}

std::string cannot_write(const std::string& path, int error)
{
    const auto place = path.empty() ? "standard output" : "'" + smtp::printable(path) + "'";
    return fmt::format("cannot write to {}: {}", place, std::strerror(error));
}

bool is_same_place(const std::string& one, const std::string& other)
{
    if (one.empty() || other.empty())
        return false;
    std::error_code unknown;
    if (std::filesystem::equivalent(one, other, unknown))
        return true;
    const auto place = std::filesystem::weakly_canonical(one, unknown);
    return !unknown && place == std::filesystem::weakly_canonical(other, unknown) && !unknown;
}

void keep_apart(const std::string& output, const std::string& file, std::string_view what)
{
    if (is_same_place(output, file))
        throw std::invalid_argument(
            fmt::format("'{}' is {}: give -o another file", smtp::printable(file), what)
        );
}

void complain(std::string_view line)
{
    // Where nobody can be told, the report is to come all the same: fmt::print() would throw.
    std::fputs(fmt::format("mxtls: {}\n", line).c_str(), stderr);
}

} // namespace command
