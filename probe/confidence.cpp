#include "probe/confidence.hpp"

#include "probe/route_judge.hpp"
#include "probe/strength.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace probe
{

namespace
{

constexpr int perfect = 100;
constexpr int not_judged = -50;
constexpr int no_tls = -100;
constexpr int least_with_tls = 51;
constexpr int extra_points = 10; // for DANE and MTA-STS each

bool tls_up(const EndpointVerdict& endpoint) noexcept
{
    return endpoint.offer == Offer::verified || endpoint.offer == Offer::unverified;
}

int version_points(std::string_view version) noexcept
{
    if (version == "TLSv1.1")
        return -20;
    if (version == "TLSv1.0")
        return -30;
    return version == "SSLv3" ? -45 : 0;
}

/// A weak key or a weak signature: they count once, under the name of the first.
Code weak_code(const ChainVerdict& chain) noexcept
{
    const auto weak = [](const Finding& finding) { return finding.code == Code::certificate_key_weak; };
    return std::ranges::any_of(chain.findings, weak) ? Code::certificate_key_weak
                                                     : Code::certificate_signature_weak;
}

/// What TLS that is up loses, in the order of the contract's table.
std::vector<Reason> losses_of(const EndpointVerdict& endpoint, const std::string& host)
{
    const auto& tls = *endpoint.session.tls;
    const auto& chain = *endpoint.chain;
    std::vector<Reason> losses;
    if (const int points = version_points(tls.version))
        losses.push_back({points, Code::tls_version_weak, host});
    if (const auto* cause = chain.cause())
        losses.push_back({-10, cause->code, host});
    if (!weakness_of(tls.cipher).empty())
        losses.push_back({-20, Code::cipher_weak, host});
    if (!tls.forward_secrecy)
        losses.push_back({-5, Code::cipher_no_forward_secrecy, host});
    if (chain.weak)
        losses.push_back({-5, weak_code(chain), host});
    return losses;
}

/// Weak TLS is still better than none: the last losses give way.
void hold_above_floor(std::vector<Reason>& losses)
{
    int left = least_with_tls - perfect;
    for (auto& loss : losses) {
        loss.points = std::max(loss.points, left);
        left -= loss.points;
    }
    std::erase_if(losses, [](const Reason& loss) { return loss.points == 0; });
}

int sum_of(const std::vector<Reason>& reasons)
{
    return std::accumulate(reasons.begin(), reasons.end(), 0, [](int sum, const Reason& reason) {
        return sum + reason.points;
    });
}

/// Why a host has no endpoint; null where nothing is known of it.
const Finding* lack_of(const HostVerdict& host) noexcept
{
    const auto found = std::ranges::find_if(host.findings, leaves_nothing_to_try, &Finding::code);
    return found == host.findings.end() ? nullptr : &*found;
}

/// Of an endpoint that was not judged: somebody else's doing. Not so where this side is the reason, or where
/// the session was abandoned before anything came of it.
bool turned_away(const EndpointVerdict& endpoint) noexcept
{
    return endpoint.stopped_by && !lies_with_us(*endpoint.stopped_by);
}

struct Share
{
    std::optional<double> mean; // none: left out
    std::vector<Reason> reasons;
};

Share share_of_lack(const HostVerdict& host, bool ignore)
{
    const auto* lack = lack_of(host);
    if (!lack || ignore)
        return {};
    return {perfect + not_judged, {{not_judged, lack->code, host.name}}};
}

Share rate_host(HostVerdict& host, bool ignore)
{
    if (host.endpoints.empty())
        return share_of_lack(host, ignore);

    Share share;
    int sum = 0;
    int counted = 0;
    for (auto& endpoint : host.endpoints) {
        const auto reasons = reasons_of(endpoint, host.name);
        endpoint.factor = endpoint.judged ? perfect + sum_of(reasons) : perfect + not_judged;
        endpoint.counted = endpoint.judged || (turned_away(endpoint) && !ignore);
        if (!endpoint.counted)
            continue;
        sum += endpoint.factor;
        ++counted;
        share.reasons.insert(share.reasons.end(), reasons.begin(), reasons.end());
    }
    if (counted > 0)
        share.mean = static_cast<double>(sum) / counted;
    return share;
}

/// At every address that counts of every host that does: there is at least one at each. Of hosts that nobody
/// looked at nothing is known.
template <class Predicate>
bool everywhere(const Verdict& verdict, Predicate holds)
{
    return verdict.hosts_left_out.empty() && std::ranges::all_of(verdict.hosts, [&](const HostVerdict& host) {
               const auto holds_or_is_left_out = [&](const EndpointVerdict& endpoint) {
                   return !endpoint.counted || holds(endpoint);
               };
               return !host.factor ||
                      (!host.endpoints.empty() && std::ranges::all_of(host.endpoints, holds_or_is_left_out));
           });
}

bool has_dane(const HostVerdict& host) noexcept
{
    return host.tlsa && host.tlsa->usable;
}

bool has_valid_dane(const EndpointVerdict& endpoint)
{
    const auto is_valid = [](const auto& session) {
        return session.dane && session.dane->state == DaneState::valid;
    };
    const auto is_valid_if_there = [&](const OtherKeyVerdict& other) {
        return !other.chain || is_valid(other);
    };
    return tls_up(endpoint) && is_valid(endpoint) &&
           std::ranges::all_of(endpoint.other_keys, is_valid_if_there);
}

/// Whether a policy in mode enforce covers every host, also those that were not reached.
bool is_enforced_for_all(const Verdict& verdict)
{
    const auto is_covered = [](const HostVerdict& host) { return host.sts_covered == true; };
    return verdict.mta_sts->is_enforced() && std::ranges::all_of(verdict.hosts, is_covered);
}

bool satisfies_mta_sts(const EndpointVerdict& endpoint)
{
    const auto is_satisfied_if_there = [](const OtherKeyVerdict& other) {
        return other.sts_verified != false;
    };
    return tls_up(endpoint) && endpoint.sts_verified == true &&
           std::ranges::all_of(endpoint.other_keys, is_satisfied_if_there);
}

/// Whole number below, where a mean that is whole but for the rounding of its parts counts as whole.
int rounded_down(double mean)
{
    constexpr double rounding = 1e-9;
    return static_cast<int>(std::floor(mean + rounding));
}

/// The mean of hosts in order of preference, where each further preference weighs half as much. Scaled so
/// that the first host weighs 1: a weight vanishes only where it does not matter.
class WeightedMean
{
public:
    void add(const std::optional<double>& mean, std::optional<std::uint16_t> preference)
    {
        if (weights_ > 0 && preference != preference_)
            weight_ /= 2;
        preference_ = preference;
        if (!mean)
            return;
        sum_ += weight_ * *mean;
        weights_ += weight_;
    }

    std::optional<double> get() const { return weights_ > 0 ? std::optional(sum_ / weights_) : std::nullopt; }

private:
    std::optional<std::uint16_t> preference_;
    double weight_ = 1;
    double weights_ = 0;
    double sum_ = 0;
};

} // namespace

bool any_judged(const std::vector<HostVerdict>& hosts)
{
    return std::ranges::any_of(hosts, [](const HostVerdict& host) {
        return std::ranges::any_of(host.endpoints, &EndpointVerdict::judged);
    });
}

std::vector<Reason> reasons_of(const EndpointVerdict& endpoint, const std::string& host)
{
    if (tls_up(endpoint)) {
        auto losses = losses_of(endpoint, host);
        hold_above_floor(losses);
        return losses;
    }
    if (!endpoint.stopped_by)
        return {};
    return {{endpoint.judged ? no_tls : not_judged, *endpoint.stopped_by, host}};
}

Confidence rate(std::vector<HostVerdict>& hosts, bool ignore_unreachable)
{
    const bool ignore = ignore_unreachable && any_judged(hosts);
    Confidence confidence;
    WeightedMean domain;
    for (auto& host : hosts) {
        const auto share = rate_host(host, ignore);
        if (share.mean)
            host.factor = rounded_down(*share.mean);
        domain.add(share.mean, host.preference);
        for (const auto& reason : share.reasons) {
            if (std::ranges::find(confidence.reasons, reason) == confidence.reasons.end())
                confidence.reasons.push_back(reason);
        }
    }
    if (const auto mean = domain.get())
        confidence.factor = rounded_down(*mean);
    return confidence;
}

void add_extras(Confidence& confidence, const Verdict& verdict, bool mx_is_secure)
{
    const auto add = [&](Policy policy, bool holds) {
        confidence.max += extra_points;
        confidence.extras.push_back({policy, holds && confidence.factor ? extra_points : 0});
    };
    if (mx_is_secure && std::ranges::any_of(verdict.hosts, has_dane))
        add(Policy::dane, everywhere(verdict, has_valid_dane));
    if (verdict.mta_sts && !verdict.mta_sts->id.empty())
        add(Policy::mta_sts, is_enforced_for_all(verdict) && everywhere(verdict, satisfies_mta_sts));
    if (confidence.factor)
        *confidence.factor += confidence.bonus();
}

} // namespace probe
