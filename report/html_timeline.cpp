#include "report/html_timeline.hpp"

#include "report/drawing.hpp"
#include "report/html_chain.hpp"
#include "report/remarks.hpp"
#include "report/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace report
{

using markup::alone;
using markup::block;
using markup::element;
using markup::inked;
using markup::Markup;
using markup::text;

namespace
{

using std::chrono::days;
using std::chrono::sys_seconds;

/// One of those that servers presented.
struct Mark
{
    const probe::JudgedCertificate* certificate = nullptr;
    bool is_own = false; // of a server, and not of an issuer
};

struct Span
{
    sys_seconds begin{};
    sys_seconds end{};
    sys_seconds checked{}; // as of when days are counted

    double share(sys_seconds moment) const
    {
        return static_cast<double>((moment - begin).count()) / static_cast<double>((end - begin).count());
    }
};

void add(std::vector<Mark>& marks, const std::optional<probe::ChainVerdict>& chain)
{
    if (!chain)
        return;
    for (const auto& certificate : chain->certificates) {
        const bool is_own = &certificate == &chain->certificates.front();
        const auto known = std::ranges::find_if(marks, [&](const Mark& mark) {
            return mark.certificate->facts == certificate.facts;
        });
        if (known == marks.end())
            marks.push_back({&certificate, is_own});
        else
            known->is_own = known->is_own || is_own;
    }
}

std::vector<Mark> marks_of(const probe::Verdict& verdict)
{
    std::vector<Mark> marks;
    for (const auto& host : verdict.hosts) {
        for (const auto& endpoint : host.endpoints) {
            add(marks, endpoint.chain);
            for (const auto& other : endpoint.other_keys)
                add(marks, other.chain);
        }
    }
    std::ranges::stable_sort(marks, {}, [](const Mark& mark) { return mark.certificate->facts.not_after; });
    return marks;
}

/// As of when the certificate was judged: the moment of the check, unless its days were counted from another
/// (--at), of which they tell the day.
sys_seconds moment_of(const probe::Verdict& verdict, const probe::JudgedCertificate& certificate)
{
    const auto started = std::chrono::floor<std::chrono::seconds>(verdict.started);
    const auto end = certificate.facts.not_after;
    const auto left = days(certificate.days_left);
    const bool is_then = std::chrono::floor<days>(end - started) == left;
    return is_then ? started : end - left;
}

/// Wide enough for the ends of all servers' own certificates, as far as they are within reach: an issuer's
/// may lie decades ahead.
Span span_of(const probe::Verdict& verdict, const std::vector<Mark>& marks)
{
    constexpr days least_ahead{90};
    constexpr days most_ahead{5 * 366};
    constexpr days most_behind{366};
    const auto checked = moment_of(verdict, *marks.front().certificate);
    auto first = checked;
    auto last = checked + least_ahead;
    for (const auto& [certificate, is_own] : marks) {
        const auto end = certificate->facts.not_after;
        first = std::min(first, end);
        last = is_own ? std::max(last, end) : last;
    }
    first = std::max(first, checked - most_behind);
    last = std::min(last, checked + most_ahead);
    const auto margin = (last - first) / 20;
    return {first - margin, last + margin, checked};
}

Ink ink_of(const probe::JudgedCertificate& certificate, const Span& span, int expiry_days)
{
    if (certificate.days_left < 0 || certificate.facts.not_before > span.checked)
        return Ink::red;
    return certificate.days_left < expiry_days ? Ink::yellow : Ink::green;
}

Markup upright(const std::string& kind, const std::string& place)
{
    return alone("line", {{"class", kind}, {"x1", place}, {"x2", place}, {"y1", "0"}, {"y2", "100%"}});
}

Markup bar(const std::string& kind, double begin, double end)
{
    constexpr double least = 0.004;
    begin = std::clamp(begin, 0.0, 1.0 - least);
    return alone(
        "rect", {{"class", kind},
                 {"x", percent(begin)},
                 {"y", "3"},
                 {"width", percent(std::max(std::min(end, 1.0) - begin, least))},
                 {"height", "8"}}
    );
}

Markup row(const Mark& mark, const Span& span, int expiry_days)
{
    const auto& [facts, days_left, _] = *mark.certificate;
    const auto ink = ink_of(*mark.certificate, span, expiry_days);
    const auto words = facts.not_before > span.checked
                           ? fmt::format("not valid before {}", date(facts.not_before))
                           : report::days(days_left);
    const auto title = element("strong", {}, text(short_name(facts))) +
                       text(fmt::format(
                           "{}, {} {}: ", mark.is_own ? "" : ", an issuer", days_left < 0 ? "ended" : "ends",
                           date(facts.not_after)
                       )) +
                       inked(words, ink);
    const auto lines = upright("", percent(span.share(span.checked))) +
                       upright("limit", percent(span.share(span.checked + days(expiry_days))));
    const auto bars = bar("track", 0, 1) +
                      bar(std::string(name(ink)), span.share(facts.not_before), span.share(facts.not_after));
    return block("li", {}, block("p", {}, title) + drawing(14, bars + lines));
}

} // namespace

Markup timeline(const probe::Verdict& verdict)
{
    const auto marks = marks_of(verdict);
    if (marks.empty())
        return {};
    const auto span = span_of(verdict, marks);
    const int expiry_days = verdict.thresholds.expiry_days;
    Markup rows;
    for (const auto& mark : marks)
        rows += row(mark, span, expiry_days);
    const auto key = fmt::format(
        "The upright line is {}, as of when the certificates were judged; the dashed one is {} days later.",
        date(span.checked), expiry_days
    );
    return block(
        "figure", {},
        block("ol", {{"class", "timeline"}}, rows) +
            axis(span.share(span.checked), date(span.checked), date(span.end)) +
            block("figcaption", {{"class", "dim"}}, text(key))
    );
}

} // namespace report
