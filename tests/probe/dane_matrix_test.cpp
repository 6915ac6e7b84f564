// TLSA records of every kind over chains of every shape with every fault: what is said of each, whether it is
// what the case was made for, and whether OpenSSL agrees in a handshake.
#include "dane_oracle.hpp"
#include "fixtures/pki/pki.hpp"
#include "probe/dane.hpp"

#include <gtest/gtest.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <map>

namespace
{

using pki::Algorithm;
using pki::Certificate;
using pki::Issued;
using probe::DaneState;
using probe::TlsaState;

constexpr std::chrono::days day{1};
constexpr std::chrono::sys_seconds now =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(12);
const std::vector<std::string> names{"mx.test", "example.test"};

enum class Fault
{
    none,
    wrong_name,
    second_name, // no fault: the other of the names
    common_name, // no fault: nothing but a CN
    expired,
    not_yet_valid,
    wrong_purpose,
    wrong_signature, // the intermediate's name, another's key
    self_signed,
    expired_intermediate,
    future_intermediate,
    not_authority,   // the intermediate may not issue
    name_constraint, // of the intermediate
    expired_root,
    path_length, // of the root
};
constexpr std::array all_faults{
    Fault::none,          Fault::wrong_name,    Fault::second_name,          Fault::common_name,
    Fault::expired,       Fault::not_yet_valid, Fault::wrong_purpose,        Fault::wrong_signature,
    Fault::self_signed,   Fault::expired_intermediate, Fault::future_intermediate, Fault::not_authority,
    Fault::name_constraint, Fault::expired_root, Fault::path_length};
constexpr std::array fault_names{"no fault",
                                 "wrong name",
                                 "second name",
                                 "common name",
                                 "expired",
                                 "not yet valid",
                                 "wrong purpose",
                                 "wrong signature",
                                 "self-signed",
                                 "expired intermediate",
                                 "future intermediate",
                                 "not an authority",
                                 "name constraint",
                                 "expired root",
                                 "path length"};

/// Root → intermediate → the server's own.
enum class Sent
{
    own,
    intermediate,
    root
};
constexpr std::array all_sent{Sent::own, Sent::intermediate, Sent::root};
constexpr std::array sent_names{"alone", "with the intermediate", "with the root"};

enum class Subject
{
    own,
    intermediate,
    root,
    stranger
};
constexpr std::array all_subjects{Subject::own, Subject::intermediate, Subject::root, Subject::stranger};
constexpr std::array subject_names{"its own", "the intermediate", "the root", "a stranger"};

const pki::Key& key(const std::string& role, Algorithm algorithm)
{
    static std::map<std::pair<std::string, Algorithm>, pki::Key> made;
    auto& key = made[{role, algorithm}];
    if (!key)
        key = pki::make_key(algorithm);
    return key;
}

Issued root_of(Fault fault, Algorithm algorithm)
{
    pki::Recipe recipe{
        .common_name = "Root", .from = -400 * day, .until = 400 * day, .algorithm = algorithm, .authority = true
    };
    if (fault == Fault::expired_root)
        recipe.until = -10 * day;
    if (fault == Fault::path_length)
        recipe.path_length = 0;
    return pki::issue(recipe, nullptr, now, key("root", algorithm));
}

Issued intermediate_of(Fault fault, Algorithm algorithm, const Issued& root)
{
    pki::Recipe recipe{
        .common_name = "Intermediate",
        .from = -400 * day,
        .until = 400 * day,
        .algorithm = algorithm,
        .authority = fault != Fault::not_authority
    };
    if (fault == Fault::expired_intermediate)
        recipe.until = -10 * day;
    if (fault == Fault::future_intermediate)
        recipe.from = 10 * day;
    if (fault == Fault::name_constraint)
        recipe.extensions = {{"nameConstraints", "critical,permitted;DNS:elsewhere.test"}};
    return pki::issue(recipe, &root, now, key("intermediate", algorithm));
}

Issued own_of(Fault fault, Algorithm algorithm, const Issued& intermediate)
{
    pki::Recipe recipe{.common_name = "mx.test", .names = {"DNS:mx.test"}, .algorithm = algorithm};
    if (fault == Fault::wrong_name)
        recipe.names = {"DNS:other.test"};
    if (fault == Fault::second_name)
        recipe.names = {"DNS:*.other.test", "DNS:example.test"};
    if (fault == Fault::common_name)
        recipe.names = {};
    if (fault == Fault::expired)
        recipe.from = -90 * day, recipe.until = -5 * day;
    if (fault == Fault::not_yet_valid)
        recipe.from = 5 * day;
    if (fault == Fault::wrong_purpose)
        recipe.purpose = "clientAuth";
    const Issued impostor{intermediate.certificate, key("impostor", algorithm)};
    const auto* issuer = fault == Fault::wrong_signature ? &impostor : &intermediate;
    return pki::issue(recipe, fault == Fault::self_signed ? nullptr : issuer, now, key("own", algorithm));
}

struct Certificates
{
    Certificates(Fault fault, Algorithm algorithm)
        : root(root_of(fault, algorithm)),
          intermediate(intermediate_of(fault, algorithm, root)),
          own(own_of(fault, algorithm, intermediate)),
          stranger(pki::issue(
              {.common_name = "Stranger", .algorithm = algorithm, .authority = true}, nullptr, now,
              key("stranger", algorithm)
          ))
    {}

