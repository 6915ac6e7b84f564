#include "report/esa_log.hpp"

#include "report/phrases.hpp"
#include "smtp/printable.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <vector>

namespace report
{
namespace
{

using Moment = std::chrono::system_clock::time_point;

struct Line
{
    Moment moment;
    std::string text;
};

struct Told
{
    const probe::Verdict& target;
    const probe::EndpointVerdict& endpoint;
};

/// "Fri Nov 20 12:00:00 2026", the day padded with a space, as ctime() has it.
std::string stamp_of(Moment moment)
{
    return fmt::format("{:%a %b %e %H:%M:%S %Y}", fmt::gmtime(std::chrono::system_clock::to_time_t(moment)));
}

Moment end_of(const smtp::Session& session, const smtp::Step& step)
{
    return session.started + step.began + step.took;
}

bool is_open(const smtp::Session& session)
{
    const auto* connect = session.at(smtp::Stage::connect);
    return connect && !connect->fault;
}

std::string interface_of(const smtp::Session& session)
{
    return session.local ? session.local->to_string() : "unknown";
}

/// Under the policy asked for; where none was, a sender goes on with any TLS, and without.
bool is_kept_back(const Told& told)
{
    if (!told.target.policy)
        return false;
    const auto outcome = told.endpoint.outcomes[static_cast<std::size_t>(*told.target.policy)];
    return outcome == probe::Outcome::not_sent || outcome == probe::Outcome::deferred;
}

/// Of what others said, without what would be taken for an entry of this log.
std::string without_entries(std::string text)
{
    constexpr std::string_view begin = "tls ";
    const auto lower = [](char octet) {
        return 'A' <= octet && octet <= 'Z' ? static_cast<char>(octet + 32) : octet;
    };
    for (std::size_t at = 0; at + begin.size() < text.size(); ++at) {
        const auto part = std::string_view(text).substr(at);
        const auto is_at = [&](std::string_view word, std::size_t offset) {
            const auto rest = part.substr(std::min(offset, part.size()), word.size());
            return std::ranges::equal(rest, word, {}, lower);
        };
        if (is_at(begin, 0) && (is_at("success", begin.size()) || is_at("failed", begin.size())))
            text.replace(at + begin.size() - 1, 1, "\\x20");
    }
    return text;
}

std::string first_sentence(const probe::EndpointVerdict& endpoint)
{
    const auto& findings = endpoint.findings;
    const auto cause = std::ranges::find_if(findings, [&](const probe::Finding& finding) {
        return finding.code == endpoint.stopped_by;
    });
    return cause == findings.end() ? "interrupted" : without_entries(sentence(*cause));
}

std::string why_not_verified(const Told& told)
{
    const auto& chain = told.endpoint.chain;
    if (const auto* cause = chain ? chain->cause() : nullptr)
        return without_entries(sentence(*cause));
    return fmt::format("not as {} wants it", title(*told.target.policy));
}

/// In the appliance's own words where it has some.
std::string why_failed(const Told& told)
{
    switch (told.endpoint.stopped_by.value_or(probe::Code::tls_handshake_failed)) {
    case probe::Code::ehlo_refused:
    case probe::Code::starttls_not_supported:
        return is_kept_back(told) ? "TLS required, STARTTLS unavailable" : "STARTTLS unavailable";
    case probe::Code::starttls_refused:
        return "STARTTLS unexpected response";
    default:
        return first_sentence(told.endpoint);
    }
}

/// What became of TLS; of a session that ended before that, why.
std::string result_of(const Told& told, std::size_t number)
{
    const auto& [target, endpoint] = told;
    const auto& session = endpoint.session;
    switch (endpoint.offer) {
    case probe::Offer::verified:
    case probe::Offer::unverified:
        if (is_kept_back(told))
            return fmt::format("DCID {} TLS failed: verify error: {}", number, why_not_verified(told));
        return fmt::format(
            "DCID {} TLS success protocol {} cipher {}", number, smtp::printable(session.tls->version),
            smtp::printable(session.tls->cipher)
        );
    case probe::Offer::plain:
    case probe::Offer::broken:
        return fmt::format("DCID {} TLS failed: {}", number, why_failed(told));
    case probe::Offer::unknown:
        break;
    }
    return fmt::format(
        "Connection Error: DCID {} domain: {} IP:{} port: {} detail: '{}' interface: {} reason: {}", number,
        label(target), session.peer.address().to_string(), session.peer.port(), first_sentence(endpoint),
        interface_of(session), is_open(session) ? "unexpected SMTP response" : "network error"
    );
}

/// When that was known: at the end of the handshake, or of the last step before QUIT.
Moment moment_of_result(const smtp::Session& session)
{
    const auto* handshake = session.at(smtp::Stage::handshake);
    if (session.tls && handshake)
        return end_of(session, *handshake);
    auto moment = session.started;
    for (const auto& step : session.steps) {
        if (step.stage != smtp::Stage::quit)
            moment = end_of(session, step);
    }
    return moment;
}

std::vector<Told> sessions_of(std::span<const probe::Verdict> verdicts)
{
    std::vector<Told> all;
    for (const auto& verdict : verdicts) {
        for (const auto& host : verdict.hosts) {
            for (const auto& endpoint : host.endpoints) {
                if (began(endpoint.session))
                    all.push_back({verdict, endpoint});
            }
        }
    }
    return all;
}

void add_lines(std::vector<Line>& to, const Told& told, std::size_t number)
{
    const auto& session = told.endpoint.session;
    if (is_open(session))
        to.push_back(
            {end_of(session, *session.at(smtp::Stage::connect)),
             fmt::format(
                 "New SMTP DCID {} interface {} address {} port {}", number, interface_of(session),
                 session.peer.address().to_string(), session.peer.port()
             )}
        );
    to.push_back({moment_of_result(session), result_of(told, number)});
}

/// Of a host, or a whole target, to which no connection was tried.
Line untried(const probe::Verdict& verdict, const std::vector<probe::Finding>& findings)
{
    const auto detail = findings.empty() ? verdict.finished ? "no address" : "interrupted"
                                         : without_entries(sentence(findings.front()));
    return {
        verdict.started, fmt::format(
                             "Connection Error: DCID 0 domain: {} IP:unknown port: unknown detail: '{}' "
                             "interface: unknown reason: no address to connect to",
                             without_entries(label(verdict)), detail
                         )};
}

void add_untried(std::vector<Line>& to, const probe::Verdict& verdict)
{
    const auto is_begun = [](const probe::EndpointVerdict& endpoint) { return began(endpoint.session); };
    if (verdict.hosts.empty() && verdict.route != probe::Route::null_mx)
        to.push_back(untried(verdict, verdict.findings));
    for (const auto& host : verdict.hosts) {
        if (std::ranges::none_of(host.endpoints, is_begun))
            to.push_back(untried(verdict, host.findings));
    }
}

} // namespace

std::string esa_log(std::span<const probe::Verdict> verdicts)
{
    auto sessions = sessions_of(verdicts);
    std::vector<const Told*> order;
    for (const auto& told : sessions)
        order.push_back(&told);
    std::ranges::stable_sort(order, {}, [](const Told* told) { return told->endpoint.session.started; });

    std::vector<Line> lines;
    std::size_t opened = 0;
    for (const auto* told : order)
        add_lines(lines, *told, is_open(told->endpoint.session) ? ++opened : 0);
    for (const auto& verdict : verdicts)
        add_untried(lines, verdict);
    std::ranges::stable_sort(lines, {}, &Line::moment);

    std::string text;
    for (const auto& line : lines)
        text += fmt::format("{} Info: {}\n", stamp_of(line.moment), line.text);
    return text;
}

} // namespace report
