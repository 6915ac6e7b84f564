#include "probe/tlsa.hpp"

#include "probe/x509.hpp"

#include <fmt/format.h>
#include <openssl/err.h>

#include <array>
#include <string_view>

namespace probe
{

namespace
{

using HeldCertificate = std::unique_ptr<X509, Deleter<X509_free>>;
using HeldKey = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;

std::string unusable_number(const dns::Tlsa& record)
{
    if (record.usage < dane_ta)
        return fmt::format(
            "usage {} ({}) is not for SMTP", record.usage, record.usage == 0 ? "PKIX-TA" : "PKIX-EE"
        );
    if (record.usage > dane_ee)
        return fmt::format("usage {} is not known", record.usage);
    if (record.selector > public_key)
        return fmt::format("selector {} is not known", record.selector);
    if (record.matching > sha_512)
        return fmt::format("matching type {} is not known", record.matching);
    return {};
}

std::string unusable_digest(const dns::Tlsa& record)
{
    const std::size_t due = record.matching == sha_256 ? 32 : 64;
    if (record.data.size() == due)
        return {};
    return fmt::format(
        "a {} digest has {} octets, this one {}", record.matching == sha_256 ? "SHA-256" : "SHA-512", due,
        record.data.size()
    );
}

std::string unusable_certificate(const std::vector<std::uint8_t>& data)
{
    const auto* at = data.data();
    const HeldCertificate certificate(d2i_X509(nullptr, &at, static_cast<long>(data.size())));
    if (!certificate || at != data.data() + data.size())
        return "its data is no certificate";
    return X509_get0_pubkey(certificate.get()) == nullptr ? "the key of its certificate cannot be read" : "";
}

std::string unusable_key(const std::vector<std::uint8_t>& data)
{
    const auto* at = data.data();
    const HeldKey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(data.size())));
    return key && at == data.data() + data.size() ? "" : "its data is no public key";
}

std::string unusable_data(const dns::Tlsa& record)
{
    if (record.data.empty())
        return "it holds no data";
    if (record.matching != full_data)
        return unusable_digest(record);
    auto reason =
        record.selector == whole_certificate ? unusable_certificate(record.data) : unusable_key(record.data);
    ERR_clear_error(); // of what could not be read: left there, it would look like the next session's
    return reason;
}

/// As of an unknown type (RFC 3597 §5): "\# 2 0301".
std::string generic_text(const dns::Tlsa& record)
{
    const std::array octets{record.usage, record.selector, record.matching};
    const auto length = octets.size() - record.missing;
    return fmt::format(
        "\\# {}{}{}", length, length == 0 ? "" : " ",
        hexadecimal({reinterpret_cast<const char*>(octets.data()), length})
    );
}

} // namespace

std::string unusable_reason(const dns::Tlsa& record)
{
    if (record.missing > 0)
        return fmt::format("it has {} octets, and three are the least", 3 - record.missing);
    auto reason = unusable_number(record);
    return reason.empty() ? unusable_data(record) : reason;
}

std::string data_text(const dns::Tlsa& record)
{
    return hexadecimal({reinterpret_cast<const char*>(record.data.data()), record.data.size()});
}

std::string text(const dns::Tlsa& record)
{
    if (record.missing > 0)
        return generic_text(record);
    const auto* const space = record.data.empty() ? "" : " ";
    return fmt::format(
        "{} {} {}{}{}", record.usage, record.selector, record.matching, space, data_text(record)
    );
}

} // namespace probe
