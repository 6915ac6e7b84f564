// The path from a server's certificate to a trust anchor that TLSA records describe, as OpenSSL builds it for
// senders. Only the files of probe/ that judge DANE need it.
#pragma once

#include "dns/records.hpp"
#include "smtp/tls.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>

namespace probe
{

struct AnchoredPath
{
    bool found = false;  // up to one of the anchors
    std::string fault{}; // the first of the path: "the certificate /CN=mx.test: certificate has expired"
    std::optional<dns::Tlsa> anchor{}; // the record that OpenSSL took, where there is a path without a fault
};

/// `chain` is not empty; `anchors` are usable DANE-TA(2) records. Every certificate up to the anchor must be
/// in its dates, may issue what is below it, and serve a TLS server; names are not looked at.
AnchoredPath find_anchored_path(
    std::span<const smtp::Certificate> chain, std::span<const dns::Tlsa> anchors,
    std::chrono::sys_seconds moment
);

} // namespace probe
