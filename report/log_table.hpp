// The report on a log for people.
#pragma once

#include "report/log.hpp"

#include <string>
#include <vector>

namespace report
{

struct LogRows
{
    std::vector<const maillog::Row*> rows; // the busiest first
    maillog::Counts others;                // of all that are not among them
};

/// At most `top` of them; 0: all that the tally knows.
LogRows log_rows(const maillog::Tally& tally, maillog::Direction direction, std::size_t top);

/// Totals, a row a domain or address, and the failures by their reasons, for each direction that the log
/// tells of.
std::string log_table(const maillog::Summary& summary, const LogView& view);

} // namespace report
