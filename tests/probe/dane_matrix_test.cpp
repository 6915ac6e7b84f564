// TLSA records of every kind over chains of every shape with every fault: what is said of each, whether it is
// what the case was made for, and whether OpenSSL agrees in a handshake.
#include "dane_oracle.hpp"
#include "fixtures/pki/pki.hpp"
#include "probe/dane.hpp"

#include <gtest/gtest.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
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
    Fault::none,
    Fault::wrong_name,
    Fault::second_name,
    Fault::common_name,
    Fault::expired,
    Fault::not_yet_valid,
    Fault::wrong_purpose,
    Fault::wrong_signature,
    Fault::self_signed,
    Fault::expired_intermediate,
    Fault::future_intermediate,
    Fault::not_authority,
    Fault::name_constraint,
    Fault::expired_root,
    Fault::path_length};
constexpr std::array fault_names{
    "no fault",        "wrong name",           "second name",         "common name",
    "expired",         "not yet valid",        "wrong purpose",       "wrong signature",
    "self-signed",     "expired intermediate", "future intermediate", "not an authority",
    "name constraint", "expired root",         "path length"};

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
        .common_name = "Root",
        .from = -400 * day,
        .until = 400 * day,
        .algorithm = algorithm,
        .authority = true};
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
        .authority = fault != Fault::not_authority};
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
        static_cast<std::uint8_t>(matching), description(certificate, selector, matching)};
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

struct Expected
{
    bool matched = false;
    bool valid = false;
};

/// Whether a path leads from the server's own certificate to the anchor.
bool leads(const Case& one)
{
    if (one.fault == Fault::self_signed)
        return false;
    const bool whole = one.matching == 0; // need not be sent
    if (one.subject == Subject::root)
        return one.sent == Sent::root || (one.sent == Sent::intermediate && whole);
    if (one.sent == Sent::own && one.selector == 1 && one.fault == Fault::wrong_signature)
        return false; // all that is known of the anchor is a key, which did not sign
    return one.sent != Sent::own || whole;
}

/// What the path up to the anchor has against it.
bool is_faulty(const Case& one)
{
    const bool above = one.subject == Subject::root;
    const bool key_alone = one.matching == 0 && one.selector == 1;
    switch (one.fault) {
    case Fault::none:
    case Fault::second_name:
    case Fault::common_name:
    case Fault::self_signed:
        return false;
    case Fault::wrong_name:
    case Fault::expired:
    case Fault::not_yet_valid:
    case Fault::wrong_purpose:
    case Fault::wrong_signature:
        return true;
    case Fault::expired_intermediate:
    case Fault::future_intermediate:
        // OpenSSL, and every sender with it, does not look at the dates of an anchor that another issued.
        return above;
    case Fault::not_authority:
    case Fault::name_constraint:
        return one.sent != Sent::own || !key_alone;
    case Fault::expired_root:
    case Fault::path_length:
        return above && (one.sent == Sent::root || !key_alone);
    }
    return false;
}

Expected expected(const Case& one)
{
    const bool own = one.subject == Subject::own;
    if (one.usage == 3)
        return {own, own};
    if (own) {
        // Of an anchor that is a key alone, OpenSSL asks no more than that it signed.
        const bool signed_itself = one.fault == Fault::self_signed && one.selector == 1 && one.matching == 0;
        return {signed_itself, signed_itself};
    }
    if (one.subject == Subject::stranger)
        return {};
    const bool sent = one.subject == Subject::root ? one.sent == Sent::root : one.sent != Sent::own;
    return {sent || leads(one), leads(one) && !is_faulty(one)};
}

void check(const Case& one, const Certificates& made, const oracle::Server& server)
{
    SCOPED_TRACE(one.name());
    const std::array records{record(one.usage, one.selector, one.matching, made.at(one.subject))};
    const auto verdict = judge(made.chain(one.sent), records);
    const auto [matched, valid] = expected(one);
    EXPECT_EQ(verdict.state, valid ? DaneState::valid : DaneState::invalid) << verdict.why;
    ASSERT_EQ(verdict.records.size(), 1u);
    const auto& judged = verdict.records.front();
    EXPECT_EQ(judged.state, matched ? TlsaState::matched : TlsaState::not_matched) << judged.why;
    EXPECT_EQ(matched && judged.why.empty(), valid) << judged.why;
    EXPECT_EQ(verdict.why.empty(), valid);
    EXPECT_EQ(verdict.by.has_value(), valid);

    const auto opinion = oracle::ask(server, records, names, now);
    EXPECT_EQ(opinion.usable, 1);
    EXPECT_EQ(opinion.authentic, valid) << X509_verify_cert_error_string(opinion.error);
}

