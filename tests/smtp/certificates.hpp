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
        staple("good", write("good", {}));
        write("good-rsa", {.algorithm = pki::Algorithm::rsa_2048});
        write("other", {});
        write("expired", {.from = -std::chrono::hours(48), .until = -std::chrono::hours(24)});
        write("wrong-name", {.names = {"DNS:elsewhere.test"}});
        write("hostile", {.names = {"DNS:mx.test", "DNS:\x1b[2J\r\n"}});
        write_issued_by("untrusted", authority("unknown root", nullptr));
        write_issued_by("incomplete", authority("intermediate", &root_));
        write_self_signed("self-signed");
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

    /// Which issued all but "untrusted", "incomplete" and "self-signed".
    const pki::Certificate& root() const { return root_.certificate; }

private:
    static std::chrono::sys_seconds now()
    {
        return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    }

    static pki::Issued authority(const std::string& name, const pki::Issued* issuer)
    {
        return pki::issue({.common_name = name, .authority = true}, issuer, now());
    }

    static pki::Issued leaf(pki::Recipe recipe, const pki::Issued* issuer)
    {
        recipe.common_name = "mx.test";
        if (recipe.names.empty())
            recipe.names = {"DNS:mx.test"};
        return pki::issue(recipe, issuer, now());
    }

    /// NAME.pem has the key, the certificate and its issuer; NAME.key and NAME.crt have the first two.
    pki::Issued write(const std::string& name, pki::Recipe recipe) const
    {
        const auto issued = leaf(std::move(recipe), &root_);
        const auto key = pki::pem(issued.key);
        const auto certificate = pki::pem(issued.certificate);
        std::ofstream(file(name + ".pem")) << key << certificate << pki::pem(root_.certificate);
        std::ofstream(file(name + ".key")) << key;
        std::ofstream(file(name + ".crt")) << certificate;
        return issued;
    }

    /// NAME.ocsp says that the certificate is good; root.crt is none of these.
    void staple(const std::string& name, const pki::Issued& issued) const
    {
        using namespace std::chrono_literals;
        const auto response = pki::ocsp_response(
            issued.certificate, root_.certificate, pki::Revocation::good, now() - 1h, now() + 24h, root_
        );
        std::ofstream(file(name + ".ocsp")) << std::string(response.begin(), response.end());
        std::ofstream(file("root.crt")) << pki::pem(root_.certificate);
    }

    /// NAME.pem has the key and the certificate, without its issuer.
    void write_issued_by(const std::string& name, const pki::Issued& issuer) const
    {
        write_alone(name, leaf({}, &issuer));
    }

    void write_self_signed(const std::string& name) const { write_alone(name, leaf({}, nullptr)); }

    void write_alone(const std::string& name, const pki::Issued& issued) const
    {
        std::ofstream(file(name + ".pem")) << pki::pem(issued.key) << pki::pem(issued.certificate);
    }

    pki::Issued root_ = authority("root", nullptr);
    std::filesystem::path folder_;
};

} // namespace smtp_tests
