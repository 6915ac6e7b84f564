#include "probe/certificate.hpp"

#include "probe/x509.hpp"

#include <openssl/evp.h>

#include <array>
#include <span>

#include <arpa/inet.h>

namespace probe
{

namespace
{

constexpr std::size_t max_names = 100; // of subjectAltName

struct OpenSslFree
{
    void operator()(void* memory) const noexcept { OPENSSL_free(memory); }
};
using Octets = std::unique_ptr<unsigned char, OpenSslFree>;

std::string address_of(std::string_view octets)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = octets.size() == 4 ? AF_INET : AF_INET6;
    if (octets.size() != 4 && octets.size() != 16)
        return hexadecimal(octets.substr(0, max_text / 2));
    inet_ntop(family, octets.data(), text.data(), text.size());
    return text.data();
}

std::string name_of(const GENERAL_NAME* name)
{
    switch (name->type) {
    case GEN_DNS:
        return shown("DNS:" + std::string(octets_of(name->d.dNSName)));
    case GEN_IPADD:
        return "IP:" + address_of(octets_of(name->d.iPAddress));
    case GEN_EMAIL:
        return shown("email:" + std::string(octets_of(name->d.rfc822Name)));
    case GEN_URI:
        return shown("URI:" + std::string(octets_of(name->d.uniformResourceIdentifier)));
    case GEN_DIRNAME:
        return "DirName:" + distinguished_name(name->d.directoryName);
    case GEN_RID:
        return "RID:" + object_name(name->d.registeredID);
    case GEN_OTHERNAME:
        return "othername:" + object_name(name->d.otherName->type_id);
    default:
        return "unsupported";
    }
}

std::vector<std::string> names_of(const X509* certificate)
{
    std::vector<std::string> names;
    const auto all = alternative_names(certificate);
    const int count = all ? sk_GENERAL_NAME_num(all.get()) : 0;
    for (int i = 0; i < count && names.size() < max_names; ++i)
        names.push_back(name_of(sk_GENERAL_NAME_value(all.get(), i)));
    return names;
}

std::string sha256_of(std::span<const unsigned char> octets)
{
    std::array<unsigned char, 32> digest{};
    EVP_Digest(octets.data(), octets.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    return hexadecimal({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

/// SHA-256 of whatever Encode writes as DER.
template <auto Encode, typename Object>
std::string digest_of(Object* object)
{
    unsigned char* der = nullptr;
    const int length = Encode(object, &der);
    if (length < 0)
        return {};
    const Octets owner(der);
    return sha256_of({der, static_cast<std::size_t>(length)});
}

} // namespace

CertificateFacts describe(const smtp::Certificate& certificate)
{
    const auto* x509 = certificate.get();
    return {
        .subject = distinguished_name(X509_get_subject_name(x509)),
        .issuer = distinguished_name(X509_get_issuer_name(x509)),
        .serial = serial_of(x509),
        .not_before = moment_of(X509_get0_notBefore(x509)),
        .not_after = moment_of(X509_get0_notAfter(x509)),
        .key = key_of(x509),
        .signature = signature_of(x509),
        .names = names_of(x509),
        .common_name = shown(common_name_of(x509).value_or("")),
        .sha256 = digest_of<i2d_X509>(x509),
        .spki_sha256 = digest_of<i2d_X509_PUBKEY>(X509_get_X509_PUBKEY(x509)),
    };
}

} // namespace probe
