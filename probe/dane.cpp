#include "probe/dane.hpp"

#include "probe/anchored_path.hpp"
#include "probe/identity.hpp"
#include "probe/x509.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace probe
{

namespace
{

using Octets = std::vector<std::uint8_t>;

constexpr std::size_t told_octets = 200; // of each name
constexpr std::string_view left_out =
    "senders leave it out beside a stronger digest of the same usage and selector";

Octets digest(const Octets& octets, const EVP_MD* algorithm)
{
    Octets digest(EVP_MAX_MD_SIZE);
    unsigned int length = 0;
    EVP_Digest(octets.data(), octets.size(), digest.data(), &length, algorithm, nullptr);
    digest.resize(length);
    return digest;
}

template <auto Encode>
Octets encoded(auto* what)
{
    Octets octets(static_cast<std::size_t>(std::max(Encode(what, nullptr), 0)));
    auto* at = octets.data();
    if (!octets.empty())
        Encode(what, &at);
    return octets;
}

/// All that a usable record may say of one certificate.
class Descriptions
{
public:
    explicit Descriptions(const smtp::Certificate& certificate)
    {
        by_selector_[whole_certificate][full_data] = encoded<i2d_X509>(certificate.get());
        by_selector_[public_key][full_data] =
            encoded<i2d_X509_PUBKEY>(X509_get_X509_PUBKEY(certificate.get()));
        for (auto& by_matching : by_selector_) {
            by_matching[sha_256] = digest(by_matching[full_data], EVP_sha256());
            by_matching[sha_512] = digest(by_matching[full_data], EVP_sha512());
        }
    }

    const Octets& at(std::uint8_t selector, std::uint8_t matching) const
    {
        return by_selector_[selector][matching];
    }

    bool has(const dns::Tlsa& usable) const { return at(usable.selector, usable.matching) == usable.data; }

private:
    std::array<std::array<Octets, 3>, 2> by_selector_;
};

class Judge
{
public:
    explicit Judge(const DaneQuestion& question);
    DaneVerdict judge();

private:
    void judge_alone(JudgedTlsa& judged);
    void judge_end_entity(JudgedTlsa& judged) const;
    void judge_anchor(JudgedTlsa& judged);
    void judge_path(JudgedTlsa& judged, bool sent);
    void leave_out_weaker(std::vector<JudgedTlsa>& records) const;
    std::optional<std::size_t> authenticating(const std::vector<JudgedTlsa>& records) const;
    bool own_is(const dns::Tlsa& usable) const { return !sent_.empty() && sent_.front().has(usable); }
    bool issuer_is(const dns::Tlsa& usable) const;

    const DaneQuestion& question_;
    std::vector<Descriptions> sent_; // as question_.chain
    std::string name_fault_;         // empty where the certificate has one of the names
    std::size_t tried_ = 0;
};

std::string fault_of_name(const DaneQuestion& question)
{
    if (question.chain.empty())
        return {};
    std::vector<std::string> told;
    for (const auto& name : question.names) {
        if (identify(question.chain.front(), name).matched)
            return {};
        told.push_back(shown(name, told_octets));
    }
    if (told.empty())
        return "there is no name that the certificate could carry";
    return fmt::format("the certificate does not name {}", fmt::join(told, " or "));
}

Judge::Judge(const DaneQuestion& question)
    : question_(question),
      sent_(question.chain.begin(), question.chain.end()),
      name_fault_(fault_of_name(question))
{}

/// The server's own certificate is no issuer, also where it was sent again.
bool Judge::issuer_is(const dns::Tlsa& usable) const
{
    return std::any_of(sent_.begin(), sent_.end(), [&](const Descriptions& sent) {
        const bool own =
            sent.at(whole_certificate, full_data) == sent_.front().at(whole_certificate, full_data);
        return !own && sent.has(usable);
    });
}

void Judge::judge_alone(JudgedTlsa& judged)
{
    judged.why = unusable_reason(judged.record);
    if (!judged.why.empty())
        return;
    judged.state = TlsaState::not_matched;
    if (judged.record.usage == dane_ee)
        judge_end_entity(judged);
    else
        judge_anchor(judged);
}

void Judge::judge_end_entity(JudgedTlsa& judged) const
{
    if (own_is(judged.record))
        judged.state = TlsaState::matched;
    else if (issuer_is(judged.record))
        judged.why = "it describes an issuer's certificate, which only usage 2 matches";
}

void Judge::judge_anchor(JudgedTlsa& judged)
{
    const bool sent = issuer_is(judged.record);
    // Whoever publishes the whole anchor need not send it (RFC 7671 §5.2.3).
    if (!question_.chain.empty() && (sent || judged.record.matching == full_data))
        judge_path(judged, sent);
    if (judged.state == TlsaState::not_matched && own_is(judged.record))
        judged.why = "it describes the server's own certificate, which only usage 3 matches";
}

void Judge::judge_path(JudgedTlsa& judged, bool sent)
{
    if (++tried_ > tried_anchors) {
        judged.state = TlsaState::unusable;
        judged.why = fmt::format("more than {} trust anchors are not tried", tried_anchors);
        return;
    }
    const auto path = find_anchored_path(question_.chain, {&judged.record, 1}, question_.moment);
    if (!path.found && !sent)
        return;
    judged.state = TlsaState::matched;
    if (!path.found)
        judged.why = "the server's own certificate does not lead to the one that it describes";
    else
        judged.why = path.fault.empty() ? name_fault_ : path.fault;
}

/// RFC 7671 §9. The higher matching type is the stronger digest; full data is none.
void Judge::leave_out_weaker(std::vector<JudgedTlsa>& records) const
{
    std::array<std::array<std::uint8_t, 2>, 4> strongest{}; // by usage and selector
    for (const auto& [record, state, why] : records) {
        if (state == TlsaState::unusable)
            continue;
        auto& best = strongest[record.usage][record.selector];
        best = std::max(best, record.matching);
    }
    for (auto& [record, state, why] : records) {
        if (state == TlsaState::matched && record.matching != full_data &&
            record.matching < strongest[record.usage][record.selector])
            why = left_out;
    }
}

std::optional<std::size_t> Judge::authenticating(const std::vector<JudgedTlsa>& records) const
{
    std::vector<dns::Tlsa> anchors;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto& [record, state, why] = records[i];
        if (record.usage == dane_ee && state == TlsaState::matched && why.empty())
            return i;
        if (record.usage == dane_ta && state != TlsaState::unusable)
            anchors.push_back(record);
    }
    if (tried_ == 0 || !name_fault_.empty())
        return std::nullopt;

    // All at once, as senders do: where several fit, which one OpenSSL comes to first decides.
    const auto path = find_anchored_path(question_.chain, anchors, question_.moment);
    const auto place = std::find_if(records.begin(), records.end(), [&](const JudgedTlsa& judged) {
        return path.anchor && judged.record == *path.anchor;
    });
    if (place == records.end())
        return std::nullopt;
    return static_cast<std::size_t>(place - records.begin());
}

std::string reason_of_invalid(const DaneQuestion& question, const std::vector<JudgedTlsa>& records)
{
    if (question.chain.empty())
        return "the server sent no certificate";
    const JudgedTlsa* telling = nullptr;
    for (const auto& judged : records) {
        if (judged.state == TlsaState::matched && (telling == nullptr || telling->why == left_out))
            telling = &judged;
    }
    if (telling == nullptr)
        return "no record matches the certificates that the server sent";
    return fmt::format(
        "the record {} {} {} matches, but {}", telling->record.usage, telling->record.selector,
        telling->record.matching, telling->why.empty() ? "not beside the others" : telling->why
    );
}

DaneVerdict Judge::judge()
{
    DaneVerdict verdict;
    for (const auto& record : question_.records) {
        verdict.records.push_back({.record = record});
        judge_alone(verdict.records.back());
    }
    leave_out_weaker(verdict.records);
    verdict.by = authenticating(verdict.records);
    if (verdict.by)
        verdict.state = DaneState::valid;
    else if (std::ranges::all_of(verdict.records, [](const JudgedTlsa& judged) {
                 return judged.state == TlsaState::unusable;
             }))
        verdict.state = DaneState::unusable;
    else {
        verdict.state = DaneState::invalid;
        verdict.why = reason_of_invalid(question_, verdict.records);
    }
    return verdict;
}

} // namespace

