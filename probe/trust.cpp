#include "probe/chain.hpp"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace probe
{

namespace
{

using Store = std::shared_ptr<X509_STORE>;

Store empty_store()
{
    Store store(X509_STORE_new(), X509_STORE_free);
    // Weak keys and signatures are findings of our own: at a higher level they would hide a missing issuer.
    X509_VERIFY_PARAM_set_auth_level(X509_STORE_get0_param(store.get()), 0);
    X509_STORE_set_flags(store.get(), X509_V_FLAG_TRUSTED_FIRST);
    return store;
}

bool holds_certificate(X509_STORE* store)
{
    const auto* objects = X509_STORE_get0_objects(store);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
        if (X509_OBJECT_get_type(sk_X509_OBJECT_value(objects, i)) == X509_LU_X509)
            return true;
    }
    return false;
}

/// "1a2b3c4d.0", as `openssl rehash` names what a look-up by subject finds.
bool is_hash_name(const std::string& name)
{
    const auto hexadecimal = [](char octet) {
        return std::string_view("0123456789abcdef").find(octet) != std::string_view::npos;
    };
    return name.size() >= 10 && name[8] == '.' && std::all_of(name.begin(), name.begin() + 8, hexadecimal) &&
           name.find_first_not_of("0123456789", 9) == std::string::npos;
}

bool is_hashed(const std::string& folder)
{
    std::error_code fault;
    const std::filesystem::directory_iterator entries(folder, fault);
    return !fault && std::any_of(begin(entries), end(entries), [](const auto& entry) {
        return is_hash_name(entry.path().filename().string());
    });
}

void load_file(X509_STORE* store, const std::string& file)
{
    if (!std::ifstream(file))
        throw std::invalid_argument(
            "cannot read the CA file " + file + ": give a file of certificates in PEM"
        );
    if (X509_STORE_load_file(store, file.c_str()) != 1 || !holds_certificate(store))
        throw std::invalid_argument(
            "no certificate in the CA file " + file + ": give a file of certificates in PEM"
        );
}

void load_folder(X509_STORE* store, const std::string& folder)
{
    if (!std::filesystem::is_directory(folder))
        throw std::invalid_argument(
            "the CA path " + folder + " is no folder: give a folder of hashed certificates"
        );
    if (!is_hashed(folder) || X509_STORE_load_path(store, folder.c_str()) != 1)
        throw std::invalid_argument(
            "no hashed certificate in the CA path " + folder + ": run `openssl rehash " + folder + "`"
        );
}

std::string setting(const char* variable, const char* usual)
{
    const char* value = std::getenv(variable);
    return value != nullptr ? value : usual;
}

/// Any folder of a list with colons, as SSL_CERT_DIR may have it.
bool any_hashed(std::string_view folders)
{
    while (true) {
        const auto colon = folders.find(':');
        if (is_hashed(std::string(folders.substr(0, colon))))
            return true;
        if (colon == std::string_view::npos)
            return false;
        folders.remove_prefix(colon + 1);
    }
}

void load_system(X509_STORE* store)
{
    X509_STORE_set_default_paths(store);
    if (holds_certificate(store))
        return;
    if (!any_hashed(setting(X509_get_default_cert_dir_env(), X509_get_default_cert_dir())))
        throw std::invalid_argument(
            "no trusted roots on this machine: install ca-certificates or give --ca-file"
        );
}

} // namespace

TrustStore::TrustStore(const std::string& ca_file, const std::string& ca_path) : store_(empty_store())
{
    if (!ca_file.empty())
        load_file(store_.get(), ca_file);
    if (!ca_path.empty())
        load_folder(store_.get(), ca_path);
    if (ca_file.empty() && ca_path.empty())
        load_system(store_.get());
}

TrustStore::TrustStore(std::span<const smtp::Certificate> roots) : store_(empty_store())
{
    for (const auto& root : roots)
        X509_STORE_add_cert(store_.get(), root.get());
}

} // namespace probe
