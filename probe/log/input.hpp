// Lines of files, plain or compressed by gzip, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace maillog
{

inline constexpr std::size_t longest_line = 65'536; // octets; a longer one is counted and skipped

struct Lines
{
    std::uint64_t read = 0; // all of them
    std::uint64_t too_long = 0;
};

/// Takes a line without its end (LF, or CR LF). False: it wants no more.
using TakeLine = std::function<bool(std::string_view line)>;

/// Reads a file ("-": standard input) to its end, and through gzip where its first octets say so. Throws
/// std::runtime_error, one line that names the file, where that cannot be: the lines until then were given.
void read_lines(const std::string& path, Lines& lines, const TakeLine& take);

} // namespace maillog
