#include "probe/anchored_path.hpp"

#include "probe/path_faults.hpp"
#include "probe/x509.hpp"

#include <fmt/format.h>

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <utility>

namespace probe
{

namespace
{

using Context = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using Records = std::unique_ptr<SSL, Deleter<SSL_free>>; // a session that never connects holds them
using Store = std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>>;
using Verification = std::unique_ptr<X509_STORE_CTX, Deleter<X509_STORE_CTX_free>>;

/// Costs a thousand times as much as what is made from it.
SSL_CTX* shared_context()
{
    static const Context context = [] {
        Context made(SSL_CTX_new(TLS_client_method()));
        SSL_CTX_dane_enable(made.get());
        return made;
    }();
    return context.get();
}

/// Null where OpenSSL takes none of them.
Records hold(std::span<const dns::Tlsa> anchors)
{
    Records records(SSL_new(shared_context()));
    SSL_dane_enable(records.get(), nullptr);
    bool any = false;
    for (const auto& anchor : anchors) {
        const int added = SSL_dane_tlsa_add(
            records.get(), anchor.usage, anchor.selector, anchor.matching, anchor.data.data(),
            anchor.data.size()
        );
        any = any || added == 1;
    }
    return any ? std::move(records) : nullptr;
}

struct Faults
{
    bool no_match = false;
    std::optional<Fault> first;
};

int collect(int ok, X509_STORE_CTX* verification) noexcept
{
    if (ok == 1)
        return 1;
    auto& faults = *static_cast<Faults*>(X509_STORE_CTX_get_app_data(verification));
    const int error = X509_STORE_CTX_get_error(verification);
    if (error == X509_V_ERR_DANE_NO_MATCH)
        faults.no_match = true;
    else if (!faults.first)
        faults.first = {static_cast<std::size_t>(X509_STORE_CTX_get_error_depth(verification)), error};
    return 1; // so that all is looked at
}

void verify(X509_STORE_CTX* context, Faults& faults, std::chrono::sys_seconds moment)
{
    X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(context), 0); // as of probe::TrustStore
    X509_STORE_CTX_set_time(context, 0, std::chrono::system_clock::to_time_t(moment));
    X509_STORE_CTX_set_app_data(context, &faults);
    X509_STORE_CTX_set_verify_cb(context, collect);
    if (X509_verify_cert(context) != 1 && !faults.first)
        faults.first = {0, X509_STORE_CTX_get_error(context)};
}

/// "the certificate /CN=mx.test at depth 1: certificate has expired".
std::string words(const Fault& fault, const STACK_OF(X509) * path)
{
    const auto* certificate = sk_X509_value(path, static_cast<int>(fault.depth));
    const std::string reason = X509_verify_cert_error_string(fault.error);
    return certificate == nullptr ? reason : fmt::format("{}: {}", which(certificate, fault.depth), reason);
}

std::optional<dns::Tlsa> accepted(SSL* records)
{
    SSL_set_verify_result(records, X509_V_OK); // it answers only then
    dns::Tlsa record;
    const unsigned char* data = nullptr;
    std::size_t length = 0;
    if (SSL_get0_dane_tlsa(records, &record.usage, &record.selector, &record.matching, &data, &length) < 0)
        return std::nullopt;
    record.data.assign(data, data + length);
    return record;
}

} // namespace

AnchoredPath find_anchored_path(
    std::span<const smtp::Certificate> chain, std::span<const dns::Tlsa> anchors,
    std::chrono::sys_seconds moment
)
{
    const auto records = hold(anchors);
    if (!records)
        return {};
    const Borrowed untrusted(sk_X509_new_null());
    for (const auto& certificate : chain)
        sk_X509_push(untrusted.get(), certificate.get());

    auto* own = chain.front().get();
    X509_get_extension_flags(own); // has OpenSSL read the extensions first, as probe::Path does
    const Store no_roots(X509_STORE_new());
    const Verification context(X509_STORE_CTX_new());
    X509_STORE_CTX_init(context.get(), no_roots.get(), own, untrusted.get());
    X509_STORE_CTX_set0_dane(context.get(), SSL_get0_dane(records.get()));
    Faults faults;
    verify(context.get(), faults, moment);

    AnchoredPath path{.found = !faults.no_match};
    if (path.found && faults.first)
        path.fault = words(*faults.first, X509_STORE_CTX_get0_chain(context.get()));
    if (path.found && !faults.first)
        path.anchor = accepted(records.get());
    return path;
}

} // namespace probe
