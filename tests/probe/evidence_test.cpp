#include "probe/evidence.hpp"

#include "probe/observation.hpp"
#include "tests/support/chains.hpp"

#include <openssl/x509.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace
{

using namespace std::chrono_literals;
using probe::intermediates_in;
using support::authorities;
using support::day;
using support::now;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

std::string octets(const std::vector<std::uint8_t>& der)
{
    return {der.begin(), der.end()};
}

std::string pem_list(const std::vector<std::uint8_t>& der)
{
    std::vector<unsigned char> base64(der.size() * 4 / 3 + 4);
    EVP_EncodeBlock(base64.data(), der.data(), static_cast<int>(der.size()));
    return std::string("-----BEGIN X509 CRL-----\n") + reinterpret_cast<const char*>(base64.data()) +
           "\n-----END X509 CRL-----\n";
}

std::vector<std::uint8_t> list_of(const pki::Issued& issuer, std::chrono::seconds until = day)
{
    return pki::revocation_list(issuer, {}, now - day, now + until);
}

class EvidenceFiles : public testing::Test
{
protected:
    EvidenceFiles()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "mxtls-evidence-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
    }
    ~EvidenceFiles() override { std::filesystem::remove_all(folder_); }

    std::string put(const std::string& text) const
    {
        const auto file = (folder_ / "file").string();
        std::ofstream(file, std::ios::binary) << text;
        return file;
    }

    template <class Read>
    static std::string refusal(Read read, const std::string& file)
    {
        try {
            read(file);
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return "nothing was refused";
    }

    std::filesystem::path folder_;
};

TEST_F(EvidenceFiles, ReadsCertificatesAsPemAndAsDer)
{
    const auto& [root, intermediate] = authorities();
    const auto both = pki::pem(root.certificate) + "# a comment\n" + pki::pem(intermediate.certificate);
    EXPECT_THAT(probe::read_certificates(put(both)), SizeIs(2));

    unsigned char* der = nullptr;
    const int length = i2d_X509(root.certificate.get(), &der);
    const std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
    OPENSSL_free(der);
    EXPECT_THAT(probe::read_certificates(put(text)), SizeIs(1));
}

TEST_F(EvidenceFiles, ReadsListsAsPemAndAsDer)
{
    const auto one = list_of(authorities().root);
    const auto other = list_of(authorities().intermediate);
    const auto lists = probe::read_revocation_lists(put(pem_list(one) + pem_list(other)));
    ASSERT_THAT(lists, SizeIs(2));
    EXPECT_EQ(issuer_of(lists[0]), "/CN=Root CA");
    EXPECT_EQ(issuer_of(lists[1]), "/CN=Intermediate CA");
    EXPECT_EQ(issuer_of(probe::read_revocation_lists(put(octets(one))).at(0)), "/CN=Root CA");
}

TEST_F(EvidenceFiles, RefusesWhatItCannotUse)
{
    const auto absent = (folder_ / "absent").string();
    EXPECT_EQ(
        refusal(probe::read_revocation_lists, absent),
        "cannot read the CRL file " + absent + ": give a file of CRLs in PEM or DER"
    );
    EXPECT_THAT(refusal(probe::read_certificates, absent), HasSubstr("cannot read the file of extra cert"));
    const auto nothing = HasSubstr("holds no CRLs, or a broken one: give a file of CRLs in PEM or DER");
    const auto whole = pem_list(list_of(authorities().root));
    for (const auto& text :
         {std::string(), std::string("hello\n"), pki::pem(authorities().root.certificate),
          whole + whole.substr(0, whole.size() / 2), whole + "-----BEGIN X509 CRL-----\nAAAA\n"})
        EXPECT_THAT(refusal(probe::read_revocation_lists, put(text)), nothing) << text;
    EXPECT_THAT(refusal(probe::read_revocation_lists, folder_.string()), nothing);
    EXPECT_THAT(refusal(probe::read_certificates, put(whole)), HasSubstr("holds no certificates"));
}

TEST_F(EvidenceFiles, DoubtsListsThatAreStaleOrAboutNobody)
{
    const auto stale = probe::read_revocation_lists(put(octets(list_of(authorities().root, -12h)))).at(0);
    const auto fresh = probe::read_revocation_lists(put(octets(list_of(authorities().root)))).at(0);
    EXPECT_EQ(doubt_about(fresh, true, now), std::nullopt);
    EXPECT_THAT(
        doubt_about(fresh, false, now).value_or(""), HasSubstr("belongs to no certificate seen here")
    );
    EXPECT_THAT(
        doubt_about(stale, true, now).value_or(""),
        HasSubstr("the CRL of /CN=Root CA in " + stale.file + " ended on 2026-11-20T00:00:00Z")
    );
}

probe::Observation observed(const std::vector<std::vector<smtp::Certificate>>& chains)
{
    probe::Observation observation;
    auto& host = observation.hosts.emplace_back();
    for (const auto& chain : chains) {
        auto& endpoint = host.endpoints.emplace_back();
        endpoint.session.tls.emplace().chain = chain;
    }
    host.endpoints.emplace_back(); // where no handshake finished
    return observation;
}

TEST(IntermediatesIn, AreTheAuthoritiesThatWereSentButNoRootAndEachOnce)
{
    const auto& [root, intermediate] = authorities();
    const auto own = support::leaf().certificate;
    const std::vector chain{own, intermediate.certificate, own, root.certificate};
    const std::vector observations{observed({chain, {own}}), observed({chain})};
    const auto found = intermediates_in(observations);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(X509_cmp(found[0].get(), intermediate.certificate.get()), 0);
    EXPECT_THAT(intermediates_in(std::vector{observed({{intermediate.certificate}, {}})}), IsEmpty())
        << "the first is the server's own, whatever it may be";
}

TEST(IntermediatesIn, AreBounded)
{
    const auto key = pki::make_key(pki::Algorithm::ec_p256);
    std::vector<smtp::Certificate> chain;
    for (std::size_t i = 0; i < probe::max_seen + 10; ++i)
        chain.push_back(
            pki::issue({.common_name = "CA", .authority = true}, &authorities().root, now, key).certificate
        );
    EXPECT_THAT(intermediates_in(std::vector{observed({chain, chain, chain})}), SizeIs(Le(probe::max_seen)));
}

} // namespace
