// An EHLO reply → what the server says it can do (RFC 5321 §4.1.1.1). Pure: no I/O.
#pragma once

#include "smtp/reply.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace smtp
{

struct Extensions
{
    std::string name; // the first word of the first line: who the server says it is; may be empty
    std::vector<std::string> lines; // the lines after the first, as sent: "SIZE 10240000", "STARTTLS"
    bool starttls = false;          // STARTTLS as a whole keyword, case-blind, on any line but the first
    bool masked = false;            // a keyword of X's in its place, as middleboxes write: "XXXXXXXA"

    bool operator==(const Extensions&) const = default;
};

Extensions extensions_of(const Reply& ehlo);

} // namespace smtp
