// Mail logs from front to end: every line into the ledger, and what was read told at the end.
#pragma once

#include "probe/log/input.hpp"
#include "probe/log/ledger.hpp"
#include "probe/log/tally.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace maillog
{

struct Summary
{
    explicit Summary(By by) : tally(by) {}

    Tally tally;
    Remarks remarks;
    Lines lines;
    std::uint64_t unrecognised = 0;   // lines of no known shape; empty ones are none
    std::string first_stamp;          // as they stand in the log; empty: there was none
    std::string last_stamp;           // of a line that told of a connection or a message
    std::vector<std::string> refused; // why a file could not be read to its end, a line each
};

struct Reading
{
    By by = By::domain;
    Ledger::Told told{};             // may be empty
    std::function<bool()> goes_on{}; // asked after each line that ended a connection; may be empty
};

/// Reads one after the other; a file that cannot be read is told, and the next one read. "-" is standard
/// input.
Summary read_logs(std::span<const std::string> paths, const Reading& reading);

/// The paths in the order in which their logs begin, so that a connection that goes on in the next file is
/// one. As they are where a beginning is not known, or standard input is among them. A time stamp without a
/// year is taken for the last such day before the file was last written to.
std::vector<std::string> in_order_of_time(std::span<const std::string> paths);

} // namespace maillog