std::string_view name(TlsaState state) noexcept
{
    switch (state) {
    case TlsaState::matched:
        return "matched";
    case TlsaState::not_matched:
        return "not-matched";
    case TlsaState::unusable:
        return "unusable";
    }
    return {};
}

std::string_view name(DaneState state) noexcept
{
    switch (state) {
    case DaneState::none:
        return "none";
    case DaneState::valid:
        return "valid";
    case DaneState::invalid:
        return "invalid";
    case DaneState::unusable:
        return "unusable";
    case DaneState::error:
        return "error";
    }
    return {};
}

DaneVerdict judge_dane(const DaneQuestion& question)
{
    if (question.records.empty())
        return {};
    auto verdict = Judge(question).judge();
    ERR_clear_error(); // of what could not be read: left there, it would look like the next session's
    return verdict;
}

bool describes(const dns::Tlsa& usable, const smtp::Certificate& certificate)
{
    return Descriptions(certificate).has(usable);
}

std::vector<dns::Tlsa> tlsa_records_for(const DaneQuestion& question)
{
    if (question.chain.empty())
        return {};
    std::vector<dns::Tlsa> issuers;
    for (const auto& certificate : question.chain.subspan(1)) {
        const dns::Tlsa issuer{
            dane_ta, public_key, sha_256, Descriptions(certificate).at(public_key, sha_256)};
        if (std::ranges::find(issuers, issuer) == issuers.end())
            issuers.push_back(issuer);
    }
    auto asked = question;
    asked.records = issuers;

    std::vector<dns::Tlsa> records{
        {dane_ee, public_key, sha_256, Descriptions(question.chain.front()).at(public_key, sha_256)}};
    for (auto& judged : judge_dane(asked).records) {
        if (judged.state == TlsaState::matched && judged.why.empty())
            records.push_back(std::move(judged.record));
    }
    return records;
}

} // namespace probe