    const Certificate& at(Subject subject) const
    {
        const std::array all{&own, &intermediate, &root, &stranger};
        return all[static_cast<std::size_t>(subject)]->certificate;
    }

    std::vector<Certificate> chain(Sent sent) const
    {
        std::vector<Certificate> all{own.certificate, intermediate.certificate, root.certificate};
        all.resize(static_cast<std::size_t>(sent) + 1);
        return all;
    }

    Issued root;
    Issued intermediate;
    Issued own;
    Issued stranger;
};

using Octets = std::vector<std::uint8_t>;

/// Not by the means of the judge.
Octets description(const Certificate& certificate, int selector, int matching)
{
    unsigned char* der = nullptr;
    const int length = selector == 0 ? i2d_X509(certificate.get(), &der)
                                     : i2d_PUBKEY(X509_get0_pubkey(certificate.get()), &der);
    const std::unique_ptr<unsigned char, oracle::Freed<[](void* what) { OPENSSL_free(what); }>> held(der);
    if (matching == 0)
        return {der, der + length};
    Octets digest(matching == 1 ? 32 : 64);
    EVP_Q_digest(
        nullptr, matching == 1 ? "SHA256" : "SHA512", nullptr, der, static_cast<std::size_t>(length),
        digest.data(), nullptr
    );
    return digest;
}

dns::Tlsa record(int usage, int selector, int matching, const Certificate& certificate)
{
    return {
        static_cast<std::uint8_t>(usage), static_cast<std::uint8_t>(selector),
        static_cast<std::uint8_t>(matching), description(certificate, selector, matching)
    };
}

struct Case
{
    Algorithm algorithm;
    Fault fault;
    Sent sent;
    int usage;
    Subject subject;
    int selector;
    int matching;

    std::string name() const
    {
        return std::string(algorithm == Algorithm::ec_p256 ? "ECDSA, " : "RSA, ") +
               fault_names[static_cast<std::size_t>(fault)] + ", " +
               sent_names[static_cast<std::size_t>(sent)] + ", " + std::to_string(usage) + " " +
               std::to_string(selector) + " " + std::to_string(matching) + " of " +
               subject_names[static_cast<std::size_t>(subject)];
    }
};

probe::DaneVerdict judge(std::span<const Certificate> chain, std::span<const dns::Tlsa> records)
{
    return probe::judge_dane({.chain = chain, .records = records, .names = names, .moment = now});
}

std::map<std::string, int> counts;

void check(const Case& one, const Certificates& made, const oracle::Server& server)
{
    SCOPED_TRACE(one.name());
    const std::array records{record(one.usage, one.selector, one.matching, made.at(one.subject))};
    const auto verdict = judge(made.chain(one.sent), records);
    const auto opinion = oracle::ask(server, records, names, now);
    EXPECT_EQ(verdict.state == DaneState::valid, opinion.authentic)
        << X509_verify_cert_error_string(opinion.error) << "\n" << verdict.why;
    ++counts[std::string(name(verdict.state)) + " " + std::string(name(verdict.records[0].state)) + ": " + verdict.records[0].why];
}

void check_all(Algorithm algorithm)
{
    for (const auto fault : all_faults) {
        const Certificates made(fault, algorithm);
        for (const auto sent : all_sent) {
            const auto chain = made.chain(sent);
            const oracle::Server server(chain, made.own.key);
            for (const int usage : {2, 3})
                for (const auto subject : all_subjects)
                    for (const int selector : {0, 1})
                        for (const int matching : {0, 1, 2})
                            check({algorithm, fault, sent, usage, subject, selector, matching}, made, server);
        }
    }
    for (const auto& [what, count] : counts)
        std::printf("%5d %s\n", count, what.c_str());
}

TEST(DaneMatrix, OfEcdsa)
{
    check_all(Algorithm::ec_p256);
}

TEST(DaneMatrix, OfRsa)
{
    check_all(Algorithm::rsa_2048);
}

} // namespace
