// What a run knows beside the chain that a server sent: intermediates from elsewhere, and given CRLs. Nothing
// of it was fetched.
#pragma once

#include "smtp/tls.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

struct X509_crl_st;

namespace probe
{

struct Observation;

struct RevocationList
{
    std::shared_ptr<X509_crl_st> crl;
    std::string file; // that it came from
};

struct Evidence
{
    std::vector<smtp::Certificate> given; // by --extra-certs
    std::vector<smtp::Certificate> seen;  // intermediates that servers of this run sent
    std::vector<RevocationList> revocation_lists;
};

/// Above this no more intermediates of a run are kept: whoever sends so many has nothing to say.
inline constexpr std::size_t max_seen = 1000;

/// Of one chain, the server's own certificate included: nobody shall crowd out what others sent.
inline constexpr std::size_t max_seen_of_one = 16;

/// Each throws std::invalid_argument, one line that names the file and what to do, where it cannot be read,
/// holds none, or breaks off. PEM, any number in a file; or DER, one.
std::vector<smtp::Certificate> read_certificates(const std::string& file);
std::vector<RevocationList> read_revocation_lists(const std::string& file);

/// Every certificate of an authority but the roots that any server sent behind its own, each once.
std::vector<smtp::Certificate> intermediates_in(std::span<const Observation> observations);

/// "/CN=Example CA".
std::string issuer_of(const RevocationList& list);

/// One line where a list says less than whoever gave it may think: it is stale, or `speaks` of no
/// certificate. None where all is well.
std::optional<std::string> doubt_about(const RevocationList& list, bool speaks, std::chrono::sys_seconds now);

} // namespace probe
