// A presented name, a line feed, and the reference name that it should match.
#include "probe/identity.hpp"

#include "tests/fuzz/promise.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace
{

using fuzz::require;

std::string upper(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), fuzz::upper);
    return result;
}

std::string_view without_dot(std::string_view name)
{
    return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

smtp::Certificate certificate_for(std::string_view presented)
{
    const smtp::Certificate certificate(X509_new(), X509_free);
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
        sk_GENERAL_NAME_new_null(), GENERAL_NAMES_free
    );
    auto* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, presented.data(), static_cast<int>(presented.size()));
    auto* name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    sk_GENERAL_NAME_push(names.get(), name);
    X509_add1_ext_i2d(certificate.get(), NID_subject_alt_name, names.get(), 0, 0);
    return certificate;
}

/// Letters, digits and hyphens, these not at the ends of a label (RFC 1123 §2.1).
bool is_strict(std::string_view name)
{
    const auto ends_label = [](char octet) { return octet == '.' || octet == '-'; };
    char before = '.';
    for (const char octet : name) {
        if (octet == '_' || (ends_label(before) && ends_label(octet) && before != octet))
            return false;
        before = octet;
    }
    return before != '-';
}

/// Where we see a match, OpenSSL sees one too. It lets no wildcard stand for what is no strict name, and
/// minds trailing dots.
void check_with_openssl(
    const smtp::Certificate& certificate, std::string_view presented, std::string_view reference
)
{
    if (presented.ends_with('.') || !is_strict(without_dot(reference)))
        return;
    const auto name = without_dot(reference);
    const int found = X509_check_host(
        certificate.get(), name.data(), name.size(),
        X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr
    );
    ERR_clear_error();
    require(found == 1, "OpenSSL sees each match that we see");
}

void check_match(std::string_view presented, std::string_view reference)
{
    const std::string name(without_dot(reference));
    require(fuzz::is_printable(presented) && fuzz::is_printable(reference), "only host names match");
    require(!name.empty() && name.find_first_of("* ") == std::string::npos, "no pattern is a reference");
    require(probe::names_host(upper(presented), upper(reference)), "case says nothing");
    require(probe::names_host(name, name), "a name names itself");
    require(!probe::names_host(presented, name + "x"), "one name, not what begins like it");
    require(!probe::names_host(presented, "sub." + name), "one label, not what ends like it");
    if (presented.starts_with("*."))
        require(name.find('.') != std::string::npos, "a wildcard stands for a whole label");
    else
        require(fuzz::same_but_for_case(without_dot(presented), name), "without a wildcard, it is the name");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto text = fuzz::as_text({data, size});
    const auto end = std::min(text.find('\n'), text.size());
    const auto presented = text.substr(0, end);
    const auto reference = text.substr(std::min(end + 1, text.size()));

    const bool matches = probe::names_host(presented, reference);
    const auto certificate = certificate_for(presented);
    const auto identity = probe::identify(certificate, std::string(reference));
    require(identity.matched.has_value() == matches, "a certificate matches as its name does");
    require((identity.by == probe::Identity::By::san) == matches, "the name in it is of subjectAltName");
    if (!matches)
        return 0;
    check_match(presented, reference);
    check_with_openssl(certificate, presented, reference);
    return 0;
}
