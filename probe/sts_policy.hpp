// An MTA-STS policy: the file mta-sts.txt (RFC 8461 §3.2), and which hosts it covers (§4.1). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace probe
{

inline constexpr std::uint32_t max_sts_age = 31557600;   // seconds, about a year
inline constexpr std::size_t max_sts_policy = 64 * 1024; // octets (§3.3)

enum class StsMode
{
    enforce,
    testing,
    none
};

/// As the policy writes it: "enforce", "testing" or "none".
std::string_view name(StsMode mode) noexcept;

struct StsPolicy
{
    StsMode mode = StsMode::none;
    std::uint32_t max_age = 0; // seconds, at most max_sts_age

    /// Patterns in their order, each once: host names, lower case, without trailing dot, which may begin with
    /// "*.". Only in mode none there may be none.
    std::vector<std::string> mx;

    bool operator==(const StsPolicy&) const = default;
};

struct StsPolicyReading
{
    std::optional<StsPolicy> policy; // none where senders must not use it
    std::string fault;               // then why: a clause, printable, as in `it has no "mode"`

    /// What senders pass over, or may take amiss, in a policy of either kind: clauses, printable, as in
    /// `line 4 is empty`. At most ten.
    std::vector<std::string> remarks;
};

/// The body as it was sent, with lines that end with CRLF or LF. Of a key other than mx, the first line
/// counts; keys unknown are passed over, and so are empty lines, which the grammar does not have, but files
/// do.
StsPolicyReading read_sts_policy(std::string_view body);

/// Whether a pattern of a policy covers a host: case-blind, trailing dots ignored; "*." stands for exactly
/// one label.
bool matches(std::string_view pattern, std::string_view host) noexcept;

/// The file to publish, with CRLF, which read_sts_policy() reads as the same policy.
std::string write_sts_policy(const StsPolicy& policy);

} // namespace probe
