#include "probe/missing_issuer.hpp"

#include <algorithm>
#include <span>

namespace probe
{

namespace
{

constexpr std::size_t max_versions = 4;   // of one issuer that are tried
constexpr std::size_t max_ancestors = 20; // of one version

struct Version
{
    X509* certificate = nullptr;
    bool given = false;
};

bool named_issuer(const X509* issuer, const X509* of)
{
    return X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(of)) == 0;
}

bool issued(X509* issuer, X509* certificate)
{
    return X509_check_issued(issuer, certificate) == X509_V_OK &&
           X509_verify(certificate, X509_get0_pubkey(issuer)) == 1;
}

template <class Visit>
void each_known(const Evidence& evidence, Visit visit)
{
    for (const auto& certificate : evidence.given)
        visit(Version{certificate.get(), true});
    for (const auto& certificate : evidence.seen)
        visit(Version{certificate.get(), false});
}

std::vector<Version> versions_of_issuer(X509* certificate, const Evidence& evidence)
{
    std::vector<Version> versions;
    each_known(evidence, [&](Version known) {
        const bool again = std::any_of(versions.begin(), versions.end(), [&](const Version& version) {
            return X509_cmp(version.certificate, known.certificate) == 0;
        });
        if (versions.size() < max_versions && !again && named_issuer(known.certificate, certificate) &&
            issued(known.certificate, certificate))
            versions.push_back(known);
    });
    return versions;
}

/// A version, and whoever stands above it; not the other versions, which OpenSSL might prefer.
std::vector<X509*> with_ancestors(X509* version, const Evidence& evidence)
{
    const auto* own_name = X509_get_subject_name(version);
    std::vector<X509*> line{version};
    for (std::size_t i = 0; i < line.size(); ++i) {
        each_known(evidence, [&](Version known) {
            const auto* name = X509_get_subject_name(known.certificate);
            if (line.size() <= max_ancestors && named_issuer(known.certificate, line[i]) &&
                X509_NAME_cmp(name, own_name) != 0 &&
                std::find(line.begin(), line.end(), known.certificate) == line.end() &&
                issued(known.certificate, line[i]))
                line.push_back(known.certificate);
        });
    }
    return line;
}

} // namespace

std::optional<Completion> complete(const Path& path, const ChainQuestion& question, const TrustStore& trust)
{
    std::optional<Completion> best;
    if (question.evidence == nullptr || !path.lacks_issuer())
        return best;
    const auto versions = versions_of_issuer(path.top(), *question.evidence);
    for (const auto& version : versions) {
        const auto further = with_ancestors(version.certificate, *question.evidence);
        Path longer(question.chain, further, trust, question.moment);
        const bool verifies = longer.faults().empty();
        if (!best || verifies)
            best = Completion{version.certificate, version.given, versions.size(), std::move(longer)};
        if (verifies)
            break;
    }
    return best;
}

} // namespace probe
