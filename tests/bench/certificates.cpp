#include "tests/bench/certificates.hpp"

#include "fixtures/pki/pki.hpp"

#include <fstream>

namespace bench
{
namespace
{

pki::Recipe recipe(std::string common_name, pki::Algorithm algorithm)
{
    pki::Recipe recipe;
    recipe.common_name = std::move(common_name);
    recipe.algorithm = algorithm;
    return recipe;
}

} // namespace

void make_certificates(const std::filesystem::path& folder, std::string_view algorithm)
{
    const auto kind = algorithm == "RSA 2048" ? pki::Algorithm::rsa_2048 : pki::Algorithm::ec_p256;
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    auto authority = recipe("Root", kind);
    authority.authority = true;
    const auto root = pki::issue(authority, nullptr, now);
    authority.common_name = "Intermediate";
    const auto intermediate = pki::issue(authority, &root, now);
    auto server = recipe("mx.test", kind);
    server.names = {"DNS:mx.test", "DNS:*.mx.test"};
    const auto leaf = pki::issue(server, &intermediate, now);

    std::ofstream(folder / "root.crt") << pki::pem(root.certificate);
    std::ofstream(folder / "intermediate.pem") << pki::pem(intermediate.key);
    std::ofstream(folder / "good.pem")
        << pki::pem(leaf.key) << pki::pem(leaf.certificate) << pki::pem(intermediate.certificate);
}

} // namespace bench
