#include "probe/policy_host.hpp"

#include <algorithm>

namespace probe
{
namespace
{

/// What a TLS client of today refuses, though its path verifies.
bool is_too_weak(const Finding& finding) noexcept
{
    return finding.code == Code::certificate_key_weak || finding.code == Code::certificate_signature_weak ||
           finding.code == Code::certificate_name_in_cn_only;
}

} // namespace

std::string distrust_of(
    std::span<const smtp::Certificate> chain, const std::string& host, std::chrono::sys_seconds moment,
    const TrustStore& trust
)
{
    if (chain.empty())
        return "it has sent no certificate";
    const ChainQuestion question{
        .chain = chain, .ocsp_staple = {}, .reference = host, .received = moment, .moment = moment};
    const auto verdict = judge_chain(question, trust);
    if (const auto* cause = verdict.cause())
        return cause->message;
    const auto weakness = std::ranges::find_if(verdict.findings, is_too_weak);
    return weakness == verdict.findings.end() ? std::string() : weakness->message;
}

} // namespace probe
