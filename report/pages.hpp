// What there is to say about each finding code of the contract, also of those that no probe emits yet: data
// for `mxtls explain`, and for the remedies that reports tell. ASCII, and no name or address but those for
// examples (RFC 2606, RFC 5737, RFC 3849).
#pragma once

#include "probe/finding.hpp"

#include <span>
#include <string_view>

namespace report
{

/// In the longer texts an empty line parts two paragraphs, spaces at the beginning of a line count for
/// nothing, and a line that begins with "$ " is a command, to be shown as it stands.
struct Page
{
    std::string_view code;
    std::string_view brief{};   // for a list: a clause, no full stop
    std::string_view remedy{};  // for a report: one or two sentences
    std::string_view meaning{}; // what was seen
    std::string_view matters{}; // what senders do about it
    std::string_view verify{};  // by hand
    std::string_view mend{};
    std::string_view rfc{}; // where it is written
};

struct Subject
{
    std::string_view title;
    std::span<const Page> pages;
};

/// All of them, in the order of the contract.
std::span<const Subject> subjects();

/// Null for what is no code.
const Page* page_of(std::string_view code);

/// What to do about a finding, in one or two sentences.
std::string_view remedy(probe::Code code);

} // namespace report
