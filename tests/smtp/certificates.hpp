// The PEM files that the peers of these tests present, made when they are first asked for.
#pragma once

#include "fixtures/pki/pki.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace smtp_tests
{

class Certificates
{
public:
    Certificates()
    {
        std::string name = std::filesystem::temp_directory_path() / "mxtls-smtp-XXXXXX";
        if (mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("no folder " + name);
        folder_ = name;
        write("good", pki::Algorithm::ec_p256);
        write("good-rsa", pki::Algorithm::rsa_2048);
        write("other", pki::Algorithm::ec_p256);
    }

    ~Certificates() { std::filesystem::remove_all(folder_); }
    Certificates(Certificates&&) = delete;

    static const Certificates& instance()
    {
        static const Certificates certificates;
        return certificates;
    }

    const std::filesystem::path& folder() const { return folder_; }
    std::string file(const std::string& name) const { return folder_ / name; }

private:
    /// NAME.pem has the key, the certificate and its issuer; NAME.key and NAME.crt have the first two.
    void write(const std::string& name, pki::Algorithm algorithm) const
    {
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        pki::Recipe authority;
        authority.common_name = "root";
        authority.authority = true;
        const auto root = pki::issue(authority, nullptr, now);

        pki::Recipe recipe;
        recipe.common_name = "mx.test";
        recipe.names = {"DNS:mx.test"};
        recipe.algorithm = algorithm;
        const auto leaf = pki::issue(recipe, &root, now);

        const auto key = pki::pem(leaf.key);
        const auto certificate = pki::pem(leaf.certificate);
        std::ofstream(file(name + ".pem")) << key << certificate << pki::pem(root.certificate);
        std::ofstream(file(name + ".key")) << key;
        std::ofstream(file(name + ".crt")) << certificate;
    }

    std::filesystem::path folder_;
};

} // namespace smtp_tests
