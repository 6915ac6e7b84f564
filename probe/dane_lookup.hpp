// What the TLSA look-ups of a host mean, and which are due (RFC 7672 §2.2, RFC 7671 §7). Pure: nothing is
// looked up here, and no record is judged.
#pragma once

#include "dns/records.hpp"
#include "probe/observation.hpp"

#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

namespace probe
{

/// The name at which the records of a base domain are: _25._tcp.mx1.example.com (RFC 6698 §3).
std::string tlsa_name(const std::string& base_domain, std::uint16_t port);

/// Whether only the first alias can tell if DANE applies: addresses lie behind one, and no answer that has
/// any is secure (RFC 7672 §2.2.2).
bool needs_first_alias(const Host& host);

/// The names whose records may speak for this host, best first; none where DANE has nothing to rest on. With
/// aliases that are secure all the way these are the name at their end and then the host's own, where only
/// the first alias is secure the host's own. That one family of addresses is secure is enough to ask: both
/// have the same aliases, and lie in the same zone.
std::vector<std::string> tlsa_base_domains(const Host& host);

/// Whether a look-up decides: it found secure records, or failed, which is never "none" (RFC 7672 §2.1.1).
/// Otherwise the next base domain is to be asked, if there is one.
bool decides(const dns::Answer& tlsa) noexcept;

/// The look-up that found secure records, which is always the last: its base domain is the name to ask the
/// server for (RFC 7672 §8.1). Null where there is none.
const TlsaLookup* secure_tlsa(const Host& host) noexcept;

/// What all look-ups of a host come to.
struct TlsaWord
{
    enum class State
    {
        not_asked, // no secure address and no secure alias that leads to one, an address literal, --no-dane;
                   // or interrupted before one look-up decided
        none,      // there are no records, with or without DNSSEC
        insecure,  // records that DNSSEC does not vouch for: no sender uses them
        secure,
        failed, // nobody knows: a sender defers
        bogus   // the same, since signatures do not hold
    };

    State state = State::not_asked;
    std::string base_domain{};        // of the look-up that decides; empty where none was made
    std::vector<dns::Tlsa> records{}; // where secure or insecure, by their numbers
    std::error_code fault{};          // where failed or bogus: a dns::errc
};

TlsaWord tlsa_word(const Host& host);

/// The same as it concerns one of its addresses: not_asked where the answer that gave the address is not
/// secure and has no alias, so that a sender who took it from there would not look for records.
TlsaWord tlsa_word(const Host& host, const asio::ip::address& address);

/// The names of which a certificate must bear one where a trust anchor, DANE-TA, vouches for it (RFC 7672
/// §3.2.2, RFC 7671 §7): the base domain, the host's own name, and where the MX answer is secure, the domain
/// that the mail is for and the name at the end of its aliases. Each once, the base domain first.
std::vector<std::string>
dane_reference_names(const Observation& observation, const Host& host, const std::string& base_domain);

} // namespace probe
