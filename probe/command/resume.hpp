// What an earlier scan has done already.
#pragma once

#include "report/report.hpp"

#include <cstdint>
#include <optional>
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

    /// A last line that is cut short counts for nothing, nor does the target that has the rows before it in
    /// csv, as there may be more; other lines that are no results neither. The first line tells the format.
    /// Throws std::invalid_argument, one line, for a file that cannot be read, or whose first line is no
    /// result.
    explicit Done(const std::string& path);

    /// Whether the file holds a result of the target, given as a line of the input. Eight octets a target are
    /// kept: of 10^8 targets and as many results one is taken for another with a probability of 0.0005.
    bool holds(std::string_view target) const;

    std::size_t size() const noexcept { return hashes_.size(); }

    /// Of the file, from its beginning: what stands behind them is no whole result.
    std::uint64_t octets() const noexcept { return octets_; }

    /// None where it holds no whole line.
    std::optional<report::Format> format() const noexcept { return format_; }

private:
    std::optional<report::Format> format_;
    std::uint64_t octets_ = 0;
    std::vector<std::uint64_t> hashes_; // sorted
};

} // namespace command
