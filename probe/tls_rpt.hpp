// The TXT records at _smtp._tls.DOMAIN, which ask senders for TLS reports (RFC 8460 §3). Pure.
#pragma once

#include "dns/records.hpp"

#include <span>
#include <string>
#include <vector>

namespace probe
{

struct TlsRptRecord
{
    enum class State
    {
        none,   // no record that is about TLS-RPT
        valid,  // exactly one that senders use
        invalid // records that are meant for TLS-RPT, with a fault
    };

    State state = State::none;

    /// Where reports go, in the order of the record: "mailto:" and "https:" URIs, printable. Of an invalid
    /// record those that senders can use nevertheless, if any.
    std::vector<std::string> rua;

    std::string fault; // of an invalid record: a clause, printable, as in `it has no rua`
};

/// All the TXT records of that name, in any order; the strings of each are joined already. What does not
/// begin with "v=TLSRPTv1;" is passed over, and counts as invalid only where it was clearly meant to, and
/// none does.
TlsRptRecord read_tls_rpt(std::span<const dns::Text> records);

} // namespace probe
