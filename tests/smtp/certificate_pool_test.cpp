#include "smtp/certificate_pool.hpp"

#include "fixtures/pki/pki.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace
{

using smtp::CertificatePool;

const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());

pki::Certificate made(const std::string& name)
{
    return pki::issue({.common_name = name}, nullptr, now).certificate;
}

/// A chain as it comes from a server: parsed anew.
class Sent
{
public:
    Sent(std::initializer_list<pki::Certificate> certificates) : stack_(sk_X509_new_null())
    {
        for (const auto& certificate : certificates)
            sk_X509_push(stack_, X509_dup(certificate.get()));
    }
    ~Sent() { sk_X509_pop_free(stack_, X509_free); }
    Sent(const Sent&) = delete;

    X509* at(int place) const { return sk_X509_value(stack_, place); }

    Sent& through(CertificatePool& pool)
    {
        pool.share(stack_);
        return *this;
    }

private:
    STACK_OF(X509) * stack_;
};

TEST(CertificatePool, HasOneOfEachCertificate)
{
    const auto own = made("one.test");
    const auto issuer = made("CA");
    CertificatePool pool;
    Sent first{own, issuer};
    const auto* const as_parsed = first.at(0);
    first.through(pool);
    EXPECT_EQ(first.at(0), as_parsed);

    Sent second{made("two.test"), issuer, own};
    second.through(pool);
    EXPECT_NE(second.at(0), first.at(0));
    EXPECT_EQ(second.at(1), first.at(1));
    EXPECT_EQ(second.at(2), first.at(0));
    EXPECT_EQ(X509_cmp(second.at(2), own.get()), 0);
}

TEST(CertificatePool, TellsCertificatesApartThatDifferInTheirSignatureOnly)
{
    const pki::Issued one = pki::issue({.common_name = "mx.test"}, nullptr, now);
    const pki::Certificate signed_anew(X509_dup(one.certificate.get()), X509_free);
    X509_sign(signed_anew.get(), one.key.get(), EVP_sha256()); // ECDSA is never the same twice
    CertificatePool pool;
    Sent both{one.certificate, signed_anew};
    both.through(pool);
    EXPECT_NE(both.at(0), both.at(1));
}

TEST(CertificatePool, IsBoundedAndForgetsTheOneNotSeenLongest)
{
    const auto first = made("one.test");
    const auto second = made("two.test");
    CertificatePool pool(2);
    Sent seen{first, second};
    seen.through(pool);
    EXPECT_EQ(Sent{first}.through(pool).at(0), seen.at(0));
    Sent{made("three.test")}.through(pool); // in place of two.test
    EXPECT_EQ(Sent{first}.through(pool).at(0), seen.at(0));
    EXPECT_NE(Sent{second}.through(pool).at(0), seen.at(1)) << "whoever has it keeps it all the same";
    EXPECT_EQ(X509_cmp(seen.at(1), second.get()), 0);
}

TEST(CertificatePool, HasNothingToDoForAnEmptyChain)
{
    CertificatePool pool;
    Sent none{};
    none.through(pool);
    EXPECT_EQ(none.at(0), nullptr);
}

} // namespace
