#include "smtp/handshake.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

namespace smtp
{
namespace
{

struct FreeKey
{
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};

/// OpenSSL writes the oldest one without its minor number.
std::string version_of(const SSL* ssl)
{
    return SSL_version(ssl) == TLS1_VERSION ? "TLSv1.0" : SSL_get_version(ssl);
}

/// The group of the peer's share of the key exchange. RSA key exchange has none.
std::string group_of(SSL* ssl)
{
    EVP_PKEY* share = nullptr;
    if (SSL_get_peer_tmp_key(ssl, &share) != 1)
        return {};
    const std::unique_ptr<EVP_PKEY, FreeKey> key(share);

    std::array<char, 64> name{};
    std::size_t length = 0;
    if (EVP_PKEY_get_group_name(key.get(), name.data(), name.size(), &length) == 1 && length > 0)
        return {name.data(), length};
    if (EVP_PKEY_is_a(key.get(), "DH"))
        return fmt::format("DH {}", EVP_PKEY_get_bits(key.get()));
    return EVP_PKEY_get0_type_name(key.get());
}

bool has_forward_secrecy(const SSL* ssl)
{
    switch (SSL_CIPHER_get_kx_nid(SSL_get_current_cipher(ssl))) {
    case NID_kx_any: // TLS 1.3
    case NID_kx_ecdhe:
    case NID_kx_dhe:
        return true;
    default:
        return false;
    }
}

std::string alpn_of(const SSL* ssl)
{
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &protocol, &size);
    return {protocol, protocol + size};
}

std::vector<Certificate> chain_of(const SSL* ssl)
{
    std::vector<Certificate> chain;
    const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(ssl);
    for (int i = 0; i < sk_X509_num(sent); ++i) {
        X509* certificate = sk_X509_value(sent, i);
        X509_up_ref(certificate);
        chain.emplace_back(certificate, X509_free);
    }
    return chain;
}

std::vector<std::uint8_t> staple_of(SSL* ssl)
{
    const unsigned char* response = nullptr;
    const long length = SSL_get_tlsext_status_ocsp_resp(ssl, &response);
    if (response == nullptr || length <= 0)
        return {};
    return {response, response + length};
}

/// OpenSSL says "sslv3 alert handshake failure", whatever the version; the first word only misleads.
Complaint alert_complaint(int alert, std::string_view reason)
{
    reason.remove_prefix(std::min(reason.find(' ') + 1, reason.size()));
    if (constexpr std::string_view word = "alert "; reason.starts_with(word))
        reason.remove_prefix(word.size());
    return {fmt::format("alert {} ({})", reason.empty() ? "unknown" : reason, alert), alert};
}

} // namespace

TlsFacts facts_of(SSL* ssl)
{
    TlsFacts facts;
    const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
    facts.version = version_of(ssl);
    facts.cipher = SSL_CIPHER_get_name(cipher);
    facts.bits = SSL_CIPHER_get_bits(cipher, nullptr);
    facts.group = group_of(ssl);
    facts.forward_secrecy = has_forward_secrecy(ssl);
    facts.resumed = SSL_session_reused(ssl) == 1;
    facts.alpn = alpn_of(ssl);
    facts.chain = chain_of(ssl);
    facts.ocsp_staple = staple_of(ssl);
    return facts;
}

Complaint take_complaint()
{
    const auto error = ERR_peek_error();
    ERR_clear_error();
    if (error == 0)
        return {};
    const char* words = ERR_reason_error_string(error);
    const std::string_view reason = words == nullptr ? "" : words;
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) >= SSL_AD_REASON_OFFSET)
        return alert_complaint(ERR_GET_REASON(error) - SSL_AD_REASON_OFFSET, reason);
    return {reason.empty() ? fmt::format("OpenSSL error {:x}", error) : std::string(reason), std::nullopt};
}

bool begins_record(std::string_view octets) noexcept
{
    constexpr char change_cipher_spec = 20;
    constexpr char application_data = 23;
    constexpr char major_version = 3;

    if (octets.empty())
        return true;
    if (octets[0] < change_cipher_spec || octets[0] > application_data)
        return false;
    return octets.size() == 1 || octets[1] == major_version;
}

} // namespace smtp
