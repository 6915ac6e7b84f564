// Makes root.pem and the first corpus of certificate_fuzz in FOLDER (fuzz_certificate_seeds FOLDER). The keys
// are thrown away: whoever makes the root anew has to keep all that this writes, and fuzz again.
#include "tests/support/chains.hpp"

#include <openssl/x509.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <initializer_list>

namespace
{

using namespace std::chrono_literals;
using pki::Algorithm;
using pki::Issued;
using pki::Recipe;
using support::authorities;
using support::day;
using support::good;
using support::leaf;
using support::now;

using Octets = std::vector<std::uint8_t>;

class Seeds
{
public:
    explicit Seeds(std::filesystem::path folder) : folder_(std::move(folder))
    {
        std::filesystem::create_directories(folder_);
    }

    /// A chain as it is sent, and the staple behind it. What is asked is in the first two octets.
    void
    add(const std::string& name, std::initializer_list<Issued> chain, const Octets& staple = {},
        const Octets& asked = {0, 0}) const
    {
        auto octets = asked;
        for (const auto& issued : chain) {
            unsigned char* der = nullptr;
            const int length = i2d_X509(issued.certificate.get(), &der);
            octets.insert(octets.end(), der, der + length);
            OPENSSL_free(der);
        }
        octets.insert(octets.end(), staple.begin(), staple.end());
        std::ofstream(folder_ / name, std::ios::binary)
            .write(reinterpret_cast<const char*>(octets.data()), static_cast<std::streamsize>(octets.size()));
    }

private:
    std::filesystem::path folder_;
};

Recipe with(const std::string& extension, const std::string& value)
{
    auto recipe = good();
    recipe.extensions = {{extension, value}};
    return recipe;
}

Recipe of(Algorithm algorithm)
{
    auto recipe = good();
    recipe.algorithm = algorithm;
    return recipe;
}

void add_chains(const Seeds& seeds)
{
    const auto& [root, intermediate] = authorities();
    const auto own = leaf();
    seeds.add("good", {own, intermediate});
    seeds.add("root-included", {own, intermediate, root});
    seeds.add("incomplete", {own});
    seeds.add("misordered", {own, root, intermediate});
    seeds.add("duplicate", {own, own, intermediate, intermediate});
    seeds.add("nothing", {});
    seeds.add("root-alone", {root});
    seeds.add("self-signed", {pki::issue(good(), nullptr, now)});
    seeds.add("later", {own, intermediate}, {}, {0, 4});
    seeds.add("earlier", {own, intermediate}, {}, {0, 0xfe});
    seeds.add("no-reference", {own, intermediate}, {}, {1, 0});
    seeds.add("wrong-name", {own, intermediate}, {}, {4, 0});
    const Issued other = pki::issue({.common_name = "Other CA", .authority = true}, nullptr, now);
    seeds.add("untrusted", {pki::issue(good(), &other, now), other});
    seeds.add("issued-by-a-leaf", {pki::issue(good(), &own, now), own, intermediate});
    const Issued narrow =
        pki::issue({.common_name = "Narrow CA", .authority = true, .path_length = 0}, &root, now);
    const Issued below = pki::issue({.common_name = "Below CA", .authority = true}, &narrow, now);
    seeds.add("path-length", {pki::issue(good(), &below, now), below, narrow});
    Recipe constrained{.common_name = "Constrained CA", .authority = true};
    constrained.extensions = {
        {"nameConstraints", "critical,permitted;DNS:other.test,excluded;IP:192.0.2.0/255.255.255.0"}};
    const Issued limit = pki::issue(constrained, &root, now);
    seeds.add("name-constraints", {pki::issue(good(), &limit, now), limit});
}

void add_leaves(const Seeds& seeds)
{
    const auto add = [&](const std::string& name, const Recipe& recipe) {
        seeds.add(name, {pki::issue(recipe, &authorities().root, now)});
    };
    add("rsa", of(Algorithm::rsa_2048));
    add("rsa-weak", of(Algorithm::rsa_1024));
    add("ec-weak", of(Algorithm::ec_p192));
    add("ed25519", of(Algorithm::ed25519));
    auto recipe = good();
    recipe.digest = "SHA1";
    add("sha1", recipe);
    add("names", {.common_name = "mx.test",
                  .names = {
                      "DNS:*.test", "DNS:a.b.mx.test", "IP:192.0.2.1", "IP:2001:db8::1", "email:a@mx.test",
                      "URI:https://mx.test/"}});
    add("more-names", with("subjectAltName", "RID:1.2.3.4,otherName:1.2.3.4;UTF8:mx"));
    add("cn-only", {.common_name = "mx.test"});
    add("nameless", {.common_name = ""});
    add("hostile", {.common_name = "mx\x1b[31m\n", .names = {std::string("DNS:mx.test\0.evil.test", 22)}});
    recipe = good();
    recipe.purpose = "clientAuth";
    add("purpose", recipe);
    add("must-staple", with("tlsfeature", "status_request"));
    add("unknown-critical", with("1.2.3.4.5", "critical,DER:0500"));
    add("policies", with("certificatePolicies", "DER:3007300506032A0304"));
    recipe = good();
    recipe.from = -2 * day;
    recipe.until = -day;
    add("expired", recipe);
    recipe.from = day;
    recipe.until = 2 * day;
    add("not-yet", recipe);
    recipe.from = -day;
    recipe.until = 5 * day;
    add("soon", recipe);
}

void add_staples(const Seeds& seeds)
{
    const auto& intermediate = authorities().intermediate;
    const auto own = leaf();
    const auto staple = [&](pki::Revocation status, const Issued& signer) {
        return pki::ocsp_response(
            own.certificate, intermediate.certificate, status, now - day, now + day, signer
        );
    };
    seeds.add("ocsp-good", {own, intermediate}, staple(pki::Revocation::good, intermediate));
    seeds.add("ocsp-revoked", {own, intermediate}, staple(pki::Revocation::revoked, intermediate));
    seeds.add("ocsp-unknown", {own, intermediate}, staple(pki::Revocation::unknown, intermediate));
    Recipe responder{.common_name = "Responder", .purpose = "OCSPSigning"};
    seeds.add("ocsp-entrusted", {own, intermediate}, staple(pki::Revocation::good, leaf(responder)));
    seeds.add("ocsp-stranger", {own, intermediate}, staple(pki::Revocation::good, own));
    seeds.add("ocsp-try-later", {own, intermediate}, {0x30, 0x03, 0x0a, 0x01, 0x03});
    seeds.add("ocsp-broken", {own, intermediate}, {0x30, 0x84, 0xff, 0xff, 0xff, 0xff});
}

/// What stands in the second half of the first octet, certificate_fuzz tells.
void add_evidence(const Seeds& seeds)
{
    const auto& [root, intermediate] = authorities();
    const auto own = leaf();
    seeds.add("seen-elsewhere", {own, intermediate}, {}, {1 << 3, 0});
    seeds.add("given", {own, intermediate}, {}, {1 << 5, 0});
    seeds.add("seen-and-given", {own, intermediate, intermediate}, {}, {1 << 3 | 1 << 5, 0});
    const auto list = [&](const Issued& revoked) {
        return pki::revocation_list(intermediate, {revoked.certificate}, now - day, now + day);
    };
    seeds.add("crl-revoked", {own, intermediate}, list(own));
    seeds.add("crl-other", {own, intermediate}, list(leaf()));
    seeds.add(
        "crl-of-authority", {own, intermediate},
        pki::revocation_list(root, {intermediate.certificate}, now - day, now + day)
    );
    const Issued renewed =
        pki::issue({.common_name = "Intermediate CA", .authority = true}, &root, now, intermediate.key);
    seeds.add("renewed", {own, renewed, intermediate});
    const Issued unrelated = pki::issue({.common_name = "Unrelated CA", .authority = true}, nullptr, now);
    seeds.add("unrelated", {own, unrelated, intermediate});
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 2) {
        std::fputs("usage: fuzz_certificate_seeds FOLDER\n", stderr);
        return 2;
    }
    const std::filesystem::path folder(arguments[1]);
    const Seeds seeds(folder / "corpus/certificate");
    std::ofstream(folder / "root.pem") << pki::pem(authorities().root.certificate);
    add_chains(seeds);
    add_leaves(seeds);
    add_staples(seeds);
    add_evidence(seeds);
    return 0;
}
