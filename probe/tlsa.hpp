// One TLSA record by itself: can SMTP use it, and how is it written? RFC 6698 §2, RFC 7672 §3.1. Pure.
#pragma once

#include "dns/records.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace probe
{

// RFC 7218 §2.
inline constexpr std::uint8_t dane_ta = 2;
inline constexpr std::uint8_t dane_ee = 3;
inline constexpr std::uint8_t whole_certificate = 0;
inline constexpr std::uint8_t public_key = 1;
inline constexpr std::uint8_t full_data = 0;
inline constexpr std::uint8_t sha_256 = 1;
inline constexpr std::uint8_t sha_512 = 2;

/// Why SMTP cannot use a record; empty where it can. It cannot use PKIX-TA(0) and PKIX-EE(1) (RFC 7672
/// §3.1.3), a number that is not known, a digest that is not as long as its algorithm has it, and full data
/// that is no certificate or key (RFC 7671 §10.1.1).
std::string unusable_reason(const dns::Tlsa& record);

/// "3 1 1 0123…", as in a zone file (RFC 6698 §2.2): lower-case hexadecimal, as long as the data; of a record
/// that lacks its numbers as of an unknown type, "\# 2 0301" (RFC 3597 §5).
std::string text(const dns::Tlsa& record);

/// Its data alone, as there.
std::string data_text(const dns::Tlsa& record);

} // namespace probe
