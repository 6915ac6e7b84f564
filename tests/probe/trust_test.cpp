#include "probe/chain.hpp"

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

using probe::TrustStore;
using support::authorities;
using testing::HasSubstr;
using testing::StartsWith;

/// A folder of its own for each test, and the environment as it was.
class Trust : public testing::Test
{
protected:
    Trust()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "mxtls-trust-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
    }

    ~Trust() override
    {
        unsetenv("SSL_CERT_FILE");
        unsetenv("SSL_CERT_DIR");
        std::filesystem::remove_all(folder_);
    }

    std::string put(const std::string& name, const std::string& text) const
    {
        const auto file = (folder_ / name).string();
        std::ofstream(file) << text;
        return file;
    }

    /// The root as `openssl rehash` would name it.
    void put_hashed() const
    {
        const auto& root = authorities().root.certificate;
        char name[16];
        std::snprintf(name, sizeof name, "%08lx.0", X509_subject_name_hash(root.get()));
        put(name, pki::pem(root));
    }

    static bool trusts_us(const TrustStore& trust)
    {
        const std::vector<smtp::Certificate> chain{
            support::leaf().certificate, authorities().intermediate.certificate};
        return probe::judge_chain(
                   {.chain = chain, .ocsp_staple = {}, .reference = "mx.test", .moment = support::now}, trust
        )
            .cert_ok;
    }

    static std::string refusal(const std::string& file, const std::string& path)
    {
        try {
            const TrustStore trust(file, path);
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return "nothing was refused";
    }

    std::filesystem::path folder_;
};

TEST_F(Trust, ReadsAFileOfSeveralRoots)
{
    const auto other = pki::issue({.common_name = "Other", .authority = true}, nullptr, support::now);
    const auto file =
        put("roots.pem", pki::pem(other.certificate) + pki::pem(authorities().root.certificate));
    EXPECT_TRUE(trusts_us(TrustStore(file, "")));
}

TEST_F(Trust, ReadsAHashedFolder)
{
    put_hashed();
    EXPECT_TRUE(trusts_us(TrustStore("", folder_.string())));
}

TEST_F(Trust, TakesFileAndFolderTogether)
{
    put_hashed();
    const auto other = pki::issue({.common_name = "Other", .authority = true}, nullptr, support::now);
    EXPECT_TRUE(trusts_us(TrustStore(put("other.pem", pki::pem(other.certificate)), folder_.string())));
}

TEST_F(Trust, BelievesNobodyElse)
{
    const auto other = pki::issue({.common_name = "Other", .authority = true}, nullptr, support::now);
    EXPECT_FALSE(trusts_us(TrustStore(put("other.pem", pki::pem(other.certificate)), "")));
}

TEST_F(Trust, SaysWhichFileCannotBeUsed)
{
    const auto missing = (folder_ / "missing.pem").string();
    EXPECT_EQ(
        refusal(missing, ""), "cannot read the CA file " + missing + ": give a file of certificates in PEM"
    );
    const auto no_certificate = HasSubstr(": give a file of certificates in PEM");
    EXPECT_THAT(refusal(put("text.pem", "hello\n"), ""), no_certificate);
    EXPECT_THAT(refusal(put("empty.pem", ""), ""), no_certificate);
    EXPECT_THAT(refusal(put("key.pem", pki::pem(authorities().root.key)), ""), no_certificate);
    EXPECT_THAT(refusal(folder_.string(), ""), no_certificate);
    const auto broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    EXPECT_THAT(refusal(put("broken.pem", broken), ""), no_certificate);
}

TEST_F(Trust, SaysWhichFolderCannotBeUsed)
{
    EXPECT_THAT(refusal("", "/nowhere"), StartsWith("the CA path /nowhere is no folder"));
    put("root.pem", pki::pem(authorities().root.certificate));
    EXPECT_THAT(refusal("", folder_.string()), HasSubstr("run `openssl rehash " + folder_.string() + "`"));
    EXPECT_THAT(refusal("", (folder_ / "root.pem").string()), HasSubstr("is no folder"));
}

TEST_F(Trust, TakesTheRootsOfTheSystem)
{
    const auto file = put("roots.pem", pki::pem(authorities().root.certificate));
    setenv("SSL_CERT_FILE", file.c_str(), 1);
    setenv("SSL_CERT_DIR", "/nowhere", 1);
    EXPECT_TRUE(trusts_us(TrustStore("", "")));

    put_hashed();
    setenv("SSL_CERT_FILE", "/nowhere", 1);
    setenv("SSL_CERT_DIR", ("/nowhere:" + folder_.string()).c_str(), 1);
    EXPECT_TRUE(trusts_us(TrustStore("", "")));
}

TEST_F(Trust, SaysThatTheSystemHasNoRoots)
{
    setenv("SSL_CERT_FILE", "/nowhere", 1);
    setenv("SSL_CERT_DIR", folder_.c_str(), 1);
    EXPECT_EQ(refusal("", ""), "no trusted roots on this machine: install ca-certificates or give --ca-file");
}

} // namespace
