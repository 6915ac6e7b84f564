#include "probe/order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace probe
{

namespace
{

constexpr std::size_t told_octets = 200; // of a name
constexpr std::size_t told_digits = 44;  // of a serial number, which has no more (RFC 5280 §4.1.2.2)
constexpr std::size_t told_of_a_kind = 5;

bool same(const X509* one, const X509* other)
{
    return X509_cmp(one, other) == 0;
}

/// By names and key identifiers. Who may not sign certificates, yet did, is another finding's matter.
bool certifies(X509* issuer, X509* certificate)
{
    const int answer = X509_check_issued(issuer, certificate);
    return !same(issuer, certificate) && (answer == X509_V_OK || answer == X509_V_ERR_KEYUSAGE_NO_CERTSIGN);
}

/// Issued to the same subject and key.
bool are_versions(const X509* one, const X509* other)
{
    const auto* key = X509_get0_pubkey(one);
    return X509_NAME_cmp(X509_get_subject_name(one), X509_get_subject_name(other)) == 0 && key != nullptr &&
           EVP_PKEY_eq(key, X509_get0_pubkey(other)) == 1;
}

bool have_one_issuer(const X509* one, const X509* other)
{
    return X509_NAME_cmp(X509_get_issuer_name(one), X509_get_issuer_name(other)) == 0;
}

struct Sent
{
    X509* certificate = nullptr;
    std::size_t place = 0; // as sent, from 1
    bool on_a_path = false;
    bool told = false;
};

class Arrangement
{
public:
    Arrangement(std::span<const smtp::Certificate> chain, const Path& path);

    void find_copies();
    void find_versions();
    void find_roots();
    void find_unrelated();
    void find_misplaced();

    Order finish();

private:
    std::string label(const Sent& sent) const;
    void climb();
    void find_versions_of(Sent& one);
    void tell(Code code, std::string message);

    std::span<const smtp::Certificate> chain_;
    const Path& path_;
    std::vector<Sent> different_; // the first max_compared
    std::size_t not_compared_ = 0;
    std::map<Code, std::vector<std::string>> messages_;
    std::vector<std::string> remarks_;
};

Arrangement::Arrangement(std::span<const smtp::Certificate> chain, const Path& path)
    : chain_(chain), path_(path), remarks_(chain.size())
{}

/// "certificate 2 of 3, /CN=Example CA,".
std::string Arrangement::label(const Sent& sent) const
{
    const auto name = distinguished_name(X509_get_subject_name(sent.certificate), told_octets);
    return fmt::format(
        "certificate {} of {}, {},", sent.place, chain_.size(), name.empty() ? "without a subject" : name
    );
}

void Arrangement::tell(Code code, std::string message)
{
    messages_[code].push_back(std::move(message));
}

void Arrangement::find_copies()
{
    const auto less = [](const X509* one, const X509* other) { return X509_cmp(one, other) < 0; };
    std::map<const X509*, std::size_t, decltype(less)> places(less);
    for (std::size_t i = 0; i < chain_.size(); ++i) {
        const Sent sent{.certificate = chain_[i].get(), .place = i + 1};
        const auto [first, is_new] = places.emplace(sent.certificate, sent.place);
        if (!is_new) {
            remarks_[i] = fmt::format("the same as certificate {}", first->second);
            tell(Code::chain_duplicate, fmt::format("{} is {}", label(sent), remarks_[i]));
        } else if (different_.size() < max_compared)
            different_.push_back(sent);
        else
            not_compared_ += path_.uses(sent.certificate) ? 0 : 1;
    }
    climb();
}

/// From the server's own upwards: what certifies something that stands on a path stands on one too.
void Arrangement::climb()
{
    std::vector<X509*> reached(path_.certificates().begin(), path_.certificates().end());
    for (auto& sent : different_)
        sent.on_a_path = path_.uses(sent.certificate);
    for (std::size_t i = 0; i < reached.size(); ++i) {
        for (auto& sent : different_) {
            if (sent.on_a_path || !certifies(sent.certificate, reached[i]))
                continue;
            sent.on_a_path = true;
            reached.push_back(sent.certificate);
        }
    }
}

/// The trap of an appliance whose certificate was renewed: the old one stays beside the new one.
void Arrangement::find_versions()
{
    for (auto& one : different_) {
        if (path_.uses(one.certificate))
            find_versions_of(one);
    }
}

void Arrangement::find_versions_of(Sent& one)
{
    const auto described = [](const Sent& sent) {
        return fmt::format(
            "certificate {} (serial {}, until {})", sent.place, serial_of(sent.certificate, told_digits),
            date_of(moment_of(X509_get0_notAfter(sent.certificate)))
        );
    };
    for (auto& other : different_) {
        if (other.told || path_.uses(other.certificate) || !are_versions(one.certificate, other.certificate))
            continue;
        // An authority with two issuers is cross-signed, which is no mistake; a server's own certificate is
        // not.
        if (one.place > 1 && !have_one_issuer(one.certificate, other.certificate))
            continue;
        other.told = true;
        remarks_[other.place - 1] = fmt::format("another version of certificate {}", one.place);
        tell(
            Code::chain_duplicate,
            fmt::format(
                "{} is another version of certificate {}, with the same subject and key: {} is in "
                "use, {} is not",
                label(other), one.place, described(one), described(other)
            )
        );
    }
}

void Arrangement::find_roots()
{
    for (auto& sent : different_) {
        if (sent.told || !sent.on_a_path || sent.place == 1 || !is_root(sent.certificate))
            continue;
        sent.told = true;
        tell(
            Code::chain_root_included,
            fmt::format(
                "{} is a root: whoever trusts it has it already, so that sending it is harmless but needless",
                label(sent)
            )
        );
    }
}

void Arrangement::find_unrelated()
{
    if (not_compared_ > 0)
        tell(
            Code::chain_unrelated,
            fmt::format(
                "the server sent {} certificates: {} of them are not in use, and were not looked into",
                chain_.size(), not_compared_
            )
        );
    for (auto& sent : different_) {
        if (sent.told || sent.on_a_path)
            continue;
        sent.told = true;
        tell(
            Code::chain_unrelated,
            fmt::format("{} stands on no path from the server's own certificate", label(sent))
        );
    }
}

void Arrangement::find_misplaced()
{
    for (std::size_t i = 1; i < different_.size(); ++i) {
        auto& issuer = different_[i];
        const auto certified = std::find_if(different_.begin(), different_.end(), [&](const Sent& sent) {
            return sent.place > issuer.place && !sent.told && !issuer.told &&
                   certifies(issuer.certificate, sent.certificate) &&
                   !certifies(sent.certificate, issuer.certificate);
        });
        if (certified == different_.end())
            continue;
        tell(
            Code::chain_misordered,
            fmt::format(
                "{} stands before certificate {}, {}, which it certifies: each should be followed by the one "
                "that certifies it",
                label(issuer), certified->place,
                distinguished_name(X509_get_subject_name(certified->certificate), told_octets)
            )
        );
    }
}

Order Arrangement::finish()
{
    Order order{.findings = {}, .remarks = std::move(remarks_)};
    for (auto& [code, messages] : messages_) {
        const auto told = std::min(messages.size(), told_of_a_kind);
        if (messages.size() > told)
            messages[told - 1] += fmt::format(" (and {} more likewise)", messages.size() - told);
        for (std::size_t i = 0; i < told; ++i)
            order.findings.push_back(usual_finding(code, std::move(messages[i])));
    }
    return order;
}

} // namespace

Order judge_order(std::span<const smtp::Certificate> chain, const Path& path)
{
    Arrangement arrangement(chain, path);
    // The most fitting first: what one of them has told, the others leave out.
    arrangement.find_copies();
    arrangement.find_versions();
    arrangement.find_roots();
    arrangement.find_unrelated();
    arrangement.find_misplaced();
    return arrangement.finish();
}

} // namespace probe
