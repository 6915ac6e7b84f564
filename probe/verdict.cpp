#include "probe/verdict.hpp"

#include <numeric>

namespace probe
{

namespace
{

struct Heading
{
    std::string_view key;
    std::string_view title;
};

constexpr std::array<Heading, columns> headings{
    {{"answer", "Answer"},
     {"connect", "Connect"},
     {"helo", "HELO"},
     {"tls", "TLS"},
     {"cert", "Cert"},
     {"secure", "Secure"},
     {"from", "From"},
     {"to", "To"}}};

/// How much a status weighs against another: its number is for the shell, and does not say.
constexpr int weight(Status status) noexcept
{
    switch (status) {
    case Status::ok:
        return 0;
    case Status::warning:
        return 1;
    case Status::unknown:
        return 2;
    case Status::critical:
        return 3;
    }
    return 3;
}

} // namespace

std::string_view name(Status status) noexcept
{
    switch (status) {
    case Status::ok:
        return "OK";
    case Status::warning:
        return "WARNING";
    case Status::critical:
        return "CRITICAL";
    case Status::unknown:
        return "UNKNOWN";
    }
    return "";
}

Status worse(Status one, Status other) noexcept
{
    return weight(one) < weight(other) ? other : one;
}

int Confidence::bonus() const noexcept
{
    return std::accumulate(extras.begin(), extras.end(), 0, [](int sum, const Extra& extra) {
        return sum + extra.points;
    });
}

std::string_view key(Column column) noexcept
{
    return headings[static_cast<std::size_t>(column)].key;
}

std::string_view title(Column column) noexcept
{
    return headings[static_cast<std::size_t>(column)].title;
}

std::string_view key(Result result) noexcept
{
    switch (result) {
    case Result::ok:
        return "ok";
    case Result::fail:
        return "fail";
    case Result::skip:
        break;
    }
    return "skip";
}

std::string_view name(Route route) noexcept
{
    switch (route) {
    case Route::unknown:
        return "error";
    case Route::untried:
    case Route::given:
        return "";
    case Route::mx:
        return "found";
    case Route::implicit:
        return "implicit";
    case Route::null_mx:
        return "null";
    case Route::none:
        return "none";
    case Route::no_domain:
        return "nxdomain";
    }
    return "";
}

std::string_view name(KeyState state) noexcept
{
    switch (state) {
    case KeyState::ok:
        return "ok";
    case KeyState::fail:
        return "fail";
    case KeyState::none:
        break;
    }
    return "none";
}

std::string_view name(StsVerdict::State state) noexcept
{
    switch (state) {
    case StsVerdict::State::none:
        break;
    case StsVerdict::State::ok:
        return "ok";
    case StsVerdict::State::testing:
        return "testing";
    case StsVerdict::State::error:
        return "error";
    }
    return "none";
}

std::string_view name(TlsRptVerdict::State state) noexcept
{
    switch (state) {
    case TlsRptVerdict::State::none:
        break;
    case TlsRptVerdict::State::ok:
        return "ok";
    case TlsRptVerdict::State::error:
        return "error";
    }
    return "none";
}

std::string_view name(Plaintext plaintext) noexcept
{
    switch (plaintext) {
    case Plaintext::refused:
        return "refused";
    case Plaintext::accepted:
        return "accepted";
    case Plaintext::unknown:
        break;
    }
    return "unknown";
}

Compliance compliance_of(const HostVerdict& host, const EndpointVerdict& endpoint) noexcept
{
    if (endpoint.offer == Offer::unknown)
        return Compliance::unseen;
    const bool has_tls = endpoint.offer == Offer::verified || endpoint.offer == Offer::unverified;
    const bool complies = host.sts_covered == true && has_tls && endpoint.sts_verified == true;
    return complies ? Compliance::complies : Compliance::fails;
}

} // namespace probe
