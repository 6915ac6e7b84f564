// What an earlier scan has done already.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace command
{

/// The targets of which a file holds results: ndjson, csv or score, as `scan` writes them.
class Done
{
public:
    /// None.
    Done() = default;

    /// A last line that is cut short counts for nothing, other lines that are no results neither. Throws
    /// std::invalid_argument, one line, for a file that cannot be read.
    explicit Done(const std::string& path);

    /// Whether the file holds a result of the target, given as a line of the input. Eight octets a target are
    /// kept: of 10^8 targets and as many results one is taken for another with a probability of 0.0005.
    bool holds(std::string_view target) const;

    std::size_t size() const noexcept { return hashes_.size(); }

private:
    std::vector<std::uint64_t> hashes_; // sorted
};

} // namespace command
