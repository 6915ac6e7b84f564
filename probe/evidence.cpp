#include "probe/evidence.hpp"

#include "probe/observation.hpp"
#include "probe/x509.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace probe
{

namespace
{

using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

constexpr std::size_t told_octets = 200; // of a name

/// Whether PEM was read to its end, and not to something broken.
bool read_to_end()
{
    const auto error = ERR_peek_last_error();
    ERR_clear_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

struct FileKind
{
    std::string_view name;     // "CRL file"
    std::string_view contents; // "CRLs"
};

std::string contents_of(const std::string& file, FileKind kind)
{
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream octets;
    octets << stream.rdbuf();
    if (!stream.is_open())
        throw std::invalid_argument(fmt::format(
            "cannot read the {} {}: give a file of {} in PEM or DER", kind.name, file, kind.contents
        ));
    return octets.str();
}

/// All that the octets hold, as PEM or else as DER; none where something among it is broken.
template <typename Object, auto ReadPem, auto ReadDer, auto Free>
std::vector<std::shared_ptr<Object>> read_all(const std::string& octets)
{
    std::vector<std::shared_ptr<Object>> all;
    const auto keep = [&](Object* one) {
        if (one != nullptr)
            all.emplace_back(one, Free);
        return one != nullptr;
    };
    const Bio memory(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())));
    while (keep(ReadPem(memory.get(), nullptr, nullptr, nullptr)))
        continue;
    if (!read_to_end())
        return {};
    const auto* at = reinterpret_cast<const unsigned char*>(octets.data());
    if (all.empty())
        keep(ReadDer(nullptr, &at, static_cast<long>(octets.size())));
    ERR_clear_error();
    return all;
}

template <typename Object, auto ReadPem, auto ReadDer, auto Free>
std::vector<std::shared_ptr<Object>> read_file(const std::string& file, FileKind kind)
{
    auto all = read_all<Object, ReadPem, ReadDer, Free>(contents_of(file, kind));
    if (all.empty())
        throw std::invalid_argument(fmt::format(
            "the {} {} holds no {}, or a broken one: give a file of {} in PEM or DER", kind.name, file,
            kind.contents, kind.contents
        ));
    return all;
}

bool less(const smtp::Certificate& one, const smtp::Certificate& other)
{
    return X509_cmp(one.get(), other.get()) < 0;
}

bool same(const smtp::Certificate& one, const smtp::Certificate& other)
{
    return X509_cmp(one.get(), other.get()) == 0;
}

void keep_each_once(std::vector<smtp::Certificate>& certificates)
{
    std::sort(certificates.begin(), certificates.end(), less);
    certificates.erase(std::unique(certificates.begin(), certificates.end(), same), certificates.end());
    certificates.resize(std::min(certificates.size(), max_seen));
}

/// A root that is not trusted is no link that a chain could lack.
bool is_intermediate(X509* certificate)
{
    return X509_check_ca(certificate) != 0 && (X509_get_extension_flags(certificate) & EXFLAG_SS) == 0;
}

} // namespace

std::vector<smtp::Certificate> read_certificates(const std::string& file)
{
    return read_file<X509, PEM_read_bio_X509, d2i_X509, X509_free>(
        file, {"file of extra certificates", "certificates"}
    );
}

std::vector<RevocationList> read_revocation_lists(const std::string& file)
{
    std::vector<RevocationList> lists;
    for (auto& crl :
         read_file<X509_CRL, PEM_read_bio_X509_CRL, d2i_X509_CRL, X509_CRL_free>(file, {"CRL file", "CRLs"}))
        lists.push_back({std::move(crl), file});
    return lists;
}

std::vector<smtp::Certificate> intermediates_in(std::span<const Observation> observations)
{
    std::vector<smtp::Certificate> found;
    const auto take = [&](const smtp::Session& session) {
        const auto count = session.tls ? std::min(session.tls->chain.size(), max_seen_of_one) : 0;
        for (std::size_t i = 1; i < count; ++i) {
            if (is_intermediate(session.tls->chain[i].get()))
                found.push_back(session.tls->chain[i]);
        }
        if (found.size() > 2 * max_seen)
            keep_each_once(found);
    };
    for (const auto& observation : observations) {
        for (const auto& host : observation.hosts) {
            for (const auto& endpoint : host.endpoints) {
                take(endpoint.session);
                for (const auto& other : endpoint.other_keys)
                    take(other.session);
            }
        }
    }
    keep_each_once(found);
    return found;
}

std::string issuer_of(const RevocationList& list)
{
    return distinguished_name(X509_CRL_get_issuer(list.crl.get()), told_octets);
}

std::optional<std::string> doubt_about(const RevocationList& list, bool speaks, std::chrono::sys_seconds now)
{
    const auto name = fmt::format("the CRL of {} in {}", issuer_of(list), list.file);
    if (!speaks)
        return name + " belongs to no certificate seen here: give the one of its issuer";
    const auto* next = X509_CRL_get0_nextUpdate(list.crl.get());
    if (next == nullptr || moment_of(next) >= now)
        return std::nullopt;
    return fmt::format(
        "{} ended on {}: it does not have what was revoked since, give a newer one", name,
        date_of(moment_of(next))
    );
}

} // namespace probe