void check_records(Algorithm algorithm, Fault fault, Sent sent, const Certificates& made)
{
    const oracle::Server server(made.chain(sent), made.own.key);
    for (const int usage : {2, 3}) {
        for (const auto subject : all_subjects) {
            for (const int selector : {0, 1}) {
                for (const int matching : {0, 1, 2})
                    check({algorithm, fault, sent, usage, subject, selector, matching}, made, server);
            }
        }
    }
}

void check_each_record(Algorithm algorithm)
{
    for (const auto fault : all_faults) {
        const Certificates made(fault, algorithm);
        for (const auto sent : all_sent)
            check_records(algorithm, fault, sent, made);
    }
}

/// A record of a set, of which is known whether it is right.
struct Member
{
    dns::Tlsa record;
    bool right;
};

/// DANE-EE(3) records of the server's own and DANE-TA(2) records of the intermediate, each also of a
/// stranger.
std::vector<Member> members(const Certificates& made)
{
    std::vector<Member> all;
    for (const int usage : {2, 3}) {
        const auto subject = usage == 3 ? Subject::own : Subject::intermediate;
        for (const int selector : {0, 1}) {
            for (const int matching : {0, 1, 2}) {
                all.push_back({record(usage, selector, matching, made.at(subject)), true});
                all.push_back({record(usage, selector, matching, made.at(Subject::stranger)), false});
            }
        }
    }
    return all;
}

/// RFC 7671 §9.
bool counts(const Member& member, const std::vector<Member>& set)
{
    return member.record.matching == 0 || std::ranges::none_of(set, [&](const Member& other) {
               return other.record.usage == member.record.usage &&
                      other.record.selector == member.record.selector &&
                      other.record.matching > member.record.matching;
           });
}

void check_set(
    const std::vector<Member>& set, bool named, const Certificates& made, const oracle::Server& server
)
{
    std::vector<dns::Tlsa> records;
    std::string told;
    for (const auto& [record, right] : set) {
        records.push_back(record);
        told += probe::text(record).substr(0, 6) + (right ? "right, " : "wrong, ");
    }
    SCOPED_TRACE(told);
    const auto verdict = judge(made.chain(Sent::root), records);
    const bool valid = std::ranges::any_of(set, [&](const Member& member) {
        return member.right && counts(member, set) && (named || member.record.usage == 3);
    });
    EXPECT_EQ(verdict.state, valid ? DaneState::valid : DaneState::invalid) << verdict.why;
    EXPECT_EQ(oracle::ask(server, records, names, now).authentic, valid);
    for (std::size_t i = 0; i < set.size(); ++i) {
        const auto& [record, state, why] = verdict.records[i];
        EXPECT_EQ(state, set[i].right ? TlsaState::matched : TlsaState::not_matched);
        const bool enough = counts(set[i], set) && (named || record.usage == 3);
        EXPECT_EQ(why.empty(), !set[i].right || enough) << why;
    }
    ASSERT_EQ(verdict.by.has_value(), valid);
    if (valid) {
        EXPECT_TRUE(set[*verdict.by].right);
        EXPECT_EQ(verdict.records[*verdict.by].why, "");
    }
}

void check_sets(Fault fault)
{
    const Certificates made(fault, Algorithm::ec_p256);
    const oracle::Server server(made.chain(Sent::root), made.own.key);
    const auto all = members(made);
    const bool named = fault != Fault::wrong_name;
    for (std::size_t one = 0; one < all.size(); ++one) {
        for (std::size_t other = 0; other < one; ++other) {
            check_set({all[one], all[other]}, named, made, server);
            for (std::size_t third = 0; third < other; ++third)
                check_set({all[other], all[one], all[third]}, named, made, server);
        }
    }
}

TEST(DaneMatrix, OfEcdsa)
{
    check_each_record(Algorithm::ec_p256);
}

TEST(DaneMatrix, OfRsa)
{
    check_each_record(Algorithm::rsa_2048);
}

TEST(DaneMatrix, OfSets)
{
    check_sets(Fault::none);
}

TEST(DaneMatrix, OfSetsWhereTheNameIsWrong)
{
    check_sets(Fault::wrong_name);
}

} // namespace
