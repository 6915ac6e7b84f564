#include "probe/untried.hpp"

#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <utility>

namespace probe
{

namespace
{

Verdict untried(std::string given, std::chrono::system_clock::time_point now)
{
    Verdict verdict;
    verdict.target = std::move(given);
    verdict.started = now;
    verdict.status = Status::unknown;
    verdict.route = Route::untried;
    verdict.outcomes.fill(Outcome::not_applicable);
    return verdict;
}

Verdict untried(std::string given, Finding finding, std::chrono::system_clock::time_point now)
{
    auto verdict = untried(std::move(given), now);
    verdict.finished = true;
    verdict.findings.push_back(std::move(finding));
    return verdict;
}

} // namespace

Verdict judge_refusal(std::string given, std::string why, std::chrono::system_clock::time_point now)
{
    return untried(std::move(given), usual_finding(Code::target_invalid, std::move(why)), now);
}

Verdict judge_abandonment(std::string given, std::string why, std::chrono::system_clock::time_point now)
{
    return untried(std::move(given), usual_finding(Code::target_abandoned, std::move(why)), now);
}

Verdict judge_unbegun(const Target& target, std::chrono::system_clock::time_point now)
{
    auto verdict = untried(target.given, now);
    verdict.domain = target.domain;
    return verdict;
}

Verdict
judge_exclusion(const Target& target, std::string_view rule, std::chrono::system_clock::time_point now)
{
    auto verdict = untried(target.given, exclusion_of(target.domain, rule), now);
    verdict.domain = target.domain;
    return verdict;
}

Finding exclusion_of(std::string_view name, std::string_view rule)
{
    return usual_finding(
        Code::excluded,
        fmt::format(
            "{} was not contacted: --exclude has \"{}\"", smtp::printable(name), smtp::printable(rule)
        )
    );
}

} // namespace probe
