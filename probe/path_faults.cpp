#include "probe/path_faults.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace probe
{

namespace
{

constexpr std::size_t told_octets = 200; // of a name

Code code_of(int error)
{
    switch (error) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return Code::certificate_self_signed;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
        return Code::certificate_expired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
        return Code::certificate_not_yet_valid;
    case X509_V_ERR_INVALID_PURPOSE:
        return Code::certificate_purpose;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
    case X509_V_ERR_INVALID_EXTENSION:
    case X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED:
        return Code::certificate_constraint;
    default:
        return Code::certificate_not_trusted; // whatever else there may be, it is no reason to trust
    }
}

/// The faults of one certificate that bear the same code: one finding.
struct Group
{
    Code code{};
    std::size_t depth = 0;
    std::vector<int> errors;
};

std::vector<Group> grouped(std::span<const Fault> faults)
{
    std::vector<Group> groups;
    for (const auto& fault : faults) {
        const auto code = code_of(fault.error);
        const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
            return group.code == code && group.depth == fault.depth;
        });
        if (same == groups.end())
            groups.push_back({code, fault.depth, {fault.error}});
        else
            same->errors.push_back(fault.error);
    }
    return groups;
}

std::string subject(const X509* certificate)
{
    const auto name = distinguished_name(X509_get_subject_name(certificate), told_octets);
    return name.empty() ? "without a subject" : name;
}

std::string unknown_extension_of(const X509* certificate)
{
    for (int i = 0; i < X509_get_ext_count(certificate); ++i) {
        auto* extension = X509_get_ext(certificate, i);
        if (X509_EXTENSION_get_critical(extension) != 0 && X509_supported_extension(extension) == 0)
            return object_name(X509_EXTENSION_get_object(extension));
    }
    return "of any kind";
}

std::string broken_constraint(int error, const X509* certificate)
{
    switch (error) {
    case X509_V_ERR_INVALID_CA:
        return "it may not issue certificates";
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
        return "its key may not sign certificates";
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
        return "more authorities stand below it than its path length allows";
    case X509_V_ERR_PERMITTED_VIOLATION:
        return "it has a name outside of those that an authority above it may issue for";
    case X509_V_ERR_EXCLUDED_VIOLATION:
        return "it has a name that an authority above it may not issue for";
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
        return "it has a critical extension that is not known: " + unknown_extension_of(certificate);
    case X509_V_ERR_INVALID_EXTENSION:
        return "it has an extension that cannot be read";
    case X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED:
        return "it is a proxy certificate";
    default:
        return "its names cannot be held against the name constraints above it";
    }
}

std::string broken_constraints(std::span<const int> errors, const X509* certificate)
{
    std::string text;
    for (const int error : errors)
        text += (text.empty() ? "" : "; ") + broken_constraint(error, certificate);
    return text;
}

std::string not_trusted(const X509* certificate, const std::string& name, std::span<const int> errors)
{
    if (errors.front() == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN)
        return fmt::format("the chain ends at the root {}, which is not trusted", subject(certificate));
    return fmt::format("{} cannot be trusted: {}", name, words(errors));
}

std::string sentence(const Group& group, const X509* certificate, const ChainQuestion& question)
{
    const auto name = which(certificate, group.depth);
    switch (group.code) {
    case Code::certificate_self_signed:
        return fmt::format("{} is signed by itself, and is not trusted", name);
    case Code::certificate_expired: {
        const auto end = date_of(moment_of(X509_get0_notAfter(certificate)));
        return fmt::format("{} expired on {}{}", name, end, as_of(question));
    }
    case Code::certificate_not_yet_valid: {
        const auto begin = date_of(moment_of(X509_get0_notBefore(certificate)));
        return fmt::format("{} is not valid before {}{}", name, begin, as_of(question));
    }
    case Code::certificate_purpose:
        return fmt::format("{} is not meant for TLS servers", name);
    case Code::certificate_constraint:
        return fmt::format("{} breaks a constraint: {}", name, broken_constraints(group.errors, certificate));
    default:
        return not_trusted(certificate, name, group.errors);
    }
}

/// " it (sent in another chain of this run)", for behind "would verify with".
std::string known_issuer(const Completion& completion)
{
    const std::string_view source =
        completion.given ? "given by --extra-certs" : "sent in another chain of this run";
    if (completion.versions == 1)
        return fmt::format("it ({})", source);
    return fmt::format(
        "one of the {} versions of it that are known (serial {}, {})", completion.versions,
        serial_of(completion.issuer, told_octets), source
    );
}

std::string with_issuer(const ChainQuestion& question, const Completion* completion)
{
    if (completion == nullptr)
        return ", and is not known here either";
    const auto issuer = known_issuer(*completion);
    const auto left = judge_faults(completion->path, question, nullptr);
    if (left.empty())
        return "; the chain would verify with " + issuer;
    const auto first = std::min_element(left.begin(), left.end(), [](const auto& one, const auto& other) {
        return one.code < other.code;
    });
    return fmt::format("; the chain would still not verify with {}: {}", issuer, first->message);
}

bool only_own_certificate_sent(const ChainQuestion& question)
{
    const auto* own = question.chain.front().get();
    return std::all_of(question.chain.begin(), question.chain.end(), [&](const smtp::Certificate& sent) {
        return X509_cmp(sent.get(), own) == 0;
    });
}

/// Contract, section 5: what is missing is an intermediate where none was sent, or where it is known.
Finding missing_issuer(const Path& path, const ChainQuestion& question, const Completion* completion)
{
    const bool is_known =
        completion != nullptr && (X509_get_extension_flags(completion->issuer) & EXFLAG_SS) == 0;
    const bool nothing_above = path.size() == 1 && only_own_certificate_sent(question);
    return usual_finding(
        is_known || nothing_above ? Code::chain_incomplete : Code::certificate_not_trusted,
        fmt::format(
            "{} was issued by {}, which was neither sent nor is a trusted root{}",
            which(path.top(), path.size() - 1),
            distinguished_name(X509_get_issuer_name(path.top()), told_octets),
            with_issuer(question, completion)
        )
    );
}

} // namespace

std::string which(const X509* certificate, std::size_t depth)
{
    const auto name = "the certificate " + subject(certificate);
    return depth == 0 ? name : fmt::format("{} at depth {}", name, depth);
}

std::string as_of(const ChainQuestion& question)
{
    const auto apart = question.moment - question.received;
    if (apart <= std::chrono::days(1) && apart >= -std::chrono::days(1))
        return {};
    return fmt::format(" (judged as of {})", date_of(question.moment));
}

std::string words(std::span<const int> errors)
{
    std::string text;
    for (const int error : errors)
        text += (text.empty() ? "" : "; ") + std::string(X509_verify_cert_error_string(error));
    return text;
}

std::vector<Finding>
judge_faults(const Path& path, const ChainQuestion& question, const Completion* completion)
{
    std::vector<Finding> findings;
    for (const auto& group : grouped(path.faults())) {
        const bool missing = group.code == Code::certificate_not_trusted && group.depth + 1 == path.size() &&
                             path.lacks_issuer();
        findings.push_back(
            missing ? missing_issuer(path, question, completion)
                    : usual_finding(group.code, sentence(group, path.at(group.depth), question))
        );
    }
    return findings;
}

} // namespace probe
