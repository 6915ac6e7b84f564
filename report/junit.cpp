#include "report/junit.hpp"

#include "report/markup.hpp"
#include "report/phrases.hpp"
#include "report/remarks.hpp"
#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <vector>

namespace report
{
namespace
{

using markup::escaped;

std::string seconds(std::chrono::microseconds duration)
{
    return fmt::format("{:.3f}", std::chrono::duration<double>(duration).count());
}

struct Failure
{
    std::string_view type;
    std::string_view severity;
    std::string message;
};

struct Case
{
    std::string name;
    std::chrono::microseconds took{};
    std::vector<Failure> failures{};
    std::string skipped{}; // why; empty where it was not
    std::vector<std::string> output{};
};

struct Count
{
    std::size_t tests = 0;
    std::size_t failures = 0;
    std::size_t skipped = 0;

    Count& operator+=(const Count& other)
    {
        tests += other.tests;
        failures += other.failures;
        skipped += other.skipped;
        return *this;
    }
};

/// `about`: whom they are about, where the test case does not say.
void add_findings(Case& to, const std::vector<probe::Finding>& findings, const std::string& about = "")
{
    auto sorted = findings;
    std::ranges::stable_sort(sorted, std::greater(), &probe::Finding::severity);
    for (const auto& finding : sorted) {
        auto message = sentence(finding);
        if (message.find(about) == std::string::npos)
            message.insert(0, about + ": ");
        if (finding.severity == probe::Severity::notice)
            to.output.push_back(fmt::format("{}: {}", name(finding.code), message));
        else
            to.failures.push_back({name(finding.code), name(finding.severity), message});
    }
}

std::chrono::microseconds duration_of(const smtp::Session& session)
{
    return session.steps.empty() ? std::chrono::microseconds{}
                                 : session.steps.back().began + session.steps.back().took;
}

Case case_of(
    const probe::Verdict& verdict, const probe::HostVerdict& host, const probe::EndpointVerdict& endpoint
)
{
    Case result{.name = label(host, endpoint), .took = duration_of(endpoint.session)};
    if (const auto& tls = endpoint.session.tls)
        result.output.push_back(smtp::printable(fmt::format("{} {}", tls->version, tls->cipher)));
    if (endpoint.chain && !endpoint.chain->certificates.empty())
        result.output.push_back(
            fmt::format("certificate: {}", days(endpoint.chain->certificates.front().days_left))
        );
    add_findings(result, endpoint.findings);
    if (endpoint.stopped_by == probe::Code::excluded)
        result.skipped = "excluded";
    else if (!endpoint.session.finished)
        result.skipped = unfinished(endpoint.session, verdict.finished);
    return result;
}

std::string without_finding(const probe::Verdict& verdict)
{
    if (!verdict.finished)
        return "interrupted";
    return fmt::format(
        "the factor is {}; below {} is WARNING, below {} is CRITICAL", factor(verdict.confidence),
        verdict.thresholds.warn_below + verdict.confidence.bonus(),
        verdict.thresholds.fail_below + verdict.confidence.bonus()
    );
}

std::vector<Case> cases_of(const probe::Verdict& verdict)
{
    std::vector<Case> cases{{.name = label(verdict)}};
    add_findings(cases.front(), verdict.findings);
    for (const auto& host : verdict.hosts) {
        add_findings(cases.front(), host.findings, smtp::printable(host.name));
        for (const auto& endpoint : host.endpoints)
            cases.push_back(case_of(verdict, host, endpoint));
    }
    const bool any_failed =
        std::ranges::any_of(cases, [](const Case& each) { return !each.failures.empty(); });
    if (verdict.status != probe::Status::ok && !any_failed)
        cases.front().failures.push_back({"status", name(verdict.status), without_finding(verdict)});
    std::ranges::stable_sort(cases.front().failures, {}, [](const Failure& each) {
        return each.severity != name(probe::Severity::critical);
    });
    return cases;
}

Count count(const std::vector<Case>& cases)
{
    Count result{.tests = cases.size()};
    for (const auto& each : cases) {
        result.failures += !each.failures.empty();
        result.skipped += each.failures.empty() && !each.skipped.empty();
    }
    return result;
}

std::string inside(const Case& told)
{
    std::string text;
    for (const auto& [type, severity, message] : told.failures)
        text += fmt::format(
            "      <failure type=\"{}\" message=\"{}\">{}</failure>\n", type, escaped(message),
            escaped(fmt::format("{}: {}: {}", severity, type, message))
        );
    if (told.failures.empty() && !told.skipped.empty())
        text += fmt::format("      <skipped message=\"{}\"/>\n", escaped(told.skipped));
    if (!told.output.empty())
        text += fmt::format(
            "      <system-out>{}</system-out>\n", escaped(fmt::format("{}", fmt::join(told.output, "\n")))
        );
    return text;
}

std::string test_case(const probe::Verdict& verdict, const Case& told)
{
    const auto begin = fmt::format(
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{}\"", escaped(title(verdict)), escaped(told.name),
        seconds(told.took)
    );
    const auto text = inside(told);
    return text.empty() ? begin + "/>\n" : fmt::format("{}>\n{}    </testcase>\n", begin, text);
}

std::string properties(const probe::Verdict& verdict)
{
    std::string text = "    <properties>\n";
    const auto add = [&text](std::string_view key, std::string_view value) {
        text += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", key, value);
    };
    add("status", name(verdict.status));
    add("factor", factor(verdict.confidence));
    for (const auto policy : probe::all_policies)
        add(fmt::format("outcome.{}", name(policy)),
            name(verdict.outcomes[static_cast<std::size_t>(policy)]));
    return text + "    </properties>\n";
}

std::string test_suite(const probe::Verdict& verdict, const std::vector<Case>& cases)
{
    constexpr std::size_t to_the_second = 19; // of 2026-11-20T12:00:00Z
    const auto [tests, failures, skipped] = count(cases);
    const auto moment = rfc3339(verdict.started).substr(0, to_the_second);
    auto text = fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{}\" "
        "timestamp=\"{}\">\n",
        escaped(title(verdict)), tests, failures, skipped, seconds(verdict.elapsed), moment
    );
    text += properties(verdict);
    for (const auto& each : cases)
        text += test_case(verdict, each);
    return text + "  </testsuite>\n";
}

} // namespace

std::string junit(std::span<const probe::Verdict> verdicts)
{
    Count all;
    std::chrono::microseconds elapsed{};
    std::string suites;
    for (const auto& verdict : verdicts) {
        const auto cases = cases_of(verdict);
        all += count(cases);
        elapsed += verdict.elapsed;
        suites += test_suite(verdict, cases);
    }
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"mxtls\" tests=\"{}\" failures=\"{}\" errors=\"0\" "
        "time=\"{}\">\n{}</testsuites>\n",
        all.tests, all.failures, seconds(elapsed), suites
    );
}

} // namespace report
