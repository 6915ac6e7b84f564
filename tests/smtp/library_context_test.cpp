#include "smtp/library_context.hpp"

#include "tests/smtp/conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace
{

using namespace smtp_tests;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Octets = std::vector<unsigned char>;

/// What `work` returns in a thread with a library context of its own.
template <typename Work>
auto in_own_context(Work work)
{
    const auto all = [&work] {
        smtp::have_own_library_context();
        return work();
    };
    return std::async(std::launch::async, all).get();
}

/// `detail`: the group of EC, the bits of RSA.
Key new_key(const char* type, const char* detail)
{
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), EVP_PKEY_CTX_free
    );
    EVP_PKEY* made = nullptr;
    EVP_PKEY_keygen_init(context.get());
    if (*detail != '\0')
        EVP_PKEY_CTX_ctrl_str(
            context.get(), std::string(type) == "EC" ? "ec_paramgen_curve" : "bits", detail
        );
    EVP_PKEY_keygen(context.get(), &made);
    return {made, EVP_PKEY_free};
}

Octets octets_of_public(const EVP_PKEY* key)
{
    Octets octets(static_cast<std::size_t>(i2d_PUBKEY(key, nullptr)));
    auto* into = octets.data();
    i2d_PUBKEY(key, &into);
    return octets;
}

TEST(LibraryContext, ReadsPublicKeysOfEveryKind)
{
    const std::pair<const char*, const char*> kinds[] = {{"RSA", "2048"},      {"RSA-PSS", "2048"},
                                                         {"EC", "prime256v1"}, {"EC", "P-384"},
                                                         {"EC", "P-521"},      {"EC", "brainpoolP256r1"},
                                                         {"ED25519", ""},      {"ED448", ""},
                                                         {"X25519", ""},       {"X448", ""}};
    for (const auto& [type, detail] : kinds) {
        const auto key = new_key(type, detail);
        ASSERT_TRUE(key) << type << ' ' << detail;
        const auto octets = octets_of_public(key.get());
        const auto read = in_own_context([&octets] {
            const auto* from = octets.data();
            return Key(d2i_PUBKEY(nullptr, &from, static_cast<long>(octets.size())), EVP_PKEY_free);
        });
        ASSERT_TRUE(read) << type << ' ' << detail;
        EXPECT_EQ(EVP_PKEY_eq(read.get(), key.get()), 1) << type << ' ' << detail;
    }
}

TEST(LibraryContext, GoesThroughNoDecodersButThoseOfPublicKeys)
{
    const auto decoders = in_own_context([] {
        std::vector<std::string> properties;
        const auto add = [](OSSL_DECODER* decoder, void* all) {
            static_cast<std::vector<std::string>*>(all)->emplace_back(OSSL_DECODER_get0_properties(decoder));
        };
        OSSL_DECODER_do_all_provided(nullptr, add, &properties);
        return properties;
    });
    EXPECT_THAT(decoders, Not(IsEmpty()));
    EXPECT_THAT(decoders, Each(HasSubstr("structure=SubjectPublicKeyInfo")));
}

TEST(LibraryContext, SpeaksTlsAsThatOfTheProcessDoes)
{
    for (const auto* const line :
         {"TLS good 1.3 groups=X25519", "TLS good-rsa 1.3 groups=ffdhe2048",
          "TLS good 1.2 groups=brainpoolP256r1", "TLS good-rsa 1.2 ciphers=DHE-RSA-AES256-GCM-SHA384",
          "TLS good-rsa 1.0"}) {
        peer::Server server(saying(fmt::format(
            "S: 220 mx.test\nC: EHLO *\nS: 250-mx.test\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\n{}\n", line
        )));
        const auto usual = Client{}.converse(server.endpoint()).tls;
        const auto own = in_own_context([&server] { return Client{}.converse(server.endpoint()).tls; });
        ASSERT_TRUE(usual) << line;
        ASSERT_TRUE(own) << line;
        EXPECT_EQ(own->version, usual->version) << line;
        EXPECT_EQ(own->cipher, usual->cipher) << line;
        EXPECT_EQ(own->group, usual->group) << line;
        EXPECT_EQ(own->chain.size(), usual->chain.size()) << line;
    }
}

TEST(LibraryContext, OffersACertificateWhoseKeyAFileHolds)
{
    for (const auto* const file : {"good.pem", "good-rsa.pem"}) {
        peer::Server server(playing("client-certificate"));
        in_own_context([&server, file] {
            Client client;
            client.tls.client_cert = Certificates::instance().file(file);
            return client.converse(server.endpoint());
        });
        EXPECT_THAT(server.next_run().tls.value().certificate, HasSubstr("mx.test")) << file;
    }
}

/// In a process of its own, where nothing has used OpenSSL before.
int status_beside_a_configuration()
{
    std::string file = std::filesystem::temp_directory_path() / "mxtls-openssl-XXXXXX";
    close(mkstemp(file.data()));
    std::ofstream(file) << "openssl_conf = all\n[all]\noid_section = names\n[names]\nwasRead = 1.2.3.4\n";
    setenv("OPENSSL_CONF", file.c_str(), 1);
    in_own_context([] { return 0; });
    std::filesystem::remove(file);
    return OBJ_sn2nid("wasRead") == NID_undef ? 0 : 1;
}

TEST(LibraryContext, LeavesOpensslCnfUnread)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(std::exit(status_beside_a_configuration()), testing::ExitedWithCode(0), "");
}

} // namespace
