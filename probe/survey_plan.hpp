// What to ask an endpoint next, given its answers so far, and what they come to. Pure.
#pragma once

#include "probe/survey.hpp"
#include "smtp/client_hello.hpp"
#include "smtp/session.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace probe
{

/// Of one endpoint. Of a server that takes all it can in every version it may not be enough; then versions,
/// groups and the newer versions' suites are known, and the rest is not.
inline constexpr std::size_t max_survey_connections = 200;

struct Question
{
    enum class Kind
    {
        offer,     // what would be chosen of this?
        resumption // is a session of offer.version resumed? Takes two connections
    };
    Kind kind = Kind::offer;
    smtp::Offer offer{};
    bool alpn = false; // of a resumption: offer "smtp", too
    bool operator==(const Question&) const = default;
};

struct Answer
{
    enum class Kind
    {
        chosen,  // of an offer: `flight` has it; of a resumption: the first handshake finished
        refused, // by an alert that says that nothing suits
        closed,  // the connection was closed, or reset, in place of an answer
        unclear, // any other alert, or nothing that can be read
        silent,  // no answer within the limit
        stopped  // it did not come to the question
    };
    Kind kind = Kind::stopped;
    smtp::FirstFlight flight{};
    std::optional<bool> resumed{}; // of a resumption
    std::string alpn{};            // likewise: what was chosen
    bool alpn_refused = false;     // likewise: and that is why there was no handshake
    std::string why{};             // of each but chosen, printable
    std::size_t connections = 1;
};

/// Of a session that sent an offer.
Answer answer_to_offer(const smtp::Session& session);

/// Of the handshake that asked for a session, and of the one that offered it, where there was any.
Answer answer_to_resumption(const smtp::Session& first, const smtp::Session* second);

struct Asked
{
    Question question;
    Answer answer;
};

struct SurveyPlan
{
    std::optional<Question> next{}; // none: there is nothing left to ask, or no sense in it
    Survey survey;
};

/// `asked` is what this asked for, in its order, with the answers. Each call looks at all of it anew.
///
/// First which versions are accepted, the newest first; then whether sessions are resumed, and the groups of
/// the newest two kinds (TLS 1.3; the newest before it); then the suites of each version: what was chosen is
/// left out of the next offer until none is accepted, and at the end offered in reverse, which shows whose
/// order decides. A version is refused only where the endpoint said so. An answer that is missing, or turns
/// us away before the question, is never taken for a refusal: the latter ends the survey.
/// `negotiated` is the version of the session that all is judged by, "TLSv1.3", empty where there is none: it
/// is accepted, whatever comes of asking for it. A connection that is lost is asked again, once.
SurveyPlan plan_survey(std::span<const Asked> asked, std::string_view negotiated);

} // namespace probe
