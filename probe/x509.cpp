#include "probe/x509.hpp"

#include "smtp/printable.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>

#include <fmt/chrono.h>

#include <array>
#include <ctime>

namespace probe
{

namespace
{

/// As UTF-8 where its type is BMPString or UniversalString, whose octets say nothing to a reader.
std::string text_of(const ASN1_STRING* string)
{
    const int type = ASN1_STRING_type(string);
    if (type != V_ASN1_BMPSTRING && type != V_ASN1_UNIVERSALSTRING)
        return std::string(octets_of(string));
    unsigned char* converted = nullptr;
    const int length = ASN1_STRING_to_UTF8(&converted, string);
    if (length < 0)
        return std::string(octets_of(string));
    std::string text(reinterpret_cast<const char*>(converted), static_cast<std::size_t>(length));
    OPENSSL_free(converted);
    return text;
}

std::string curve_of(const EVP_PKEY* key)
{
    std::array<char, 80> name{};
    if (EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) != 1)
        return std::to_string(EVP_PKEY_get_bits(key));
    const char* nist = EC_curve_nid2nist(OBJ_sn2nid(name.data()));
    return nist != nullptr ? nist : name.data();
}

} // namespace

std::string shown(std::string_view octets, std::size_t limit)
{
    auto text = smtp::printable(octets.substr(0, limit));
    if (text.size() <= limit && octets.size() <= limit)
        return text;
    text.resize(limit - 3);
    return text + "...";
}

std::string_view octets_of(const ASN1_STRING* string) noexcept
{
    return {
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
        static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string hexadecimal(std::string_view octets)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(octets.size() * 2);
    for (const char octet : octets) {
        const auto value = static_cast<unsigned char>(octet);
        text += digits[value >> 4];
        text += digits[value & 15];
    }
    return text;
}

std::string object_name(const ASN1_OBJECT* object)
{
    const char* short_name = OBJ_nid2sn(OBJ_obj2nid(object));
    if (OBJ_obj2nid(object) != NID_undef && short_name != nullptr)
        return short_name;
    std::array<char, 80> dotted{};
    OBJ_obj2txt(dotted.data(), static_cast<int>(dotted.size()), object, 1);
    return dotted.data();
}

std::chrono::sys_seconds moment_of(const ASN1_TIME* time)
{
    std::tm fields{};
    if (ASN1_TIME_to_tm(time, &fields) != 1)
        return {};
    return std::chrono::sys_seconds(std::chrono::seconds(timegm(&fields)));
}

std::string date_of(std::chrono::sys_seconds moment)
{
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(moment)));
}

GeneralNames alternative_names(const X509* certificate)
{
    return GeneralNames(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))
    );
}

std::optional<std::string> common_name_of(const X509* certificate)
{
    const auto* subject = X509_get_subject_name(certificate);
    int last = -1;
    for (int next = -1; (next = X509_NAME_get_index_by_NID(subject, NID_commonName, next)) >= 0;)
        last = next;
    if (last < 0)
        return std::nullopt;
    return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)));
}

std::string distinguished_name(const X509_NAME* name, std::size_t limit)
{
    std::string text;
    const int count = X509_NAME_entry_count(name);
    for (int i = 0; i < count && text.size() <= limit; ++i) {
        const auto* entry = X509_NAME_get_entry(name, i);
        text += '/' + object_name(X509_NAME_ENTRY_get_object(entry)) + '=';
        text += text_of(X509_NAME_ENTRY_get_data(entry));
    }
    return shown(text, limit);
}

std::string serial_of(const X509* certificate, std::size_t limit)
{
    const auto* serial = X509_get0_serialNumber(certificate);
    const auto digits = hexadecimal(octets_of(serial).substr(0, limit / 2 - 1));
    return ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER ? "-" + digits : digits;
}

bool is_root(const X509* certificate) noexcept
{
    // OpenSSL caches the flags in the certificate, which is why it does not take a constant one.
    return (X509_get_extension_flags(const_cast<X509*>(certificate)) & EXFLAG_SS) != 0;
}

std::string key_of(const X509* certificate)
{
    const auto* key = X509_get0_pubkey(certificate);
    if (key == nullptr)
        return "unknown";
    const auto bits = std::to_string(EVP_PKEY_get_bits(key));
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        return "RSA " + bits;
    case EVP_PKEY_RSA_PSS:
        return "RSA-PSS " + bits;
    case EVP_PKEY_DSA:
        return "DSA " + bits;
    case EVP_PKEY_EC:
        return "EC " + curve_of(key);
    case EVP_PKEY_ED25519:
        return "Ed25519";
    case EVP_PKEY_ED448:
        return "Ed448";
    default:
        break;
    }
    const char* type = EVP_PKEY_get0_type_name(key);
    return shown(type != nullptr ? type + (" " + bits) : "unknown " + bits);
}

std::string signature_of(const X509* certificate)
{
    const ASN1_OBJECT* algorithm = nullptr;
    X509_ALGOR_get0(&algorithm, nullptr, nullptr, X509_get0_tbs_sigalg(certificate));
    std::array<char, 80> name{};
    OBJ_obj2txt(name.data(), static_cast<int>(name.size()), algorithm, 0);
    return shown(name.data());
}

} // namespace probe
