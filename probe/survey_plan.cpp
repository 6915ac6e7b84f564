#include "probe/survey_plan.hpp"

#include "smtp/error.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace probe
{
namespace
{

using smtp::ProtocolVersion;
using Ids = std::vector<std::uint16_t>;

/// Alerts by which a server says that nothing of an offer suits it (RFC 8446 §6.2).
constexpr std::array<std::uint8_t, 3> refusals{40, 70, 71};
constexpr std::uint8_t close_notify = 0;
constexpr int no_application_protocol = 120; // RFC 7301 §3.2

/// A server that left so many offers without an answer, and accepted none, is not asked for more.
constexpr int patience = 2;

Ids suites_of(ProtocolVersion version)
{
    Ids ids;
    for (const auto& suite : smtp::all_cipher_suites()) {
        if (usable(suite, version))
            ids.push_back(suite.id);
    }
    return ids;
}

Ids groups_of(ProtocolVersion version)
{
    Ids ids;
    for (const auto& group : smtp::all_groups()) {
        if (usable(group, version))
            ids.push_back(group.id);
    }
    return ids;
}

bool has_exchange(std::uint16_t id, smtp::KeyExchange exchange)
{
    const auto* suite = smtp::cipher_suite(id);
    return suite != nullptr && suite->exchange == exchange;
}

bool is_finite_field(std::uint16_t id)
{
    const auto* group = smtp::group(id);
    return group != nullptr && finite_field(*group);
}

bool has_ecdsa(std::uint16_t id)
{
    const auto* suite = smtp::cipher_suite(id);
    return suite != nullptr && suite->name.find("ECDSA") != std::string_view::npos;
}

bool holds(const Ids& ids, std::uint16_t id)
{
    return std::ranges::find(ids, id) != ids.end();
}

/// As many as one offer takes.
Ids window(const Ids& ids)
{
    const auto size = std::min(ids.size(), smtp::max_suites_offered);
    return {ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(size)};
}

void drop(Ids& ids, const Ids& dropped)
{
    std::erase_if(ids, [&](std::uint16_t id) { return holds(dropped, id); });
}

void take_group(std::uint16_t id, GroupSurvey& told, Ids& left, Ids& found)
{
    const auto* group = smtp::group(id);
    told.accepted.push_back({std::string(group->name), group->bits});
    found.push_back(id);
    std::erase(left, id);
}

/// A version under survey.
struct Work
{
    explicit Work(VersionSurvey& version)
        : told(version), left(suites_of(version.version)), groups(groups_of(version.version))
    {}

    VersionSurvey& told;
    Ids left;                      // suites that may be accepted yet
    Ids accepted{};                // told.suites, by number
    const Ids groups;              // all that the version can do with
    std::uint16_t first_group = 0; // of the first answer; 0: none
};

/// Goes through the survey from its beginning, as far as there are answers.
class Inquiry
{
public:
    Inquiry(std::span<const Asked> asked, std::string_view negotiated)
        : asked_(asked), negotiated_(negotiated)
    {}

    SurveyPlan run();

private:
    enum class Outcome
    {
        accepted,
        older, // another version was chosen
        refused,
        closed,
        unknown
    };

    // What the survey consists of: each false where it ends, for now or for good.
    bool inquire();
    bool find(Work& work);
    void conclude(Work& work, Outcome result);
    bool try_resumption(Work& work);
    bool list_groups(Work& work);
    bool list_groups(Work& work, const Ids& suites);
    bool list_suites(Work& work);
    bool drain(Work& work, Ids left, const Ids& groups);
    bool compare_orders(Work& work);

    // Null where there is no answer yet, or none is wanted.
    const Answer* ask(Question question);
    const Answer* offer(const Work& work, Ids suites, Ids groups);

    Outcome outcome(const Work& work, const Answer& answer, const Ids& offered);
    void note(const smtp::FirstFlight& flight);
    static void keep(Work& work, std::uint16_t suite);
    bool lost_patience(const Work& work);
    Work* newest_before_tls13();

    std::span<const Asked> asked_;
    std::string_view negotiated_;
    std::size_t at_ = 0;
    Survey survey_;
    std::vector<Work> works_;
    std::optional<Question> next_;
    std::string why_; // the last outcome was not Outcome::accepted
    int unanswered_ = 0;
};

SurveyPlan Inquiry::run()
{
    for (std::size_t i = 0; i < surveyed_versions.size(); ++i)
        survey_.versions[i].version = surveyed_versions[i];
    for (auto& version : survey_.versions)
        works_.emplace_back(version);
    inquire();
    // Whoever closes every connection has said nothing about versions.
    const auto accepted = [](const VersionSurvey& version) { return version.state == Accepted::yes; };
    if (std::ranges::none_of(survey_.versions, accepted)) {
        for (auto& version : survey_.versions) {
            if (version.state == Accepted::closed)
                version.state = Accepted::unknown;
        }
    }
    return {std::move(next_), std::move(survey_)};
}

bool Inquiry::inquire()
{
    for (auto& work : works_) {
        if (!find(work) || lost_patience(work))
            return false;
    }
    auto& newest = works_.front();
    auto* const older = newest_before_tls13();
    const auto is_accepted = [](const Work& work) { return work.told.state == Accepted::yes; };
    if (is_accepted(newest) && !(try_resumption(newest) && list_groups(newest)))
        return false;
    if (older != nullptr && !(try_resumption(*older) && list_groups(*older)))
        return false;
    for (auto& work : works_) {
        if (is_accepted(work) && !(list_suites(work) && compare_orders(work)))
            return false;
    }
    return true;
}

bool Inquiry::lost_patience(const Work& work)
{
    unanswered_ += work.told.state == Accepted::unknown ? 1 : 0;
    const auto accepted = [](const Work& each) { return each.told.state == Accepted::yes; };
    if (unanswered_ < patience || std::ranges::any_of(works_, accepted))
        return false;
    survey_.stopped = fmt::format("{} offers had no answer that could be read", unanswered_);
    return true;
}

Work* Inquiry::newest_before_tls13()
{
    const auto found = std::find_if(works_.begin() + 1, works_.end(), [](const Work& work) {
        return work.told.state == Accepted::yes;
    });
    return found == works_.end() ? nullptr : &*found;
}

const Answer* Inquiry::ask(Question question)
{
    if (at_ < asked_.size()) {
        const auto& answer = asked_[at_++].answer;
        survey_.connections += answer.connections;
        survey_.stopped = answer.kind == Answer::Kind::stopped ? answer.why : "";
        return survey_.stopped.empty() ? &answer : nullptr;
    }
    const std::size_t needed = question.kind == Question::Kind::resumption ? 2 : 1;
    if (survey_.connections + needed > max_survey_connections)
        survey_.stopped = fmt::format("the limit of {} connections was reached", max_survey_connections);
    else
        next_ = std::move(question);
    return nullptr;
}

const Answer* Inquiry::offer(const Work& work, Ids suites, Ids groups)
{
    Question question;
    question.offer = {.version = work.told.version, .suites = std::move(suites), .groups = std::move(groups)};
    const auto* answer = ask(question);
    if (answer == nullptr || answer->kind != Answer::Kind::closed)
        return answer;
    return ask(std::move(question)); // one lost connection says nothing
}

/// What an answer says of the version, and of the suites that were offered in it.
Inquiry::Outcome Inquiry::outcome(const Work& work, const Answer& answer, const Ids& offered)
{
    why_ = answer.why;
    switch (answer.kind) {
    case Answer::Kind::refused:
        return Outcome::refused;
    case Answer::Kind::closed:
        return Outcome::closed;
    case Answer::Kind::chosen:
        break;
    default:
        return Outcome::unknown;
    }
    const auto& hello = *answer.flight.hello;
    if (hello.version < work.told.version) {
        why_ = fmt::format("chose {} in its place", name(hello.version));
        return Outcome::older;
    }
    if (hello.version != work.told.version || !holds(offered, hello.suite)) {
        why_ = fmt::format(
            "chose {} with suite 0x{:04X}, which was not offered", name(hello.version), hello.suite
        );
        return Outcome::unknown;
    }
    note(answer.flight);
    return Outcome::accepted;
}

void Inquiry::keep(Work& work, std::uint16_t suite)
{
    work.accepted.push_back(suite);
    work.told.suites.emplace_back(smtp::cipher_suite(suite)->name);
}

/// Of a choice that was offered.
void Inquiry::note(const smtp::FirstFlight& flight)
{
    const auto& hello = *flight.hello;
    const auto place = std::ranges::lower_bound(survey_.dh_bits, flight.dh_bits);
    if (flight.dh_bits > 0 && (place == survey_.dh_bits.end() || *place != flight.dh_bits))
        survey_.dh_bits.insert(place, flight.dh_bits);
    if (hello.version == ProtocolVersion::tls13)
        return;
    survey_.compression = survey_.compression.value_or(false) || hello.compression != 0;
    if (survey_.secure_renegotiation)
        return;
    survey_.secure_renegotiation = hello.secure_renegotiation;
    if (hello.version == ProtocolVersion::ssl3)
        return;
    survey_.extended_master_secret = hello.extended_master_secret;
    survey_.session_tickets = hello.session_ticket;
}

bool Inquiry::find(Work& work)
{
    while (!work.left.empty()) {
        const auto offered = window(work.left);
        const auto* answer = offer(work, offered, work.groups);
        if (answer == nullptr)
            return false;
        const auto result = outcome(work, *answer, offered);
        work.told.reason = why_;
        if (result == Outcome::refused) {
            drop(work.left, offered);
            continue;
        }
        if (result != Outcome::accepted) {
            conclude(work, result);
            return true;
        }
        work.told.state = Accepted::yes;
        work.first_group = answer->flight.group;
        keep(work, answer->flight.hello->suite);
        std::erase(work.left, answer->flight.hello->suite);
        return true;
    }
    conclude(work, Outcome::refused);
    return true;
}

/// A version that has been negotiated is accepted, whatever came of asking for it.
void Inquiry::conclude(Work& work, Outcome result)
{
    work.told.state = result == Outcome::unknown  ? Accepted::unknown
                      : result == Outcome::closed ? Accepted::closed
                                                  : Accepted::no;
    if (name(work.told.version) == negotiated_)
        work.told.state = Accepted::unknown;
}

bool Inquiry::try_resumption(Work& work)
{
    if (work.told.version == ProtocolVersion::ssl3) // which OpenSSL does not speak
        return true;
    Question question{.kind = Question::Kind::resumption};
    question.offer.version = work.told.version;
    question.alpn = !survey_.alpn && !survey_.alpn_refused;
    const auto* answer = ask(question);
    if (answer != nullptr && answer->alpn_refused) {
        survey_.alpn_refused = true;
        question.alpn = false;
        answer = ask(question);
    }
    if (answer == nullptr)
        return false;
    work.told.resumption = answer->resumed;
    if (question.alpn && answer->kind == Answer::Kind::chosen)
        survey_.alpn = answer->alpn;
    return true;
}

bool Inquiry::list_groups(Work& work)
{
    if (work.told.version == ProtocolVersion::ssl3) // which cannot name any
        return true;
    if (work.told.version == ProtocolVersion::tls13)
        return list_groups(work, work.accepted);
    auto suites = suites_of(work.told.version);
    std::erase_if(suites, [](auto id) { return !has_exchange(id, smtp::KeyExchange::ecdhe); });
    return list_groups(work, window(suites));
}

/// Up to TLS 1.2 the curve of an ECDSA certificate has to be offered as well (RFC 8422 §5.1.1): where nothing
/// suits, those that were chosen before are put behind the others, the latest first, which also shows whether
/// our order counts.
bool Inquiry::list_groups(Work& work, const Ids& suites)
{
    auto& told = work.told.groups.emplace();
    auto left = work.groups;
    Ids found;
    if (work.told.version < ProtocolVersion::tls13)
        std::erase_if(left, is_finite_field);
    if (holds(left, work.first_group))
        take_group(work.first_group, told, left, found);

    bool by_ecdsa = false;
    bool repeats = false;
    while (!left.empty()) {
        auto offered = left;
        if (repeats)
            offered.insert(offered.end(), found.rbegin(), found.rend());
        const auto* answer = offer(work, suites, offered);
        if (answer == nullptr)
            return false;
        const auto result = outcome(work, *answer, suites);
        if (result == Outcome::unknown)
            return true;
        const auto group = answer->flight.group;
        if (result == Outcome::accepted && holds(left, group)) {
            by_ecdsa = has_ecdsa(answer->flight.hello->suite);
            take_group(group, told, left, found);
        } else if (result != Outcome::accepted && by_ecdsa && !repeats) {
            repeats = true;
        } else {
            const bool by_our_order = found.size() > 1 && group == found.back();
            told.complete =
                result == Outcome::accepted ? by_our_order : result == Outcome::refused && !repeats;
            return true;
        }
    }
    told.complete = true;
    return true;
}

bool Inquiry::list_suites(Work& work)
{
    if (!drain(work, work.left, work.groups))
        return false;
    const auto is_dhe = [](auto id) { return has_exchange(id, smtp::KeyExchange::dhe); };
    if (!work.told.complete || std::ranges::any_of(work.accepted, is_dhe))
        return true;
    // Who knows RFC 7919 uses no group but the ones offered, and then perhaps no DHE at all (§4).
    auto groups = work.groups;
    std::erase_if(groups, is_finite_field);
    auto dhe = suites_of(work.told.version);
    std::erase_if(dhe, [&](auto id) { return !is_dhe(id); });
    return drain(work, std::move(dhe), groups);
}

bool Inquiry::drain(Work& work, Ids left, const Ids& groups)
{
    work.told.complete = false;
    bool all_said = true;
    while (!left.empty()) {
        const auto offered = window(left);
        const auto* answer = offer(work, offered, groups);
        if (answer == nullptr)
            return false;
        const auto result = outcome(work, *answer, offered);
        if (result == Outcome::unknown) {
            work.told.reason = why_;
            return true;
        }
        if (result != Outcome::accepted) {
            all_said = all_said && result == Outcome::refused;
            work.told.reason = result == Outcome::refused ? work.told.reason : why_;
            drop(left, offered);
            continue;
        }
        keep(work, answer->flight.hello->suite);
        std::erase(left, answer->flight.hello->suite);
    }
    work.told.complete = all_said;
    return true;
}

bool Inquiry::compare_orders(Work& work)
{
    if (work.accepted.size() < 2)
        return true;
    auto offered = window(work.accepted);
    std::ranges::reverse(offered);
    const auto* answer = offer(work, offered, work.groups);
    if (answer == nullptr)
        return false;
    if (outcome(work, *answer, offered) != Outcome::accepted)
        return true;
    if (answer->flight.hello->suite == offered.back())
        work.told.preference = Preference::server;
    if (answer->flight.hello->suite == offered.front())
        work.told.preference = Preference::client;
    return true;
}

/// How a session ended that did not come to its handshake.
std::string why_stopped(const smtp::Session& session)
{
    if (session.steps.empty())
        return "there was no time left";
    const auto fault_of = [](const smtp::Step& step) { return static_cast<bool>(step.fault); };
    const auto found = std::ranges::find_if(session.steps, fault_of);
    if (found == session.steps.end())
        return session.finished ? "STARTTLS was offered no more" : "there was no time left";
    if (found->reply)
        return "the server answered " + smtp::excerpt(found->reply->text());
    return fmt::format("{} while {}", found->fault.message(), phrase(found->stage));
}

} // namespace

Answer answer_to_offer(const smtp::Session& session)
{
    const auto* step = session.at(smtp::Stage::handshake);
    if (!session.first_flight || step == nullptr)
        return {.kind = Answer::Kind::stopped, .why = why_stopped(session)};
    const auto& flight = *session.first_flight;
    Answer answer{.kind = Answer::Kind::unclear, .flight = flight, .why = step->detail};
    if (flight.hello) {
        answer.kind = Answer::Kind::chosen;
        answer.why.clear();
    } else if (flight.alert == close_notify || step->fault == smtp::errc::connection_lost) {
        answer.kind = Answer::Kind::closed;
        answer.why = "the connection was closed";
    } else if (flight.alert && std::ranges::find(refusals, *flight.alert) != refusals.end()) {
        answer.kind = Answer::Kind::refused;
    } else if (step->fault == smtp::errc::timed_out) {
        answer.kind = Answer::Kind::silent;
        answer.why = "no answer";
    }
    return answer;
}

Answer answer_to_resumption(const smtp::Session& first, const smtp::Session* second)
{
    const auto* step = first.at(smtp::Stage::handshake);
    if (step == nullptr)
        return {.kind = Answer::Kind::stopped, .why = why_stopped(first)};
    if (!first.tls) {
        const bool is_alpn = step->alert == no_application_protocol;
        return {.kind = Answer::Kind::unclear, .alpn_refused = is_alpn, .why = step->detail};
    }
    Answer answer{.kind = Answer::Kind::chosen, .alpn = first.tls->alpn};
    if (first.offered_inside_tls && !first.resumable)
        answer.resumed = false;
    if (second == nullptr)
        return answer;
    answer.connections = 2;
    if (second->tls)
        answer.resumed = second->tls->resumed;
    return answer;
}

SurveyPlan plan_survey(std::span<const Asked> asked, std::string_view negotiated)
{
    return Inquiry(asked, negotiated).run();
}

} // namespace probe
