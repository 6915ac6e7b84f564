// What OpenSSL makes of TLSA records in a real handshake, in memory: the opinion of the senders that use it.
#pragma once

#include "dns/records.hpp"
#include "fixtures/pki/pki.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace oracle
{

template <auto Free>
struct Freed
{
    void operator()(auto* handle) const noexcept { Free(handle); }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Freed<SSL_free>>;

struct Opinion
{
    int usable = 0;              // records that were taken
    bool authentic = false;      // the handshake ended, and the server was authenticated
    int error = X509_V_OK;       // where it was not
    std::optional<dns::Tlsa> by; // the record that did it
};

/// Sends `chain`, the key being of the first.
class Server
{
public:
    Server(std::span<const pki::Certificate> chain, const pki::Key& key) : context_(SSL_CTX_new(TLS_method()))
    {
        SSL_CTX_set_security_level(context_.get(), 0);
        SSL_CTX_set_mode(context_.get(), SSL_MODE_NO_AUTO_CHAIN);
        SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
        SSL_CTX_set_num_tickets(context_.get(), 0);
        bool ok = SSL_CTX_use_certificate(context_.get(), chain.front().get()) == 1 &&
                  SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1;
        for (const auto& certificate : chain.subspan(1))
            ok = ok && SSL_CTX_add1_chain_cert(context_.get(), certificate.get()) == 1;
        if (!ok)
            throw std::runtime_error("the oracle cannot serve this chain");
    }

    SSL_CTX* get() const noexcept { return context_.get(); }

private:
    Context context_;
};

inline SSL_CTX* client_context()
{
    static const Context context = [] {
        Context made(SSL_CTX_new(TLS_method()));
        SSL_CTX_set_security_level(made.get(), 0);
        SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
        SSL_CTX_dane_enable(made.get());
        return made;
    }();
    return context.get();
}

/// As Postfix asks it: usages 0 and 1 passed over, no names for DANE-EE(3).
inline Session client(
    std::span<const dns::Tlsa> records, std::span<const std::string> names, std::chrono::sys_seconds moment,
    int& usable
)
{
    Session session(SSL_new(client_context()));
    SSL_dane_enable(session.get(), names.empty() ? nullptr : names.front().c_str());
    SSL_dane_set_flags(session.get(), DANE_FLAG_NO_DANE_EE_NAMECHECKS);
    for (const auto& name : names)
        SSL_add1_host(session.get(), name.c_str());
    auto* param = SSL_get0_param(session.get());
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set_time(param, std::chrono::system_clock::to_time_t(moment));
    for (const auto& record : records) {
        if (record.usage < 2)
            continue;
        const int added = SSL_dane_tlsa_add(
            session.get(), record.usage, record.selector, record.matching, record.data.data(),
            record.data.size()
        );
        if (added < 0)
            throw std::runtime_error("the oracle failed");
        usable += added;
    }
    return session;
}

inline std::optional<dns::Tlsa> accepted(SSL* session)
{
    dns::Tlsa record;
    const unsigned char* data = nullptr;
    std::size_t length = 0;
    if (SSL_get0_dane_tlsa(session, &record.usage, &record.selector, &record.matching, &data, &length) < 0)
        return std::nullopt;
    record.data.assign(data, data + length);
    return record;
}

inline Opinion
ask(const Server& server, std::span<const dns::Tlsa> records, std::span<const std::string> names,
    std::chrono::sys_seconds moment)
{
    Opinion opinion;
    const auto near = client(records, names, moment, opinion.usable);
    if (opinion.usable == 0)
        return opinion;
    const Session far(SSL_new(server.get()));
    BIO* near_end = nullptr;
    BIO* far_end = nullptr;
    BIO_new_bio_pair(&near_end, 1 << 17, &far_end, 1 << 17);
    SSL_set_bio(near.get(), near_end, near_end);
    SSL_set_bio(far.get(), far_end, far_end);
    SSL_set_connect_state(near.get());
    SSL_set_accept_state(far.get());
    for (int turn = 0; turn < 5; ++turn) {
        SSL_do_handshake(near.get());
        SSL_do_handshake(far.get());
    }
    opinion.error = static_cast<int>(SSL_get_verify_result(near.get()));
    opinion.authentic = SSL_is_init_finished(near.get()) != 0 && opinion.error == X509_V_OK;
    if (opinion.authentic)
        opinion.by = accepted(near.get());
    ERR_clear_error();
    return opinion;
}

} // namespace oracle
